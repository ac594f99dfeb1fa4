import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, whileCorrupt } from "../../../tests/harness/database.ts";
import { available, held, move, platformAccount, type JournalKind, type Posting } from "../../ledger/rules.ts";
import { checkLedger, LEDGER_INVARIANTS } from "../../ledger/service/check.ts";
import { post } from "../../ledger/service/post.ts";
import { openDatabase, type Database } from "../../platform/database.ts";
import { amountOf } from "../../platform/money.ts";
import { systemRandom } from "../../platform/random.ts";
import { CHAIN_INVARIANTS } from "./invariants.ts";

let database: { url: string; drop(): Promise<void> };
let db: Database;
const clock = { now: () => new Date("2026-11-26T12:00:00Z") };
const ann = crypto.randomUUID();
const HOT = `0x${"a".repeat(40)}`;
const [CONFIRMED, SENT, CANCELLED, RESERVED] = [1, 2, 3, 4].map((n) => `00000000-0000-7000-8000-00000000000${n}`) as [
  string,
  string,
  string,
  string,
];
const [OWNED, NOBODYS, CLAIMED, REVERSED, SEEN] = [5, 6, 7, 8, 9].map(
  (n) => `00000000-0000-7000-8000-00000000000${n}`,
) as [string, string, string, string, string];
const hash = (id: string) => `0x${id.at(-1)?.repeat(64)}`;
const five = amountOf(5n);

let keys = 0;
async function write(kind: JournalKind, reference: string, postings: Posting[], key = `k${keys++}`): Promise<void> {
  const journal = { kind, reference, key, postings };
  const posted = await db.transact((tx) => post(tx, { clock, random: systemRandom }, journal));
  if (!posted.ok) throw new Error(posted.code);
}

beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url);
  const { pool } = db;
  await pool.query(`INSERT INTO app_user (id, handle, created_at) VALUES ($1, 'ann', now())`, [ann]);
  await pool.query(
    `INSERT INTO hot_wallet (address, chain_id, next_nonce, registered_at) VALUES ($1, 31337, 2, now())`,
    [HOT],
  );
  await write("FAUCET", `User:${ann}`, move(platformAccount("house:faucet"), available(ann), amountOf(100n)));
  for (const [id, status, nonce, fee] of [
    [CONFIRMED, "CONFIRMED", 0, 1],
    [SENT, "SENT", 1, null],
    [CANCELLED, "CANCELLED", null, null],
    [RESERVED, "RESERVED", null, null],
  ] as const) {
    const signed = nonce === null ? null : hash(id);
    await pool.query(
      `INSERT INTO withdrawal (id, user_id, to_address, amount, status, hot_address, nonce, tx_hash, fee_wei, created_at, moved_at)
       VALUES ($1, $2, $3, 5, $4, $5, $6, $7, $8, now(), now())`,
      [id, ann, `0x${"b".repeat(40)}`, status, signed && HOT, nonce, signed, fee],
    );
    await write("WITHDRAWAL_RESERVED", `Withdrawal:${id}`, move(available(ann), held(ann), five));
    if (nonce === null) continue;
    await pool.query(
      `INSERT INTO withdrawal_attempt (tx_hash, withdrawal_id, hot_address, nonce, raw, max_fee_wei, priority_fee_wei, signed_at)
       VALUES ($1, $2, $3, $4, '0x', 1, 1, now())`,
      [signed, id, HOT, nonce],
    );
  }
  await pool.query(`UPDATE withdrawal_attempt SET mined_height = 9, mined_hash = '0xb' WHERE withdrawal_id = $1`, [
    CONFIRMED,
  ]);
  await write("WITHDRAWAL_PAID", `Withdrawal:${CONFIRMED}`, move(held(ann), platformAccount("chain:custody"), five));
  await write("WITHDRAWAL_RELEASED", `Withdrawal:${CANCELLED}`, move(held(ann), available(ann), five));
  await writeDeposits();
});

