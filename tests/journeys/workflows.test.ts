import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newWorker, work, type Worker } from "../harness/work.ts";
import { approvals, become, claim, define, doTasks, look, run } from "../harness/workflows.ts";

let app: App;
let url: string;

beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const LINE = [
  { key: "a", input: { text: "/input/text" } },
  { key: "b", input: { of: "/steps/a/n" } },
  { key: "c", after: ["b"] },
];
const move = (key: string, field: string, workflowId: string) =>
  mutate(url, key, field, { workflowId }, "workflow { state }") as Promise<Record<string, unknown>>;

describe("a run", () => {
  test("goes step by step, and each step reads what the ones before it gave", async () => {
    const own = await newWorker(url, ["reading"]);
    const steps = [{ ...LINE[0], capabilities: ["reading"] }, LINE[1], LINE[2]] as typeof LINE;
    const id = await run(url, own.key, steps, { input: { text: "four" } });
    const payloads: unknown[] = [];
    const titles = await doTasks(url, own, 3, ({ payload }) => {
      payloads.push(payload);
      return { n: 4 };
    });
    expect(titles).toEqual(["a", "b", "c"]);
    expect(payloads).toEqual([{ text: "four" }, { of: 4 }, {}]);
    expect(await become(url, own.key, id, "COMPLETED")).toEqual({
      state: "COMPLETED",
      failure: null,
      steps: { a: "COMPLETED", b: "COMPLETED", c: "COMPLETED" },
    });
  });

  test("fans out over a list, and what comes after reads the results in the list's order", async () => {
    const own = await newWorker(url);
    const steps = [
      { key: "each", forEach: "/input/words", input: { word: "/item", at: "/index" } },
      { key: "all", input: { lengths: "/steps/each" } },
    ];
    const id = await run(url, own.key, steps, { input: { words: ["a", "bbb", "cc"] } });
    let joined: unknown;
    await doTasks(url, own, 4, ({ payload, stepKey }) => {
      if (stepKey === "all") joined = payload["lengths"];
      return String(payload["word"] ?? "").length;
    });
    await become(url, own.key, id, "COMPLETED");
    expect(joined).toEqual([1, 3, 2]);
  });

  test("skips what its condition rules out, and goes on with null", async () => {
    const own = await newWorker(url);
    const steps = [
      { key: "urgent", when: { at: "/input/urgent", is: "EQUALS", value: true } },
      { key: "last", input: { urgent: "/steps/urgent" } },
    ];
    const id = await run(url, own.key, steps, { input: { urgent: false } });
    expect(
      await doTasks(url, own, 1, ({ payload }) => {
        expect(payload).toEqual({ urgent: null });
      }),
    ).toEqual(["last"]);
    expect((await become(url, own.key, id, "COMPLETED")).steps).toEqual({ urgent: "SKIPPED", last: "COMPLETED" });
  });

  test("tries a step again, and what failed before is no matter", async () => {
    const own = await newWorker(url);
    const id = await run(url, own.key, [{ key: "a", plan: { maxAttempts: 2, backoffMs: 0 } }]);
    const first = await until(() => claim(url, own), "the first attempt");
    const held = { botId: own.botId, taskId: first.id, token: first.token };
    await work(url, own.key, "failTask", { ...held, code: "LATER", message: "later", retryable: true });
    await doTasks(url, own, 1, ({ attempt }) => {
      expect(attempt).toBe(2);
    });
    await become(url, own.key, id, "COMPLETED");
  });

  test("waits for a person, whose inbox shows what it is about", async () => {
    const own = await newWorker(url);
    const steps = [
      { key: "write" },
      { key: "check", title: "Publish?", approval: true, input: { text: "/steps/write/text" } },
      { key: "publish", after: ["check"] },
    ];
    const id = await run(url, own.key, steps);
    await doTasks(url, own, 1, () => ({ text: "draft" }));
    const [asked] = await until(async () => {
      const found = await approvals(url, own.key);
      return found.length > 0 && found;
    }, "the question");
    expect(asked).toMatchObject({ title: "Publish?", payload: { text: "draft" } });
    expect((await look(url, own.key, id)).steps).toEqual({ write: "COMPLETED", check: "RUNNING", publish: "WAITING" });
    await work(url, own.key, "approveTask", { taskId: asked?.id });
    await doTasks(url, own, 1);
    await become(url, own.key, id, "COMPLETED");
    expect(await approvals(url, own.key)).toEqual([]);
  });

  test("is undone, the last step first, by tasks that are told what was done", async () => {
    const own = await newWorker(url);
    const undo = (title: string) => ({ compensation: { title } });
    const steps = [
      { key: "book", ...undo("cancel"), input: { room: "/input" } },
      { key: "pay", after: ["book"], ...undo("refund") },
      { key: "ship", after: ["pay"], ...undo("never") },
    ];
    const id = await run(url, own.key, steps, { onFailure: "COMPENSATE", input: 7 });
    const seen: unknown[] = [];
    const titles = await doTasks(url, own, 5, ({ title, payload }) => {
      if (title === "ship") throw new Error("out of stock");
      if (title === "cancel" || title === "refund") seen.push(payload);
      return { did: title };
    });
    expect(titles).toEqual(["book", "pay", "ship", "refund", "cancel"]);
    expect(seen).toEqual([
      { input: {}, output: { did: "pay" } },
      { input: { room: 7 }, output: { did: "book" } },
    ]);
    expect(await become(url, own.key, id, "COMPENSATED")).toEqual({
      state: "COMPENSATED",
      failure: "STEP_FAILED",
      steps: { book: "COMPENSATED", pay: "COMPENSATED", ship: "FAILED" },
    });
  });

  test.each([
    ["STOP", { a: "FAILED", b: "UNREACHED", c: "CANCELLED" }],
    ["CONTINUE", { a: "FAILED", b: "UNREACHED", c: "COMPLETED" }],
  ])("under %s fails with its step", async (onFailure, steps) => {
    const own = await newWorker(url);
    const id = await run(url, own.key, [{ key: "a" }, { key: "b", after: ["a"] }, { key: "c" }], { onFailure });
    const refuse = () => {
      throw new Error("no");
    };
    await doTasks(url, own, 1, refuse);
    if (onFailure === "CONTINUE") await doTasks(url, own, 1);
    expect(await become(url, own.key, id, "FAILED")).toEqual({ state: "FAILED", failure: "STEP_FAILED", steps });
    // What was called off is nobody's work any more.
    await until(async () => (await claim(url, own)) === null, "the end of all work");
  });

  test("holds while it is paused, and ends when it is cancelled", async () => {
    const own = await newWorker(url);
    const id = await run(url, own.key, LINE, { input: {} });
    await until(async () => (await look(url, own.key, id)).steps["a"] === "RUNNING", "the first step");
    expect(await move(own.key, "pauseWorkflow", id)).toMatchObject({ workflow: { state: "PAUSED" } });
    await doTasks(url, own, 1);
    await until(async () => (await look(url, own.key, id)).steps["a"] === "COMPLETED", "its end");
    expect(await claim(url, own)).toBeNull();
    expect(await move(own.key, "pauseWorkflow", id)).toMatchObject({
      code: "INVALID_TRANSITION",
      message: "A workflow that is PAUSED cannot become PAUSED like this.",
    });
    await move(own.key, "resumeWorkflow", id);
    const task = await until(() => claim(url, own), "the second step");
    expect(await move(own.key, "cancelWorkflow", id)).toMatchObject({ workflow: { state: "CANCELLED" } });
    const held = { botId: own.botId, taskId: task.id, token: task.token };
    await until(async () => {
      const beat = await mutate(url, own.key, "heartbeatTask", held, "cancelled");
      return (beat["cancelled"] as unknown) === true;
    }, "the worker's hearing of it");
    expect(await work(url, own.key, "completeTask", held)).toMatchObject({ code: "INVALID_TRANSITION" });
    expect((await look(url, own.key, id)).steps).toEqual({ a: "COMPLETED", b: "CANCELLED", c: "UNREACHED" });
  });

  test("fails where a list is none, and says why", async () => {
    const own = await newWorker(url);
    const id = await run(url, own.key, [{ key: "a", forEach: "/input/absent" }], { input: {} });
    await become(url, own.key, id, "FAILED");
    const query = `query($id: ID!) { workflow(id: $id) { steps(first: 1) { nodes { failure total } } } }`;
    const { data } = await ask(url, query, { id }, { "x-api-key": own.key });
    expect(data).toEqual({ workflow: { steps: { nodes: [{ failure: "NOT_A_LIST", total: 0 }] } } });
  });
});

