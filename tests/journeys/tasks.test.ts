import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newTask, newWorker, newWorkingBot, readTask, work, type Worker } from "../harness/work.ts";

let app: App;
let url: string;
let worker: Worker;

beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
  worker = await newWorker(url, ["summaries"]);
});
afterAll(() => app.stop());

const claimNext = (who: Worker, more: object = {}) =>
  work(url, who.key, "claimNextTask", { botId: who.botId, ...more });
const hold = (who: Worker, taskId: string, token: number) => ({ botId: who.botId, taskId, token });

test("a task goes from its creator to a bot and comes back with a result", async () => {
  const id = await newTask(url, worker.key, { payload: { text: "long" }, capabilities: ["summaries"] });
  const claimed = await claimNext(worker);
  expect(claimed.task).toMatchObject({ id, state: "ASSIGNED", attempt: 1, lease: { token: 1 } });
  const held = hold(worker, id, 1);
  expect((await work(url, worker.key, "startTask", held)).task.state).toBe("IN_PROGRESS");
  const beat = await mutate(url, worker.key, "heartbeatTask", { ...held, percent: 50, note: "half" }, "cancelled");
  expect(beat).toMatchObject({ __typename: "HeartbeatTaskSuccess", cancelled: false });
  const done = await work(url, worker.key, "completeTask", { ...held, result: { text: "short" } });
  expect(done.task).toMatchObject({ state: "COMPLETED", lease: null });
  expect(
    await readTask(url, worker.key, id, "result progressPercent progressNote bot { id } error { code } endedAt"),
  ).toEqual({
    result: { text: "short" },
    progressPercent: 50,
    progressNote: "half",
    bot: { id: worker.botId },
    error: null,
    endedAt: expect.any(String),
  });
});

test("the best priority comes first, then the oldest, and only what the bot can do", async () => {
  const own = await newWorker(url, ["b"]);
  const [old, , best] = [
    await newTask(url, own.key, { priority: 3 }),
    await newTask(url, own.key, { priority: 5, capabilities: ["a"] }),
    await newTask(url, own.key, { priority: 4, capabilities: ["b"] }),
  ];
  const young = await newTask(url, own.key, { priority: 3 });
  const order = [await claimNext(own), await claimNext(own), await claimNext(own)].map(({ task }) => task.id);
  expect(order).toEqual([best, old, young]);
  expect(await claimNext(own)).toMatchObject({ code: "NO_TASK" });
});

test("a claim may leave out what needs more", async () => {
  const own = await newWorker(url, ["a", "b"]);
  await newTask(url, own.key, { capabilities: ["a", "b"] });
  expect(await claimNext(own, { capabilities: ["a"] })).toMatchObject({ code: "NO_TASK" });
  expect(await claimNext(own)).toMatchObject({ __typename: "ClaimNextTaskSuccess" });
});

test("a hundred claims at once share no task", async () => {
  const own = await newWorker(url);
  const bots = [own.botId, ...(await Promise.all(Array.from({ length: 9 }, () => newWorkingBot(url, own.key))))];
  const made = await Promise.all(Array.from({ length: 60 }, () => newTask(url, own.key)));
  const claims = await Promise.all(
    Array.from({ length: 100 }, (_none, n) => claimNext({ ...own, botId: bots[n % 10] ?? "" }, { start: true })),
  );
  const got = claims.flatMap(({ task }) => (task ? [task.id] : []));
  expect(got.toSorted()).toEqual(made.toSorted());
  expect(new Set(claims.flatMap(({ code }) => (code ? [code] : [])))).toEqual(new Set(["NO_TASK"]));
});

