import { areAllied, type Side } from "../../ladder/rules/allies.ts";

/** Where a battle stands, in order; the last three are its ends. */
export const PHASES = [
  "DRAFT",
  "SETUP",
  "RUNNING",
  "COLLECTING",
  "JUDGING",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const;
export type Phase = (typeof PHASES)[number];

/** Why a battle is void: never what a gladiator did. */
export const FAILURES = [
  "REPOSITORY_GONE",
  "SETUP_FAILED",
  "BASE_UNTESTABLE",
  "SANDBOX_FAILED",
  "TOO_MANY_RESTARTS",
] as const;
export type Failure = (typeof FAILURES)[number];

/** How often a stage that a node's death cut off begins anew. */
export const ATTEMPTS_MAX = 3;

/** A battle; `attempt` counts how often its stage has begun. */
export type BattleState =
  | { phase: "DRAFT" | "COMPLETED" | "CANCELLED" }
  | { phase: "SETUP" | "RUNNING" | "COLLECTING" | "JUDGING"; attempt: number }
  | { phase: "FAILED"; failure: Failure };

export type BattleCommand =
  | { type: "START" | "READY" | "RAN" | "COLLECTED" | "JUDGED" | "RESTART" | "CANCEL" }
  | { type: "FAIL"; failure: Failure };

export const BATTLE_REFUSALS = ["BATTLE_NOT_STARTED", "BATTLE_STARTED", "BATTLE_OVER", "WRONG_STAGE"] as const;
export type BattleRefusal = (typeof BATTLE_REFUSALS)[number];

export type BattleDecision = { ok: true; state: BattleState } | { ok: false; refusal: BattleRefusal };

type Working = Extract<BattleState, { attempt: number }>;
const WORKING = ["SETUP", "RUNNING", "COLLECTING", "JUDGING"] as const;

/** The stages in which a node works on a battle. */
export const isWorking = (state: BattleState): state is Working => WORKING.some((phase) => phase === state.phase);
export const isOver = ({ phase }: Pick<BattleState, "phase">) =>
  phase === "COMPLETED" || phase === "FAILED" || phase === "CANCELLED";

const became = (state: BattleState): BattleDecision => ({ ok: true, state });
const refused = (refusal: BattleRefusal): BattleDecision => ({ ok: false, refusal });

/** The machine of a battle: what a command makes of it, or why it is refused. */
export function decide(state: BattleState, command: BattleCommand): BattleDecision {
  if (isOver(state)) return refused("BATTLE_OVER");
  if (command.type === "CANCEL") return became({ phase: "CANCELLED" });
  if (command.type === "START")
    return state.phase === "DRAFT" ? became({ phase: "SETUP", attempt: 1 }) : refused("BATTLE_STARTED");
  if (!isWorking(state)) return refused("BATTLE_NOT_STARTED");
  if (command.type === "RESTART") return restart(state);
  if (command.type === "FAIL") return became({ phase: "FAILED", failure: command.failure });
  const { from, to } = ONWARD[command.type];
  return state.phase === from ? became(to(state)) : refused("WRONG_STAGE");
}

/** Whether an owner may end a battle: one that counts has gladiators of others in it, and is theirs as well once they are drawn. */
export const mayOwnerEnd = (state: BattleState, rated: boolean) => !rated || !isWorking(state);

/** The way through the stages. */
const ONWARD: Readonly<
  Record<"READY" | "RAN" | "COLLECTED" | "JUDGED", { from: Phase; to: (state: Working) => BattleState }>
> = {
  READY: { from: "SETUP", to: () => ({ phase: "RUNNING", attempt: 1 }) },
  RAN: { from: "RUNNING", to: ({ attempt }) => ({ phase: "COLLECTING", attempt }) },
  COLLECTED: { from: "COLLECTING", to: () => ({ phase: "JUDGING", attempt: 1 }) },
  JUDGED: { from: "JUDGING", to: () => ({ phase: "COMPLETED" }) },
};

/** What gladiators left is collected from their sandboxes: these are gone with the node, and they must run again. */
function restart({ phase, attempt }: Working): BattleDecision {
  if (attempt >= ATTEMPTS_MAX) return became({ phase: "FAILED", failure: "TOO_MANY_RESTARTS" });
  return became({ phase: phase === "COLLECTING" ? "RUNNING" : phase, attempt: attempt + 1 });
}

/** How a battle stands as a contest. */
export function statusOf(phase: Phase) {
  switch (phase) {
    case "DRAFT":
    case "SETUP":
      return "ANNOUNCED";
    case "RUNNING":
    case "COLLECTING":
    case "JUDGING":
      return "LIVE";
    case "COMPLETED":
      return "COMPLETED";
    case "FAILED":
      return "VOIDED";
    case "CANCELLED":
      return "CANCELLED";
  }
}

/** Who entered: a bot, whose it is, and the teams of its owner. */
export type Candidate = Side & { botId: string };

/** Candidates in the order of the draw; of one owner, or of one team, and of the battle's own people, nobody is drawn twice. */
export function draw(ordered: readonly Candidate[], owner: Side, seatsMax: number): Candidate[] {
  const drawn: Candidate[] = [];
  for (const candidate of ordered) {
    if (drawn.length === seatsMax) break;
    if (![owner, ...drawn].some((taken) => areAllied(candidate, taken))) drawn.push(candidate);
  }
  return drawn;
}

/** Whether a battle counts: on a repository that everybody may read, between gladiators that the server drew. */
export const isRated = ({ isPublic, isOpen }: { isPublic: boolean; isOpen: boolean }) => isPublic && isOpen;

export const PROMPT_LENGTH_MAX = 16_384;
export const GLADIATORS_MIN = 2;
export const GLADIATORS_MAX = 8;
export const TIME_LIMIT_MIN_MS = 5_000;
export const TIME_LIMIT_MAX_MS = 3_600_000;
/** How long votes may be taken: the gladiators wait for the result, and fight no other battle meanwhile. */
export const VOTES_MIN_MS = 10_000;
export const VOTES_MAX_MS = 3_600_000;
export const VOTES_MS = 600_000;
export const SCRIPT_LENGTH_MAX = 4_000;
export const CHECKS_MAX = 50;
export const CHECK_TEXT_MAX = 8_192;

/** A check that the owner keeps from the gladiators: a command, and what it must print. */
export type HiddenCheck = { name: string; command: string; prints: string };

/** What is wrong with a battle's plan: the field, and a sentence; null when nothing is. */
export function refusePlan(plan: {
  prompt: string;
  gladiatorsMax: number;
  timeLimitMs: number;
  votesMs: number;
  checks: readonly HiddenCheck[];
}): { field: string; message: string } | null {
  const { prompt, gladiatorsMax, timeLimitMs, votesMs, checks } = plan;
  if (prompt.trim() === "" || prompt.length > PROMPT_LENGTH_MAX)
    return { field: "prompt", message: `A prompt has 1 to ${PROMPT_LENGTH_MAX} characters.` };
  if (gladiatorsMax < GLADIATORS_MIN || gladiatorsMax > GLADIATORS_MAX)
    return { field: "gladiatorsMax", message: `A battle has ${GLADIATORS_MIN} to ${GLADIATORS_MAX} gladiators.` };
  if (timeLimitMs < TIME_LIMIT_MIN_MS || timeLimitMs > TIME_LIMIT_MAX_MS)
    return { field: "timeLimitMs", message: `A battle lasts ${TIME_LIMIT_MIN_MS} to ${TIME_LIMIT_MAX_MS} ms.` };
  if (votesMs < VOTES_MIN_MS || votesMs > VOTES_MAX_MS)
    return { field: "votesMs", message: `Votes are taken for ${VOTES_MIN_MS} to ${VOTES_MAX_MS} ms.` };
  const isRight = ({ name, command, prints }: HiddenCheck) =>
    name.trim() !== "" && name.length <= 100 && command.trim() !== "" && [command, prints].every(fits);
  if (checks.length > CHECKS_MAX || !checks.every(isRight))
    return {
      field: "checks",
      message: `At most ${CHECKS_MAX} checks, each with a name of 1 to 100 characters, a command and what it prints, ${CHECK_TEXT_MAX} characters at most.`,
    };
  return null;
}

const fits = (text: string) => text.length <= CHECK_TEXT_MAX;
