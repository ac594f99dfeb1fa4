import { threadCpuUsage } from "node:process";
import released from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  type Intrinsics,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from "quickjs-emscripten-core";
import {
  ACTION_CHARACTERS_MAX,
  FIRST_TICK_MS_MAX,
  KEPT_CHARACTERS_MAX,
  LOAD_MS_MAX,
  LOG_LINE_CHARACTERS_MAX,
  MEMORY_BYTES_MAX,
  STACK_BYTES_MAX,
  TICK_MS_MAX,
  TICK_SLACK_MS,
  type Fault,
  type LoadRefusal,
  type Miss,
} from "./limits.ts";

/** The module that strategies may import; there is no other. */
export const LIBRARY_NAME = "agon:quake";
const FILE = "strategy.js";
const FORBIDDEN = "IMPORT_FORBIDDEN";
const MESSAGE_CHARACTERS_MAX = 300;

/** Its types are those of a CommonJS module, whose default is one level deeper than at run time. */
const variant = released as unknown as QuickJSSyncVariant;

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

export type SandboxTerms = {
  /** JavaScript; types are taken off before. */
  code: string;
  /** The source of the library module. */
  library: string;
  seed: number;
  /** JSON of what the strategy kept in an earlier round; null when it is new. */
  kept: string | null;
  say(line: string): void;
};

export type Loaded = { ok: true; sandbox: Sandbox } | { ok: false; fault: Fault<LoadRefusal> };
export type Ticked = { ok: true; value: unknown } | { ok: false; miss: Miss; message: string };

/** A strategy in an engine of its own, which ends with whatever it does there. */
export class Sandbox {
  private readonly context: QuickJSContext;
  private readonly driver: QuickJSHandle;
  private readonly tickHandle: QuickJSHandle;
  private readonly allow: (ms: number) => void;
  private isFirst = true;
  private isBroken = false;

  private constructor(engine: Engine, tickHandle: QuickJSHandle) {
    this.context = engine.context;
    this.driver = engine.driver;
    this.allow = engine.allow;
    this.tickHandle = tickHandle;
  }

  /** Starts an engine and runs the strategy's top level. */
  static async load(terms: SandboxTerms): Promise<Loaded> {
    const engine = await startEngine(terms);
    try {
      return load(engine, terms, (tickHandle) => new Sandbox(engine, tickHandle));
    } catch (error) {
      return { ok: false, fault: { reason: "TOP_LEVEL_FAILED", message: wordsOf(error), line: null } };
    }
  }

  /** One call of the strategy's `tick` with a view as JSON. */
  tick(view: string): Ticked {
    const allowedMs = this.isFirst ? FIRST_TICK_MS_MAX : TICK_MS_MAX;
    this.isFirst = false;
    const sinceMs = spentMs();
    this.allow(allowedMs);
    const ticked = this.ask("tick", (context) => [this.tickHandle, context.newString(view)]);
    const usedMs = spentMs() - sinceMs;
    if (!ticked.ok || usedMs <= allowedMs + TICK_SLACK_MS) return ticked;
    // The engine looks at the time between its own steps, and one of them may be long.
    return { ok: false, miss: "TOO_SLOW", message: `it took ${Math.round(usedMs)} ms of ${allowedMs}` };
  }

  /** JSON of what the strategy wants to keep, or null. */
  kept(): string | null {
    this.allow(FIRST_TICK_MS_MAX);
    const answer = this.ask("kept", () => []);
    if (!answer.ok || answer.value === null) return null;
    const text = JSON.stringify(answer.value);
    return text.length <= KEPT_CHARACTERS_MAX ? text : null;
  }

