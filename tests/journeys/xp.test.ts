import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newTask, newWorker, work } from "../harness/work.ts";
import { newReporter, readNode, report, setPrivacy, trust, type Reporter } from "../harness/xp.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0 });
  url = app.url;
});
afterAll(() => app.stop());

type Xp = { total: number; shown: string; level: { number: number; name: string; stars: number } };
const XP = "total shown level { number name stars }";
const xpOfBot = async (who: string | null, botId: string) =>
  (await readNode<{ xp: Xp | null }>(url, who, botId, `... on Bot { xp { ${XP} } }`)).xp;
const xpOfUser = async (who: string | null, userId: string) =>
  (await readNode<{ xp: Xp | null }>(url, who, userId, `... on User { xp { ${XP} } }`)).xp;
type Achievement = { key: string; unlockedAt: string | null; progress: { value: number; target: number }[] };
const achievementsOf = async (who: string | null, userId: string) =>
  (
    await readNode<{ achievements: Achievement[] }>(
      url,
      who,
      userId,
      "... on User { achievements { key unlockedAt progress { value target } } }",
    )
  ).achievements;
const unlocked = async (who: Reporter) =>
  (await achievementsOf(who.token, who.userId)).filter(({ unlockedAt }) => unlockedAt !== null).map(({ key }) => key);
const rows = async (text: string, values: unknown[]) => (await app.platform.db.pool.query(text, values)).rows;
const uuid = (id: string) => id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

describe("what a trusted caller reports", () => {
  test("is counted by its facts: 15 simple tasks at full quality are 375 XP, level 3 and what they unlock", async () => {
    const who = await newReporter(app);
    for (let n = 0; n < 15; n++) {
      const given = await report(url, who, { responseQuality: 1, durationMs: 60_000, skills: ["code-review"] });
      // 10 for the task and 15 for its quality.
      expect(given).toMatchObject({ computed: 25, added: 25, repeated: false });
    }
    expect(await xpOfBot(who.token, who.botId)).toEqual({
      total: 375,
      shown: "ALL",
      level: { number: 3, name: "Expert", stars: 2 },
    });
    expect(await unlocked(who)).toEqual(["FIRST_STEPS", "PERFECTIONIST"]);
    const skills = await readNode(url, who.token, who.botId, "... on Bot { xp { skills { skill total } } }");
    expect(skills).toEqual({ xp: { skills: [{ skill: "code-review", total: 375 }] } });
    const centurion = (await achievementsOf(who.token, who.userId)).find(({ key }) => key === "CENTURION");
    expect(centurion).toMatchObject({ unlockedAt: null, progress: [{ value: 15, target: 100 }] });
  });

  test("is counted once: a repeat, also with other facts, gets the first answer", async () => {
    const who = await newReporter(app);
    const first = await report(url, who, { externalId: "once" });
    const again = await report(url, who, { externalId: "once", complexity: "EXPERT" });
    expect(again).toMatchObject({ computed: 10, added: 10, repeated: true, event: first.event });
    const twenty = await Promise.all(Array.from({ length: 20 }, () => report(url, who, { externalId: "at once" })));
    expect(twenty.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(twenty.map(({ event }) => event.id)).size).toBe(1);
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(20);
  });

  test("levels once and unlocks once, however many come at the same instant", async () => {
    const who = await newReporter(app);
    for (let n = 0; n < 9; n++) await report(url, who, { durationMs: 60_000 });
    const rush = Array.from({ length: 10 }, () => report(url, who, { durationMs: 60_000 }));
    await Promise.all(rush);
    const events = await rows("SELECT type, payload FROM stream_event WHERE stream = $1 ORDER BY seq", [
      `userxp:${uuid(who.userId)}`,
    ]);
    const told = (type: string) => events.filter((event) => event.type === type).map(({ payload }) => payload);
    expect(told("XpGained")).toHaveLength(19);
    expect(told("LeveledUp").map((text) => (JSON.parse(text) as { what: string }).what)).toEqual(["BOT", "USER"]);
    expect(told("AchievementUnlocked")).toHaveLength(1);
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(190);
  });

  test("adds at most 5,000 a day, the largest event being 315 XP, and records the rest", async () => {
    const who = await newReporter(app);
    await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [who.handle]);
    const much = { action: "ERROR_RESOLUTION", complexity: "EXPERT", responseQuality: 1, multiplier: 3, reason: "big" };
    const first = await report(url, who, { ...much, durationMs: 1 });
    expect(first).toMatchObject({ computed: 315, added: 315 });
    for (let n = 0; n < 16; n++) await report(url, who, much);
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(5_000);
    const over = await report(url, who, much);
    expect(over).toMatchObject({ computed: 300, added: 0 });
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    expect(await report(url, who, { ...much, occurredAt: yesterday })).toMatchObject({ computed: 300, added: 300 });
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(5_300);
  });

  test("never stands on a public board, nor on a stranger's page, whatever its owner shows", async () => {
    const who = await newReporter(app);
    const stranger = await newReporter(app);
    await report(url, who);
    expect(await xpOfBot(stranger.token, who.botId)).toMatchObject({ total: 0, shown: "CONTESTS" });
    expect(await xpOfBot(null, who.botId)).toMatchObject({ total: 0, shown: "CONTESTS" });
    await setPrivacy(url, who, { profile: "PUBLIC" });
    expect(await xpOfBot(stranger.token, who.botId)).toMatchObject({ total: 0, shown: "PUBLIC" });
    await setPrivacy(url, who, { profile: "PRIVATE" });
    expect(await xpOfBot(stranger.token, who.botId)).toBeNull();
    expect(await xpOfBot(who.token, who.botId)).toMatchObject({ total: 10, shown: "ALL" });
    const board = await ask(url, "{ xpBots(first: 100) { nodes { bot { id } } } }");
    expect(JSON.stringify(board.data)).not.toContain(who.botId);
  });
});

