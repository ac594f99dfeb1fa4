import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTeam, takeOut } from "../harness/teams.ts";
import { newTask, newWorker, readTask, work, type Worker } from "../harness/work.ts";
import { become, define, run, start } from "../harness/workflows.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

/** A team of two, with the mate's bot in it. */
async function pair(): Promise<{ owner: Worker; mate: Worker; teamId: string }> {
  const [owner, mate] = [await newWorker(url), await newWorker(url)];
  const teamId = await newTeam(url, owner, mate);
  await mutate(url, mate.key, "addTeamBot", { teamId, botId: mate.botId });
  return { owner, mate, teamId };
}
const hold = ({ botId }: Worker, taskId: string, token: number) => ({ botId, taskId, token });

describe("what a bot holds of a team's goes back, and does not come to it again, when", () => {
  test.each<[string, (of: Awaited<ReturnType<typeof pair>>) => Promise<unknown>]>([
    ["its owner is taken out", ({ owner, mate, teamId }) => takeOut(url, owner, teamId, mate)],
    ["its owner leaves", ({ mate, teamId }) => takeOut(url, mate, teamId, mate)],
    [
      "it is taken out",
      ({ owner, mate: { botId }, teamId }) => mutate(url, owner.key, "removeTeamBot", { teamId, botId }),
    ],
  ])("%s", async (_sentence, part) => {
    const team = await pair();
    const { owner, mate, teamId } = team;
    const plan = { backoffMs: 0 };
    const [held, given] = [
      await newTask(url, owner.key, { teamId, plan }),
      await newTask(url, owner.key, { teamId, plan }),
    ];
    const own = await newTask(url, mate.key);
    for (const taskId of [held, given, own]) await work(url, mate.key, "claimTask", { botId: mate.botId, taskId });
    await work(url, mate.key, "releaseTask", hold(mate, given, 1));
    await part(team);
    expect(await readTask(url, owner.key, held, "state attempt bot { id }")).toEqual({
      state: "PENDING",
      attempt: 2,
      bot: null,
    });
    expect((await work(url, mate.key, "startTask", hold(mate, held, 1))).code).toBe("LEASE_LOST");
    for (const taskId of [held, given])
      expect((await work(url, mate.key, "claimTask", { botId: mate.botId, taskId })).code).toBe("NOT_FOUND");
    expect((await work(url, mate.key, "startTask", hold(mate, own, 1))).task.state).toBe("IN_PROGRESS");
  });
});

/** Whether a subscription has ended without an error, and how much it told. */
function follow(key: string, query: string, variables: Record<string, unknown>) {
  const client = socket(url, key);
  const seen = { told: 0, ended: false };
  const listening = (async () => {
    for await (const { data } of client.iterate({ query, variables })) if (data) seen.told++;
    seen.ended = true;
  })();
  return { seen, leave: async () => (await client.dispose(), await listening.catch(() => undefined)) };
}

const TASK_EVENTS = "subscription($id: ID!, $after: Cursor) { taskEvents(taskId: $id, after: $after) { cursor } }";
const RUN_EVENTS = "subscription($id: ID!, $after: Cursor) { workflowEvents(id: $id, after: $after) { cursor } }";

test("who is taken out of a team hears no more of its tasks and runs; who stays does", async () => {
  const { owner, mate, teamId } = await pair();
  const id = await newTask(url, owner.key, { teamId });
  const runId = await run(url, owner.key, [{ key: "ask", approval: true }], { teamId });
  await become(url, owner.key, runId, "RUNNING");
  const { data } = await ask(
    url,
    "query($id: ID!, $runId: ID!) { task(id: $id) { cursor } workflow(id: $runId) { cursor } }",
    { id, runId },
    { "x-api-key": owner.key },
  );
  const cursors = data as unknown as { task: { cursor: string }; workflow: { cursor: string } };
  const ofTask = { id, after: cursors.task.cursor };
  const [task, steps, ours] = [
    follow(mate.key, TASK_EVENTS, ofTask),
    follow(mate.key, RUN_EVENTS, { id: runId, after: cursors.workflow.cursor }),
    follow(owner.key, TASK_EVENTS, ofTask),
  ];
  await mutate(url, mate.key, "claimTask", { botId: mate.botId, taskId: id });
  await mutate(url, owner.key, "pauseWorkflow", { workflowId: runId });
  await expect.poll(() => [task.seen.told, steps.seen.told, ours.seen.told]).toEqual([1, 1, 1]);
  await takeOut(url, owner, teamId, mate);
  await expect.poll(() => [task.seen.ended, steps.seen.ended]).toEqual([true, true]);
  await work(url, owner.key, "cancelTask", { taskId: id });
  // Claimed, given back, cancelled.
  await expect.poll(() => ours.seen.told).toBe(3);
  expect(ours.seen.ended).toBe(false);
  expect(task.seen.told).toBeLessThanOrEqual(2);
  for (const each of [task, steps, ours]) await each.leave();
});