  private ask(name: "tick" | "kept", args: (context: QuickJSContext) => QuickJSHandle[]): Ticked {
    if (this.isBroken) return { ok: false, miss: "SANDBOX_BROKEN", message: "the engine has failed before" };
    const { context, driver } = this;
    try {
      const call = context.getProp(driver, name);
      const result = context.callFunction(call, context.undefined, args(context));
      call.dispose();
      if (result.error) return missOf(faultIn(context, result.error));
      const text = context.getString(result.value);
      result.value.dispose();
      if (text.startsWith("+")) return { ok: true, value: JSON.parse(text.slice(1)) as unknown };
      if (text === "!")
        return { ok: false, miss: "TOO_MUCH_OUTPUT", message: `more than ${ACTION_CHARACTERS_MAX} characters` };
      return missOf(text.slice(1, MESSAGE_CHARACTERS_MAX));
    } catch (error) {
      // An error of the engine itself, not of the code in it: what it holds can no longer be trusted.
      this.isBroken = true;
      return { ok: false, miss: "SANDBOX_BROKEN", message: wordsOf(error) };
    }
  }
}

type Engine = {
  runtime: QuickJSRuntime;
  context: QuickJSContext;
  driver: QuickJSHandle;
  /** Gives the code so many milliseconds of processor time from now. */
  allow(ms: number): void;
};

/** The processor time of this thread: on a busy machine a strategy pays for what it computes, not for waiting its turn. */
export function spentMs(): number {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1_000;
}

/** One module of the engine a strategy: what breaks one does not reach another. */
async function startEngine({ library, seed, say, kept }: SandboxTerms): Promise<Engine> {
  const engine = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = engine.newRuntime({ memoryLimitBytes: MEMORY_BYTES_MAX, maxStackSizeBytes: STACK_BYTES_MAX });
  let untilMs = spentMs() + LOAD_MS_MAX;
  runtime.setInterruptHandler(() => spentMs() > untilMs);
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
    context.unwrapResult(context.callFunction(remember, context.undefined, context.newString(kept))).dispose();
    remember.dispose();
  }
  return { runtime, context, driver, allow: (ms) => void (untilMs = spentMs() + ms) };
}

function load({ context, allow }: Engine, { code }: SandboxTerms, make: (tick: QuickJSHandle) => Sandbox): Loaded {
  allow(LOAD_MS_MAX);
  const result = context.evalCode(code, FILE, { type: "module", strict: true });
  if (result.error) {
    const { words, line } = placedFault(context, result.error);
    return { ok: false, fault: { reason: loadRefusalOf(words), message: words, line } };
  }
  const exported = context.getProp(result.value, "tick");
  if (context.typeof(exported) === "function") return { ok: true, sandbox: make(exported) };
  const message = "the strategy has no `export function tick(view, memory)`, or waits at its top level";
  return { ok: false, fault: { reason: "NO_TICK", message, line: null } };
}

function loadRefusalOf(words: string): LoadRefusal {
  if (words.includes(FORBIDDEN)) return "IMPORT_FORBIDDEN";
  return words.startsWith("SyntaxError") ? "SYNTAX_ERROR" : "TOP_LEVEL_FAILED";
}

/** The words of what was thrown, and the line of the strategy that it names. */
function placedFault(context: QuickJSContext, error: QuickJSHandle): { words: string; line: number | null } {
  const stack = propertyOf(context, error, "stack");
  const line = /strategy\.js:(\d+)/.exec(stack)?.[1];
  return { words: faultIn(context, error), line: line === undefined ? null : Number(line) };
}

function faultIn(context: QuickJSContext, error: QuickJSHandle): string {
  if (context.typeof(error) !== "object") return "a thrown value";
  return `${propertyOf(context, error, "name")}: ${propertyOf(context, error, "message")}`.slice(
    0,
    MESSAGE_CHARACTERS_MAX,
  );
}

/** A property as words; a getter that does not answer is none. */
function propertyOf(context: QuickJSContext, value: QuickJSHandle, name: string): string {
  const handle = context.getProp(value, name);
  const words = context.typeof(handle) === "string" ? context.getString(handle).slice(0, MESSAGE_CHARACTERS_MAX) : "";
  handle.dispose();
  return words;
}

function missOf(words: string): Ticked {
  const name = /interrupted/.test(words)
    ? "TOO_SLOW"
    : /out of memory/.test(words)
      ? "TOO_MUCH_MEMORY"
      : /stack overflow|call stack/i.test(words)
        ? "TOO_DEEP"
        : "THREW";
  return { ok: false, miss: name, message: words };
}

const wordsOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : "an unknown failure").slice(0, MESSAGE_CHARACTERS_MAX);