describe("who may see and take a task", () => {
  test("a private one is its creator's and the creator's bots' alone", async () => {
    const stranger = await newWorker(url, ["summaries"]);
    const id = await newTask(url, worker.key);
    expect(await readTask(url, stranger.key, id, "id")).toBeNull();
    expect(await claimNext(stranger)).toMatchObject({ code: "NO_TASK" });
    const claim = { botId: stranger.botId, taskId: id };
    expect(await work(url, stranger.key, "claimTask", claim)).toMatchObject({ code: "NOT_FOUND" });
    expect(await work(url, stranger.key, "cancelTask", { taskId: id })).toMatchObject({ code: "NOT_FOUND" });
    expect(await work(url, worker.key, "cancelTask", { taskId: id })).toMatchObject({ task: { state: "CANCELLED" } });
  });

  test("a public one is on the board and for every bot, but its result is not for everybody", async () => {
    const [stranger, onlooker] = [await newWorker(url), await newWorker(url)];
    const id = await newTask(url, worker.key, { visibility: "PUBLIC", payload: { n: 1 }, priority: 5 });
    const board = await ask(url, "{ tasks(first: 1) { nodes { id payload } } }", {}, { "x-api-key": onlooker.key });
    expect(board.data).toMatchObject({ tasks: { nodes: [{ id, payload: { n: 1 } }] } });
    const { task } = await claimNext(stranger, { start: true });
    expect(task.id).toBe(id);
    await work(url, stranger.key, "completeTask", { ...hold(stranger, id, 1), result: "secret" });
    for (const key of [worker.key, stranger.key])
      expect(await readTask(url, key, id, "state result")).toEqual({ state: "COMPLETED", result: "secret" });
    expect(await readTask(url, onlooker.key, id, "state result")).toEqual({ state: "COMPLETED", result: null });
    expect(await work(url, onlooker.key, "cancelTask", { taskId: id })).toMatchObject({ code: "NOT_YOUR_TASK" });
  });

  test("nobody sees one without a key, and a key without WORK changes none", async () => {
    const id = await newTask(url, worker.key, { visibility: "PUBLIC", capabilities: ["nobody-can"] });
    const { data } = await ask(url, "query($id: ID!) { node(id: $id) { id } }", { id });
    expect(data).toEqual({ node: null });
    const { token } = await newPerson(url);
    const reader = await newKey(url, token, ["PLAY"]);
    expect(await work(url, reader, "createTask", { title: "x" })).toMatchObject({ code: "MISSING_SCOPE" });
    expect(await work(url, null, "createTask", { title: "x" })).toMatchObject({ code: "NOT_AUTHENTICATED" });
  });

  test("a bot without the capabilities is told which it lacks", async () => {
    const id = await newTask(url, worker.key, { capabilities: ["flying"] });
    const refused = await work(url, worker.key, "claimTask", { botId: worker.botId, taskId: id });
    expect(refused).toMatchObject({ code: "MISSING_CAPABILITIES", message: "The bot does not have flying." });
  });

  test("another's bot claims nothing for me", async () => {
    const other = await newWorker(url);
    expect(await claimNext({ ...worker, botId: other.botId })).toMatchObject({ code: "NOT_YOUR_BOT" });
  });
});

describe("what is refused", () => {
  test("a transition that does not exist names both states", async () => {
    const id = await newTask(url, worker.key, { capabilities: ["summaries"] });
    const claim = { botId: worker.botId, taskId: id };
    expect((await work(url, worker.key, "claimTask", claim)).task.state).toBe("ASSIGNED");
    const held = hold(worker, id, 1);
    expect(await work(url, worker.key, "completeTask", held)).toMatchObject({
      code: "INVALID_TRANSITION",
      message: "A task that is ASSIGNED cannot become COMPLETED like this.",
    });
    expect(await work(url, worker.key, "retryTask", { taskId: id })).toMatchObject({
      code: "INVALID_TRANSITION",
      message: "A task that is ASSIGNED cannot become PENDING like this.",
    });
    expect(await work(url, worker.key, "startTask", { ...held, token: 7 })).toMatchObject({
      code: "LEASE_LOST",
      path: ["input", "token"],
    });
  });

  test.each([
    ["a schema of another server", { payloadSchema: { $ref: "https://example.org/x" } }, "SCHEMA_NOT_TAKEN"],
    ["a schema with a pattern that is none", { payloadSchema: { pattern: "(" } }, "SCHEMA_NOT_TAKEN"],
    ["a pattern as large as a bomb", { payloadSchema: { pattern: "((a{50}){50})" } }, "SCHEMA_NOT_TAKEN"],
    ["a schema whose type is none", { resultSchema: { type: "nothing" } }, "SCHEMA_NOT_TAKEN"],
    ["a payload that does not fit", { payloadSchema: { type: "object" }, payload: 3 }, "PAYLOAD_MISFIT"],
    ["a title of nothing", { title: " " }, "BAD_INPUT"],
    ["NUL in the payload", { payload: { text: "a\u0000b" } }, "BAD_INPUT"],
    ["work laid on strangers", { visibility: "PUBLIC", assign: "AUTO" }, "AUTO_IS_NOT_PUBLIC"],
    ["a heartbeat in no time", { plan: { heartbeatMs: 1 } }, "BAD_INPUT"],
  ])("%s", async (_sentence, input, code) => {
    expect(await work(url, worker.key, "createTask", { title: "x", ...input })).toMatchObject({ code });
  });

  test("a result that does not fit, until it does", async () => {
    const resultSchema = { type: "object", required: ["n"], properties: { n: { type: "integer" } } };
    const own = await newWorker(url);
    const id = await newTask(url, own.key, { resultSchema });
    await claimNext(own, { start: true });
    const misfit = await work(url, own.key, "completeTask", { ...hold(own, id, 1), result: { n: "one" } });
    expect(misfit).toMatchObject({ code: "RESULT_MISFIT", message: "/n must be integer." });
    const fit = await work(url, own.key, "completeTask", { ...hold(own, id, 1), result: { n: 1 } });
    expect(fit.task.state).toBe("COMPLETED");
  });
});

