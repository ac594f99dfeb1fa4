// Journals through the ledger's service beside pgbench running the same statement, and the proof of a full ledger: node bench/ledger.ts [rounds] [seconds] [journals]
import { checkLedger, LEDGER_INVARIANTS } from "../src/ledger/service/check.ts";
import { post } from "../src/ledger/service/post.ts";
import { treasuryOf, closeLedgerDays } from "../src/ledger/service/treasury.ts";
import { available, move, pool, type Journal } from "../src/ledger/rules.ts";
import { writeJournal } from "../src/ledger/store/ledger.ts";
import { systemClock } from "../src/platform/clock.ts";
import { openDatabase } from "../src/platform/database.ts";
import { amountOf } from "../src/platform/money.ts";
import { systemRandom } from "../src/platform/random.ts";
import { temporaryDatabase } from "./database.ts";
import { idOf, sqlIdOf, withClient } from "./fill.ts";
import { line, pgbench } from "./pgbench.ts";

const ROUNDS = Number(process.argv[2] ?? 2);
const SECONDS = Number(process.argv[3] ?? 3);
const JOURNALS = Number(process.argv[4] ?? 1_000_000);
const CONNECTIONS = [16, 64] as const;
const [USERS, POOLS] = [10_000, 1_000];
const GOAL = 0.3;
const NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid";

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Users with plenty, by as many grants of a day that is over; triggers are off, so the balances are written with them. */
async function fill(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query("SET session_replication_role = replica");
    const user = sqlIdOf("user", `(n - 1) % ${USERS} + 1`);
    for (const text of [
      `INSERT INTO app_user (id, handle, created_at) SELECT ${sqlIdOf("user", "n")}, 'user' || n, now() FROM generate_series(1, ${USERS}) n`,
      `INSERT INTO journal (id, kind, reference, key, at) SELECT ${sqlIdOf("entry", "n")}, 'FAUCET', 'User:' || ${user}, 'grant ' || n, now() - interval '2 days' FROM generate_series(1, ${JOURNALS}) n`,
      `INSERT INTO posting SELECT ${sqlIdOf("entry", "n")}, 'user:available', ${user}, 1000000000 FROM generate_series(1, ${JOURNALS}) n`,
      `INSERT INTO posting SELECT ${sqlIdOf("entry", "n")}, 'house:faucet', ${NOBODY}, -1000000000 FROM generate_series(1, ${JOURNALS}) n`,
      `INSERT INTO user_balance SELECT account, subject_id, sum(amount) FROM posting WHERE account = 'user:available' GROUP BY 1, 2`,
      "VACUUM ANALYZE journal, posting, user_balance",
    ])
      await client.query(text);
  });
}

/** What a bet moves: a random user pays into a random pool, or all into one. */
const betOf = (hot: boolean): Journal => {
  const user = idOf("user", 1 + Math.floor(Math.random() * USERS));
  const contest = idOf("contest", hot ? 1 : 1 + Math.floor(Math.random() * POOLS));
  const postings = move(available(user), pool(contest), amountOf(1n));
  return { kind: "BET", reference: `Fight:${contest}`, key: crypto.randomUUID(), postings };
};

async function throughService(url: string, connections: number, hot: boolean): Promise<number> {
  const platform = { db: openDatabase(url, connections), clock: systemClock, random: systemRandom };
  const until = performance.now() + SECONDS * 1_000;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      // The journal is the transaction's only statement: it travels with its COMMIT.
      const posted = await platform.db.transact(({ finish }) => post({ query: finish }, platform, betOf(hot)));
      if (!posted.ok) throw new Error(posted.code);
      done++;
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  await platform.db.close();
  return done / SECONDS;
}

function fromPgbench(url: string, connections: number, hot: boolean): Promise<number> {
  const contest = sqlIdOf("contest", hot ? "1" : ":c::int8");
  const values = [
    "gen_random_uuid()",
    "'BET'",
    `'Fight:' || ${contest}`,
    "gen_random_uuid()::text",
    "NULL",
    "NULL",
    "now()",
    // pgbench takes a colon within quotes for a variable, too.
    "ARRAY[:account::text, 'pool']",
    `ARRAY[${sqlIdOf("user", ":u::int8")}, ${contest}]`,
    "ARRAY[-1::numeric, 1]",
  ];
  const script = `\\set u random(1, ${USERS})\n\\set c random(1, ${POOLS})\nBEGIN;\n${line(writeJournal, values)}COMMIT;\n`;
  return pgbench(url, script, { clients: connections, seconds: SECONDS, variables: { account: "user:available" } });
}

const mean = (samples: readonly number[]) => samples.reduce((sum, each) => sum + each, 0) / samples.length;

async function compare(url: string, connections: number, hot: boolean): Promise<void> {
  const [service, raw]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    raw.push(await fromPgbench(url, connections, hot));
    service.push(await throughService(url, connections, hot));
  }
  const ratio = mean(service) / mean(raw);
  say(
    `${(hot ? "one pool" : `${POOLS} pools`).padEnd(11)} ${String(connections).padStart(4)}  service ${mean(service).toFixed(0).padStart(6)}  pgbench ${mean(raw).toFixed(0).padStart(6)}  ratio ${ratio.toFixed(2)}, goal ${GOAL.toFixed(2)}`,
  );
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

async function proof(url: string): Promise<void> {
  const onePass = "SELECT journal_id, sum(amount) FROM posting GROUP BY journal_id HAVING sum(amount) <> 0";
  const pass_s = await seconds(() =>
    withClient(url, (client) => client.query("SET work_mem = '256MB'").then(() => client.query(onePass))),
  );
  const check_s = await seconds(async () => {
    const broken = (await checkLedger(url, LEDGER_INVARIANTS)).filter((each) => each.broken.length > 0);
    if (broken.length > 0) throw new Error(JSON.stringify(broken));
  });
  say(
    `ledger:check of ${(2 * JOURNALS).toLocaleString("en")} postings and more: ${check_s.toFixed(1)} s for ${LEDGER_INVARIANTS.length} invariants; summing every journal alone ${pass_s.toFixed(1)} s: ratio ${(check_s / pass_s).toFixed(1)}`,
  );
}

async function totals(url: string): Promise<void> {
  const platform = { db: openDatabase(url, 1), clock: systemClock };
  const summed_s = await seconds(() =>
    platform.db.pool.query("SELECT account, sum(amount) FROM posting GROUP BY account"),
  );
  await closeLedgerDays(platform);
  await treasuryOf(platform);
  const closed_s = await seconds(() => treasuryOf(platform));
  await platform.db.close();
  say(
    `treasury with its days closed ${(closed_s * 1_000).toFixed(0)} ms; summing all postings ${(summed_s * 1_000).toFixed(0)} ms: ratio ${(closed_s / summed_s).toFixed(2)}`,
  );
}

const database = await temporaryDatabase();
try {
  await fill(database.url);
  await totals(database.url);
  say(
    `journals a second, mean of ${ROUNDS} rounds of ${SECONDS} s, with ${JOURNALS.toLocaleString("en")} journals there`,
  );
  for (const hot of [false, true]) for (const connections of CONNECTIONS) await compare(database.url, connections, hot);
  await proof(database.url);
} finally {
  await database.stop();
}
