import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTeam } from "../harness/teams.ts";
import { until } from "../harness/until.ts";
import { newTask, newWorker, readTask, work } from "../harness/work.ts";
import { become, define, look, run, start } from "../harness/workflows.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_PUBLIC_LANES_PER_USER_MAX: 3 });
  url = app.url;
});
afterAll(() => app.stop());

/** Puts so many rows beside one, which differ from it in what is given. */
const multiply = (table: string, id: string, count: number, more = "") =>
  app.platform.db.pool.query(
    `INSERT INTO ${table} SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()${more}))).*
     FROM ${table} r, generate_series(2, $2::int4) n WHERE r.id = $1::uuid`,
    [id.slice(-32), count],
  );
const LARGE = "x".repeat(64 * 1_024);

describe("what is too much is refused by name:", () => {
  test("a payload, a result and an input of more than 64 KiB", async () => {
    const own = await newWorker(url);
    const made = await work(url, own.key, "createTask", { title: "x", payload: LARGE });
    expect(made).toMatchObject({ code: "PAYLOAD_TOO_LARGE", path: ["input", "payload"] });
    const taskId = await newTask(url, own.key);
    const held = { botId: own.botId, taskId, token: 1 };
    await work(url, own.key, "claimTask", { botId: own.botId, taskId, start: true });
    expect(await work(url, own.key, "completeTask", { ...held, result: LARGE })).toMatchObject({
      code: "RESULT_TOO_LARGE",
      path: ["input", "result"],
    });
    expect((await work(url, own.key, "completeTask", { ...held, result: LARGE.slice(2) })).task.state).toBe(
      "COMPLETED",
    );
    const { definition } = await define(url, own.key, [{ key: "a" }]);
    const started = await mutate(url, own.key, "startWorkflow", { definitionId: definition?.id, input: LARGE });
    expect(started).toMatchObject({ code: "PAYLOAD_TOO_LARGE", path: ["input", "input"] });
  });

  test("a hundred and one tasks that one bot holds", async () => {
    const own = await newWorker(url);
    const id = await newTask(url, own.key);
    await work(url, own.key, "claimTask", { botId: own.botId, taskId: id });
    await multiply("task", id, 100);
    const next = await newTask(url, own.key);
    for (const [field, more] of [["claimNextTask", {}] as const, ["claimTask", { taskId: next }] as const])
      expect((await work(url, own.key, field, { botId: own.botId, ...more })).code).toBe("HOLDS_TOO_MANY");
    await work(url, own.key, "releaseTask", { botId: own.botId, taskId: id, token: 1 });
    expect((await work(url, own.key, "claimNextTask", { botId: own.botId })).task.id).toBe(next);
  });

  test("twenty thousand open tasks of one person and one more, also by trying again what failed, whoever of the team does", async () => {
    const [owner, maker] = [await newWorker(url), await newWorker(url)];
    const teamId = await newTeam(url, owner, maker);
    const failed = await newTask(url, maker.key, { approval: true, teamId });
    await work(url, maker.key, "rejectTask", { taskId: failed, reason: "no" });
    const id = await newTask(url, maker.key, { approval: true });
    await multiply("task", id, 20_000);
    expect((await work(url, maker.key, "createTask", { title: "x" })).code).toBe("TOO_MANY_TASKS");
    for (const { key } of [maker, owner])
      expect((await work(url, key, "retryTask", { taskId: failed })).code).toBe("TOO_MANY_TASKS");
    await work(url, maker.key, "cancelTask", { taskId: id });
    expect((await work(url, owner.key, "retryTask", { taskId: failed })).task.state).toBe("AWAITING_APPROVAL");
    expect((await work(url, maker.key, "createTask", { title: "x" })).code).toBe("TOO_MANY_TASKS");
    await work(url, owner.key, "cancelTask", { taskId: failed });
    expect((await work(url, maker.key, "createTask", { title: "x" })).task.state).toBe("PENDING");
  });

  test("public tasks of one person in three lanes and one more, also by trying again what failed", async () => {
    const own = await newWorker(url, ["lane-0"]);
    const inLane = (n: number, more: object = {}) =>
      work(url, own.key, "createTask", { title: "x", visibility: "PUBLIC", capabilities: [`lane-${n}`], ...more });
    const failed = (await inLane(0, { plan: { maxAttempts: 1 } })).task.id;
    const held = { botId: own.botId, taskId: failed };
    await work(url, own.key, "claimTask", { ...held, start: true });
    await work(url, own.key, "failTask", { ...held, token: 1, code: "NO", message: "no", retryable: false });
    const [first] = [(await inLane(1)).task.id, (await inLane(2)).task.id, (await inLane(3)).task.id];
    expect(await inLane(4)).toMatchObject({ code: "TOO_MANY_LANES" });
    expect(await work(url, own.key, "retryTask", { taskId: failed })).toMatchObject({ code: "TOO_MANY_LANES" });
    // Another task in an open lane, one of one's own bots', and another person's open none of one's own.
    for (const more of [{ capabilities: ["lane-1"] }, { visibility: "PRIVATE" }])
      expect((await inLane(4, more)).task.state).toBe("PENDING");
    const other = await newWorker(url);
    const others = await newTask(url, other.key, { visibility: "PUBLIC", capabilities: ["lane-4"] });
    expect(await readTask(url, other.key, others, "state")).toEqual({ state: "PENDING" });
    await work(url, own.key, "cancelTask", { taskId: first });
    expect((await inLane(4)).code).toBe("TOO_MANY_LANES");
    const { rows } = await app.platform.db.pool.query<{ id: string }>(
      "SELECT id FROM task WHERE creator_id = (SELECT creator_id FROM task WHERE id = $1::uuid) AND capabilities = '{lane-1}' AND ended_at IS NULL",
      [first.slice(-32)],
    );
    for (const { id } of rows) await work(url, own.key, "cancelTask", { taskId: `task_${id.replaceAll("-", "")}` });
    expect((await work(url, own.key, "retryTask", { taskId: failed })).task.state).toBe("PENDING");
    expect((await inLane(4)).code).toBe("TOO_MANY_LANES");
  });

  test("a thousand open runs of one person and one more", async () => {
    const own = await newWorker(url);
    const { definition } = await define(url, own.key, [{ key: "ask", approval: true }]);
    const definitionId = definition?.id ?? "";
    const id = await start(url, own.key, definitionId);
    await become(url, own.key, id, "RUNNING");
    await multiply("workflow", id, 1_000, ", 'wake_at', NULL");
    expect((await mutate(url, own.key, "startWorkflow", { definitionId }))["code"]).toBe("TOO_MANY_WORKFLOWS");
    await mutate(url, own.key, "cancelWorkflow", { workflowId: id });
    expect((await mutate(url, own.key, "startWorkflow", { definitionId }))["__typename"]).toBe("StartWorkflowSuccess");
  });

  test("two thousand versions of one person's workflows and one more", async () => {
    const own = await newWorker(url);
    const { definition } = await define(url, own.key, [{ key: "a" }]);
    await multiply("workflow_definition", definition?.id ?? "", 2_000, ", 'version', n");
    expect((await define(url, own.key, [{ key: "b" }])).code).toBe("TOO_MANY_DEFINITIONS");
    expect((await define(url, own.key, [{ key: "a" }])).definition?.version).toBe(2_000);
  });
});

