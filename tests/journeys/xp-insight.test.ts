import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, work } from "../harness/work.ts";
import { newReporter, readNode, report, setPrivacy, trust, type Reporter } from "../harness/xp.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const nameOf = async (botId: string) =>
  (await readNode<{ name: string }>(url, null, botId, "... on Bot { name }")).name;
const totalOf = async (who: Reporter) =>
  (await readNode<{ xp: { total: number } }>(url, who.token, who.botId, "... on Bot { xp { total } }")).xp.total;

type Imported = {
  __typename: string;
  code?: string;
  lines: number;
  counted: number;
  repeated: number;
  added: number;
  refusedCount: number;
  refused: { line: number; code: string }[];
};
const importing = async (who: Reporter, content: string, more: object = {}): Promise<Imported> =>
  (await mutate(
    url,
    who.report,
    "importXpEvents",
    { content, ...more },
    "lines counted repeated added refusedCount refused { line code }",
  )) as unknown as Imported;

describe("an import", () => {
  test("counts its good lines once, whatever becomes of the others, and names these", async () => {
    const who = await newReporter(app);
    const bot = await nameOf(who.botId);
    const lines = [
      JSON.stringify({ externalId: "one", bot, complexity: "SIMPLE", durationMs: 60_000 }),
      "{broken",
      "",
      JSON.stringify({ externalId: "two", bot: bot.toUpperCase(), complexity: "COMPLEX", durationMs: 60_000 }),
      JSON.stringify({ externalId: "three", bot: "Nobody_At_All" }),
      JSON.stringify({ externalId: "four", bot, xp: 500 }),
      JSON.stringify({ externalId: "one", bot, complexity: "EXPERT" }),
      JSON.stringify({
        id: "five",
        actor: { account: { name: bot } },
        verb: { id: "http://adlnet.gov/expapi/verbs/passed" },
        result: { duration: "PT1M" },
      }),
    ].join("\n");
    const first = await importing(who, lines);
    expect(first).toMatchObject({ lines: 7, counted: 3, repeated: 1, added: 45, refusedCount: 3 });
    expect(first.refused).toEqual([
      { line: 2, code: "NOT_JSON" },
      { line: 5, code: "UNKNOWN_BOT" },
      { line: 6, code: "POINTS_NOT_TAKEN" },
    ]);
    expect(await importing(who, lines)).toMatchObject({ counted: 0, repeated: 4, added: 0, refusedCount: 3 });
    // The same event told live is the same event.
    expect(await report(url, who, { externalId: "two" })).toMatchObject({ repeated: true, added: 20 });
    expect(await totalOf(who)).toBe(45);
  });

  test("leaves out a line whose text cannot be stored, and counts those around it", async () => {
    const who = await newReporter(app);
    const bot = await nameOf(who.botId);
    const linked = (link: string) => ({ externalId: link, bot, evidence: { kind: "INNOVATION", link } });
    const wrong = [
      { externalId: "nul \0", bot },
      { externalId: "half \ud800", bot },
      { externalId: "bot", bot: "X\0" },
      { externalId: "bot", bot: "X\udc00" },
      { ...linked("https://example.org/\0"), externalId: "link" },
      { ...linked("https://example.org/\ud800"), externalId: "link" },
      { id: "statement \0", actor: { name: bot }, verb: { id: "http://adlnet.gov/expapi/verbs/passed" } },
    ];
    const lines = [{ externalId: "before", bot }, ...wrong, { externalId: "behind", bot }];
    const taken = await importing(who, lines.map((line) => JSON.stringify(line)).join("\n"));
    expect(taken).toMatchObject({ lines: 9, counted: 2, repeated: 0, refusedCount: 7 });
    expect(taken.refused).toEqual([2, 3, 4, 5, 6, 7, 8].map((line) => ({ line, code: "BAD_FIELD" })));
  });

  test("of ten thousand lines is taken packed, of one more refused whole; what is no gzip, or too much, too", async () => {
    const who = await newReporter(app);
    const bot = await nameOf(who.botId);
    const line = (n: number) =>
      JSON.stringify({ externalId: `many ${n % 40}`, bot, occurredAt: daysAgo(1 + (n % 40)) });
    const pack = (count: number) =>
      gzipSync(Array.from({ length: count }, (_, n) => line(n)).join("\n")).toString("base64");
    const packed = { encoding: "GZIP_BASE64" };
    expect((await importing(who, pack(10_001), packed)).code).toBe("TOO_MANY_LINES");
    expect(await totalOf(who)).toBe(0);
    expect(await importing(who, pack(10_000), packed)).toMatchObject({ lines: 10_000, counted: 40, repeated: 9_960 });
    expect((await importing(who, "bm9uZQ==", packed)).code).toBe("CONTENT_UNREADABLE");
    const bomb = gzipSync(Buffer.alloc(9 * 1_024 * 1_024, " ")).toString("base64");
    expect((await importing(who, bomb, packed)).code).toBe("CONTENT_UNREADABLE");
  });

  test("of two bots holds nobody while it waits for the second one", async () => {
    const who = await newReporter(app);
    const second = await newBot(url, who.key, `Xp_both_${process.pid % 1_000}`);
    for (const botId of [who.botId, second]) await report(url, who, { botId });
    const names = [await nameOf(who.botId), await nameOf(second)];
    const [, last] = [who.botId, second].map((id) => id.slice(-32)).toSorted();
    const { pool } = app.platform.db;
    // Another event of the second bot is being counted: its row first, its owner's behind it.
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM xp_bot WHERE bot_id = $1::uuid FOR NO KEY UPDATE", [last]);
    const taken = importing(who, names.map((bot) => JSON.stringify({ externalId: `of ${bot}`, bot })).join("\n"));
    const waiting = async () => {
      const text = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      return (await pool.query<{ n: number }>(text)).rows[0]?.n;
    };
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
    await holder.query("SET LOCAL lock_timeout = '500ms'");
    const owner = holder.query("SELECT FROM xp_user WHERE user_id = $1::uuid FOR NO KEY UPDATE", [
      who.userId.slice(-32),
    ]);
    const got = await owner.then(
      () => "the owner's row",
      (error: unknown) => String(error),
    );
    await holder.query("ROLLBACK");
    holder.release();
    expect(got).toBe("the owner's row");
    expect(await taken).toMatchObject({ counted: 2, refusedCount: 0 });
  });

  test("of who is not trusted is refused whole", async () => {
    const who = await newReporter(app, { trusted: false });
    expect((await importing(who, "{}")).code).toBe("NOT_A_REPORTER");
  });
});

