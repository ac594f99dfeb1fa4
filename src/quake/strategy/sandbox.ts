import { Scope, type QuickJSContext, type QuickJSHandle } from "quickjs-emscripten-core";
import { FORBIDDEN, spentMs, startEngine, type Engine, type EngineTerms } from "./engine.ts";
import {
  ACTION_CHARACTERS_MAX,
  FIRST_TICK_MS_MAX,
  KEPT_CHARACTERS_MAX,
  LOAD_MS_MAX,
  MEMORY_BYTES_MAX,
  TICK_MS_MAX,
  TICK_SLACK_MS,
  type Fault,
  type LoadRefusal,
  type Miss,
} from "./limits.ts";

const FILE = "strategy.js";
const MESSAGE_CHARACTERS_MAX = 300;

export type SandboxTerms = EngineTerms & {
  /** JavaScript; types are taken off before. */
  code: string;
};

export type Loaded = { ok: true; sandbox: Sandbox } | { ok: false; fault: Fault<LoadRefusal> };
export type Ticked = { ok: true; value: unknown } | { ok: false; miss: Miss; message: string };

type Running = { engine: Engine; tickHandle: QuickJSHandle };

const OUT_OF_MEMORY = `it needs more than ${MEMORY_BYTES_MAX / 2 ** 20} MiB`;

/** A strategy in an engine of its own, which ends with whatever it does there. */
export class Sandbox {
  /** Null once the engine has failed: what it holds can no longer be trusted, and its memory is let go. */
  private running: Running | null;
  private isFirst = true;

  private constructor(running: Running) {
    this.running = running;
  }

  /** Starts an engine and runs the strategy's top level. */
  static async load(terms: SandboxTerms): Promise<Loaded> {
    const engine = await startEngine(terms);
    try {
      return load(engine, terms, (tickHandle) => new Sandbox({ engine, tickHandle }));
    } catch (error) {
      return { ok: false, fault: topLevelFailed(engine, wordsOf(error)) };
    }
  }

  /** One call of the strategy's `tick` with a view as JSON. */
  tick(view: string): Ticked & { overMs: number } {
    const allowedMs = this.isFirst ? FIRST_TICK_MS_MAX : TICK_MS_MAX;
    this.isFirst = false;
    const sinceMs = spentMs();
    const ticked = this.ask("tick", allowedMs, view);
    const usedMs = spentMs() - sinceMs;
    const overMs = Math.max(0, usedMs - allowedMs - TICK_SLACK_MS);
    if (!ticked.ok || overMs === 0) return { ...ticked, overMs };
    // The engine looks at the time between its own steps, and one of them may be long.
    return { ok: false, miss: "TOO_SLOW", message: `it took ${Math.round(usedMs)} ms of ${allowedMs}`, overMs };
  }

  /** JSON of what the strategy wants to keep, or null. */
  kept(): string | null {
    const answer = this.ask("kept", FIRST_TICK_MS_MAX, null);
    if (!answer.ok || answer.value === null) return null;
    const text = JSON.stringify(answer.value);
    return text.length <= KEPT_CHARACTERS_MAX ? text : null;
  }

  private ask(name: "tick" | "kept", allowedMs: number, view: string | null): Ticked {
    if (!this.running) return { ok: false, miss: "SANDBOX_BROKEN", message: "the engine has failed before" };
    const { engine } = this.running;
    engine.allow(allowedMs);
    const answer = this.answerOf(this.running, name, view);
    if (!engine.isOutOfMemory) return answer;
    this.running = null;
    return { ok: false, miss: "TOO_MUCH_MEMORY", message: OUT_OF_MEMORY };
  }

  private answerOf({ engine, tickHandle }: Running, name: "tick" | "kept", view: string | null): Ticked {
    const { context, driver } = engine;
    try {
      return Scope.withScope((scope) => {
        const args = view === null ? [] : [tickHandle, scope.manage(context.newString(view))];
        // A view for which there was no memory is none.
        if (engine.isOutOfMemory) return missOf(OUT_OF_MEMORY);
        const result = context.callFunction(scope.manage(context.getProp(driver, name)), context.undefined, args);
        if (result.error) return missOf(faultIn(context, scope.manage(result.error)));
        return answerIn(context.getString(scope.manage(result.value)));
      });
    } catch (error) {
      // An error of the engine itself, not of the code in it.
      this.running = null;
      return { ok: false, miss: "SANDBOX_BROKEN", message: wordsOf(error) };
    }
  }
}

function answerIn(text: string): Ticked {
  if (text.startsWith("+")) return { ok: true, value: JSON.parse(text.slice(1)) as unknown };
  if (text !== "!") return missOf(text.slice(1, MESSAGE_CHARACTERS_MAX));
  return { ok: false, miss: "TOO_MUCH_OUTPUT", message: `more than ${ACTION_CHARACTERS_MAX} characters` };
}

function load(engine: Engine, { code }: SandboxTerms, make: (tick: QuickJSHandle) => Sandbox): Loaded {
  const { context } = engine;
  engine.allow(LOAD_MS_MAX);
  const result = context.evalCode(code, FILE, { type: "module", strict: true });
  if (engine.isOutOfMemory) return { ok: false, fault: topLevelFailed(engine, "") };
  if (result.error) {
    const { words, line } = placedFault(context, result.error);
    return { ok: false, fault: { reason: loadRefusalOf(words), message: words, line } };
  }
  const exported = context.getProp(result.value, "tick");
  if (context.typeof(exported) === "function") return { ok: true, sandbox: make(exported) };
  const message = "the strategy has no `export function tick(view, memory)`, or waits at its top level";
  return { ok: false, fault: { reason: "NO_TICK", message, line: null } };
}

/** Where memory ran out, that is why, whatever the engine says. */
function topLevelFailed(engine: Engine, words: string): Fault<LoadRefusal> {
  const message = engine.isOutOfMemory ? `TOO_MUCH_MEMORY: ${OUT_OF_MEMORY}` : words;
  return { reason: "TOP_LEVEL_FAILED", message, line: null };
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
