import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

const ROWS = 50;

let app: App;
let token: string;
let statements = 0;
let asked = 0;
const query = pg.Client.prototype.query;

beforeAll(async () => {
  app = await startTestApp(
    {
      LIMIT_CALLOUT_INTERVAL_MS: 0,
      LIMIT_CHAT_INTERVAL_MS: 0,
      LIMIT_BOTS_PER_USER_MAX: 100,
      LIMIT_COST_PER_OPERATION_MAX: 1_000_000,
    },
    {},
    { AGON_ROLES: "api" },
  );
  const person = await newPerson(app.url);
  ({ token } = person);
  const { data } = await ask(app.url, `{ bot(name: "House_Drill") { id } }`);
  const targetId = (data as unknown as { bot: { id: string } }).bot.id;
  for (let row = 0; row < ROWS; row++) {
    const botId = await newBot(app.url, person.key, `Row_${row}`);
    await mutate(app.url, person.key, "enterPit", { botId });
    await mutate(app.url, person.key, "postMessage", { botId, text: `row ${row}` });
    await mutate(app.url, person.key, "joinQueue", { botId, ladder: "PIT_SLOW" });
    const made = await mutate(app.url, person.key, "createCallout", { botId, targetId }, "callout { fight { id } }");
    const fightId = (made["callout"] as unknown as { fight: { id: string } }).fight.id;
    if (row % 2 === 1) await mutate(app.url, person.key, "concedeFight", { botId, fightId });
  }
  await app.platform.db.pool.query("UPDATE rating SET on_board = true, rated_games = 20, sigma = 2");
  pg.Client.prototype.query = function counted(this: pg.Client, ...given: never[]) {
    const [first] = given as unknown as [string | { text?: string }];
    const text = typeof first === "string" ? first : (first?.text ?? "");
    if (!/^\s*(?:BEGIN|COMMIT|ROLLBACK|DEALLOCATE)/i.test(text)) statements++;
    return (query as (...each: never[]) => never).apply(this, given);
  };
}, 120_000);
afterAll(async () => {
  pg.Client.prototype.query = query;
  await app.stop();
});

const BOT = "bot { name status lastSeenAt owner { handle } }";
const FIGHT =
  "id status ladder startedAt participants { side placement bot { name owner { handle } } } ... on Fight { phase winner { name } state { round fighters { hp bot { name } } } }";
const LISTS: Record<string, string> = {
  contests: `contests(first: $n) { nodes { ${FIGHT} } }`,
  bots: "bots(first: $n) { nodes { name status owner { handle } ratings { elo rank } queueEntry { status joinedAt } } }",
  leaderboard: `ladder(kind: PIT) { leaderboard(first: $n) { nodes { elo rank ${BOT} } } }`,
  "rating history of bots":
    "bots(first: $n) { nodes { ratingHistory(first: 3, ladder: PIT) { nodes { eloAfter contest { id } } } } }",
  presences: `pit { presences(first: $n) { nodes { enteredAt ${BOT} } } }`,
  messages: `pit { messages(last: $n) { nodes { text ${BOT} } } }`,
  callouts: "pit { callouts(first: $n) { nodes { challenger { name } target { name } fight { id } } } }",
  "the viewer's bots": "viewer { bots(first: $n) { nodes { name status queueEntry { status contest { id } } } } }",
};

async function cost(list: string, rows: number): Promise<number> {
  statements = 0;
  const { errors } = await ask(
    app.url,
    // A comment makes each request a new one: a kept answer costs no statement.
    `query($n: Int!) { ${list} } # ${asked++}`,
    { n: rows },
    { authorization: `Bearer ${token}` },
  );
  expect(errors).toBeUndefined();
  return statements;
}

test.each(Object.entries(LISTS))("%s cost as many statements for 50 rows as for one", async (_name, list) => {
  await cost(list, 1);
  expect(await cost(list, ROWS)).toBe(await cost(list, 1));
});