/** The cursor before a stream's first event. */
async function beginningOf(key: string, id: string): Promise<string> {
  const query = "query($id: ID!) { workflow(id: $id) { cursor } }";
  const { data } = await ask(url, query, { id }, { "x-api-key": key });
  const { cursor } = (data as unknown as { workflow: { cursor: string } }).workflow;
  const [epoch, , stream] = Buffer.from(cursor, "base64url").toString().split(" ");
  return Buffer.from(`${epoch} 0 ${stream}`).toString("base64url");
}

test("a run's stream tells everything in order, also afterwards", async () => {
  const own = await newWorker(url);
  const id = await run(url, own.key, [{ key: "a" }]);
  await doTasks(url, own, 1);
  await become(url, own.key, id, "COMPLETED");
  const client = socket(url, own.key);
  type Item = { workflowEvents: { event: { __typename: string; stepState?: string; runState?: string } } };
  const query = `subscription($id: ID!, $after: Cursor) { workflowEvents(id: $id, after: $after) { event { __typename ... on WorkflowStepChanged { stepState: state } ... on WorkflowStateChanged { runState: state } } } }`;
  const variables = { id, after: await beginningOf(own.key, id) };
  const told: string[] = [];
  for await (const { data } of client.iterate<Item>({ query, variables })) {
    const { __typename: name, stepState, runState } = data?.workflowEvents.event ?? { __typename: "" };
    told.push([name.replace("Workflow", ""), stepState ?? runState ?? ""].join(" ").trim());
    if (runState === "COMPLETED") break;
  }
  await client.dispose();
  expect(told).toEqual([
    "Created",
    "StateChanged RUNNING",
    "StepChanged RUNNING",
    "StepChanged COMPLETED",
    "StateChanged COMPLETED",
  ]);
});

