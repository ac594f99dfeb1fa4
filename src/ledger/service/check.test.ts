import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, whileCorrupt } from "../../../tests/harness/database.ts";
import { openDatabase, type Database } from "../../platform/database.ts";
import { amountOf } from "../../platform/money.ts";
import { systemRandom } from "../../platform/random.ts";
import { available, held, move, platformAccount, pool, type Posting } from "../rules.ts";
import { checkLedger, LEDGER_INVARIANTS } from "./check.ts";
import { post, reverse } from "./post.ts";
import { closeLedgerDays, treasuryOf } from "./treasury.ts";

let database: { url: string; drop(): Promise<void> };
let db: Database;
const clock = { at: new Date("2026-11-24T12:00:00Z"), now: () => clock.at };
const platform = () => ({ db, clock, random: systemRandom });
const [ann, bob, contest] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()] as const;
let keys = 0;

async function moved(postings: Posting[]): Promise<string> {
  const journal = { kind: "CORRECTION", reference: `User:${ann}`, key: `k${keys++}`, postings } as const;
  const posted = await db.transact((tx) => post(tx, platform(), journal));
  if (!posted.ok) throw new Error(posted.code);
  return posted.journalId;
}

beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url);
  await db.pool.query(`INSERT INTO app_user (id, handle, created_at) VALUES ($1, 'ann', now()), ($2, 'bob', now())`, [
    ann,
    bob,
  ]);
  await moved(move(platformAccount("house:faucet"), available(ann), amountOf(10n ** 29n + 1n)));
  await moved(move(platformAccount("house:faucet"), available(bob), amountOf(100n)));
  await moved(move(available(ann), held(ann), amountOf(40n)));
  const mistake = await moved(move(available(bob), pool(contest), amountOf(30n)));
  await db.transact((tx) => reverse(tx, platform(), { journalId: mistake, reason: "a mistake" }));
  await moved([
    { ...available(bob), amount: -100n },
    { ...available(ann), amount: 97n },
    { ...platformAccount("house:rake"), amount: 3n },
  ]);
  clock.at = new Date("2026-11-26T03:00:00Z");
  await closeLedgerDays(platform());
  await moved(move(available(ann), available(bob), amountOf(5n)));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const broken = async () =>
  (await checkLedger(database.url, LEDGER_INVARIANTS)).filter((each) => each.broken.length > 0).map(({ name }) => name);

test("a sound ledger is found sound", async () => {
  expect(await broken()).toEqual([]);
});

test("what a day moved counts in the treasury whether the day is closed or not", async () => {
  const { rows } = await db.pool.query<{ day: string }>("SELECT DISTINCT day::text FROM ledger_day");
  expect(rows).toEqual([{ day: "2026-11-24" }]);
  expect(await treasuryOf(platform())).toMatchObject({
    "user:available": 10n ** 29n + 101n - 40n - 3n,
    "user:held": 40n,
    pool: 0n,
    "house:rake": 3n,
    "house:faucet": -(10n ** 29n + 101n),
  });
  await closeLedgerDays(platform());
  expect((await treasuryOf(platform()))["house:rake"]).toBe(3n);
});

test("a day that is closed takes no more", async () => {
  const now = clock.at;
  clock.at = new Date("2026-11-24T23:59:59Z");
  await expect(moved(move(available(ann), available(bob), amountOf(1n)))).rejects.toThrow(/closed for the day/);
  clock.at = now;
});

const TABLES = ["journal", "posting", "user_balance", "ledger_day"];

const ONE = `(SELECT journal_id FROM posting WHERE account = 'house:rake' LIMIT 1)`;
const NOBODY = "'00000000-0000-0000-0000-000000000000'";

test.each<[string, string, string[]]>([
  [
    "a posting changed",
    `UPDATE posting SET amount = amount + 1 WHERE journal_id = ${ONE} AND subject_id = '${ann}'`,
    ["SUM_IS_ZERO", "JOURNALS_BALANCE", "BALANCES_ARE_SUMS", "DAYS_ARE_SUMS"],
  ],
  [
    "a posting changed with another of its journal, so that it balances",
    `UPDATE posting SET amount = CASE WHEN subject_id = '${ann}' THEN amount + 1 ELSE amount - 1 END WHERE journal_id = ${ONE} AND account = 'user:available'`,
    ["BALANCES_ARE_SUMS"],
  ],
  [
    "a posting changed on accounts of the house alone",
    `UPDATE posting SET amount = amount + 1 WHERE account = 'house:rake'; UPDATE posting SET amount = amount - 1 WHERE journal_id <> ${ONE} AND account = 'house:faucet' AND amount < -1000`,
    ["JOURNALS_BALANCE", "DAYS_ARE_SUMS"],
  ],
  [
    "a posting added",
    `INSERT INTO posting VALUES (${ONE}, 'chain:loss', ${NOBODY}, 1)`,
    ["SUM_IS_ZERO", "JOURNALS_BALANCE", "DAYS_ARE_SUMS"],
  ],
  [
    "two postings added that balance",
    `INSERT INTO posting VALUES (${ONE}, 'user:held', '${bob}', 1), (${ONE}, 'user:held', '${ann}', -1)`,
    ["BALANCES_ARE_SUMS"],
  ],
  [
    "a posting removed",
    `DELETE FROM posting WHERE account = 'house:rake'`,
    ["SUM_IS_ZERO", "JOURNALS_BALANCE", "DAYS_ARE_SUMS"],
  ],
  [
    "a journal removed, its postings left",
    `DELETE FROM journal WHERE id = ${ONE}`,
    ["POSTINGS_BELONG", "DAYS_ARE_SUMS"],
  ],
  [
    "a journal removed with its postings",
    `CREATE TEMP TABLE gone AS SELECT ${ONE} AS id; DELETE FROM journal WHERE id IN (TABLE gone); DELETE FROM posting WHERE journal_id IN (TABLE gone)`,
    ["BALANCES_ARE_SUMS", "DAYS_ARE_SUMS"],
  ],
  [
    "the postings of a journal removed, itself left",
    `DELETE FROM posting WHERE journal_id = ${ONE}`,
    ["JOURNALS_MOVE", "BALANCES_ARE_SUMS", "DAYS_ARE_SUMS"],
  ],
  [
    "a user's balance changed",
    `UPDATE user_balance SET balance = balance + 1 WHERE user_id = '${bob}'`,
    ["BALANCES_ARE_SUMS"],
  ],
  ["a user's balance removed", `DELETE FROM user_balance WHERE user_id = '${bob}'`, ["BALANCES_ARE_SUMS"]],
  ["a user's balance invented", `INSERT INTO user_balance VALUES ('user:held', '${bob}', 7)`, ["BALANCES_ARE_SUMS"]],
  [
    "a user below zero, as the check alone would have kept",
    `ALTER TABLE user_balance DROP CONSTRAINT user_balance_covered; UPDATE user_balance SET balance = -1 WHERE user_id = '${bob}'`,
    ["BALANCES_ARE_SUMS", "USERS_ARE_COVERED"],
  ],
  [
    "a reversal of something else",
    `UPDATE journal SET reverses_id = ${ONE} WHERE reverses_id IS NOT NULL`,
    ["REVERSALS_MIRROR"],
  ],
  [
    "a closed day's total changed",
    `UPDATE ledger_day SET amount = amount + 1 WHERE account = 'house:rake'`,
    ["DAYS_ARE_SUMS"],
  ],
])("%s is found", async (_sentence, sql, names) => {
  expect(await whileCorrupt(database.url, TABLES, sql, broken)).toEqual(names);
  expect(await broken()).toEqual([]);
});
