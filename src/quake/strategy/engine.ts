import { readFile } from "node:fs/promises";
import { threadCpuUsage } from "node:process";
import { fileURLToPath } from "node:url";
import released from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type Intrinsics,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from "quickjs-emscripten-core";
import {
  ACTION_CHARACTERS_MAX,
  ENGINE_MEMORY_BYTES,
  KEPT_CHARACTERS_MAX,
  LOAD_MS_MAX,
  LOG_LINE_CHARACTERS_MAX,
  MEMORY_BYTES_MAX,
  STACK_BYTES_MAX,
} from "./limits.ts";

/** The module that strategies may import; there is no other. */
const LIBRARY_NAME = "agon:quake";
export const FORBIDDEN = "IMPORT_FORBIDDEN";
const PAGE_BYTES = 65_536;

/** Its types are those of a CommonJS module, whose default is one level deeper than at run time. */
const variant = released as unknown as QuickJSSyncVariant;

let compiled: Promise<WebAssembly.Module> | null = null;

/** The engine's machine code, once for all that run in this worker. */
function machine(): Promise<WebAssembly.Module> {
  const file = fileURLToPath(import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));
  compiled ??= readFile(file)
    .then((bytes) => WebAssembly.compile(bytes))
    .catch((error: unknown) => {
      compiled = null;
      throw error;
    });
  return compiled;
}

/** All of the language but the clock. */
const INTRINSICS: Intrinsics = {
  BaseObjects: true,
  Eval: true,
  JSON: true,
  MapSet: true,
  Promise: true,
  Proxy: true,
  RegExp: true,
  RegExpCompiler: true,
  StringNormalize: true,
  TypedArrays: true,
};

/**
 * Runs before the strategy does: keeps its own copies of what it needs, so that nothing the strategy changes reaches it.
 * Its answers begin with a sign: `+` a value, `-` what was thrown, `!` too long.
 */
const PRELUDE = `((seed, say) => {
  const { parse, stringify } = JSON, { String, Error, Promise } = globalThis, { imul } = Math;
  const { apply } = Reflect, { exec } = RegExp.prototype;
  let state = seed | 0;
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const show = (value) => {
    try { return typeof value === "string" ? value : (typeof value === "object" && !(value instanceof Error) && stringify(value)) || String(value); }
    catch { return "[what cannot be shown]"; }
  };
  const log = (...values) => { let line = ""; for (let at = 0; at < values.length; at++) line += (at ? " " : "") + show(values[at]); say(line); };
  globalThis.console = { log, info: log, warn: log, error: log, debug: log };
  const place = (thrown) => {
    try { const found = apply(exec, /strategy\\.js:(\\d+)/, [String(thrown.stack)]); return found ? "Line " + found[1] + ": " : ""; }
    catch { return ""; }
  };
  const answer = (make, limit) => {
    try {
      const made = make();
      if (made instanceof Promise) throw new Error("tick gave a promise: nobody waits for it");
      const text = stringify(made);
      return text === undefined ? "+null" : text.length > limit ? "!" : "+" + text;
    } catch (thrown) {
      return "-" + place(thrown) + show(thrown);
    }
  };
  const memory = {};
  return {
    tick: (tick, text) => answer(() => tick(parse(text), memory), ${ACTION_CHARACTERS_MAX}),
    kept: () => answer(() => memory.kept, ${KEPT_CHARACTERS_MAX}),
    remember: (text) => { memory.kept = parse(text); },
  };
})`;

export type EngineTerms = {
  /** The source of the library module. */
  library: string;
  seed: number;
  /** JSON of what the strategy kept in an earlier round; null when it is new. */
  kept: string | null;
  say(line: string): void;
};

/** An engine with a strategy's surroundings in it. */
export type Engine = {
  context: QuickJSContext;
  driver: QuickJSHandle;
  readonly isOutOfMemory: boolean;
  /** Gives the code so many milliseconds of processor time from now. */
  allow(ms: number): void;
};

/** The processor time of this thread: on a busy machine a strategy pays for what it computes, not for waiting its turn. */
export function spentMs(): number {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1_000;
}

/** Memory of a fixed size, and whether more was asked for than that: the engine itself does not always tell. */
function fixedMemory(): { memory: WebAssembly.Memory; isOver(): boolean } {
  const pages = Math.ceil((ENGINE_MEMORY_BYTES + MEMORY_BYTES_MAX) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  let isOver = false;
  memory.grow = () => {
    isOver = true;
    throw new RangeError("out of memory");
  };
  return { memory, isOver: () => isOver };
}

/** One module of the engine with its own memory a strategy: what breaks one does not reach another. */
export async function startEngine({ library, seed, say, kept }: EngineTerms): Promise<Engine> {
  const { memory, isOver } = fixedMemory();
  // What the engine counts by itself leaves out most of what was allocated: the limit is that of its memory.
  const own = newVariant(variant, { wasmModule: await machine(), wasmMemory: memory });
  const engine = await newQuickJSWASMModuleFromVariant(own);
  const runtime = engine.newRuntime({ maxStackSizeBytes: STACK_BYTES_MAX });
  let untilMs = spentMs() + LOAD_MS_MAX;
  runtime.setInterruptHandler(() => isOver() || spentMs() > untilMs);
  runtime.setModuleLoader((name) =>
    name === LIBRARY_NAME ? library : { error: new Error(`${FORBIDDEN}: only ${LIBRARY_NAME} can be imported`) },
  );
  const context = runtime.newContext({ intrinsics: INTRINSICS });
  const make = context.unwrapResult(context.evalCode(PRELUDE, "prelude.js"));
  const sayHandle = context.newFunction("say", (line) => {
    say(context.getString(line).slice(0, LOG_LINE_CHARACTERS_MAX));
  });
  const driver = context.unwrapResult(
    context.callFunction(make, context.undefined, context.newNumber(seed), sayHandle),
  );
  make.dispose();
  if (kept !== null) {
    const remember = context.getProp(driver, "remember");
    const text = context.newString(kept);
    context.unwrapResult(context.callFunction(remember, context.undefined, text)).dispose();
    text.dispose();
    remember.dispose();
  }
  return {
    context,
    driver,
    get isOutOfMemory() {
      return isOver();
    },
    allow: (ms) => void (untilMs = spentMs() + ms),
  };
}