test("a definition whose steps have 33 different schemas is refused, one whose steps share them is not", async () => {
  const own = await newWorker(url);
  const steps = (different: number) =>
    Array.from({ length: 40 }, (_none, n) => ({ key: `s${n}`, resultSchema: { const: n % different } }));
  expect(await define(url, own.key, steps(33), { checkOnly: true })).toMatchObject({
    code: "SCHEMA_NOT_TAKEN",
    path: ["input", "steps", "32", "resultSchema"],
  });
  const taken = await define(url, own.key, steps(32), { checkOnly: true });
  expect(taken.__typename).toBe("DefineWorkflowSuccess");
});

test("a schema and a payload that would take seconds together are refused in no time", async () => {
  const own = await newWorker(url);
  const anyOf = Array.from({ length: 430 }, (_none, n) => ({ const: n + 2 }));
  const payloadSchema = { items: { anyOf } };
  const refused = await work(url, own.key, "createTask", { title: "x", payloadSchema, payload: Array(32_000).fill(1) });
  expect(refused).toMatchObject({ code: "PAYLOAD_MISFIT", path: ["input", "payload"] });
});

test("what nobody starts in time fails, and so does an attempt that takes too long", async () => {
  const own = await newWorker(url);
  const late = await newTask(url, own.key, { capabilities: ["nobody-can"], plan: { scheduleToStartMs: 1_000 } });
  const long = await newTask(url, own.key, { plan: { startToCloseMs: 1_000, maxAttempts: 1 } });
  await work(url, own.key, "claimTask", { botId: own.botId, taskId: long, start: true });
  for (const id of [late, long])
    await until(
      async () => (await readTask<{ state: string }>(url, own.key, id, "state"))?.state === "FAILED",
      "the end of its time",
    );
  expect(await readTask(url, own.key, late, "failure")).toEqual({ failure: "NOT_STARTED_IN_TIME" });
  expect(await readTask(url, own.key, long, "failure")).toEqual({ failure: "ATTEMPTS_EXHAUSTED" });
  expect((await work(url, own.key, "completeTask", { botId: own.botId, taskId: long, token: 1 })).code).toBe(
    "LEASE_LOST",
  );
});

test("a run is not over while tasks are out of an optional step of which not all could be made: they are called off", async () => {
  const own = await newWorker(url);
  // The 121st task would carry more than 64 KiB; those before it are made.
  const items = [...Array<string>(120).fill(""), "x".repeat(20_000)];
  const input = { all: "y".repeat(30_000), items };
  const step = {
    key: "a",
    optional: true,
    forEach: "/input/items",
    input: { all: "/input/all", item: "/item", again: "/item" },
  };
  const id = await run(url, own.key, [step], { input });
  await become(url, own.key, id, "COMPLETED");
  expect((await look(url, own.key, id)).steps).toEqual({ a: "FAILED" });
  const query = `query { viewer { tasks(first: 1, filterBy: { states: [BLOCKED, PENDING, ASSIGNED, IN_PROGRESS] }) { nodes { id } } } }`;
  const { data } = await ask(url, query, {}, { "x-api-key": own.key });
  expect(data).toEqual({ viewer: { tasks: { nodes: [] } } });
});
