import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat, utimes } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { inFresh, runShell, type Arena } from "./arena.ts";
import { boundLayers } from "./mirrors.ts";
import { BEHIND_PROXY, openRegistryProxy, type Way } from "./registry-proxy.ts";
import type { Sandbox } from "./sandbox.ts";

/** What a set-up gave: the file of what it left, or the end of what it said before it failed. */
export type SetUp = { ok: true; layer: string | null; said: string } | { ok: false; said: string };

export const SETUP_MAX_MS = 600_000;
const LAYER_BYTES_MAX = 536_870_912;
const SAID_MAX = 65_536;
/** What was made and is not the repository's: it is packed, and git does not see it in the copies. */
const PACK = `
set -eu
cd repository
git checkout --quiet -- .
git ls-files --others --exclude-standard --directory | sed 's|^|/|' >> .git/info/exclude
git ls-files --others --directory -z > /tmp/made
printf '.git/info/exclude\\0' >> /tmp/made
tar --null -T /tmp/made -cf -
`;

/** Runs the set-up of a base once, in a sandbox, and keeps what it left in `folder` for every copy of the base. */
export async function setUp(
  arena: Omit<Arena, "layer">,
  { folder, mibMax, sockets, setup, way }: SetUpPlan,
): Promise<SetUp> {
  if (setup.length === 0) return { ok: true, layer: null, said: "" };
  const key = createHash("sha256").update(JSON.stringify([arena.base.source, arena.base.commit, setup]));
  const layer = join(folder, `${key.digest("hex")}.tar`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await boundLayers(folder, mibMax, Date.now());
  if (await stat(layer).catch(() => null)) {
    await utimes(layer, new Date(), new Date());
    return { ok: true, layer, said: "It was set up before." };
  }
  const registries = await openRegistryProxy(sockets, way);
  try {
    const bare = { ...arena, layer: null };
    return await inFresh(bare, (sandbox) => make(arena, sandbox, { layer, setup }), registries.mounts);
  } finally {
    await registries.close();
  }
}
/** `mibMax`: all layers together; what was used longest ago goes. */
export type SetUpPlan = { folder: string; mibMax: number; sockets: string; setup: readonly string[]; way: Way };

type Making = { layer: string; setup: readonly string[] };

async function make({ stop }: Pick<Arena, "stop">, sandbox: Sandbox, making: Making): Promise<SetUp> {
  const { layer, setup } = making;
  const text = `exec 2>&1; set -e; cd repository\n${setup.join("\n")}`;
  const path = { PATH: "/opt/agon:/usr/local/bin:/usr/bin:/bin", CI: "1", AGON_SETUP: text };
  const shell = {
    environment: { ...path, ...BEHIND_PROXY.environment },
    timeMaxMs: SETUP_MAX_MS,
    outputMax: SAID_MAX,
    stop,
  };
  const ended = await runShell(sandbox, BEHIND_PROXY.shell, shell);
  const said = ended.stdout.toString();
  if (ended.by !== "EXIT" || ended.exitCode !== 0)
    return { ok: false, said: `${said}\n(${ended.by} ${ended.exitCode})` };
  const part = `${layer}.${randomUUID()}.part`;
  try {
    const isWhole = await pack(sandbox, part, stop);
    if (!isWhole) return { ok: false, said: `${said}\nWhat it left is larger than ${LAYER_BYTES_MAX} bytes.` };
    await rename(part, layer);
    return { ok: true, layer, said };
  } finally {
    await rm(part, { force: true });
  }
}

async function pack(sandbox: Sandbox, file: string, stop: AbortSignal): Promise<boolean> {
  const out = createWriteStream(file, { mode: 0o600 });
  const ended = await sandbox.run({
    ...{ argv: ["sh", "-c", PACK], environment: {}, input: null, timeMaxMs: 120_000, stop },
    outputBytesMax: LAYER_BYTES_MAX,
    onOutput: async (bytes, from) => {
      if (from === "stdout" && !out.write(bytes)) await once(out, "drain");
    },
  });
  out.end();
  await once(out, "close");
  return ended.by === "EXIT" && ended.exitCode === 0 && ended.droppedBytes === 0;
}