describe("who made a team's work and left", () => {
  test("neither sees it, ends it nor lets anything wait for it", async () => {
    const { owner, mate, teamId } = await pair();
    const steps = [{ key: "ask", approval: true }];
    const { definition } = await define(url, mate.key, steps, { teamId });
    const runId = await start(url, mate.key, definition?.id ?? "");
    const id = await newTask(url, mate.key, { teamId, approval: true });
    const own = await newTask(url, mate.key);
    await takeOut(url, owner, teamId, mate);

    expect(await readTask(url, mate.key, id, "id")).toBeNull();
    for (const field of ["cancelTask", "approveTask", "retryTask"])
      expect((await work(url, mate.key, field, { taskId: id })).code).toBe("NOT_FOUND");
    for (const field of ["pauseWorkflow", "cancelWorkflow"])
      expect((await mutate(url, mate.key, field, { workflowId: runId }))["code"]).toBe("NOT_FOUND");
    const waits = await work(url, mate.key, "createTask", { title: "x", dependsOn: [id] });
    expect(waits.code).toBe("INPUT_NOT_FOUND");
    const lists = `query($id: ID!) { workflow(id: $id) { id } workflows(first: 5) { nodes { id } } workflowDefinitions(first: 5) { nodes { id } }
      viewer { tasks(first: 5) { nodes { id } } approvals(first: 5) { nodes { id } } } }`;
    const { data } = await ask(url, lists, { id: runId }, { "x-api-key": mate.key });
    expect(data).toEqual({
      workflow: null,
      workflows: { nodes: [] },
      workflowDefinitions: { nodes: [] },
      viewer: { tasks: { nodes: [{ id: own }] }, approvals: { nodes: [] } },
    });
    expect((await work(url, owner.key, "approveTask", { taskId: id })).task.state).toBe("COMPLETED");
    expect((await mutate(url, owner.key, "cancelWorkflow", { workflowId: runId }))["__typename"]).toBe(
      "CancelWorkflowSuccess",
    );
  });

  test("reads the task that the own bot did, and not the run that it was a step of", async () => {
    const { owner, mate, teamId } = await pair();
    const runId = await run(url, owner.key, [{ key: "do" }], { teamId, input: { secret: "the team's" } });
    await expect
      .poll(async () => (await work(url, mate.key, "claimNextTask", { botId: mate.botId, start: true })).task?.state)
      .toBe("IN_PROGRESS");
    const { data } = await ask(
      url,
      "query($id: ID!) { workflow(id: $id) { steps(first: 1) { nodes { tasks(first: 1) { nodes { id } } } } } }",
      { id: runId },
      { "x-api-key": owner.key },
    );
    type Steps = { workflow: { steps: { nodes: { tasks: { nodes: { id: string }[] } }[] } } };
    const id = (data as unknown as Steps).workflow.steps.nodes[0]?.tasks.nodes[0]?.id ?? "";
    await work(url, mate.key, "completeTask", { ...hold(mate, id, 1), result: 7 });
    const fields = "result workflow { id input }";
    expect(await readTask(url, mate.key, id, fields)).toMatchObject({ result: 7, workflow: { id: runId } });
    await takeOut(url, owner, teamId, mate);
    expect(await readTask(url, mate.key, id, fields)).toEqual({ result: 7, workflow: null });
    expect(await readTask(url, owner.key, id, fields)).toMatchObject({ workflow: { id: runId } });
  });
});

test.each<[string, (who: Worker) => Promise<unknown>]>([
  ["archived", ({ key, botId }) => mutate(url, key, "archiveBot", { botId })],
  [
    "suspended",
    ({ botId }) =>
      app.platform.db.pool.query("UPDATE bot SET suspended_at = now() WHERE id = $1::uuid", [botId.slice(-32)]),
  ],
])("offers end when their bot is %s, which is seen no more", async (_sentence, bar) => {
  const own = await newWorker(url);
  const offers = follow(own.key, "subscription($id: ID!) { taskOffers(botId: $id) { claimable { id } } }", {
    id: own.botId,
  });
  await newTask(url, own.key);
  await expect.poll(() => offers.seen.told).toBe(1);
  await bar(own);
  await newTask(url, own.key);
  await expect.poll(() => offers.seen.ended, { timeout: 5_000 }).toBe(true);
  expect(offers.seen.told).toBe(1);
  await offers.leave();
});

test("who is taken out of a team does not see its work again by repeating what made it", async () => {
  const { owner, mate, teamId } = await pair();
  const repeat = (field: string, input: object, selection: string) => () =>
    mutate(url, mate.key, field, { ...input, idempotencyKey: field }, selection) as Promise<Record<string, unknown>>;
  const createTask = repeat(
    "createTask",
    { title: "secret", teamId, approval: true },
    "task { id title error { message } }",
  );
  const steps = [{ key: "a", title: "a" }];
  const defineWorkflow = repeat("defineWorkflow", { name: "secret", teamId, steps }, "definition { id name }");
  const { task } = (await createTask()) as { task: { id: string } };
  const { definition } = (await defineWorkflow()) as { definition: { id: string } };
  const startWorkflow = repeat(
    "startWorkflow",
    { definitionId: definition.id, input: "secret" },
    "workflow { id input }",
  );
  const { workflow } = (await startWorkflow()) as { workflow: { id: string } };
  const pauseWorkflow = repeat("pauseWorkflow", { workflowId: workflow.id }, "workflow { id input }");
  const all = [createTask, defineWorkflow, startWorkflow, pauseWorkflow];
  for (const again of all) expect(await again()).not.toHaveProperty("code");
  await work(url, owner.key, "rejectTask", { taskId: task.id, reason: "a secret between us" });
  expect(await createTask()).toMatchObject({ task: { title: "secret", error: { message: "a secret between us" } } });
  await takeOut(url, owner, teamId, mate);
  for (const again of all) {
    const told = await again();
    expect(told).toMatchObject({ code: "ALREADY_DONE" });
    expect(JSON.stringify(told)).not.toContain("secret between");
  }
});
