import { leaseHeld } from "../../platform/leases.ts";
import { statement } from "../../platform/statement.ts";

export const registerMaster = statement(
  "chain.register-master",
  `INSERT INTO master_wallet (address, registered_at) VALUES ($1, $2) ON CONFLICT (address) DO UPDATE SET current = true`,
  {},
);
export const retireMaster = statement(
  "chain.retire-master",
  `UPDATE master_wallet SET current = false WHERE current AND address <> $1`,
  {},
);
/** Where reading begins is decided once; from when on a deposit counts may change. */
export const openWatch = statement(
  "chain.open-watch",
  `INSERT INTO deposit_watch (credit_tag, first_height) VALUES ($1, $2) ON CONFLICT ("only") DO UPDATE SET credit_tag = excluded.credit_tag`,
  {},
);
export const isWatched = statement("chain.is-watched", `SELECT first_height FROM deposit_watch`, {
  first_height: "int4",
});
/** What is watched, and how far the chain was read. */
export const watchNow = statement(
  "chain.watch",
  `SELECT first_height, cursor_height, cursor_hash, ARRAY(SELECT address FROM master_wallet) AS masters, ARRAY(SELECT address FROM hot_wallet) AS own
   FROM deposit_watch`,
  { first_height: "int4", cursor_height: "int4?", cursor_hash: "text?", masters: "_text", own: "_text" },
);
/** Where deposits go to now, for everybody; null where none are taken. */
export const depositingTo = statement(
  "chain.depositing-to",
  `SELECT m.address, c.chain_id, c.token_address, w.credit_tag FROM master_wallet m CROSS JOIN chain_identity c CROSS JOIN deposit_watch w WHERE m.current`,
  { address: "text", chain_id: "int4", token_address: "text", credit_tag: "text" },
);
/** The cursor's row, for whoever holds the newest lease: it is compared with what the blocks that were read follow on. */
export const lockWatch = statement(
  "chain.lock-watch",
  `SELECT cursor_height, cursor_hash FROM deposit_watch WHERE ${leaseHeld("$1", "$2")} FOR UPDATE`,
  { cursor_height: "int4?", cursor_hash: "text?" },
);
/** Waits for whoever credits: what is read next holds until the commit. */
export const holdWatch = statement("chain.hold-watch", `SELECT first_height FROM deposit_watch FOR SHARE`, {
  first_height: "int4",
});
export const moveCursor = statement(
  "chain.move-cursor",
  `UPDATE deposit_watch SET cursor_height = $1, cursor_hash = $2`,
  {},
);
/** Writes down what the chain's newest blocks are, when that is news, and now and then that somebody looks. */
export const noteHeads = statement(
  "chain.note-heads",
  `UPDATE deposit_watch SET latest_height = $1, credit_height = $2, final_height = $3, looked_at = $4
   WHERE (latest_height, credit_height, final_height) IS DISTINCT FROM ($1, $2, $3) OR looked_at < $4::timestamptz - interval '5 seconds'`,
  {},
);

const OBSERVED = {
  id: "uuid",
  user_id: "uuid?",
  from_address: "text",
  amount: "numeric",
  status: "text",
  account: "text?",
  height: "int4",
  block_hash: "text",
  tx_hash: "text",
} as const;
const OBSERVED_COLUMNS = "id, user_id, from_address, amount, status, account, height, block_hash, tx_hash";

