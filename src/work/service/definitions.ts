import { canonicalJson, type Json } from "../../platform/canonical-json.ts";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome, type Refusal } from "../../platform/refusal.ts";
import { refuseBound, type SignedIn } from "../../platform/viewer.ts";
import { refuseProject, type ProjectCode } from "../../teams/service/projects.ts";
import {
  BEFORE_MAX,
  NAME_LENGTH_MAX,
  refuseGraph,
  STEP_INPUTS_MAX,
  unknownCapability,
  type Comparison,
  type Definition,
  type DefinitionRefusal,
  type FailurePolicy,
  type Source,
  type StepPlan,
} from "../rules/definition.ts";
import { isStorable, refuseTask, UNSTORABLE_SAYS, type Assign, type Complexity } from "../rules/input.ts";
import { definitionsBy, holdScope, insertDefinition, knownCapabilities, latestVersion } from "../store/workflows.ts";
import { holdCreator, roleIn } from "../store/tasks.ts";
import { faultOfSchema } from "./json-schemas.ts";
import { planOf, type PlanInput } from "./tasks.ts";

export type StepInput = {
  key: string;
  title: string;
  after?: readonly string[] | null;
  capabilities?: readonly string[] | null;
  input?: unknown;
  when?: { at: string; is: Comparison; value?: unknown } | null;
  forEach?: string | null;
  approval?: boolean | null;
  optional?: boolean | null;
  compensation?: { title: string; capabilities?: readonly string[] | null } | null;
  priority?: number | null;
  complexity?: Complexity | null;
  assign?: Assign | null;
  plan?: PlanInput | null;
  resultSchema?: unknown;
};
export type DefineWorkflow = {
  name: string;
  teamId?: string | null;
  projectId?: string | null;
  onFailure?: FailurePolicy | null;
  inputSchema?: unknown;
  steps: readonly StepInput[];
  checkOnly?: boolean | null;
} & Keyed;
export type DefineCode =
  | DefinitionRefusal
  | "INVALID_CAPABILITIES"
  | "SCHEMA_NOT_TAKEN"
  | "UNKNOWN_CAPABILITY"
  | ProjectCode
  | "NOT_IN_TEAM"
  | "TOO_MANY_DEFINITIONS"
  | "MISSING_SCOPE"
  | "NOT_AUTHENTICATED";
/** How many versions of workflows one person may keep. */
export const DEFINITIONS_MAX = 2_000;

/** How many different JSON Schemas one definition may hold. */
const SCHEMAS_MAX = 32;
const TOO_MANY_SCHEMAS_SAYS = `A definition has at most ${SCHEMAS_MAX} different schemas; steps may share one.`;

const wordsOf = (words: readonly string[] | null | undefined) => [...new Set(words)].toSorted();

/** A step with what it is where nothing is said. */
function stepOf(input: StepInput): StepPlan {
  const { when, compensation } = input;
  return {
    key: input.key,
    title: input.title.trim(),
    after: [...new Set(input.after)],
    capabilities: wordsOf(input.capabilities),
    input: (input.input ?? {}) as Record<string, Source>,
    when: when ? { at: when.at, is: when.is, value: when.value ?? null } : null,
    forEach: input.forEach ?? null,
    approval: input.approval ?? false,
    optional: input.optional ?? false,
    compensation: compensation && {
      title: compensation.title.trim(),
      capabilities: wordsOf(compensation.capabilities),
    },
    priority: input.priority ?? 3,
    complexity: input.complexity ?? "MEDIUM",
    assign: input.assign ?? "PULL",
    plan: planOf(input.plan ?? {}),
    resultSchema: input.resultSchema ?? null,
  } as StepPlan;
}

const definitionOf = (input: DefineWorkflow): Definition => ({
  name: input.name.trim(),
  onFailure: input.onFailure ?? "STOP",
  inputSchema: input.inputSchema ?? null,
  steps: input.steps.map(stepOf),
});

const wrong = (path: (string | number)[], message: string) =>
  refuse("BAD_INPUT", { path: ["input", ...path.map(String)], message });

/** Why this definition may not be made, whoever makes it. */
function refuseDefinition(input: DefineWorkflow, definition: Definition): Refusal<DefineCode> | null {
  const length = Array.from(definition.name).length;
  if (length < 1 || length > NAME_LENGTH_MAX) return wrong(["name"], `A name has 1 to ${NAME_LENGTH_MAX} characters.`);
  if (!isStorable(JSON.stringify(definition))) return wrong(["steps"], UNSTORABLE_SAYS);
  const shape = refuseShapes(input);
  if (shape) return shape;
  const fault = refuseGraph(definition);
  if (fault) return refuse(fault.code, { path: ["input", ...fault.path], message: fault.message });
  return refuseSchemas(definition) ?? refuseTasks(definition);
}

/** Inputs are JSON: only here is it seen that they are objects of pointers and values. */
function refuseShapes({ steps }: DefineWorkflow): Refusal<"BAD_INPUT"> | null {
  for (const [index, { input, after }] of steps.entries()) {
    const isObject = typeof input === "object" && !Array.isArray(input);
    if (input != null && (!isObject || !Object.values(input).every(isSource)))
      return wrong(["steps", index, "input"], 'An input is an object of JSON Pointers and { "value": … }.');
    if (Object.keys(input ?? {}).length > STEP_INPUTS_MAX)
      return wrong(["steps", index, "input"], `A step takes at most ${STEP_INPUTS_MAX} values.`);
    if ((after?.length ?? 0) > BEFORE_MAX)
      return wrong(["steps", index, "after"], `A step waits for at most ${BEFORE_MAX} others.`);
  }
  return null;
}

