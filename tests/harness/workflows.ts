import { ask, mutate } from "./agent.ts";
import { until } from "./until.ts";
import { work, type Answer, type Worker } from "./work.ts";

type Step = { key: string; [field: string]: unknown };
export type Claimed = { id: string; title: string; payload: Record<string, unknown>; attempt: number; stepKey: string };
type Hand = (task: Claimed) => unknown;

/** Defines a workflow of one's own; a step's title is its key where nothing else is said. */
export async function define(
  url: string,
  key: string | null,
  steps: readonly Step[],
  more: object = {},
): Promise<Answer & { definition: { id: string; version: number } | null }> {
  const titled = steps.map((step) => ({ title: step.key, ...step }));
  const input = { name: "test", steps: titled, ...more };
  return (await mutate(url, key, "defineWorkflow", input, "definition { id version }")) as never;
}

/** Starts a run; gives its id. */
export async function start(url: string, key: string, definitionId: string, input: unknown = null): Promise<string> {
  const made = await mutate(url, key, "startWorkflow", { definitionId, input }, "workflow { id state }");
  const id = (made["workflow"] as unknown as { id: string } | undefined)?.id;
  if (!id) throw new Error(JSON.stringify(made));
  return id;
}

/** Defines and starts at once. */
export async function run(
  url: string,
  key: string,
  steps: readonly Step[],
  { input = null, ...more }: { input?: unknown; [field: string]: unknown } = {},
): Promise<string> {
  const { definition, ...refused } = await define(url, key, steps, more);
  if (!definition) throw new Error(JSON.stringify(refused));
  return start(url, key, definition.id, input);
}

export type Seen = { state: string; failure: string | null; steps: Record<string, string> };

/** Where a run and its steps stand. */
export async function look(url: string, key: string, id: string): Promise<Seen> {
  const query = `query($id: ID!) { workflow(id: $id) { state failure steps(first: 100) { nodes { key state } } } }`;
  const { data, errors } = await ask(url, query, { id }, { "x-api-key": key });
  if (errors) throw new Error(JSON.stringify(errors));
  const { workflow } = data as unknown as {
    workflow: { state: string; failure: string | null; steps: { nodes: { key: string; state: string }[] } };
  };
  const { state, failure, steps } = workflow;
  return { state, failure, steps: Object.fromEntries(steps.nodes.map((step) => [step.key, step.state])) };
}

/** Waits until a run is in a state; gives how it stands then. */
export function become(url: string, key: string, id: string, state: string): Promise<Seen> {
  return until(async () => {
    const seen = await look(url, key, id);
    return seen.state === state && seen;
  }, `the run's being ${state}`);
}

/** Claims the bot's next task; null while there is none. */
export async function claim(url: string, { key, botId }: Worker): Promise<(Claimed & { token: number }) | null> {
  const selection = "task { id title payload attempt stepKey lease { token } }";
  const answer = await mutate(url, key, "claimNextTask", { botId, start: true }, selection);
  const task = answer["task"] as unknown as (Claimed & { lease: { token: number } }) | undefined;
  return task ? { ...task, token: task.lease.token } : null;
}

/** Does the next so many tasks for a bot, each once it is there; gives their titles. A hand that throws fails the task. */
export async function doTasks(url: string, worker: Worker, count: number, hand: Hand = () => null): Promise<string[]> {
  const titles: string[] = [];
  while (titles.length < count) {
    const task = await until(() => claim(url, worker), `a task after ${titles.join(", ")}`);
    const held = { botId: worker.botId, taskId: task.id, token: task.token };
    try {
      await work(url, worker.key, "completeTask", { ...held, result: (await hand(task)) ?? null });
    } catch (error) {
      await work(url, worker.key, "failTask", { ...held, code: "NO", message: String(error), retryable: false });
    }
    titles.push(task.title);
  }
  return titles;
}

/** The tasks that wait for a person's decision. */
export async function approvals(url: string, key: string): Promise<{ id: string; title: string; payload: unknown }[]> {
  const { data } = await ask(
    url,
    "{ viewer { approvals(first: 10) { nodes { id title payload } } } }",
    {},
    { "x-api-key": key },
  );
  return (data as unknown as { viewer: { approvals: { nodes: never[] } } }).viewer.approvals.nodes;
}
