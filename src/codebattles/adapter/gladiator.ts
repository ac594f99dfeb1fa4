import { StringDecoder } from "node:string_decoder";
import { eventsOf, lengthOf, STREAM_LENGTH_MAX, tell, type Adapter, type GladiatorEvent } from "../rules/stream.ts";
import type { Ended, Sandbox } from "./sandbox.ts";

/** A gladiator's program, and what it is told and may not be quoted with. */
export type Gladiator = {
  adapter: Adapter;
  argv: readonly [string, ...string[]];
  environment: Readonly<Record<string, string>>;
  prompt: string;
  secrets: readonly string[];
  timeMaxMs: number;
  stop: AbortSignal | null;
};

/** How it ended, what it used, and how much of what it said was not told. */
export type Fought = Ended & { inputTokens: number; outputTokens: number; untold: number };

/** A line longer than this is taken in pieces. */
const LINE_LENGTH_MAX = 1_048_576;
/** As shells say it. */
const NOT_STARTED = 126;
/** Agents wrap what they say in JSON. */
const RAW_BYTES_MAX = 4 * STREAM_LENGTH_MAX;

/** Lets a gladiator work in /workspace/repository with its prompt on standard input, and tells what it says as it comes. */
export async function fight(
  sandbox: Sandbox,
  gladiator: Gladiator,
  onEvent: (event: GladiatorEvent) => void,
): Promise<Fought> {
  const { adapter, argv, environment, prompt, secrets, timeMaxMs, stop } = gladiator;
  const total = { inputTokens: 0, outputTokens: 0, untold: 0 };
  let left = STREAM_LENGTH_MAX;
  const hear = (event: GladiatorEvent) => {
    if (event.type === "Usage") {
      total.inputTokens += event.inputTokens;
      total.outputTokens += event.outputTokens;
      return onEvent(event);
    }
    const told = left === 0 ? null : tell(event, secrets);
    const length = told ? lengthOf(told) : 0;
    if (!told || length > left) total.untold += 1;
    else onEvent(told);
    left -= Math.min(left, length);
  };
  const readers = {
    stdout: lines((line) => eventsOf(adapter, line).forEach(hear)),
    stderr: lines((line) => eventsOf("command", line).forEach(hear)),
  };
  const running = sandbox.run({
    argv: ["sh", "-c", 'cd repository && exec "$@"', "gladiator", ...argv],
    environment,
    input: Buffer.from(prompt),
    timeMaxMs,
    outputBytesMax: RAW_BYTES_MAX,
    onOutput: (bytes, from) => readers[from].take(bytes),
    stop,
  });
  const ended = await running.catch((error: NodeJS.ErrnoException): Ended => {
    // A program that no system starts: its owner's, as one that ends at once.
    if (error.code !== "E2BIG") throw error;
    onEvent({ type: "Failed", text: "The command is too long to be started." });
    return { by: "EXIT", exitCode: NOT_STARTED, oomKills: 0, droppedBytes: 0 };
  });
  readers.stdout.end();
  readers.stderr.end();
  return { ...ended, ...total };
}

/** Cuts what comes in pieces of bytes into lines of text. */
function lines(onLine: (line: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    take: (bytes: Buffer) => {
      const parts = (rest + decoder.write(bytes)).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) onLine(line);
      if (rest.length < LINE_LENGTH_MAX) return;
      onLine(rest);
      rest = "";
    },
    end: () => onLine(rest + decoder.end()),
  };
}