describe("what is refused", () => {
  let own: Worker;
  beforeAll(async () => {
    own = await newWorker(url, ["known"]);
  });

  test.each([
    [
      "a cycle, by name",
      [
        { key: "a", after: ["b"] },
        { key: "b", after: ["a"] },
      ],
      "WORKFLOW_CYCLE",
      ["steps"],
      "Steps wait for each other: a → b → a.",
    ],
    [
      "a capability that no bot has",
      [{ key: "a", capabilities: ["unknown"] }],
      "UNKNOWN_CAPABILITY",
      ["steps", "0", "capabilities"],
      "No bot that could do a has unknown.",
    ],
    [
      "an output that there is not",
      [{ key: "a", input: { x: "/steps/b" } }],
      "UNKNOWN_INPUT",
      ["steps", "0", "input"],
      "a needs b, which is no step.",
    ],
    [
      "a pointer at nothing",
      [{ key: "a", input: { x: "/nowhere" } }],
      "BAD_POINTER",
      ["steps", "0", "input"],
      undefined,
    ],
    [
      "two steps of one key",
      [{ key: "a" }, { key: "a" }],
      "DUPLICATE_STEP",
      ["steps", "1", "key"],
      "Two steps are called a.",
    ],
    ["an input that is a list", [{ key: "a", input: ["/input"] }], "BAD_INPUT", ["steps", "0", "input"], undefined],
    ["a title of nothing", [{ key: "a", title: " " }], "BAD_INPUT", ["steps", "0", "title"], undefined],
    [
      "a title of nothing for what undoes",
      [{ key: "a", compensation: { title: "" } }],
      "BAD_INPUT",
      ["steps", "0", "compensation", "title"],
      undefined,
    ],
    [
      "a schema that is none",
      [{ key: "a", resultSchema: { type: "nothing" } }],
      "SCHEMA_NOT_TAKEN",
      ["steps", "0", "resultSchema"],
      undefined,
    ],
    [
      "time-outs out of their limits",
      [{ key: "a", plan: { maxAttempts: 99 } }],
      "BAD_INPUT",
      ["steps", "0", "plan", "maxAttempts"],
      undefined,
    ],
  ])("%s", async (_sentence, steps, code, path, message) => {
    const refused = await define(url, own.key, steps);
    expect(refused).toMatchObject({ code, path: ["input", ...path], ...(message && { message }) });
    const checked = await define(url, own.key, steps, { checkOnly: true });
    expect(checked).toMatchObject({ code });
  });

  test("an input that does not fit its schema, before anything is made", async () => {
    const inputSchema = { type: "object", required: ["n"] };
    const { definition } = await define(url, own.key, [{ key: "a" }], { name: "schema", inputSchema });
    const input = { definitionId: definition?.id, input: {} };
    expect(await mutate(url, own.key, "startWorkflow", input)).toMatchObject({ code: "INPUT_MISFIT" });
    const { data } = await ask(url, "{ workflows(first: 1) { nodes { id } } }", {}, { "x-api-key": own.key });
    expect(data).toEqual({ workflows: { nodes: [] } });
  });

  test("a workflow's dead task is not revived by hand", async () => {
    const id = await run(url, own.key, [{ key: "a" }], { name: "dead" });
    await doTasks(url, own, 1, () => {
      throw new Error("no");
    });
    await become(url, own.key, id, "FAILED");
    const failed = `{ viewer { tasks(first: 1, filterBy: { states: [FAILED] }) { nodes { id workflow { id } } } } }`;
    const { data } = await ask(url, failed, {}, { "x-api-key": own.key });
    const [task] = (data as unknown as { viewer: { tasks: { nodes: { id: string }[] } } }).viewer.tasks.nodes;
    expect(task).toMatchObject({ workflow: { id } });
    expect(await work(url, own.key, "retryTask", { taskId: task?.id })).toMatchObject({ code: "TASK_OF_WORKFLOW" });
  });

  test("others' runs, and every key without WORK", async () => {
    const id = await run(url, own.key, [{ key: "a" }], { name: "mine" });
    const stranger = await newWorker(url);
    expect(await move(stranger.key, "cancelWorkflow", id)).toMatchObject({ code: "NOT_FOUND" });
    const { data } = await ask(
      url,
      "query($id: ID!) { workflow(id: $id) { id } node(id: $id) { id } }",
      { id },
      { "x-api-key": stranger.key },
    );
    expect(data).toEqual({ workflow: null, node: null });
    const { token } = await newPerson(url);
    const reader = await newKey(url, token, ["PLAY"]);
    expect(await define(url, reader, [{ key: "a" }])).toMatchObject({ code: "MISSING_SCOPE" });
  });
});

