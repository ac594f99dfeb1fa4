import type { Readable } from "node:stream";
import type { DriverName, Ending, Limits } from "../rules/sandbox.ts";

export type { DriverName };

/** Something of the host that programs see: read only, or a socket on which a host's proxy answers. */
export type Mount = { from: string; to: string; kind: "READ_ONLY" | "SOCKET" };

/** A sandbox to be made. */
export type SandboxSpec = { limits: Limits; mounts: readonly Mount[] };

/** One program, run in /workspace with nothing of the host's environment. */
export type Command = {
  argv: readonly [string, ...string[]];
  environment: Readonly<Record<string, string>>;
  /** What it reads; the end of the file comes after it. */
  input: Uint8Array | Readable | null;
  timeMaxMs: number;
  /** How much of what it writes is handed on; the rest is counted, read slowly and thrown away. */
  outputBytesMax: number;
  /** The program is read no further before a promise of this is fulfilled. */
  onOutput: (bytes: Buffer, from: "stdout" | "stderr") => unknown;
  /** Ends it early. */
  stop: AbortSignal | null;
};

/** How a program ended, and what of its output was thrown away. Nothing that it started lives on. */
export type Ended = { by: Ending; exitCode: number | null; oomKills: number; droppedBytes: number };

/** A place with a workspace of its own, where one program runs at a time. */
export type Sandbox = {
  id: string;
  run(command: Command): Promise<Ended>;
  /** Ends what runs and takes everything away; again does nothing. */
  destroy(): Promise<void>;
};

/** Whether sandboxes can be made here; if not, what an operator has to do for each thing that is missing. */
export type Probe = { usable: boolean; about: string; missing: readonly string[] };

/** One way to make sandboxes. */
export type SandboxDriver = {
  name: DriverName;
  probe(): Promise<Probe>;
  create(spec: SandboxSpec): Promise<Sandbox>;
  /** Takes away what dead processes left; how many sandboxes that were. */
  reap(): Promise<number>;
};

/** A sandbox could not be made or used: our failure, never the program's. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}

/** What programs find in their environment when the command names nothing else. */
export const ENVIRONMENT = {
  HOME: "/tmp",
  PATH: "/usr/local/bin:/usr/bin:/bin",
  LANG: "C.UTF-8",
  USER: "gladiator",
} as const;
