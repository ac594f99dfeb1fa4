import { ask, mutate, newBot, newKey, newPerson } from "./agent.ts";

/** A person with a key that may work, and bots that can do what they are said to. */
export type Worker = { key: string; token: string; botId: string };
export type Answer = { __typename: string; code?: string; message?: string; path?: string[]; retryAfterMs?: number };
type Task = { id: string; state: string; attempt: number; lease: { token: number; expiresAt: string } | null };

let workers = 0;

/** A new person with a bot, online, and a key for work. */
export async function newWorker(url: string, capabilities: readonly string[] = []): Promise<Worker> {
  const { token } = await newPerson(url);
  const key = await newKey(url, token, ["PLAY", "WORK"]);
  return { key, token, botId: await newWorkingBot(url, key, capabilities) };
}

/** Another bot of a person. */
export async function newWorkingBot(url: string, key: string, capabilities: readonly string[] = []): Promise<string> {
  const botId = await newBot(url, key, `Work_${process.pid % 10_000}_${workers++}`);
  await mutate(url, key, "updateBot", { botId, capabilities });
  return botId;
}

const TASK = "task { id state attempt lease { token expiresAt } }";

/** A mutation about a task; gives its answer with the task as it is then. */
export async function work(
  url: string,
  key: string | null,
  field: string,
  input: object,
): Promise<Answer & { task: Task }> {
  return (await mutate(url, key, field, input, TASK)) as unknown as Answer & { task: Task };
}

/** A task of a person; gives its id. */
export async function newTask(url: string, key: string, input: object = {}): Promise<string> {
  const made = await work(url, key, "createTask", { title: "a task", ...input });
  if (!made.task) throw new Error(JSON.stringify(made));
  return made.task.id;
}

/** Reads fields of a task. */
export async function readTask<Fields>(
  url: string,
  key: string | null,
  id: string,
  fields: string,
): Promise<Fields | null> {
  const { data, errors } = await ask(
    url,
    `query($id: ID!) { task(id: $id) { ${fields} } }`,
    { id },
    key ? { "x-api-key": key } : {},
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as unknown as { task: Fields | null }).task;
}
