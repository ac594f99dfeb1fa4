import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newOperator, newReporter, readNode, report, type Reporter } from "../harness/xp.ts";

let app: App;
let url: string;
let operator: string;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0 });
  url = app.url;
  operator = await newOperator(app);
});
afterAll(() => app.stop());

const rows = async (text: string, values: unknown[] = []) => (await app.platform.db.pool.query(text, values)).rows;
const uuid = (id: string) => id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
const totals = async (botId: string) =>
  (await rows("SELECT xp, public_xp, contest_xp FROM xp_bot WHERE bot_id = $1", [uuid(botId)]))[0];
const NOTHING = { xp: 0, public_xp: 0, contest_xp: 0 };

/** A fight between two people's bots that counts as a rated one. */
async function newFight(one: Reporter, two: Reporter): Promise<string> {
  for (const who of [one, two]) await mutate(url, who.key, "enterPit", { botId: who.botId });
  const called = await mutate(
    url,
    one.key,
    "createCallout",
    { botId: one.botId, targetId: two.botId },
    "callout { id }",
  );
  const calloutId = (called["callout"] as unknown as { id: string }).id;
  const taken = await mutate(url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  const { fight } = taken["callout"] as unknown as { fight: { id: string } };
  await rows("UPDATE contest SET rated = true WHERE id = $1", [uuid(fight.id)]);
  return fight.id;
}
const concede = (who: Reporter, fightId: string) => mutate(url, who.key, "concedeFight", { botId: who.botId, fightId });
async function voidFight(contestId: string): Promise<string> {
  const query = `mutation($input: VoidContestInput!) { voidContest(input: $input) { __typename } }`;
  const headers = { authorization: `Bearer ${operator}` };
  const { data } = await ask(url, query, { input: { contestId, reason: "collusion" } }, headers);
  return (data as unknown as { voidContest: { __typename: string } }).voidContest.__typename;
}
const waiting = async () =>
  (await rows("SELECT count(*)::int AS n FROM graphile_worker.jobs WHERE task_identifier LIKE 'contest-%'"))[0]?.n;

const achievements = async (who: Reporter) => {
  type Found = { achievements: { key: string; unlockedAt: string | null }[] };
  const found = await readNode<Found>(url, who.token, who.userId, "... on User { achievements { key unlockedAt } }");
  return found.achievements.filter(({ unlockedAt }) => unlockedAt).map(({ key }) => key);
};

test("a contest that is voided takes its XP along, once: totals, boards, days, wins, its ladder's achievements", async () => {
  const [winner, loser] = [await newReporter(app), await newReporter(app)];
  for (let n = 0; n < 4; n++) await report(url, winner, { responseQuality: 1, durationMs: 60_000 });
  const first = await newFight(winner, loser);
  await concede(loser, first);
  await until(async () => (await totals(loser.botId))?.xp === 5, "the loss's XP");
  expect(await totals(winner.botId)).toEqual({ xp: 120, public_xp: 20, contest_xp: 20 });
  expect(await achievements(winner)).toEqual(["FIRST_STEPS", "PIT_FIRST_BLOOD"]);

  expect(await voidFight(first)).toBe("VoidContestSuccess");
  await until(async () => (await totals(loser.botId))?.xp === 0, "the loss's XP to go");
  expect(await totals(winner.botId)).toEqual({ xp: 100, public_xp: 0, contest_xp: 0 });
  expect(await achievements(winner)).toEqual(["FIRST_STEPS"]);
  expect(await rows("SELECT xp, contest_xp, wins, losses FROM xp_day WHERE bot_id = $1", [uuid(winner.botId)])).toEqual(
    [{ xp: 100, contest_xp: 0, wins: 0, losses: 0 }],
  );
  expect(await rows("SELECT xp, public_xp FROM xp_user_day WHERE user_id = $1", [uuid(winner.userId)])).toEqual([
    { xp: 100, public_xp: 0 },
  ]);
  const board = await ask(url, "{ xpBots(first: 5) { nodes { xp bot { id } } } }");
  expect(board.data).toEqual({ xpBots: { nodes: [] } });

  // Nothing is deleted, and the job may come again.
  await rows("SELECT graphile_worker.add_job('contest-voided', json_build_object('contestId', $1::text))", [
    uuid(first),
  ]);
  await rows("SELECT graphile_worker.add_job('contest-completed', json_build_object('contestId', $1::text))", [
    uuid(first),
  ]);
  await until(async () => (await waiting()) === 0, "the jobs' end");
  const kept = await rows("SELECT kind, added FROM xp_event WHERE bot_id = $1 AND source LIKE 'contest%' ORDER BY id", [
    uuid(winner.botId),
  ]);
  expect(kept).toEqual([
    { kind: "CONTEST", added: 20 },
    { kind: "CONTEST_VOIDED", added: -20 },
  ]);
  expect(await totals(winner.botId)).toEqual({ xp: 100, public_xp: 0, contest_xp: 0 });

  // The next win is the first one.
  const second = await newFight(winner, loser);
  await concede(loser, second);
  await until(async () => (await totals(winner.botId))?.xp === 120, "the next win's XP");
  expect(await achievements(winner)).toEqual(["FIRST_STEPS", "PIT_FIRST_BLOOD"]);
});

test("who listens is told of it: what went, what is left, the level, and the achievements that went along", async () => {
  const [winner, loser] = [await newReporter(app), await newReporter(app)];
  for (let n = 0; n < 4; n++) await report(url, winner, { responseQuality: n === 0 ? 0.5 : 1, durationMs: 60_000 });
  const query = `subscription($botId: ID, $after: Cursor) { xpEvents(botId: $botId, after: $after) { event { __typename
    ... on XpTakenBack { removed total level { number } achievements bot { id } event { kind added } } } } }`;
  const { xp } = await readNode<{ xp: { cursor: string } }>(
    url,
    winner.token,
    winner.botId,
    "... on Bot { xp { cursor } }",
  );
  const own = await ask(url, "{ viewer { user { xp { cursor } } } }", {}, { authorization: `Bearer ${winner.token}` });
  const { cursor } = (own.data as unknown as { viewer: { user: { xp: { cursor: string } } } }).viewer.user.xp;
  const fightId = await newFight(winner, loser);
  await concede(loser, fightId);
  await until(async () => (await totals(winner.botId))?.contest_xp === 20, "the win's XP");
  await voidFight(fightId);
  const client = socket(url, winner.report);
  const takenOn = async (variables: object) => {
    type Item = { xpEvents: { event: { __typename: string } } };
    for await (const { data } of client.iterate<Item>({ query, variables: { ...variables } }))
      if (data?.xpEvents.event.__typename === "XpTakenBack") return data.xpEvents.event;
    return null;
  };
  // 8 for the middling task, three times 25; with the win's 20 it was level 2.
  const told = { __typename: "XpTakenBack", removed: 20, total: 83, level: { number: 1 }, bot: { id: winner.botId } };
  const event = { kind: "CONTEST_VOIDED", added: -20 };
  expect(await takenOn({ botId: winner.botId, after: xp.cursor })).toEqual({ ...told, event, achievements: [] });
  expect(await takenOn({ after: cursor })).toEqual({ ...told, event, achievements: ["PIT_FIRST_BLOOD"] });
  await client.dispose();
});

test("a contest that is voided while its XP is being given gives nothing in the end", async () => {
  const [winner, loser] = [await newReporter(app), await newReporter(app)];
  const fightId = await newFight(winner, loser);
  // Rows of XP that somebody holds: the job has read what there is to give, and waits.
  await rows("INSERT INTO xp_bot (bot_id, owner_id) VALUES ($1, $2), ($3, $4)", [
    ...[winner.botId, winner.userId, loser.botId, loser.userId].map(uuid),
  ]);
  const holder = await app.platform.db.pool.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM xp_bot WHERE bot_id = ANY($1::uuid[]) FOR UPDATE", [
    [uuid(winner.botId), uuid(loser.botId)],
  ]);
  await concede(loser, fightId);
  const blocked = async () =>
    (
      await rows(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      )
    )[0]?.n;
  await until(async () => (await blocked()) >= 1, "the job at the bot's row");
  let done = false;
  const voided = voidFight(fightId).finally(() => (done = true));
  // Either it is void now and its own job is through, or it waits for the contest.
  await until(async () => (done ? (await waiting()) === 1 : (await blocked()) >= 2), "the void");
  await holder.query("ROLLBACK");
  holder.release();
  expect(await voided).toBe("VoidContestSuccess");
  await until(async () => (await waiting()) === 0, "the jobs' end");
  expect(await totals(winner.botId)).toEqual(NOTHING);
  expect(await totals(loser.botId)).toEqual(NOTHING);
});