const isSource = (source: unknown): source is Source =>
  typeof source === "string" || (typeof source === "object" && source !== null && Object.hasOwn(source, "value"));

function refuseSchemas({ inputSchema, steps }: Definition): Refusal<"SCHEMA_NOT_TAKEN"> | null {
  const schemas = steps.map(({ resultSchema }, index) => ({
    schema: resultSchema,
    path: ["steps", String(index), "resultSchema"],
  }));
  const known = new Set<string>();
  for (const { schema, path } of [{ schema: inputSchema, path: ["inputSchema"] }, ...schemas]) {
    const text = JSON.stringify(schema);
    if (schema === null || known.has(text)) continue;
    // Each is compiled while everybody waits.
    const fault = known.add(text).size > SCHEMAS_MAX ? TOO_MANY_SCHEMAS_SAYS : faultOfSchema(schema);
    if (fault) return refuse("SCHEMA_NOT_TAKEN", { path: ["input", ...path], message: fault });
  }
  return null;
}

/** What holds for a task holds for a step's tasks, and for those that undo them. */
function refuseTasks({ steps }: Definition): Refusal<DefineCode> | null {
  for (const [index, step] of steps.entries()) {
    const own = { ...step, payload: "{}", visibility: "PRIVATE", teamId: null, dependsOn: [] } as const;
    for (const [part, task] of [
      ["", own],
      ["compensation", { ...own, ...step.compensation }],
    ] as const) {
      const fault = refuseTask(task);
      const path = ["input", "steps", String(index), ...(part ? [part] : []), ...(fault?.path ?? [])];
      if (fault) return refuse(fault.code as DefineCode, { path, message: fault.message });
    }
  }
  return null;
}

type Defined = { definitionId: string | null };

/** Makes a new version of a workflow; the same definition again is the version that is there. */
export async function defineWorkflow(
  platform: Platform,
  viewer: SignedIn,
  input: DefineWorkflow,
): Promise<Outcome<Defined, DefineCode | Reuse>> {
  const bound = refuseBound(viewer);
  if (bound) return bound;
  const definition = definitionOf(input);
  const refused = refuseDefinition(input, definition);
  if (refused) return refused;
  const request = requestOf(platform, viewer, "defineWorkflow", input);
  return transactOnce<Defined, DefineCode>(platform.db, request, async (tx) => {
    const whose = { teamId: input.teamId ?? null, projectId: input.projectId ?? null };
    const barred = await refuseDefiner(tx, viewer, whose, definition);
    if (barred) return barred;
    if (input.checkOnly) return { ok: true, definitionId: null };
    return store(tx, platform, viewer.userId, { ...whose, definition });
  });
}

type Whose = { teamId: string | null; projectId: string | null };

async function refuseDefiner(
  tx: Tx,
  viewer: SignedIn,
  { teamId, projectId }: Whose,
  definition: Definition,
): Promise<Refusal<DefineCode> | null> {
  const { userId } = viewer;
  const role = teamId === null ? [] : await tx.query(roleIn, [teamId, userId]);
  if (teamId !== null && role.length === 0) return refuse("NOT_IN_TEAM", { path: ["input", "teamId"] });
  const barred = projectId === null ? null : await refuseProject(tx, viewer, projectId, teamId);
  if (barred) return barred;
  const asked = definition.steps.flatMap(({ capabilities, compensation }) => [
    ...capabilities,
    ...(compensation?.capabilities ?? []),
  ]);
  const known = await tx.query(knownCapabilities, [[...new Set(asked)], userId, teamId]);
  const unknown = unknownCapability(definition, new Set(known.map(({ capability }) => capability)));
  return unknown && refuse("UNKNOWN_CAPABILITY", { ...unknown, path: ["input", ...unknown.path] });
}

async function store(
  tx: Tx,
  platform: Platform,
  userId: string,
  { teamId, projectId, definition }: Whose & { definition: Definition },
): Promise<Outcome<Defined, DefineCode>> {
  const scope = teamId === null ? `user:${userId}` : `team:${teamId}`;
  const { name } = definition;
  const [, [creator], [latest], [count]] = await Promise.all([
    tx.query(holdScope, [`${scope} ${name}`]),
    tx.query(holdCreator, [userId]),
    tx.query(latestVersion, [scope, name]),
    tx.query(definitionsBy, [userId, DEFINITIONS_MAX]),
  ]);
  if (!creator || creator.gone) return refuse("NOT_AUTHENTICATED");
  const body = canonicalJson(definition as unknown as Json);
  if (latest && latest.project_id === projectId && canonicalJson(latest.body as Json) === body)
    return { ok: true, definitionId: latest.id };
  if ((count?.made ?? 0) >= DEFINITIONS_MAX) return refuse("TOO_MANY_DEFINITIONS");
  const at = platform.clock.now();
  const id = platform.random.id(at);
  const version = (latest?.version ?? 0) + 1;
  await tx.query(insertDefinition, [id, userId, teamId, scope, name, version, body, at, projectId]);
  return { ok: true, definitionId: id };
}