/** One of Ann's, one of nobody's, one of Ann's that was nobody's, one that was taken back, one that is only seen. */
async function writeDeposits(): Promise<void> {
  const custody = platformAccount("chain:custody");
  const nobodys = platformAccount("chain:unattributed");
  for (const [id, status, account, owner] of [
    [OWNED, "CREDITED", "user:available", ann],
    [NOBODYS, "CREDITED", "chain:unattributed", null],
    [CLAIMED, "CREDITED", "user:available", ann],
    [REVERSED, "REVERSED", "user:available", ann],
    [SEEN, "PENDING", null, ann],
  ] as const) {
    await db.pool.query(
      `INSERT INTO deposit (id, user_id, from_address, to_address, amount, status, account, height, block_hash, log_index, tx_hash, seen_at, moved_at)
       VALUES ($1, $2, $3, $4, 5, $5, $6, $7, $8, 0, $8, now(), now())`,
      [id, owner, `0x${"c".repeat(40)}`, `0x${"d".repeat(40)}`, status, account, Number(id.at(-1)), hash(id)],
    );
    if (account === null) continue;
    const first = id === CLAIMED ? nobodys : owner === null ? nobodys : available(ann);
    await write("DEPOSIT", `Deposit:${id}`, move(custody, first, five), `deposit:${id}`);
  }
  await write("DEPOSIT", `Deposit:${CLAIMED}`, move(nobodys, available(ann), five), `deposit:${CLAIMED}:claimed`);
  await write("DEPOSIT_REVERSED", `Deposit:${REVERSED}`, move(available(ann), custody, five));
  await db.pool.query("INSERT INTO deposit_watch (credit_tag, first_height) VALUES ('finalized', 0)");
  await db.pool.query("INSERT INTO solvency (height, custody, liabilities, checked_at) VALUES (9, 5, 5, now())");
}
afterAll(async () => {
  await db.close();
  await database.drop();
});

const broken = async () =>
  (await checkLedger(database.url, [...LEDGER_INVARIANTS, ...CHAIN_INVARIANTS]))
    .filter((each) => each.broken.length > 0)
    .map(({ name }) => name);

const TABLES = ["withdrawal", "withdrawal_attempt", "deposit", "solvency", "journal", "posting", "user_balance"];

test("sound withdrawals and deposits are found sound", async () => {
  expect(await broken()).toEqual([]);
});

