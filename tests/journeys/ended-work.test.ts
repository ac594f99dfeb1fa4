import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { change, newTeam, personOf } from "../harness/teams.ts";
import { newTask, newWorker, readTask, work, type Worker } from "../harness/work.ts";
import { become, run } from "../harness/workflows.ts";
import { newOperator } from "../harness/xp.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const stateOf = async ({ key }: Worker, id: string) =>
  (await readTask<{ state: string }>(url, key, id, "state"))?.state ?? null;
/** What the database has, for what nobody may see any more. */
const stored = async (table: "task" | "workflow" | "team", id: string, column: string) => {
  const { rows } = await app.platform.db.pool.query<{ value: unknown }>(
    `SELECT ${column} AS value FROM ${table} WHERE id = $1::uuid`,
    [id.slice(-32)],
  );
  return rows[0]?.value;
};
const teamsOf = async ({ token }: Worker) => {
  const query = "{ viewer { teams(first: 30) { nodes { role team { id } } } } }";
  const { data } = await ask(url, query, {}, { authorization: `Bearer ${token}` });
  type Teams = { viewer: { teams: { nodes: { role: string; team: { id: string } }[] } } };
  return (data as unknown as Teams).viewer.teams.nodes.map(({ role, team }) => [role, team.id]);
};
const APPROVAL = [{ key: "ask", approval: true }];

test("with a person who deletes the account go the own tasks and runs; teams get another owner, or are dissolved", async () => {
  const [gone, mate, other] = [await newWorker(url), await newWorker(url), await newWorker(url)];
  const [shared, lone] = [await newTeam(url, gone, mate), await newTeam(url, gone)];
  const open = await newTask(url, gone.key, { visibility: "PUBLIC" });
  const [ofTeam, ofLone] = [
    await newTask(url, gone.key, { teamId: shared }),
    await newTask(url, gone.key, { teamId: lone }),
  ];
  const runId = await run(url, gone.key, APPROVAL);
  await become(url, gone.key, runId, "RUNNING");
  const invitee = await newTeam(url, other);
  const { handle } = await personOf(url, gone);
  await change(url, other, "inviteToTeam", { teamId: invitee, handle });

  expect((await change(url, gone, "deleteAccount", { handle })).__typename).toBe("DeleteAccountSuccess");

  expect(await teamsOf(mate)).toEqual([["OWNER", shared]]);
  expect(await stored("team", lone, "dissolved_at")).not.toBeNull();
  await expect.poll(() => stateOf(other, open), { timeout: 10_000 }).toBe("CANCELLED");
  await expect.poll(() => stored("workflow", runId, "state")).toBe("CANCELLED");
  await expect.poll(() => stored("task", ofLone, "state")).toBe("CANCELLED");
  expect(await stateOf(mate, ofTeam)).toBe("PENDING");
  const left = async () => {
    const { rows } = await app.platform.db.pool.query<{ open: number }>(
      "SELECT count(*)::int4 AS open FROM task t JOIN app_user u ON u.id = t.creator_id WHERE u.deleted_at IS NOT NULL AND t.team_id IS NULL AND t.ended_at IS NULL",
    );
    return rows[0]?.open;
  };
  await expect.poll(left).toBe(0);
  const waiting = await app.platform.db.pool.query<{ status: string }>(
    "SELECT status FROM team_invitation WHERE team_id = $1::uuid",
    [invitee.slice(-32)],
  );
  expect(waiting.rows).toEqual([{ status: "DECLINED" }]);
});