test("a definition anew is the next version, the same one is itself, and a check writes nothing", async () => {
  const own = await newWorker(url);
  const first = await define(url, own.key, [{ key: "a" }]);
  expect(first.definition?.version).toBe(1);
  expect((await define(url, own.key, [{ key: "a" }])).definition).toEqual(first.definition);
  expect(await define(url, own.key, [{ key: "b" }], { checkOnly: true })).toMatchObject({ definition: null });
  const twins = await Promise.all([1, 2, 3, 4].map((n) => define(url, own.key, [{ key: `b${n}` }])));
  expect(new Set(twins.map(({ definition }) => definition?.version))).toEqual(new Set([2, 3, 4, 5]));
});

test("a start under a key is one run, and a run goes on by the version that it was started with", async () => {
  const own = await newWorker(url);
  const { definition } = await define(url, own.key, [{ key: "old" }]);
  const input = { definitionId: definition?.id, idempotencyKey: "once" };
  const begin = () => mutate(url, own.key, "startWorkflow", input, "workflow { id }");
  const twins = await Promise.all([begin(), begin(), begin()]);
  expect(new Set(twins.map(({ workflow }) => (workflow as unknown as { id: string }).id)).size).toBe(1);
  await define(url, own.key, [{ key: "new" }]);
  expect(await doTasks(url, own, 1)).toEqual(["old"]);
});

test("a team's run is its bots' work, its members see it, and who leads it decides", async () => {
  const [lead, member] = [await newWorker(url, ["teamwork"]), await newWorker(url)];
  const team = await teamOf(lead, member);
  await mutate(url, lead.key, "addTeamBot", { teamId: team, botId: lead.botId });
  const steps = [
    { key: "do", capabilities: ["teamwork"] },
    { key: "check", approval: true, after: ["do"] },
  ];
  const id = await run(url, member.key, steps, { teamId: team });
  await doTasks(url, lead, 1);
  const [asked] = await until(async () => {
    const found = await approvals(url, lead.key);
    return found.length > 0 && found;
  }, "the question to who leads");
  expect((await look(url, lead.key, id)).steps).toEqual({ do: "COMPLETED", check: "RUNNING" });
  await work(url, lead.key, "rejectTask", { taskId: asked?.id, reason: "not like this" });
  await become(url, member.key, id, "FAILED");
  const other = await run(url, lead.key, steps, { teamId: team });
  expect(await move(member.key, "cancelWorkflow", other)).toMatchObject({ code: "NOT_YOUR_WORKFLOW" });
  expect(await move(lead.key, "cancelWorkflow", other)).toMatchObject({ workflow: { state: "CANCELLED" } });
});

/** A team that the first founded and the second joined. */
async function teamOf(lead: Worker, member: Worker): Promise<string> {
  const change = async (token: string, field: string, input: object, selection: string) => {
    const type = field.charAt(0).toUpperCase() + field.slice(1);
    const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Success { ${selection} } ... on Refusal { code } } }`;
    const { data } = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
    return (data as unknown as Record<string, { team: { id: string }; invitation: { id: string } }>)[field];
  };
  const { data } = await ask(url, "{ viewer { user { handle } } }", {}, { authorization: `Bearer ${member.token}` });
  const { handle } = (data as unknown as { viewer: { user: { handle: string } } }).viewer.user;
  const made = await change(lead.token, "foundTeam", { name: `Flow ${process.pid}` }, "team { id }");
  const teamId = made?.team.id ?? "";
  const invited = await change(lead.token, "inviteToTeam", { teamId, handle }, "invitation { id }");
  await change(member.token, "acceptTeamInvitation", { invitationId: invited?.invitation.id }, "team { id }");
  return teamId;
}