test.each<[string, string, string[]]>([
  [
    "a withdrawal confirmed without a payment",
    `UPDATE withdrawal SET status = 'CONFIRMED', fee_wei = 1 WHERE id = '${SENT}'`,
    ["WITHDRAWALS_ARE_PAID_ONCE", "WITHDRAWALS_ARE_BOOKED", "HELD_IS_OPEN"],
  ],
  [
    "one confirmed and booked, with no block that has it",
    `UPDATE withdrawal_attempt SET mined_hash = NULL, mined_height = NULL`,
    ["WITHDRAWALS_ARE_PAID_ONCE"],
  ],
  [
    "one confirmed by a transaction that is none of its own",
    `UPDATE withdrawal SET tx_hash = '${hash("9")}' WHERE id = '${CONFIRMED}'`,
    ["WITHDRAWALS_ARE_PAID_ONCE"],
  ],
  [
    "a payment of one that is still open",
    `UPDATE withdrawal_attempt SET mined_hash = '0xc', mined_height = 8 WHERE withdrawal_id = '${SENT}'`,
    ["WITHDRAWALS_ARE_PAID_ONCE"],
  ],
  [
    "one paid twice in the ledger",
    `INSERT INTO journal SELECT gen_random_uuid(), kind, reference, 'twice', NULL, NULL, at FROM journal WHERE kind = 'WITHDRAWAL_PAID';
     INSERT INTO posting SELECT t.id, account, subject_id, amount FROM posting p, journal j, journal t WHERE j.id = p.journal_id AND j.kind = 'WITHDRAWAL_PAID' AND j.key <> 'twice' AND t.key = 'twice';
     UPDATE user_balance SET balance = balance - 5 WHERE account = 'user:held'`,
    ["WITHDRAWALS_ARE_BOOKED", "HELD_IS_OPEN"],
  ],
  [
    "one that was given back without being over",
    `UPDATE withdrawal SET status = 'RESERVED' WHERE id = '${CANCELLED}'`,
    ["WITHDRAWALS_ARE_BOOKED", "HELD_IS_OPEN"],
  ],
  [
    "one of more than was held for it",
    `UPDATE withdrawal SET amount = 6 WHERE id = '${RESERVED}'`,
    ["WITHDRAWALS_ARE_BOOKED", "HELD_IS_OPEN"],
  ],
  ["one that is gone", `DELETE FROM withdrawal WHERE id = '${RESERVED}'`, ["HELD_IS_OPEN", "WITHDRAWALS_EXIST"]],
  [
    "a deposit that was credited twice in the ledger",
    `INSERT INTO journal SELECT gen_random_uuid(), kind, reference, 'twice', NULL, NULL, at FROM journal WHERE key = 'deposit:${OWNED}';
     INSERT INTO posting SELECT t.id, account, subject_id, amount FROM posting p, journal j, journal t WHERE j.id = p.journal_id AND j.key = 'deposit:${OWNED}' AND t.key = 'twice';
     UPDATE user_balance SET balance = balance + 5 WHERE account = 'user:available'`,
    ["DEPOSITS_ARE_BOOKED"],
  ],
  [
    "a deposit whose transaction was credited in two blocks",
    `UPDATE deposit SET tx_hash = '${hash(OWNED)}' WHERE id = '${CLAIMED}'`,
    ["DEPOSITS_ARE_CREDITED_ONCE"],
  ],
  [
    "two deposits that were credited from two blocks of one height",
    `UPDATE deposit SET height = 5 WHERE id = '${CLAIMED}'`,
    ["DEPOSITS_ARE_CREDITED_ONCE"],
  ],
  [
    "a deposit that is said to be credited and is not",
    `UPDATE deposit SET status = 'CREDITED', account = 'user:available' WHERE id = '${SEEN}'`,
    ["DEPOSITS_ARE_BOOKED"],
  ],
  [
    "a deposit that was taken back and is said to stand",
    `UPDATE deposit SET status = 'CREDITED' WHERE id = '${REVERSED}'`,
    ["DEPOSITS_ARE_BOOKED"],
  ],
  [
    "a deposit that was credited to somebody else",
    `UPDATE posting p SET subject_id = gen_random_uuid() FROM journal j WHERE j.id = p.journal_id AND j.key = 'deposit:${OWNED}' AND p.account = 'user:available'`,
    ["BALANCES_ARE_SUMS", "DEPOSITS_ARE_BOOKED"],
  ],
  [
    "a deposit of nobody's that was given away unseen",
    `UPDATE deposit SET account = 'user:available', user_id = '${OWNED}' WHERE id = '${NOBODYS}'`,
    ["DEPOSITS_ARE_BOOKED", "UNATTRIBUTED_IS_NOBODYS"],
  ],
  ["a deposit that is gone", `DELETE FROM deposit WHERE id = '${OWNED}'`, ["DEPOSITS_EXIST"]],
  ["a chain that has too little", `UPDATE solvency SET custody = 4`, ["CUSTODY_COVERS"]],
  ["a chain that nobody has compared", `DELETE FROM solvency`, ["CUSTODY_IS_PROVED"]],
  [
    "a chain that was compared too long ago",
    `UPDATE solvency SET checked_at = now() - interval '16 minutes'`,
    ["CUSTODY_IS_PROVED"],
  ],
])("%s is found", async (_sentence, sql, names) => {
  expect(await whileCorrupt(database.url, TABLES, sql, broken)).toEqual(names);
  expect(await broken()).toEqual([]);
});