describe("is refused, and nothing is written:", () => {
  test("who is not trusted, and who is not any more", async () => {
    const who = await newReporter(app, { trusted: false });
    expect((await report(url, who)).code).toBe("NOT_A_REPORTER");
    await trust(app, who.userId);
    expect((await report(url, who)).__typename).toBe("RecordXpSuccess");
    await trust(app, who.userId, false);
    expect((await report(url, who)).code).toBe("NOT_A_REPORTER");
    const playing = { ...who, report: who.key };
    expect((await report(url, playing)).code).toBe("MISSING_SCOPE");
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(10);
  });

  test("a stranger's bot, one of the house, and another's external id", async () => {
    const [who, other] = [await newReporter(app), await newReporter(app)];
    expect((await report(url, who, { botId: other.botId })).code).toBe("NOT_YOUR_BOT");
    const house = await ask(url, `{ bot(name: "House_Drill") { id } }`);
    const { id } = (house.data as unknown as { bot: { id: string } }).bot;
    expect((await report(url, who, { botId: id })).code).toBe("NOT_YOUR_BOT");
    const second = await newBot(url, who.key, `Xp_second_${process.pid % 1_000}`);
    await report(url, who, { externalId: "mine" });
    expect(await report(url, who, { externalId: "mine", botId: second })).toMatchObject({
      code: "ID_IS_TAKEN",
      path: ["input", "externalId"],
    });
    expect((await xpOfBot(other.token, other.botId))?.total).toBe(0);
    expect((await xpOfBot(who.token, second))?.total).toBe(0);
  });

  test.each([
    ["points", { xp: 500 }],
    ["computed points", { computed: 500 }],
  ])("forged %s: the API has no field for them", async (_what, forged) => {
    const who = await newReporter(app);
    await expect(report(url, who, forged)).rejects.toThrow(/not to include unknown field/);
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(0);
  });

  test.each([
    ["externalId", { externalId: "" }],
    ["durationMs", { durationMs: -1 }],
    ["responseQuality", { responseQuality: 1.01 }],
    ["codeQuality", { codeQuality: -0.5 }],
    ["skills", { skills: ["No Skill"] }],
    ["occurredAt", { occurredAt: "2100-01-01T00:00:00Z" }],
    ["multiplier", { multiplier: 3.5, reason: "much" }],
    ["reason", { multiplier: 2 }],
    ["evidence", { evidence: { kind: "INNOVATION" } }],
    ["evidence", { evidence: { kind: "INNOVATION", link: "javascript:alert(1)" } }],
    ["evidence", { evidence: { kind: "INNOVATION", link: "https://example.org/\0" } }],
    ["evidence", { evidence: { kind: "INNOVATION", link: "https://example.org/\ud800" } }],
  ])("a wrong %s", async (field, facts) => {
    const who = await newReporter(app);
    expect(await report(url, who, facts)).toMatchObject({ code: "BAD_INPUT", path: ["input", field] });
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(0);
  });

  test("evidence that its reporter may not see, as what is not there at all", async () => {
    const [who, other] = [await newReporter(app), await newReporter(app)];
    const [open, secret] = [
      await newTask(url, other.report, { visibility: "PUBLIC" }),
      await newTask(url, other.report),
    ];
    const by = (evidence: object) => report(url, who, { evidence: { kind: "BUG_RESOLUTION", ...evidence } });
    const path = ["input", "evidence", "taskId"];
    expect(await by({ taskId: secret })).toMatchObject({ code: "NOT_FOUND", path });
    expect(await by({ taskId: `task_${"0".repeat(32)}` })).toMatchObject({ code: "NOT_FOUND", path });
    const contestId = `fight_${"0".repeat(32)}`;
    expect(await by({ contestId })).toMatchObject({ code: "NOT_FOUND", path: ["input", "evidence", "contestId"] });
    expect((await xpOfBot(who.token, who.botId))?.total).toBe(0);
    const { event } = await by({ taskId: open, link: "https://example.org/fix" });
    const fields = "... on XpEvent { evidence { kind link task { id } contest { id } } }";
    const evidence = { kind: "BUG_RESOLUTION", link: "https://example.org/fix", task: { id: open }, contest: null };
    expect(await readNode(url, who.token, event.id, fields)).toEqual({ evidence });
  });

  test("a multiplier of who neither operates nor leads a team of the bot", async () => {
    const who = await newReporter(app);
    expect((await report(url, who, { multiplier: 2, reason: "my own" })).code).toBe("MULTIPLIER_NOT_YOURS");
  });
});