test("a pattern that takes others for ever is looked at in no time", async () => {
  // V8 takes longer than the sun will shine.
  const payloadSchema = { type: "string", pattern: "^(a+)+$" };
  const payload = `${"a".repeat(40_000)}b`;
  expect(await work(url, worker.key, "createTask", { title: "x", payloadSchema, payload })).toMatchObject({
    code: "PAYLOAD_MISFIT",
  });
});

test("a failure that may be retried comes back after its pause; the last one is a dead letter, which a retry revives", async () => {
  const own = await newWorker(url);
  const id = await newTask(url, own.key, { plan: { maxAttempts: 2, backoffMs: 200 } });
  const failed = { code: "OUT_OF_QUOTA", message: "later", retryable: true };
  await claimNext(own, { start: true });
  const first = await work(url, own.key, "failTask", { ...hold(own, id, 1), ...failed });
  expect(first.task).toMatchObject({ state: "PENDING", attempt: 2 });
  const early = await work(url, own.key, "claimTask", { botId: own.botId, taskId: id });
  expect(early.code === undefined || early.code === "TASK_NOT_READY").toBe(true);
  await until(async () => early.task !== undefined || (await claimNext(own)).task?.id === id, "the second attempt");
  await work(url, own.key, "startTask", hold(own, id, 2));
  await work(url, own.key, "failTask", { ...hold(own, id, 2), ...failed });
  const dead = await ask(
    url,
    "{ viewer { tasks(first: 5, filterBy: { failure: ATTEMPTS_EXHAUSTED }) { nodes { id state error { code message } } } } }",
    {},
    { "x-api-key": own.key },
  );
  expect(dead.data).toEqual({
    viewer: { tasks: { nodes: [{ id, state: "FAILED", error: { code: "OUT_OF_QUOTA", message: "later" } }] } },
  });
  const again = await work(url, own.key, "retryTask", { taskId: id });
  expect(again.task).toMatchObject({ state: "PENDING", attempt: 1 });
  expect(await readTask(url, own.key, id, "failure error { code }")).toEqual({ failure: null, error: null });
  expect((await claimNext(own)).task).toMatchObject({ id, lease: { token: 3 } });
});

test("a cancelled task's worker hears of it, and what it hands in changes nothing", async () => {
  const own = await newWorker(url);
  const id = await newTask(url, own.key);
  await claimNext(own, { start: true });
  await work(url, own.key, "cancelTask", { taskId: id });
  const beat = await mutate(url, own.key, "heartbeatTask", hold(own, id, 1), "cancelled task { state }");
  expect(beat).toMatchObject({ cancelled: true, task: { state: "CANCELLED" } });
  expect(await work(url, own.key, "completeTask", hold(own, id, 1))).toMatchObject({ code: "INVALID_TRANSITION" });
});

test("a claim under a key is made once", async () => {
  const own = await newWorker(url);
  await Promise.all([newTask(url, own.key), newTask(url, own.key)]);
  const twins = await Promise.all([1, 2, 3].map(() => claimNext(own, { idempotencyKey: "once" })));
  expect(new Set(twins.map(({ task }) => task.id)).size).toBe(1);
  expect((await claimNext(own)).task.id).not.toBe(twins[0]?.task.id);
});

test.each([
  ["completeTask", { result: 1 }, "COMPLETED"],
  ["failTask", { code: "X", message: "no", retryable: false }, "FAILED"],
  ["releaseTask", {}, "PENDING"],
  ["startTask", {}, "IN_PROGRESS"],
])("%s under a key is done once, and its twins hear the same", async (field, more, state) => {
  const own = await newWorker(url);
  const id = await newTask(url, own.key);
  await claimNext(own, { start: ["completeTask", "failTask"].includes(field) });
  const input = { ...hold(own, id, 1), ...more, idempotencyKey: "twins" };
  const twins = await Promise.all([1, 2, 3].map(() => work(url, own.key, field, input)));
  expect(twins.map(({ task }) => task.state)).toEqual([state, state, state]);
  const { rows } = await app.platform.db.pool.query<{ events: number }>(
    "SELECT count(*)::int AS events FROM stream_event WHERE stream = 'task:' || $1::uuid",
    [id.slice(-32)],
  );
  // Made, claimed, perhaps begun, and this.
  expect(rows[0]?.events).toBe(["completeTask", "failTask"].includes(field) ? 4 : 3);
});

