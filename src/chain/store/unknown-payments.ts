import { statement } from "../../platform/statement.ts";

/** Which of some transactions were signed here. */
export const signedHere = statement(
  "chain.signed-here",
  `SELECT tx_hash FROM withdrawal_attempt WHERE tx_hash = ANY($1::text[])`,
  { tx_hash: "text" },
);
export const noteUnknown = statement(
  "chain.note-unknown",
  `INSERT INTO unknown_payment (tx_hash, log_index, hot_address, nonce, to_address, amount, fee_wei, height, block_hash, seen_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
  {},
);
const UNKNOWN = {
  tx_hash: "text",
  log_index: "int4",
  hot_address: "text",
  nonce: "int4?",
  to_address: "text",
  amount: "numeric",
  fee_wei: "numeric",
  height: "int4",
  block_hash: "text",
} as const;
const COLUMNS = Object.keys(UNKNOWN).join(", ");

/** What no operator has said yet what it was, oldest first, with the open withdrawals that it may have paid. */
export const unsettledPayments = statement(
  "chain.unsettled-payments",
  `SELECT ${COLUMNS},
     ARRAY(SELECT w.id::text FROM withdrawal w WHERE w.to_address = u.to_address AND w.amount = u.amount AND w.status IN ('RESERVED', 'SIGNED', 'SENT') ORDER BY w.id) AS candidates,
     (SELECT a.handle FROM wallet l JOIN app_user a ON a.id = l.user_id WHERE l.address = u.to_address) AS handle
   FROM unknown_payment u WHERE settled_at IS NULL ORDER BY height, log_index LIMIT $1`,
  { ...UNKNOWN, candidates: "_text", handle: "text?" },
);
export const lockUnsettled = statement(
  "chain.lock-unsettled",
  `SELECT ${COLUMNS}, (SELECT l.user_id FROM wallet l WHERE l.address = to_address) AS owner
   FROM unknown_payment WHERE tx_hash = $1 AND settled_at IS NULL ORDER BY log_index FOR UPDATE`,
  { ...UNKNOWN, owner: "uuid?" },
);
export const settleUnknown = statement(
  "chain.settle-unknown",
  `UPDATE unknown_payment SET settled_at = $2 WHERE tx_hash = $1`,
  {},
);
