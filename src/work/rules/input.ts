import { isCapability } from "../../bots/rules.ts";
import { refusePlan, type Plan } from "./timing.ts";

export const VISIBILITIES = ["PRIVATE", "TEAM", "PUBLIC"] as const;
export type Visibility = (typeof VISIBILITIES)[number];
export const ASSIGNS = ["PULL", "AUTO"] as const;
export type Assign = (typeof ASSIGNS)[number];
/** How hard a task is, as its creator declares it. */
export const COMPLEXITIES = ["SIMPLE", "MEDIUM", "COMPLEX", "EXPERT"] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

export const TITLE_LENGTH_MAX = 200;
export const TASK_JSON_BYTES_MAX = 64 * 1_024;
export const TASK_CAPABILITIES_MAX = 8;
/** How many tasks a task may wait for, and how many may wait for one. */
export const INPUTS_MAX = 20;
export const DEPENDENTS_MAX = 100;
export const NOTE_LENGTH_MAX = 280;
export const ERROR_LENGTH_MAX = 2_000;
/** How many tasks of one creator may be open at once, and how many one bot may hold. */
export const OPEN_PER_CREATOR_MAX = 20_000;
export const HELD_PER_BOT_MAX = 100;
/** How many tasks the scheduler lays on one bot; it takes more by itself if it likes. */
export const PUSHED_PER_BOT_MAX = 5;

/** A task that somebody wants to make, its JSON as text. */
export type NewTask = {
  title: string;
  payload: string;
  capabilities: readonly string[];
  priority: number;
  complexity: Complexity;
  visibility: Visibility;
  teamId: string | null;
  assign: Assign;
  /** Whether a person decides instead of a bot. */
  approval: boolean;
  dependsOn: readonly string[];
  plan: Plan;
};

export const CREATE_REFUSALS = [
  "BAD_INPUT",
  "INVALID_CAPABILITIES",
  "PAYLOAD_TOO_LARGE",
  "TEAM_NEEDED",
  "AUTO_IS_NOT_PUBLIC",
] as const;
export type CreateRefusal = (typeof CREATE_REFUSALS)[number];
type Wrong = { code: CreateRefusal; path: readonly string[]; message?: string };

/** Why this task may not be made, or null. */
export function refuseTask(task: NewTask): Wrong | null {
  const title = Array.from(task.title.trim()).length;
  if (title < 1 || title > TITLE_LENGTH_MAX)
    return { code: "BAD_INPUT", path: ["title"], message: `A title has 1 to ${TITLE_LENGTH_MAX} characters.` };
  if (bytesOf(task.payload) > TASK_JSON_BYTES_MAX) return { code: "PAYLOAD_TOO_LARGE", path: ["payload"] };
  if (!isStorable(task.payload)) return { code: "BAD_INPUT", path: ["payload"], message: UNSTORABLE_SAYS };
  if (task.capabilities.length > TASK_CAPABILITIES_MAX || !task.capabilities.every(isCapability))
    return { code: "INVALID_CAPABILITIES", path: ["capabilities"] };
  if (task.priority < 1 || task.priority > 5)
    return { code: "BAD_INPUT", path: ["priority"], message: "A priority is 1 to 5; 5 comes first." };
  if ((task.visibility === "TEAM") !== (task.teamId !== null)) return { code: "TEAM_NEEDED", path: ["teamId"] };
  if (task.assign === "AUTO" && task.visibility === "PUBLIC") return { code: "AUTO_IS_NOT_PUBLIC", path: ["assign"] };
  if (task.dependsOn.length > INPUTS_MAX)
    return { code: "BAD_INPUT", path: ["dependsOn"], message: `A task waits for at most ${INPUTS_MAX} others.` };
  const wrong = refusePlan(task.plan);
  return wrong && { code: "BAD_INPUT", path: ["plan", wrong], message: `${wrong} is out of its limits.` };
}

/** The lane in which a task waits: everybody's, its team's, or its creator's own. */
export function scopeOf({ visibility, teamId }: Pick<NewTask, "visibility" | "teamId">, creatorId: string): string {
  if (visibility === "PUBLIC") return "public";
  return visibility === "TEAM" ? `team:${teamId}` : `user:${creatorId}`;
}

/** A task that a new one is to wait for, as it stands. */
export type Input = { state: string; dependents: number };

/** Why a new task may not wait for these, or null; one that is missing was not found, or is not the creator's to build on. */
export function refuseInputs(
  asked: number,
  inputs: readonly Input[],
): "INPUT_NOT_FOUND" | "INPUT_CANCELLED" | "TOO_MANY_DEPENDENTS" | null {
  if (inputs.length < asked) return "INPUT_NOT_FOUND";
  if (inputs.some(({ state }) => state === "CANCELLED")) return "INPUT_CANCELLED";
  return inputs.some(({ dependents }) => dependents >= DEPENDENTS_MAX) ? "TOO_MANY_DEPENDENTS" : null;
}

/** JSON text escapes what PostgreSQL's jsonb cannot hold: the character NUL and halves of surrogate pairs. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;
export const UNSTORABLE_SAYS = "JSON text is well-formed Unicode without NUL.";

/** Whether JSON text can be stored. */
export const isStorable = (json: string): boolean => !UNSTORABLE.test(json);

/** How many bytes a text takes. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
