import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { SOURCE_BYTES_MAX, type Fault, type LoadRefusal } from "./limits.ts";

export type Compiled = { ok: true; code: string } | { ok: false; fault: Fault<LoadRefusal> };

const COMPILE_MS_MAX = 10_000;
const LIBRARY = new URL("library.ts", import.meta.url);
let library: Promise<string> | null = null;

/** Takes the types off a strategy's source; lines stay where they are. */
export function compileStrategy(source: string): Promise<Compiled> {
  if (Buffer.byteLength(source) > SOURCE_BYTES_MAX) {
    const message = `the source has ${Buffer.byteLength(source)} bytes, of which ${SOURCE_BYTES_MAX} are allowed`;
    return Promise.resolve({ ok: false, fault: { reason: "SOURCE_TOO_LARGE", message, line: null } });
  }
  if (source.includes("\0"))
    return Promise.resolve({ ok: false, fault: { reason: "SYNTAX_ERROR", message: "a NUL character", line: null } });
  return stripApart(source);
}

/** The module that strategies may import, as the engine reads it. */
export function librarySource(): Promise<string> {
  library ??= readFile(LIBRARY, "utf8").then(async (source) => {
    const compiled = await stripApart(source);
    if (!compiled.ok) throw new Error(compiled.fault.message);
    return compiled.code;
  });
  return library;
}

/** In a worker of its own: deeply nested source breaks the stripper's engine for good. */
function stripApart(source: string): Promise<Compiled> {
  const worker = new Worker(new URL("strip.ts", import.meta.url), {
    workerData: source,
    env: {},
    execArgv: [],
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  const failed = (message: string): Compiled => ({ ok: false, fault: { reason: "SYNTAX_ERROR", message, line: null } });
  return new Promise((resolve) => {
    const settle = (compiled: Compiled) => {
      clearTimeout(timer);
      resolve(compiled);
      void worker.terminate();
    };
    const timer = setTimeout(() => settle(failed("the source takes too long to read")), COMPILE_MS_MAX);
    worker.once("message", settle);
    worker.once("error", () => settle(failed("the source is nested too deeply to be read")));
  });
}