/** Writes down what was seen for the first time, with whose wallet it came from. */
export const observe = statement(
  "chain.observe",
  `INSERT INTO deposit (id, user_id, from_address, to_address, amount, status, height, block_hash, log_index, tx_hash, seen_at, moved_at)
   SELECT o.id, (SELECT w.user_id FROM wallet w WHERE w.address = o.sender), o.sender, o.receiver, o.amount, 'PENDING', o.height, o.block_hash, o.log_index, o.tx_hash, $9, $9
   FROM unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::int4[], $6::text[], $7::int4[], $8::text[])
     AS o(id, sender, receiver, amount, height, block_hash, log_index, tx_hash)
   ON CONFLICT (block_hash, log_index) DO NOTHING RETURNING id`,
  { id: "uuid" },
);
export const lockObserved = statement(
  "chain.lock-observed",
  `SELECT ${OBSERVED_COLUMNS}, (SELECT w.user_id FROM wallet w WHERE w.address = from_address) AS owner FROM deposit
   WHERE (block_hash, log_index) IN (SELECT * FROM unnest($1::text[], $2::int4[])) ORDER BY height, log_index FOR UPDATE`,
  { ...OBSERVED, owner: "uuid?" },
);
/** What of that which is seen is written down already, and stands. */
export const shownDeposits = statement(
  "chain.shown-deposits",
  `SELECT block_hash, log_index FROM deposit
   WHERE (block_hash, log_index) IN (SELECT * FROM unnest($1::text[], $2::int4[])) AND status <> 'ORPHANED'`,
  { block_hash: "text", log_index: "int4" },
);
/** What was seen, is not credited, and is not seen any more; oldest first. */
export const missingDeposits = statement(
  "chain.missing-deposits",
  `SELECT id, height, block_hash FROM deposit
   WHERE status = 'PENDING' AND (block_hash, log_index) NOT IN (SELECT * FROM unnest($1::text[], $2::int4[]))
   ORDER BY height, id LIMIT $3`,
  { id: "uuid", height: "int4", block_hash: "text" },
);
export const settleDeposit = statement(
  "chain.settle-deposit",
  `UPDATE deposit SET status = $2, account = $3, user_id = $4, moved_at = $5 WHERE id = $1`,
  {},
);
/** Lets what vanished before it was credited go, or sees it again: only what still stands as $2 says. */
export const turnDeposits = statement(
  "chain.turn-deposits",
  `UPDATE deposit SET status = $3, moved_at = $4 WHERE id = ANY($1::uuid[]) AND status = $2 RETURNING ${OBSERVED_COLUMNS}`,
  OBSERVED,
);
/** Whatever is credited up to a final block can be withdrawn from now on; for whoever holds the newest lease. */
export const makeFinal = statement(
  "chain.make-final",
  `UPDATE deposit SET final_at = $2 WHERE status = 'CREDITED' AND final_at IS NULL AND height <= $1 AND ${leaseHeld("$3", "$4")} RETURNING ${OBSERVED_COLUMNS}`,
  OBSERVED,
);
/** The blocks with credited deposits below a height, newest first. */
export const creditedBlocks = statement(
  "chain.credited-blocks",
  `SELECT DISTINCT height, block_hash FROM deposit WHERE status = 'CREDITED' AND height <= $1 ORDER BY height DESC LIMIT $2`,
  { height: "int4", block_hash: "text" },
);
export const lockCreditedAbove = statement(
  "chain.lock-credited-above",
  `SELECT ${OBSERVED_COLUMNS} FROM deposit WHERE status = 'CREDITED' AND height > $1 ORDER BY height, id FOR UPDATE`,
  OBSERVED,
);
/** What a user has to spend, held until the commit. */
export const lockAvailable = statement(
  "chain.lock-available",
  `SELECT balance FROM user_balance WHERE account = 'user:available' AND user_id = $1 FOR NO KEY UPDATE`,
  { balance: "numeric" },
);

/** What a wallet sent before it was anybody's: credited to nobody, or still to be credited. Oldest first. */
export const lockNobodys = statement(
  "chain.lock-nobodys",
  `SELECT ${OBSERVED_COLUMNS} FROM deposit WHERE from_address = $1 AND user_id IS NULL AND (account = 'chain:unattributed' OR account IS NULL)
     AND status IN ('PENDING', 'CREDITED') ORDER BY id LIMIT $2 FOR UPDATE`,
  OBSERVED,
);