describe("a team that is dissolved", () => {
  test("lets everybody go, and its tasks and runs end", async () => {
    const [owner, mate, stranger] = [await newWorker(url), await newWorker(url), await newWorker(url)];
    const teamId = await newTeam(url, owner, mate);
    await mutate(url, mate.key, "addTeamBot", { teamId, botId: mate.botId });
    const [held, waiting] = [await newTask(url, owner.key, { teamId }), await newTask(url, mate.key, { teamId })];
    const own = await newTask(url, mate.key);
    await work(url, mate.key, "claimTask", { botId: mate.botId, taskId: held, start: true });
    const runId = await run(url, owner.key, APPROVAL, { teamId });
    expect((await change(url, stranger, "dissolveTeam", { teamId })).code).toBe("NOT_A_MEMBER");
    expect((await change(url, mate, "dissolveTeam", { teamId })).code).toBe("NOT_TEAM_ADMIN");
    expect((await mutate(url, owner.key, "dissolveTeam", { teamId }))["code"]).toBe("SESSION_NEEDED");

    const answer = await change(url, owner, "dissolveTeam", { teamId }, "dissolved");
    expect(answer).toEqual({ __typename: "DissolveTeamSuccess", dissolved: true });

    expect([await teamsOf(owner), await teamsOf(mate)]).toEqual([[], []]);
    expect((await work(url, mate.key, "startTask", { botId: mate.botId, taskId: held, token: 1 })).code).toBe(
      "LEASE_LOST",
    );
    for (const id of [held, waiting])
      await expect.poll(() => stored("task", id, "state"), { timeout: 10_000 }).toBe("CANCELLED");
    await expect.poll(() => stored("workflow", runId, "state")).toBe("CANCELLED");
    expect(await stateOf(mate, own)).toBe("PENDING");
    expect((await change(url, owner, "dissolveTeam", { teamId })).code).toBe("NOT_FOUND");
  });

  test("makes room for another one", async () => {
    const own = await newWorker(url);
    const teams: string[] = [];
    while (teams.length < 20) teams.push(await newTeam(url, own));
    const another = { name: `One more ${process.pid}` };
    expect((await change(url, own, "foundTeam", another)).code).toBe("TEAM_LIMIT");
    await change(url, own, "dissolveTeam", { teamId: teams[0] });
    expect((await change(url, own, "foundTeam", another)).__typename).toBe("FoundTeamSuccess");
  });
});

test("an operator ends a public task that should not be there, which is audited, and nobody's private one", async () => {
  const own = await newWorker(url);
  const operator = { token: await newOperator(app) };
  const [spam, mine] = [await newTask(url, own.key, { visibility: "PUBLIC" }), await newTask(url, own.key)];
  expect((await change(url, operator, "retryTask", { taskId: spam })).code).toBe("NOT_YOUR_TASK");
  expect((await change(url, operator, "cancelTask", { taskId: mine })).code).toBe("NOT_FOUND");
  expect((await change(url, operator, "cancelTask", { taskId: spam })).__typename).toBe("CancelTaskSuccess");
  expect((await change(url, operator, "cancelTask", { taskId: spam })).code).toBe("INVALID_TRANSITION");
  expect(await stateOf(own, spam)).toBe("CANCELLED");
  const { rows } = await app.platform.db.pool.query(
    "SELECT action FROM audit_entry WHERE subject = 'task:' || $1::uuid",
    [spam.slice(-32)],
  );
  expect(rows).toEqual([{ action: "task.cancelled" }]);
});

test("a run that is being undone when its person goes ends, too", async () => {
  const gone = await newWorker(url);
  const steps = [
    { key: "a", compensation: { title: "undo a" } },
    { key: "b", after: ["a"] },
  ];
  const id = await run(url, gone.key, steps, { onFailure: "COMPENSATE" });
  const next = async () => (await work(url, gone.key, "claimNextTask", { botId: gone.botId, start: true })).task;
  const held = (taskId: string) => ({ botId: gone.botId, taskId, token: 1 });
  for (const [field, more] of [
    ["completeTask", {}],
    ["failTask", { code: "NO", message: "no", retryable: false }],
  ] as const) {
    let taskId = "";
    await expect.poll(async () => (taskId = (await next())?.id ?? "")).not.toBe("");
    await work(url, gone.key, field, { ...held(taskId), ...more });
  }
  await become(url, gone.key, id, "COMPENSATING");
  const { handle } = await personOf(url, gone);
  await change(url, gone, "deleteAccount", { handle });
  await expect.poll(() => stored("workflow", id, "state"), { timeout: 10_000 }).toBe("FAILED");
});
