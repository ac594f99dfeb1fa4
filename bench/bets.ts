// Bets on one hot contest through HTTP beside pgbench running the same statements, and the settlement of a large pool: node bench/bets.ts [rounds] [seconds] [bets]
import { placeBetRow, settlePoolRow } from "../src/betting/store.ts";
import { findKey } from "../src/identity/store.ts";
import { temporaryDatabase } from "./database.ts";
import { fillBots, keyOf, nodeIdOf, sqlIdOf, sqlKeyOf, withClient } from "./fill.ts";
import { graphqlRequest, sendLoad } from "./load/load.ts";
import { line, pgbench } from "./pgbench.ts";
import { startAgon } from "./processes.ts";

const ROUNDS = Number(process.argv[2] ?? 2);
const SECONDS = Number(process.argv[3] ?? 4);
const BETS = Number(process.argv[4] ?? 100_000);
const CONNECTIONS = [16, 64] as const;
const USERS = 20_000;
const GOALS = { ratio: 0.3, perSecond: 500, settlement_s: 3 };
const STAKE = `50000${"0".repeat(18)}`;
const NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid";

const say = (text: string) => process.stdout.write(`${text}\n`);
const mean = (samples: readonly number[]) => samples.reduce((sum, each) => sum + each, 0) / samples.length;

/** Bettors with plenty, and contests 1 (hot, open) and 2 (locked, ended, with many bets) of bots 1 and 2. */
async function fill(url: string): Promise<void> {
  await fillBots(url, USERS, 2);
  await withClient(url, async (client) => {
    await client.query("SET session_replication_role = replica");
    const user = (n: string) => sqlIdOf("user", n);
    const [one, two] = [sqlIdOf("bot", "1"), sqlIdOf("bot", "2")];
    for (const text of [
      "UPDATE api_key SET scopes = '{PLAY,BET}'",
      `INSERT INTO journal (id, kind, reference, key, at) SELECT ${sqlIdOf("entry", "n")}, 'FAUCET', 'User:' || ${user("n")}, 'grant ' || n, now() FROM generate_series(1, ${USERS}) n`,
      `INSERT INTO posting SELECT ${sqlIdOf("entry", "n")}, 'user:available', ${user("n")}, 10::numeric ^ 30 FROM generate_series(1, ${USERS}) n`,
      `INSERT INTO posting SELECT ${sqlIdOf("entry", "n")}, 'house:faucet', ${NOBODY}, -(10::numeric ^ 30) FROM generate_series(1, ${USERS}) n`,
      `INSERT INTO user_balance SELECT 'user:available', ${user("n")}, 10::numeric ^ 30 FROM generate_series(1, ${USERS}) n`,
      ...[1, 2].flatMap((contest) => [
        `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
         SELECT ${sqlIdOf("contest", String(contest))}, 'PIT', ${contest === 1 ? "'LIVE'" : "'COMPLETED'"}, 'RATED_QUEUE', true, '', '', now(), now(), ${contest === 1 ? "NULL" : "now()"}`,
        `INSERT INTO contest_participant (contest_id, side, bot_id, ladder, character, placement)
         SELECT ${sqlIdOf("contest", String(contest))}, side, bot, 'PIT', 'RONIN', side + 1 FROM (VALUES (0, ${one}), (1, ${two})) s(side, bot)`,
        `INSERT INTO bet_pool (contest_id, status, exhibition, opened_at, closes_at)
         VALUES (${sqlIdOf("contest", String(contest))}, ${contest === 1 ? "'OPEN'" : "'LOCKED'"}, false, now(), now())`,
      ]),
      `INSERT INTO bet (id, contest_id, bot_id, user_id, amount, placed_at)
       SELECT gen_random_uuid(), ${sqlIdOf("contest", "2")}, CASE n % 2 WHEN 0 THEN ${one} ELSE ${two} END, ${user(`n % ${USERS} + 1`)}, 1000000 + n, now() FROM generate_series(1, ${BETS}) n`,
      "ANALYZE",
    ])
      await client.query(text);
  });
}