/**
 * What a user has, what of it rests on deposits that are not final, and what the kinds $3 of journals gave more than they took
 * since the id $2: ids are UUIDv7, so the cost is free of how much was played before.
 */
export const restsOf = statement(
  "chain.rests",
  `SELECT coalesce((SELECT balance FROM user_balance WHERE account = 'user:available' AND user_id = $1), 0) AS has,
     coalesce((SELECT sum(amount) FROM deposit WHERE user_id = $1 AND status = 'CREDITED' AND final_at IS NULL), 0) AS not_final,
     coalesce((SELECT sum(p.amount) FROM posting p JOIN journal j ON j.id = p.journal_id
       WHERE p.subject_id = $1 AND p.account = 'user:available' AND p.journal_id >= $2 AND j.kind = ANY($3::text[])), 0) AS won`,
  { has: "numeric", not_final: "numeric", won: "numeric" },
);
/** What is on its way to a user. */
export const pendingOf = statement(
  "chain.pending-of",
  `SELECT coalesce(sum(amount), 0) AS amount FROM deposit WHERE user_id = $1 AND status = 'PENDING'`,
  { amount: "numeric" },
);

export const freezes = statement(
  "chain.freezes",
  `SELECT reason, detail, since FROM withdrawal_freeze ORDER BY since`,
  {
    reason: "text",
    detail: "text",
    since: "timestamptz",
  },
);
/** The first detail stays until an operator lifts it. */
export const freeze = statement(
  "chain.freeze",
  `INSERT INTO withdrawal_freeze (reason, detail, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING reason`,
  { reason: "text" },
);
export const unfreeze = statement(
  "chain.unfreeze",
  `DELETE FROM withdrawal_freeze WHERE reason = $1 RETURNING detail`,
  { detail: "text" },
);

/** How far it is read, for operators. */
export const watchState = statement(
  "chain.watch-state",
  `SELECT credit_tag, cursor_height, latest_height, credit_height, final_height, looked_at, extract(epoch FROM now() - looked_at)::float8 AS age_s,
     ARRAY(SELECT address FROM master_wallet ORDER BY current DESC, registered_at DESC) AS masters FROM deposit_watch`,
  {
    credit_tag: "text",
    cursor_height: "int4?",
    latest_height: "int4?",
    credit_height: "int4?",
    final_height: "int4?",
    looked_at: "timestamptz?",
    age_s: "float8?",
    masters: "_text",
  },
);
/** What came and is nobody's, by sender; the largest first. */
export const nobodysBySender = statement(
  "chain.nobodys-by-sender",
  `SELECT from_address, count(*)::int4 AS deposits, sum(amount) AS amount, min(seen_at) AS since FROM deposit
   WHERE account = 'chain:unattributed' AND status = 'CREDITED' GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT $1`,
  { from_address: "text", deposits: "int4", amount: "numeric", since: "timestamptz" },
);
export const depositsByStatus = statement(
  "chain.deposits-by-status",
  `SELECT status, count(*)::int4 AS deposits FROM deposit WHERE status <> 'CREDITED' OR final_at IS NULL GROUP BY 1`,
  { status: "text", deposits: "int4" },
);
/** The deposits whose credited block vanished, newest first. */
export const reversedDeposits = statement(
  "chain.reversed-deposits",
  `SELECT d.id, u.handle, d.from_address, d.amount, d.tx_hash, d.moved_at,
     coalesce((SELECT -sum(p.amount) FROM posting p JOIN journal j ON j.id = p.journal_id WHERE j.key = 'deposit:' || d.id || ':reversed' AND p.account = 'chain:loss'), 0) AS lost
   FROM deposit d LEFT JOIN app_user u ON u.id = d.user_id WHERE d.status = 'REVERSED' ORDER BY d.moved_at DESC, d.id LIMIT $1`,
  {
    id: "uuid",
    handle: "text?",
    from_address: "text",
    amount: "numeric",
    tx_hash: "text",
    moved_at: "timestamptz",
    lost: "numeric",
  },
);
