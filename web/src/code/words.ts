import type { CodeBattlePhase, CodeOutcome, TestResult } from "../generated/graphql.ts";
import type { Told } from "./use-told.ts";

/** The stages of a battle, in order, as people read them. */
export const STAGES: readonly (readonly [CodeBattlePhase, string])[] = [
  ["DRAFT", "Entries"],
  ["SETUP", "Set-up"],
  ["RUNNING", "Work"],
  ["COLLECTING", "Collecting"],
  ["JUDGING", "Judging"],
  ["COMPLETED", "Result"],
];

export const PHASES: Readonly<Record<CodeBattlePhase, string>> = {
  DRAFT: "Takes entries",
  SETUP: "Being set up",
  RUNNING: "Gladiators work",
  COLLECTING: "Work is collected",
  JUDGING: "Entries are judged",
  COMPLETED: "Over",
  FAILED: "Void",
  CANCELLED: "Cancelled",
};

export const OUTCOMES: Readonly<Record<CodeOutcome, string>> = {
  JUDGED: "Judged",
  TIME: "Out of time",
  MEMORY: "Out of memory",
  NO_CHANGE: "Changed nothing",
  TOO_LARGE: "Too large",
  UNSAFE_FILES: "Unsafe files",
  NOT_RUN: "Broke its run",
  NOT_COLLECTED: "Cannot be collected",
  NOT_TESTED: "Cannot be tested",
};

export const RESULTS: Readonly<Record<TestResult, string>> = {
  PASSED: "passed",
  FAILED: "failed",
  SKIPPED: "skipped",
  ABSENT: "absent",
};

export const isOver = (phase: CodeBattlePhase) => ["COMPLETED", "FAILED", "CANCELLED"].includes(phase);

/** A duration in seconds, as it is compared. */
export const seconds = (ms: number | null | undefined) => (ms == null ? "–" : `${(ms / 1_000).toFixed(1)} s`);

/** A repository's name without its host. */
export const repositoryName = (url: string) => new URL(url).pathname.replace(/^\//, "").replace(/\.git$/, "");

/** One event as lines of a gladiator's column; nothing for what is shown elsewhere. */
export function lineOf(event: Told): string | null {
  if (event.__typename === "GladiatorStarted") return "Begins.";
  if (event.__typename === "AssistantText" || event.__typename === "Output") return event.text;
  if (event.__typename === "ToolUse") return `${event.tool}: ${event.text}`;
  if (event.__typename === "ToolResult") return event.failed ? `It failed: ${event.text}` : event.text;
  if (event.__typename === "StreamTruncated") return "It says more than is shown here.";
  if (event.__typename === "FileChanged") return `${event.path}: +${event.added} −${event.removed}`;
  if (event.__typename !== "GladiatorFinished") return null;
  return event.by === "EXIT" ? `Done after ${seconds(event.timeMs)}.` : `Ended by ${event.by.toLowerCase()}.`;
}