const query = `mutation PlaceBet($input: PlaceBetInput!) { placeBet(input: $input) { __typename ... on Refusal { code } } }`;
/** Users 3 and up own no bot. */
const lanes = Array.from({ length: USERS - 2 }, (_none, index) => {
  const input = { contestId: nodeIdOf("contest", 1), botId: nodeIdOf("bot", (index % 2) + 1), amount: STAKE };
  return [graphqlRequest(query, { input }, { "x-api-key": keyOf(index + 3) })];
});

function script(): string {
  const who = sqlIdOf("user", ":u::int8");
  const values = [
    "gen_random_uuid()",
    "gen_random_uuid()",
    sqlIdOf("contest", "1"),
    sqlIdOf("bot", "(:u::int8 % 2 + 1)"),
    who,
    STAKE,
    "now()",
    "0",
    "1000000",
  ];
  const key = `sha256(convert_to(${sqlKeyOf(":u::int8")}, 'UTF8'))`;
  return `\\set u random(3, ${USERS})\n${line(findKey, [key, "now()"])}BEGIN;\n${line(placeBetRow, values)}COMMIT;\n`;
}

const database = await temporaryDatabase();
let agon: Awaited<ReturnType<typeof startAgon>> | null = null;
try {
  await fill(database.url);
  agon = await startAgon(database.url, { AGON_ROLES: "api", LIMIT_BETS_PER_MINUTE_MAX: "1000000" });
  for (const connections of CONNECTIONS) {
    const [raw, http]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      raw.push(await pgbench(database.url, script(), { clients: connections, seconds: SECONDS }));
      const load = { port: agon.port, connections, lanes, again: true, expected: "PlaceBetSuccess" };
      await sendLoad({ ...load, forMs: 700 });
      const sent = await sendLoad({ ...load, forMs: SECONDS * 1_000 });
      if (sent.wrong > 0) throw new Error(`${sent.wrong} wrong answers: ${sent.firstBody}`);
      http.push(sent.perSecond);
    }
    const ratio = mean(http) / mean(raw);
    say(
      `placeBet on one contest, ${connections} connections: pgbench ${mean(raw).toFixed(0)} a second, HTTP ${mean(http).toFixed(0)} (goal ${GOALS.perSecond}), ratio ${ratio.toFixed(2)} (goal ${GOALS.ratio})`,
    );
  }
  await withClient(database.url, async (client) => {
    // The bets of contest 2 were written beside the ledger: what they paid in is written as one journal.
    await client.query(
      `SELECT ledger_post(gen_random_uuid(), 'CORRECTION', 'User:' || ${sqlIdOf("user", "1")}, 'stakes', NULL, NULL, now(), ARRAY['house:faucet', 'pool'],
        ARRAY[${NOBODY}, ${sqlIdOf("contest", "2")}], ARRAY[-(SELECT sum(amount) FROM bet WHERE contest_id = ${sqlIdOf("contest", "2")}), (SELECT sum(amount) FROM bet WHERE contest_id = ${sqlIdOf("contest", "2")})])`,
    );
    const began = performance.now();
    const { rows } = await client.query<{ outcome: string }>(
      line(settlePoolRow, [sqlIdOf("contest", "2"), "gen_random_uuid()", "now()", "3"]),
    );
    const seconds = (performance.now() - began) / 1_000;
    if (rows[0]?.outcome !== "SETTLED") throw new Error(`the pool was ${rows[0]?.outcome}`);
    say(
      `settlement of ${BETS.toLocaleString("en")} bets of ${USERS.toLocaleString("en")} users: ${seconds.toFixed(2)} s, goal ${GOALS.settlement_s} s: ratio ${(GOALS.settlement_s / seconds).toFixed(2)}`,
    );
  });
} finally {
  await agon?.stop();
  await database.stop();
}