describe("what the platform sees", () => {
  const done = async (maker: string, worker: { key: string; botId: string }, input: object = {}) => {
    const taskId = await newTask(url, maker, { visibility: "PUBLIC", ...input });
    const { task } = await work(url, worker.key, "claimTask", { botId: worker.botId, taskId, start: true });
    const held = { botId: worker.botId, taskId, token: task.lease?.token };
    await work(url, worker.key, "completeTask", { ...held, result: "done" });
    return taskId;
  };
  const totals = async (botId: string) =>
    (await rows("SELECT xp, public_xp, contest_xp FROM xp_bot WHERE bot_id = $1", [uuid(botId)]))[0];

  test("a task that another asked for is counted once, publicly, and makes the asker know the bot", async () => {
    const [maker, worker] = [await newReporter(app), await newWorker(url, ["a"])];
    const makerKey = await newKey(url, maker.token, ["WORK"]);
    await done(makerKey, worker, { complexity: "COMPLEX", capabilities: ["a"] });
    // 20 for a complex task and 5 for less than half a minute.
    await until(async () => (await totals(worker.botId))?.xp === 25, "the task's XP");
    expect(await totals(worker.botId)).toEqual({ xp: 25, public_xp: 25, contest_xp: 0 });
    const known = await rows("SELECT uses, successes FROM xp_use WHERE user_id = $1", [uuid(maker.userId)]);
    expect(known).toEqual([{ uses: 1, successes: 1 }]);
    const skills = await readNode(url, worker.token, worker.botId, "... on Bot { xp { skills { skill total } } }");
    expect(skills).toEqual({ xp: { skills: [{ skill: "a", total: 25 }] } });
  });

  test("a task that its bot's owner made counts for the owner alone", async () => {
    const worker = await newWorker(url);
    await done(worker.key, worker);
    await until(async () => (await totals(worker.botId))?.xp === 20, "the task's XP");
    expect(await totals(worker.botId)).toEqual({ xp: 20, public_xp: 0, contest_xp: 0 });
  });

  test("a task that failed for good gives a quarter; one that is cancelled gives nothing", async () => {
    const [maker, worker] = [await newWorker(url), await newWorker(url)];
    const taskId = await newTask(url, maker.key, { visibility: "PUBLIC", complexity: "COMPLEX" });
    const { task } = await work(url, worker.key, "claimTask", { botId: worker.botId, taskId, start: true });
    const held = { botId: worker.botId, taskId, token: task.lease?.token };
    await work(url, worker.key, "failTask", { ...held, code: "NO", message: "cannot", retryable: false });
    await until(async () => (await totals(worker.botId))?.xp === 5, "the task's XP");
    expect(await totals(worker.botId)).toEqual({ xp: 5, public_xp: 0, contest_xp: 0 });
    const cancelled = await newTask(url, maker.key, { visibility: "PUBLIC" });
    await work(url, worker.key, "claimTask", { botId: worker.botId, taskId: cancelled, start: true });
    await work(url, maker.key, "cancelTask", { taskId: cancelled });
    await done(maker.key, worker);
    await until(async () => (await totals(worker.botId))?.xp === 25, "the next task's XP");
  });

  test("a task that was begun twice earns no SPEED by its second attempt", async () => {
    const [maker, worker] = [await newWorker(url), await newWorker(url)];
    const taskId = await newTask(url, maker.key, { visibility: "PUBLIC", plan: { backoffMs: 0 } });
    const begin = async () => {
      const { task } = await work(url, worker.key, "claimTask", { botId: worker.botId, taskId, start: true });
      return task && { botId: worker.botId, taskId, token: task.lease?.token };
    };
    const held = await begin();
    await work(url, worker.key, "failTask", { ...held, code: "NO", message: "again", retryable: true });
    const again = await until(begin, "the second attempt");
    await work(url, worker.key, "completeTask", { ...again, result: "done" });
    // 15 for a medium task, and not 5 for its being quick.
    await until(async () => (await totals(worker.botId))?.xp === 15, "the task's XP");
  });

  test("a fight counts for both, by a job that its end enqueues; one against the house not publicly", async () => {
    const who = await newReporter(app);
    const house = await ask(url, `{ bot(name: "House_Drill") { id } }`);
    const targetId = (house.data as unknown as { bot: { id: string } }).bot.id;
    await mutate(url, who.key, "enterPit", { botId: who.botId });
    const made = await mutate(
      url,
      who.key,
      "createCallout",
      { botId: who.botId, targetId },
      "callout { fight { id } }",
    );
    const fightId = (made["callout"] as unknown as { fight: { id: string } }).fight.id;
    await mutate(url, who.key, "concedeFight", { botId: who.botId, fightId });
    await until(async () => (await totals(who.botId))?.xp === 5, "the loss's XP");
    expect(await totals(who.botId)).toEqual({ xp: 5, public_xp: 0, contest_xp: 0 });
  });

  test("a rated win over a bot 200 above is 30 XP on the public board, and two achievements at once", async () => {
    const [winner, loser] = [await newReporter(app), await newReporter(app)];
    const contestId = crypto.randomUUID();
    await rows(
      `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
       VALUES ($1, 'PIT', 'COMPLETED', 'RATED_QUEUE', true, '\\x00', '\\x00', now(), now(), now())`,
      [contestId],
    );
    for (const [side, [botId, rating]] of [[winner.botId, 1000] as const, [loser.botId, 1200] as const].entries())
      await rows(
        "INSERT INTO contest_participant (contest_id, side, bot_id, ladder, placement, rating_before) VALUES ($1, $2, $3, 'PIT', $4, $5)",
        [contestId, side, uuid(botId), side + 1, rating],
      );
    const add = () =>
      rows(
        "SELECT graphile_worker.add_job('contest-completed', json_build_object('contestId', $1::text, 'qualities', json_build_object($2::text, 500)))",
        [contestId, uuid(loser.botId)],
      );
    await Promise.all([add(), add(), add()]);
    await until(async () => (await totals(loser.botId))?.xp === 4, "the contest's XP");
    // A score of a half makes 5 × 0.75 of the loss.
    expect(await totals(winner.botId)).toEqual({ xp: 30, public_xp: 30, contest_xp: 30 });
    expect(await unlocked(winner)).toEqual(["PIT_FIRST_BLOOD", "PIT_GIANT_SLAYER"]);
    // Contests are everybody's to see.
    expect(await xpOfBot(null, winner.botId)).toMatchObject({ total: 30, shown: "CONTESTS" });
    expect((await achievementsOf(null, winner.userId)).every(({ key }) => !/FIRST_STEPS|CENTURION/.test(key))).toBe(
      true,
    );
    const board = await ask(url, "{ xpBots(first: 5) { nodes { xp bot { id } } } xpUsers(first: 5) { nodes { xp } } }");
    expect(board.data).toMatchObject({ xpBots: { nodes: [{ xp: 30, bot: { id: winner.botId } }, { xp: 4 }] } });
    expect(await xpOfUser(null, winner.userId)).toMatchObject({ total: 30 });
  });
});

