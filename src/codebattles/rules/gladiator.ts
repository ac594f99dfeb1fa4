import type { Adapter } from "./stream.ts";

/** The house's own gladiators: one does what the prompt orders, the other one also looks for what makes the tests pass. */
export const SKILLS = ["SCRIBE", "TINKER"] as const;
export type Skill = (typeof SKILLS)[number];

/** The agents whose programs are made elsewhere. */
export const AGENTS = ["CLAUDE", "CODEX", "GEMINI", "OPENCODE"] as const;
export type Agent = (typeof AGENTS)[number];

export const PROGRAM_KINDS = ["HOUSE", "COMMAND", ...AGENTS] as const;
export type ProgramKind = (typeof PROGRAM_KINDS)[number];

export const isAgent = (kind: ProgramKind): kind is Agent => AGENTS.some((agent) => agent === kind);

/** What runs as a gladiator. */
export type Program =
  | { kind: "HOUSE"; skill: Skill }
  | { kind: "COMMAND"; argv: readonly string[] }
  | { kind: Agent; model: string | null };

export const ARGUMENTS_MAX = 64;
export const ARGUMENTS_BYTES_MAX = 65_536;
export const MODEL_NAME = /^[\w.:/@-]{1,100}$/;

type Given = { kind: ProgramKind; skill: Skill | null; command: readonly string[] | null; model: string | null };

/** The program that an owner names, or what is wrong with it. */
export function programOf({ kind, skill, command, model }: Given): Program | { field: string; message: string } {
  if (kind === "HOUSE") return { kind, skill: skill ?? "TINKER" };
  if (kind === "COMMAND") {
    const words = command ?? [];
    const bytes = words.reduce((sum, each) => sum + new TextEncoder().encode(each).length, 0);
    const isHeld = words.length <= ARGUMENTS_MAX && bytes <= ARGUMENTS_BYTES_MAX && !words.join("").includes("\0");
    if (!command || !command[0] || !isHeld)
      return {
        field: "command",
        message: `A command has 1 to ${ARGUMENTS_MAX} words of ${ARGUMENTS_BYTES_MAX} bytes together, without a NUL.`,
      };
    return { kind, argv: command };
  }
  if (model !== null && !MODEL_NAME.test(model))
    return { field: "model", message: "A model's name has 1 to 100 letters, digits and . _ : / @ -" };
  return { kind, model };
}

export const isProgram = (value: Program | { field: string }): value is Program => "kind" in value;

/** How a program's output is read. */
export const adapterOf = ({ kind }: Program): Adapter =>
  kind === "HOUSE" || kind === "COMMAND" ? "command" : (kind.toLowerCase() as Adapter);

/** Where what a gladiator made broke a step that the base alone goes through. */
export const FAULTS = ["NOT_RUN", "NOT_COLLECTED", "NOT_TESTED"] as const;
export type Fault = (typeof FAULTS)[number];
export const isFault = (value: unknown): value is Fault => FAULTS.some((fault) => fault === value);

/** How a gladiator's work came out. What is not JUDGED has lost. */
export const OUTCOMES = ["JUDGED", "TIME", "MEMORY", "NO_CHANGE", "TOO_LARGE", "UNSAFE_FILES", ...FAULTS] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What of a gladiator's stream the log itself holds; the whole of it is an artifact. */
export const LOG_LENGTH_MAX = 262_144;
export const OUTPUT_LENGTH_MAX = 4_096;
export const BUNDLE_BYTES_MAX = 20 * 1_048_576;
export const DIFF_BYTES_MAX = 524_288;
