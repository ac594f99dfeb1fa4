import type { CreateTaskInput, TaskPlanInput } from "../generated/graphql.ts";

/** What a form says, by the name of the field. */
export type Said = (name: string) => string;
/** What is wrong with a field, by its name. */
export type Wrongs = Readonly<Record<string, string>>;
/** A form's task, or what is wrong where. */
export type Asked = { ok: true; input: CreateTaskInput } | { ok: false; wrongs: Wrongs };

/** The times of a plan: how the form calls them, in seconds, and how the API does, in milliseconds. */
export const TIMES = ["scheduleToStart", "startToClose", "heartbeat"] as const;
const NUMBERS = ["maxAttempts", ...TIMES] as const;

/** Reads a form's task. Everything that only the server knows, such as whether the input fits its schema, is left to it. */
export function readTask(said: Said): Asked {
  const wrongs: Record<string, string> = {};
  const json = (name: string): unknown => {
    const text = said(name).trim();
    if (text === "") return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      wrongs[name] = `This is not JSON: ${(error as Error).message}.`;
      return undefined;
    }
  };
  const number = (name: string): number | undefined => {
    const text = said(name).trim();
    if (text === "") return undefined;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    wrongs[name] = "A whole number.";
    return undefined;
  };
  if (said("title").trim() === "") wrongs["title"] = "Say what it is about.";
  const [payload, payloadSchema] = [json("payload"), json("payloadSchema")];
  const [maxAttempts, wait, work, life] = NUMBERS.map(number);
  if (Object.keys(wrongs).length > 0) return { ok: false, wrongs };
  const plan: TaskPlanInput = {
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(wait !== undefined && { scheduleToStartMs: wait * 1_000 }),
    ...(work !== undefined && { startToCloseMs: work * 1_000 }),
    ...(life !== undefined && { heartbeatMs: life * 1_000 }),
  };
  const [visibility, teamId] = whose(said("whose"));
  return {
    ok: true,
    input: {
      title: said("title").trim(),
      capabilities: said("capabilities")
        .split(/[\s,]+/)
        .filter((word) => word !== ""),
      priority: Number(said("priority")),
      complexity: said("complexity") as NonNullable<CreateTaskInput["complexity"]>,
      assign: said("assign") as NonNullable<CreateTaskInput["assign"]>,
      visibility,
      ...(teamId !== null && { teamId }),
      ...(teamId !== null && said("project") !== "" && { projectId: said("project") }),
      ...(payload !== undefined && { payload }),
      ...(payloadSchema !== undefined && { payloadSchema }),
      plan,
    },
  };
}

/** The one choice for who sees a task: PRIVATE, PUBLIC, or a team by its id. */
const whose = (chosen: string): ["PRIVATE" | "PUBLIC" | "TEAM", string | null] =>
  chosen === "PRIVATE" || chosen === "PUBLIC" ? [chosen, null] : ["TEAM", chosen];

const FIELD_OF: Readonly<Record<string, string>> = {
  visibility: "whose",
  teamId: "whose",
  projectId: "project",
  scheduleToStartMs: "scheduleToStart",
  startToCloseMs: "startToClose",
  heartbeatMs: "heartbeat",
};
/** Under which field of the form a refusal belongs, by its path in the input; null where under none. */
export function fieldOf(path: readonly string[] | null | undefined): string | null {
  const name = path?.slice(1).findLast((part) => part !== "plan");
  return name === undefined ? null : (FIELD_OF[name] ?? name);
}