test("a bot's statistics, its days and the forecast are read from its days", async () => {
  const who = await newReporter(app);
  for (let day = 9; day >= 0; day--) {
    await report(url, who, {
      occurredAt: daysAgo(day),
      durationMs: 60_000,
      responseQuality: 0.8,
      complexity: "MEDIUM",
    });
    await report(url, who, { occurredAt: daysAgo(day), durationMs: 60_000, success: false });
  }
  type Seen = {
    xp: {
      days: { xp: number; total: number }[];
      statistics: { tries: number; successRate: number; quality: number; p50Ms: number; byComplexity: object[] };
      levelForecast: { perDay: number; expected: string; earliest: string } | null;
    };
  };
  const fields = `... on Bot { xp { days(back: 30) { day xp total } levelForecastState levelForecast { perDay expected earliest latest }
    statistics(back: 30) { tries successRate quality qualityTrend p50Ms p95Ms byHour byComplexity { complexity count } } } }`;
  const { xp } = await readNode<Seen>(url, who.token, who.botId, fields);
  // 15 × 0.9 = 13.5 and 2.5, each rounded half up: 14 and 3 a day.
  expect(xp.days.map((day) => day.xp)).toEqual(Array.from({ length: 10 }, () => 17));
  expect(xp.days.at(-1)?.total).toBe(170);
  expect(xp.statistics).toMatchObject({ tries: 20, successRate: 0.5, quality: 0.8 });
  expect(xp.statistics.p50Ms).toBeGreaterThan(51_000);
  expect(xp.statistics.p50Ms).toBeLessThan(73_000);
  expect(xp.statistics.byComplexity).toContainEqual({ complexity: "MEDIUM", count: 10 });
  expect(xp).toMatchObject({ levelForecastState: "FORETOLD" });
  expect(xp.levelForecast?.perDay).toBeGreaterThan(0);
  expect(xp.levelForecast && xp.levelForecast.earliest <= xp.levelForecast.expected).toBe(true);
  // To strangers work is the owner's alone.
  const stranger = await readNode<Seen>(url, null, who.botId, fields);
  expect(stranger.xp).toMatchObject({ statistics: null, levelForecast: null });
  expect(stranger.xp.days.every(({ xp: gained }) => gained === 0)).toBe(true);
});

