import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorker, type Worker } from "../harness/work.ts";
import { run } from "../harness/workflows.ts";

let app: App;
let stranger: Worker;
const ids = { task: "", run: "", bot: "" };
beforeAll(async () => {
  app = await startTestApp();
  const own = await newWorker(app.url);
  stranger = await newWorker(app.url);
  ids.task = await newTask(app.url, own.key);
  ids.run = await run(app.url, own.key, [{ key: "ask", approval: true }]);
  ids.bot = own.botId;
});
afterAll(() => app.stop());

/** What somebody's subscription is refused with. */
async function refusal(key: string | null, query: string, id: string): Promise<unknown> {
  const client = socket(app.url, key);
  const items = client.iterate({ query: `subscription($id: ID!) { ${query} }`, variables: { id } });
  const { value } = (await items.next()) as { value: { errors?: { extensions: { code: string } }[] } };
  await client.dispose();
  return value.errors?.[0]?.extensions.code ?? "NONE";
}

test.each([
  ["a task's events", "taskEvents(taskId: $id) { cursor }", "task", "NOT_FOUND"],
  ["a run's events", "workflowEvents(id: $id) { cursor }", "run", "NOT_FOUND"],
  ["a bot's offers", "taskOffers(botId: $id) { claimable { id } }", "bot", "NOT_YOUR_BOT"],
  ["a bot's XP", "xpEvents(botId: $id) { cursor }", "bot", "NOT_YOUR_BOT"],
  ["a task's events by the id of a run", "taskEvents(taskId: $id) { cursor }", "run", "INVALID_ID"],
  ["a run's events by the id of a task", "workflowEvents(id: $id) { cursor }", "task", "INVALID_ID"],
  ["a bot's offers by the id of a task", "taskOffers(botId: $id) { claimable { id } }", "task", "INVALID_ID"],
] as const)("a stranger does not follow %s", async (_sentence, query, of, code) => {
  expect(await refusal(stranger.key, query, ids[of])).toBe(code);
  expect(await refusal(null, query, ids[of])).toMatch(/^(NOT_AUTHENTICATED|MISSING_SCOPE|INVALID_ID)$/);
});