test("XP, a level and an achievement come by the stream, in order, and again from a cursor; never to others", async () => {
  const who = await newReporter(app);
  const other = await newReporter(app);
  const query = `subscription($botId: ID, $after: Cursor) { xpEvents(botId: $botId, after: $after) { cursor event {
    __typename ... on XpGained { added total event { kind } } ... on LeveledUp { what from level { number } } ... on AchievementUnlocked { key } } } }`;
  type Item = { xpEvents: { cursor: string; event: { __typename: string } } };
  const read = await readNode<{ xp: { cursor: string } }>(url, who.token, who.botId, "... on Bot { xp { cursor } }");
  for (let n = 0; n < 4; n++) await report(url, who, { responseQuality: 1, durationMs: 60_000 });
  const client = socket(url, who.report);
  const items = client.iterate<Item>({ query, variables: { botId: who.botId, after: read.xp.cursor } });
  const seen: Item["xpEvents"]["event"][] = [];
  while (seen.length < 6) {
    const { value } = (await items.next()) as { value: { data: Item } };
    seen.push(value.data.xpEvents.event);
  }
  expect(seen).toEqual([
    { __typename: "XpGained", added: 25, total: 25, event: { kind: "TASK_COMPLETION" } },
    { __typename: "AchievementUnlocked", key: "FIRST_STEPS" },
    { __typename: "XpGained", added: 25, total: 50, event: { kind: "TASK_COMPLETION" } },
    { __typename: "XpGained", added: 25, total: 75, event: { kind: "TASK_COMPLETION" } },
    { __typename: "XpGained", added: 25, total: 100, event: { kind: "TASK_COMPLETION" } },
    { __typename: "LeveledUp", what: "BOT", from: 1, level: { number: 2 } },
  ]);
  const foreign = socket(url, other.report).iterate<Item>({ query, variables: { botId: who.botId } });
  const { value } = (await foreign.next()) as { value: { errors: { extensions: { code: string } }[] } };
  expect(value.errors[0]?.extensions.code).toBe("NOT_YOUR_BOT");
  await client.dispose();
});
