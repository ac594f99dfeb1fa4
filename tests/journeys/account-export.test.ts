import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask } from "../harness/work.ts";
import { run } from "../harness/workflows.ts";
import { newReporter, report, setPrivacy, type Reporter } from "../harness/xp.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const exportOf = async ({ token }: Reporter): Promise<Record<string, unknown>> => {
  const { data } = await ask(app.url, "{ viewer { export } }", {}, { authorization: `Bearer ${token}` });
  return (data as unknown as { viewer: { export: Record<string, unknown> } }).viewer.export;
};

test("an account's export has its teams, its work, and its XP with all that came of it; nobody else's", async () => {
  const [who, other] = [await newReporter(app), await newReporter(app)];
  const name = `Export ${process.pid}`;
  const found = `mutation($input: FoundTeamInput!) { foundTeam(input: $input) { __typename } }`;
  await ask(app.url, found, { input: { name } }, { authorization: `Bearer ${who.token}` });
  await newTask(app.url, who.report, { title: "to be exported", payload: { secret: 7 } });
  await newTask(app.url, other.report, { title: "of another" });
  await run(app.url, who.report, [{ key: "first" }], { name: "exported" });
  await report(app.url, who, { externalId: "exported", responseQuality: 0.5 });
  await setPrivacy(app.url, who, { stats: "PRIVATE" });
  await app.platform.db.pool.query(
    `INSERT INTO xp_badge (user_id, issuer_key, key, issuer, name, description, at, imported_at)
     VALUES ($1::uuid, 'key', 'IRON_WILL', 'https://elsewhere.example', 'Iron Will', 'Go on.', now(), now())`,
    [who.userId.slice(-32)],
  );
  const exported = await exportOf(who);
  expect(exported).toMatchObject({
    teams: [{ name, role: "OWNER", leftAt: null }],
    teamInvitations: [],
    workflowDefinitions: [{ name: "exported", version: 1 }],
    workflows: [{ state: expect.any(String), failure: null }],
    xp: { total: 8, public: 0, privacy: { profile: null, stats: "PRIVATE", achievements: null } },
    xpEvents: [{ externalId: "exported", origin: "REPORTED", quality: 0.5, multiplier: 1, added: 8, publicly: false }],
    achievements: [{ key: "FIRST_STEPS" }],
    badges: [{ key: "IRON_WILL", issuer: "https://elsewhere.example" }],
  });
  expect(exported["tasks"]).toContainEqual(
    expect.objectContaining({ title: "to be exported", payload: { secret: 7 }, state: "PENDING" }),
  );
  expect(JSON.stringify(exported)).not.toContain("of another");
});

test("an account's export has what its bots did for others", async () => {
  const [who, other] = [await newReporter(app), await newReporter(app)];
  const taskId = await newTask(app.url, other.report, { title: "for another", visibility: "PUBLIC" });
  await mutate(app.url, who.report, "claimTask", { botId: who.botId, taskId, start: true });
  expect(await exportOf(who)).toMatchObject({ tasks: [], work: [{ title: "for another", state: "IN_PROGRESS" }] });
});