test("too little is no forecast, and too many days are refused", async () => {
  const who = await newReporter(app);
  await report(url, who, { occurredAt: daysAgo(29) });
  const fields = "... on Bot { xp { levelForecastState levelForecast { expected } } }";
  const few = await readNode(url, who.token, who.botId, fields);
  expect(few).toEqual({ xp: { levelForecastState: "NOT_ENOUGH_DATA", levelForecast: null } });
  // An early burst and nothing since: at this pace never.
  for (const day of [25, 26, 27, 28]) await report(url, who, { occurredAt: daysAgo(day) });
  const silent = await readNode(url, who.token, who.botId, fields);
  expect(silent).toEqual({ xp: { levelForecastState: "BEYOND_TEN_YEARS", levelForecast: null } });
  await setPrivacy(url, who, { profile: "PUBLIC", stats: "PRIVATE" });
  const hidden = await readNode(url, null, who.botId, fields);
  expect(hidden).toEqual({ xp: { levelForecastState: "HIDDEN", levelForecast: null } });
  await expect(readNode(url, who.token, who.botId, "... on Bot { xp { days(back: 367) { xp } } }")).rejects.toThrow(
    /BAD_INPUT/,
  );
});

async function asSession(who: Reporter, field: string, input: object, selection: string) {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Refusal { code } } }`;
  const { data, errors } = await ask(url, query, { input }, { authorization: `Bearer ${who.token}` });
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as { team: { id: string }; invitation: { id: string } };
}

test("a team has a board and insights, sees its members' work, and who leads it may weigh it", async () => {
  const [lead, mate, stranger] = [await newReporter(app), await newReporter(app), await newReporter(app)];
  const { team } = await asSession(lead, "foundTeam", { name: `Xp team ${process.pid}` }, "team { id }");
  const invite = { teamId: team.id, handle: mate.handle };
  const { invitation } = await asSession(lead, "inviteToTeam", invite, "invitation { id }");
  await asSession(mate, "acceptTeamInvitation", { invitationId: invitation.id }, "team { id }");
  const second = await newBot(url, lead.key, `Xp_lead_${process.pid % 1_000}`);
  await mutate(url, lead.key, "updateBot", { botId: lead.botId, capabilities: ["review"] });
  await mutate(url, mate.key, "updateBot", { botId: mate.botId, capabilities: ["review"] });
  for (const [who, botId] of [[lead, lead.botId] as const, [lead, second] as const, [mate, mate.botId] as const])
    await mutate(url, who.report, "addTeamBot", { teamId: team.id, botId });
  await mutate(url, lead.report, "createTask", {
    title: "a task",
    capabilities: ["rust"],
    teamId: team.id,
    visibility: "TEAM",
  });
  await report(url, mate, { durationMs: 60_000, occurredAt: daysAgo(20) });
  // Who leads the team weighs a mate's work: three times 10.
  const weighed = { botId: mate.botId, durationMs: 60_000, multiplier: 3, reason: "saved the release" };
  expect(await report(url, lead, weighed)).toMatchObject({ computed: 30, added: 30 });
  expect((await report(url, mate, { multiplier: 2, reason: "my own" })).code).toBe("MULTIPLIER_NOT_YOURS");
  // A team is founded by anybody: to lead one is no licence to weigh one's own work.
  expect((await report(url, lead, { multiplier: 3, reason: "my own" })).code).toBe("MULTIPLIER_NOT_YOURS");
  expect((await report(url, stranger, { botId: mate.botId })).code).toBe("NOT_YOUR_BOT");
  const fields = `... on Team { xp { sum mean growth7 growth30 bots(orderBy: GROWTH_7) { xp growth7 bot { id } } members { xp user { handle } } }
    insights { used { members uses bot { id } } gaps { capability tasks bots } shared { capability members } } }`;
  expect(await readNode(url, lead.token, team.id, fields)).toEqual({
    xp: {
      sum: 40,
      mean: 13,
      growth7: 30,
      growth30: 40,
      bots: [
        { xp: 40, growth7: 30, bot: { id: mate.botId } },
        ...[lead.botId, second].toSorted().map((id) => ({ xp: 0, growth7: 0, bot: { id } })),
      ],
      members: [
        { xp: 40, user: { handle: mate.handle } },
        { xp: 0, user: { handle: lead.handle } },
      ],
    },
    insights: {
      used: [{ members: 2, uses: 3, bot: { id: mate.botId } }],
      gaps: [{ capability: "rust", tasks: 1, bots: 0 }],
      shared: [{ capability: "review", members: 2 }],
    },
  });
  expect(await readNode(url, stranger.token, team.id, fields)).toBeNull();
  const shown = await readNode(url, lead.token, mate.botId, "... on Bot { xp { total shown } }");
  expect(shown).toEqual({ xp: { total: 40, shown: "ALL" } });
});

const workFor = async (asker: Reporter, worker: Reporter, input: object = {}) => {
  const taskId = await newTask(url, asker.report, { visibility: "PUBLIC", ...input });
  const { task } = await work(url, worker.report, "claimTask", { botId: worker.botId, taskId, start: true });
  await work(url, worker.report, "completeTask", { botId: worker.botId, taskId, token: task.lease?.token, result: 1 });
};

test("who shows statistics to everybody shows what others asked for, not what was reported; where the stream stands is the owner's", async () => {
  const [who, asker] = [await newReporter(app), await newReporter(app)];
  await report(url, who, { success: false, durationMs: 60_000, complexity: "EXPERT", responseQuality: 0.5 });
  await setPrivacy(url, who, { profile: "PUBLIC", stats: "PUBLIC" });
  const fields =
    "... on Bot { xp { cursor statistics { tries successRate quality byComplexity { complexity count } } } }";
  type Seen = { xp: { cursor: string | null; statistics: { tries: number } } };
  const seenBy = (reader: Reporter) => readNode<Seen>(url, reader.token, who.botId, fields);
  expect((await seenBy(asker)).xp).toMatchObject({
    cursor: null,
    statistics: { tries: 0, successRate: null, quality: null },
  });
  await workFor(asker, who);
  await expect.poll(async () => (await seenBy(asker)).xp.statistics.tries, { timeout: 10_000 }).toBe(1);
  const counts = { SIMPLE: 0, MEDIUM: 1, COMPLEX: 0, EXPERT: 0 };
  const byComplexity = Object.entries(counts).map(([complexity, count]) => ({ complexity, count }));
  expect((await seenBy(asker)).xp.statistics).toEqual({ tries: 1, successRate: 1, quality: null, byComplexity });
  const own = (await seenBy(who)).xp;
  expect(own).toMatchObject({ cursor: expect.any(String), statistics: { tries: 2, successRate: 0.5 } });
});

test("who keeps statistics PRIVATE is neither recommended to mates nor counted on their boards and in their insights", async () => {
  const [lead, mate] = [await newReporter(app), await newReporter(app)];
  const { team } = await asSession(lead, "foundTeam", { name: `Xp hidden ${process.pid}` }, "team { id }");
  const invite = { teamId: team.id, handle: mate.handle };
  const { invitation } = await asSession(lead, "inviteToTeam", invite, "invitation { id }");
  await asSession(mate, "acceptTeamInvitation", { invitationId: invitation.id }, "team { id }");
  const skill = `hidden-${process.pid}`;
  await mutate(url, mate.key, "updateBot", { botId: mate.botId, capabilities: [skill] });
  for (const who of [lead, mate]) {
    await mutate(url, who.report, "addTeamBot", { teamId: team.id, botId: who.botId });
    await report(url, who, { skills: [skill] });
  }
  // The mate works with the lead's bot, too: that tells how often the mate did.
  await report(url, mate, { botId: lead.botId });
  const seenBy = async ({ token }: Reporter) => {
    const query = `query($id: ID!, $skill: String!) { recommendedBots(capabilities: [$skill]) { bots { bot { id } } }
      node(id: $id) { ... on Team { xp { bots { xp bot { id } } } insights { used { members uses bot { id } } } } } }`;
    const { data } = await ask(url, query, { id: team.id, skill }, { authorization: `Bearer ${token}` });
    return JSON.stringify(data);
  };
  expect(await seenBy(lead)).toContain(mate.botId);
  await setPrivacy(url, mate, { stats: "PRIVATE" });
  expect(await seenBy(lead)).not.toContain(mate.botId);
  expect(await seenBy(lead)).toContain(`"used":[{"members":1,"uses":2,"bot":{"id":"${lead.botId}"}}]`);
  expect(await seenBy(mate)).toContain(mate.botId);
});

test("bots are recommended for what they proved, with reasons; strangers' only where they show it", async () => {
  const [who, other] = [await newReporter(app), await newReporter(app)];
  const skill = `skill-${process.pid}`;
  const fresh = await newBot(url, who.key, `Xp_new_${process.pid % 1_000}`);
  for (const [reporter, botId] of [[who, who.botId] as const, [who, fresh] as const, [other, other.botId] as const])
    await mutate(url, reporter.key, "updateBot", { botId, capabilities: [skill] });
  for (let n = 0; n < 9; n++) await report(url, who, { skills: [skill], responseQuality: 1, durationMs: 60_000 });
  for (let n = 0; n < 6; n++) await report(url, other, { skills: [skill], success: false });
  const recommended = async (args: string) => {
    const query = `{ recommendedBots(${args}) { skills bots { reasons tries bot { id } } } }`;
    const { data, errors } = await ask(url, query, {}, { authorization: `Bearer ${who.token}` });
    if (errors) throw new Error(JSON.stringify(errors));
    return (
      data as unknown as {
        recommendedBots: { skills: string[]; bots: { reasons: string[]; tries: number; bot: { id: string } }[] };
      }
    ).recommendedBots;
  };
  const found = await recommended(`capabilities: ["${skill}"]`);
  expect(found.bots.map(({ bot }) => bot.id)).toEqual([who.botId, fresh]);
  expect(found.bots[0]).toMatchObject({ tries: 9, reasons: ["PROVED_SUCCESS", "HIGH_QUALITY", "AVAILABLE"] });
  expect(found.bots[1]).toMatchObject({ tries: 0, reasons: ["UNPROVED", "AVAILABLE"] });
  // What others reported of themselves is nobody else's to see, whatever they show; what was asked of them is.
  await setPrivacy(url, other, { stats: "PUBLIC" });
  expect((await recommended(`capabilities: ["${skill}"]`)).bots.map(({ bot }) => bot.id)).toEqual([who.botId, fresh]);
  await workFor(who, other, { capabilities: [skill] });
  const described = async () => recommended(`taskDescription: "Somebody with skill ${process.pid}, please"`);
  await expect.poll(async () => (await described()).bots.length, { timeout: 10_000 }).toBe(3);
  const { skills, bots } = await described();
  expect(skills).toEqual([skill]);
  expect(bots.map(({ bot }) => bot.id)).toContain(other.botId);
  expect(bots.find(({ bot }) => bot.id === other.botId)).toMatchObject({
    tries: 1,
    reasons: ["UNPROVED", "AVAILABLE"],
  });
  await expect(recommended("first: 3")).rejects.toThrow(/BAD_INPUT/);
});

test("a season's champion is crowned once, by the daily job", async () => {
  const who = await newReporter(app);
  await trust(app, who.userId);
  const before = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 15));
  const botId = who.botId.slice(-32);
  const { pool } = app.platform.db;
  await pool.query(
    "INSERT INTO season_rating (ladder, season, bot_id, elo_gained, games) VALUES ('CODE', $1, $2::uuid, 50, 12)",
    [before.toISOString().slice(0, 7), botId],
  );
  await pool.query(
    `INSERT INTO xp_user (user_id, counters, public_counters) VALUES ($1::uuid, '{"wins:CODE": 10}', '{"wins:CODE": 10}')
     ON CONFLICT (user_id) DO UPDATE SET counters = excluded.counters, public_counters = excluded.public_counters`,
    [who.userId.slice(-32)],
  );
  const run = () => pool.query("SELECT graphile_worker.add_job('daily-boards')");
  await Promise.all([run(), run()]);
  const keys = async () => {
    const { achievements } = await readNode<{ achievements: { key: string; unlockedAt: string | null }[] }>(
      url,
      null,
      who.userId,
      "... on User { achievements { key unlockedAt } }",
    );
    return achievements.filter(({ unlockedAt }) => unlockedAt).map(({ key }) => key);
  };
  await expect.poll(keys, { timeout: 10_000 }).toEqual(["CODE_FIRST_BLOOD", "CODE_TEN_WINS", "CODE_CHAMPION"]);
  const { rows } = await pool.query(
    "SELECT counters ->> 'champion:CODE' AS times FROM xp_user WHERE user_id = $1::uuid",
    [who.userId.slice(-32)],
  );
  expect(rows).toEqual([{ times: "1" }]);
});
