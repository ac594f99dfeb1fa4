import { realpath } from "node:fs/promises";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { checkOut, fetchBase, type RepositoryStore } from "../adapter/repositories.ts";
import { fight, type Fought } from "../adapter/gladiator.ts";
import { openDriver } from "./sandbox.ts";
import type { SandboxConfig } from "../rules/sandbox.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";
import type { GladiatorEvent } from "../rules/stream.ts";

const SPAR_MAX_MS = 60_000;
const DIFF_BYTES_MAX = 65_536;
const HOUSE = { node: "/opt/agon/node", script: "/opt/agon/gladiator.mjs" } as const;

/** What is to be tried: a repository that everybody may read, and an order. */
export type Spar = { store: RepositoryStore; sandbox: SandboxConfig; url: string; prompt: string };

export type Sparred = Fought & { diff: string };

/** Lets the house gladiator work on a repository, as in a battle and unrated; its events as they come, and its diff. */
export async function spar(
  { store, sandbox: config, url, prompt }: Spar,
  onEvent: (event: GladiatorEvent) => void,
): Promise<Sparred | RepositoryRefusal> {
  const base = await fetchBase(store, { url, revision: null, authorization: null });
  if (typeof base === "string") return base;
  const script = fileURLToPath(new URL("../house/gladiator.mjs", import.meta.url));
  const mounts = [
    { from: await realpath(execPath), to: HOUSE.node, kind: "READ_ONLY" as const },
    { from: script, to: HOUSE.script, kind: "READ_ONLY" as const },
  ];
  const driver = await openDriver(config);
  const sandbox = await driver.create({ limits: config.limits, mounts });
  try {
    await checkOut(base, sandbox);
    const common = { environment: {}, timeMaxMs: SPAR_MAX_MS, stop: null };
    const house = { ...common, adapter: "command" as const, argv: [HOUSE.node, HOUSE.script] as const };
    const fought = await fight(sandbox, { ...house, prompt, secrets: [] }, onEvent);
    const diff: string[] = [];
    await sandbox.run({
      ...common,
      argv: ["git", "-C", "repository", "diff", "--no-color"],
      input: null,
      outputBytesMax: DIFF_BYTES_MAX,
      onOutput: (bytes) => void diff.push(bytes.toString()),
    });
    return { ...fought, diff: diff.join("") };
  } finally {
    await sandbox.destroy();
  }
}