test("what is given back before it was begun is not counted as an attempt", async () => {
  const own = await newWorker(url);
  const id = await newTask(url, own.key, { plan: { backoffMs: 0 } });
  await claimNext(own);
  const back = await work(url, own.key, "releaseTask", hold(own, id, 1));
  expect(back.task).toMatchObject({ state: "PENDING", attempt: 1, lease: null });
  expect((await claimNext(own)).task).toMatchObject({ id, lease: { token: 2 } });
});

test("an archived bot's tasks go back to the queue", async () => {
  const own = await newWorker(url);
  const second = await newWorkingBot(url, own.key);
  const id = await newTask(url, own.key, { plan: { backoffMs: 0 } });
  await claimNext({ ...own, botId: second }, { start: true });
  await mutate(url, own.key, "archiveBot", { botId: second });
  expect(await readTask(url, own.key, id, "state attempt bot { id }")).toEqual({
    state: "PENDING",
    attempt: 2,
    bot: null,
  });
});

describe("a task that waits for others", () => {
  test("begins when the last of them is done, and its worker reads their results", async () => {
    const own = await newWorker(url);
    const inputs = [await newTask(url, own.key, { priority: 5 }), await newTask(url, own.key, { priority: 5 })];
    const id = await newTask(url, own.key, { dependsOn: inputs });
    expect(await readTask(url, own.key, id, "state")).toEqual({ state: "BLOCKED" });
    const claims = [await claimNext(own, { start: true }), await claimNext(own, { start: true })];
    expect(await claimNext(own)).toMatchObject({ code: "NO_TASK" });
    // Both at the same instant: one of them is the last.
    await Promise.all(
      claims.map(({ task }, n) => work(url, own.key, "completeTask", { ...hold(own, task.id, 1), result: n })),
    );
    expect((await claimNext(own)).task).toMatchObject({ id, state: "ASSIGNED" });
    const read = await readTask<{ inputs: { task: { result: number } }[] }>(
      url,
      own.key,
      id,
      "inputs { task { result } }",
    );
    expect(read?.inputs.map(({ task }) => task.result).toSorted()).toEqual([0, 1]);
  });

  test("waits for a person's yes, which is not a bot's to say", async () => {
    const own = await newWorker(url);
    const asked = await newTask(url, own.key, { approval: true });
    const id = await newTask(url, own.key, { dependsOn: [asked] });
    expect(await claimNext(own)).toMatchObject({ code: "NO_TASK" });
    const claim = { botId: own.botId, taskId: asked };
    expect(await work(url, own.key, "claimTask", claim)).toMatchObject({
      message: "A task that is AWAITING_APPROVAL cannot become ASSIGNED like this.",
    });
    const no = await work(url, own.key, "rejectTask", { taskId: asked, reason: "too dear" });
    expect(no.task.state).toBe("FAILED");
    expect(await readTask(url, own.key, asked, "failure error { code message }")).toEqual({
      failure: "REJECTED",
      error: { code: "REJECTED", message: "too dear" },
    });
    expect(await readTask(url, own.key, id, "state")).toEqual({ state: "BLOCKED" });
    expect((await work(url, own.key, "retryTask", { taskId: asked })).task.state).toBe("AWAITING_APPROVAL");
    expect((await work(url, own.key, "approveTask", { taskId: asked })).task.state).toBe("COMPLETED");
    expect((await claimNext(own)).task.id).toBe(id);
  });

  test("waits for nothing that is another's, is gone, or never was", async () => {
    const [own, other] = [await newWorker(url), await newWorker(url)];
    const theirs = await newTask(url, other.key, { visibility: "PUBLIC", capabilities: ["nobody-can"] });
    const gone = await newTask(url, own.key);
    await work(url, own.key, "cancelTask", { taskId: gone });
    const make = (dependsOn: string[]) => work(url, own.key, "createTask", { title: "x", dependsOn });
    expect(await make([theirs])).toMatchObject({ code: "INPUT_NOT_FOUND", path: ["input", "dependsOn"] });
    expect(await make([gone])).toMatchObject({ code: "INPUT_CANCELLED" });
    const done = await newTask(url, own.key);
    await claimNext(own, { start: true });
    await work(url, own.key, "completeTask", hold(own, done, 1));
    expect((await make([done])).task.state).toBe("PENDING");
  });
});
