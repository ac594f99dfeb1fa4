import { open, realpath } from "node:fs/promises";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import type { Readable } from "node:stream";
import type { Limits } from "../rules/sandbox.ts";
import { checkOut, type Base } from "./repositories.ts";
import { SandboxError, type Command, type Ended, type Mount, type Sandbox, type SandboxDriver } from "./sandbox.ts";

/** What all sandboxes of a battle have in common. */
export type Arena = {
  driver: SandboxDriver;
  limits: Limits;
  base: Base;
  /** The file of what the set-up left; null where nothing is set up. */
  layer: string | null;
  stop: AbortSignal;
};

/** Where programs of ours are in a sandbox. */
export const TOOLS = { node: "/opt/agon/node", gladiator: "/opt/agon/gladiator.mjs" } as const;

const SHELL_MAX_MS = 120_000;
const SAID_MAX = 4_096;

/** This server's Node and the house's gladiator, as every sandbox shows them. */
export async function toolMounts(): Promise<Mount[]> {
  const script = fileURLToPath(new URL("../house/gladiator.mjs", import.meta.url));
  return [
    { from: await realpath(execPath), to: TOOLS.node, kind: "READ_ONLY" },
    { from: script, to: TOOLS.gladiator, kind: "READ_ONLY" },
  ];
}

/** Does something in a fresh sandbox with the base and what its set-up left, and takes the sandbox away in any case. */
export async function inFresh<T>(arena: Arena, work: (sandbox: Sandbox) => Promise<T>, more: Mount[] = []): Promise<T> {
  const sandbox = await openPlace(arena, more);
  try {
    return await work(sandbox);
  } finally {
    await sandbox.destroy();
  }
}

/** A file that is open: what is not there fails here, and not where nobody listens. */
const readable = async (path: string): Promise<Readable> => (await open(path)).createReadStream();

/** Lays down what the set-up left; whatever stands where it made folders goes. */
export async function layDown({ layer, stop }: Pick<Arena, "layer" | "stop">, sandbox: Sandbox): Promise<void> {
  const unpack = "tar --recursive-unlink -xf - -C repository";
  if (layer !== null) await mustRun(sandbox, unpack, { input: await readable(layer), stop });
}

/** A fresh sandbox with the base and what its set-up left; its maker destroys it. */
export async function openPlace(arena: Arena, more: Mount[] = []): Promise<Sandbox> {
  const { driver, limits, base, stop } = arena;
  const sandbox = await driver.create({ limits, mounts: [...(await toolMounts()), ...more] });
  try {
    stop.throwIfAborted();
    await checkOut(base, sandbox);
    await layDown(arena, sandbox);
    return sandbox;
  } catch (error) {
    await sandbox.destroy();
    throw error;
  }
}

type Shell = { input?: Uint8Array | Readable | null; stop: AbortSignal; environment?: Record<string, string> };
export type ShellEnded = Ended & { stdout: Buffer; said: string };

/** Runs a shell's text and gives what it wrote, as far as `outputMax` bytes. */
export async function runShell(
  sandbox: Sandbox,
  text: string,
  { input = null, stop, environment = {}, outputMax = SAID_MAX, timeMaxMs = SHELL_MAX_MS }: Shell & Limit,
): Promise<ShellEnded> {
  const written = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const command: Command = {
    argv: ["sh", "-c", text],
    environment,
    input,
    timeMaxMs,
    outputBytesMax: outputMax,
    onOutput: (bytes, from) => void written[from].push(bytes),
    stop,
  };
  const ended = await sandbox.run(command);
  stop.throwIfAborted();
  return { ...ended, stdout: Buffer.concat(written.stdout), said: Buffer.concat(written.stderr).toString() };
}
type Limit = { outputMax?: number; timeMaxMs?: number };

/** Like runShell for what only fails when something of ours is wrong. */
export async function mustRun(sandbox: Sandbox, text: string, shell: Shell & Limit): Promise<ShellEnded> {
  const ended = await runShell(sandbox, text, shell);
  if (ended.by !== "EXIT" || ended.exitCode !== 0)
    throw new SandboxError(`a step in the sandbox failed (${ended.by}, ${ended.exitCode}): ${ended.said.slice(-500)}`);
  return ended;
}
