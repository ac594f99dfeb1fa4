import { leaseHeld } from "../../platform/leases.ts";
import { statement } from "../../platform/statement.ts";

/** The arena's own wallets: every account that pays or paid, and every one that deposits go to or went to. */
const OWN_ADDRESSES = "ARRAY(SELECT address FROM hot_wallet UNION SELECT address FROM master_wallet)";

/** Holds a user's requests back until the commit, so that the sums of a day and an hour hold. */
export const lockRequests = statement(
  "chain.lock-requests",
  `SELECT id FROM app_user WHERE id = $1 FOR NO KEY UPDATE`,
  { id: "uuid" },
);
export const walletsOfUser = statement(
  "chain.wallets-of-user",
  `SELECT w.address, w.linked_at, w.linked_at <= u.created_at AS founding FROM wallet w JOIN app_user u ON u.id = w.user_id WHERE u.id = $1`,
  { address: "text", linked_at: "timestamptz", founding: "bool" },
);
/** Where money leaves from: null where nothing pays. */
export const payingFrom = statement(
  "chain.paying-from",
  `SELECT h.address, h.chain_id, c.genesis_hash, c.token_address, ${OWN_ADDRESSES} AS own_addresses
   FROM hot_wallet h CROSS JOIN chain_identity c WHERE h.current AND c.chain_id = h.chain_id`,
  { address: "text", chain_id: "int4", genesis_hash: "text", token_address: "text", own_addresses: "_text" },
);
/**
 * What of a user's withdrawals was signed since $2 or is still to be, however long ago it was asked for; and when, in
 * milliseconds since 1970, what was asked since $3, newest first.
 */
export const leavingSince = statement(
  "chain.leaving-since",
  `SELECT (SELECT coalesce(sum(w.amount), 0) FROM withdrawal w WHERE w.user_id = $1 AND (w.status = 'RESERVED'
       OR (w.status IN ('SIGNED', 'SENT', 'CONFIRMED') AND EXISTS (SELECT FROM withdrawal_attempt a WHERE a.withdrawal_id = w.id AND a.signed_at > $2)))) AS amount,
     (SELECT coalesce(array_agg((extract(epoch FROM created_at) * 1000)::int8::text ORDER BY created_at DESC), '{}')
       FROM withdrawal WHERE user_id = $1 AND created_at > $3) AS asked_ms`,
  { amount: "numeric", asked_ms: "_text" },
);
export const withdrawalByKey = statement(
  "chain.withdrawal-by-key",
  `SELECT id, to_address, amount FROM withdrawal WHERE user_id = $1 AND idempotency_key = $2`,
  { id: "uuid", to_address: "text", amount: "numeric" },
);
export const insertWithdrawal = statement(
  "chain.insert-withdrawal",
  `INSERT INTO withdrawal (id, user_id, to_address, amount, idempotency_key, status, created_at, moved_at)
   VALUES ($1, $2, $3, $4, $5, 'RESERVED', $6, $6)`,
  {},
);
export const lockWithdrawal = statement(
  "chain.lock-withdrawal",
  `SELECT id, user_id, to_address, amount, status, waiting_for, hot_address, nonce, tx_hash, fee_wei FROM withdrawal WHERE id = $1 FOR UPDATE`,
  {
    id: "uuid",
    user_id: "uuid",
    to_address: "text",
    amount: "numeric",
    status: "text",
    waiting_for: "text?",
    hot_address: "text?",
    nonce: "int4?",
    tx_hash: "text?",
    fee_wei: "numeric?",
  },
);
/** The attempts of a withdrawal's present nonce, the dearest last. */
export const attemptsOf = statement(
  "chain.attempts-of",
  `SELECT a.tx_hash, a.max_fee_wei, a.priority_fee_wei FROM withdrawal_attempt a JOIN withdrawal w ON w.id = a.withdrawal_id
   WHERE w.id = $1 AND a.hot_address = w.hot_address AND a.nonce = w.nonce ORDER BY a.max_fee_wei`,
  { tx_hash: "text", max_fee_wei: "numeric", priority_fee_wei: "numeric" },
);
export const moveWithdrawal = statement(
  "chain.move-withdrawal",
  `UPDATE withdrawal SET status = $2, waiting_for = $3, hot_address = $4, nonce = $5, tx_hash = $6, fee_wei = $7, moved_at = $8 WHERE id = $1`,
  {},
);
export const insertAttempt = statement(
  "chain.insert-attempt",
  `INSERT INTO withdrawal_attempt (tx_hash, withdrawal_id, hot_address, nonce, raw, max_fee_wei, priority_fee_wei, signed_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  {},
);
export const markSent = statement(
  "chain.mark-sent",
  `UPDATE withdrawal_attempt SET sent_at = $2 WHERE tx_hash = $1`,
  {},
);
export const markMined = statement(
  "chain.mark-mined",
  `UPDATE withdrawal_attempt SET mined_height = $2, mined_hash = $3 WHERE tx_hash = $1`,
  {},
);
/** Signed and not decided: every attempt of each, in order of nonces, the dearest last. */
export const openAttempts = statement(
  "chain.open-attempts",
  `SELECT w.id, w.status, w.to_address, w.amount, w.nonce, a.tx_hash, a.raw, a.max_fee_wei, a.priority_fee_wei, a.signed_at, a.sent_at
   FROM (SELECT * FROM withdrawal WHERE status IN ('SIGNED', 'SENT') AND hot_address = $1 ORDER BY nonce LIMIT $2) w
   JOIN withdrawal_attempt a ON a.withdrawal_id = w.id AND a.hot_address = w.hot_address AND a.nonce = w.nonce
   ORDER BY w.nonce, a.max_fee_wei`,
  {
    id: "uuid",
    status: "text",
    to_address: "text",
    amount: "numeric",
    nonce: "int4",
    tx_hash: "text",
    raw: "text",
    max_fee_wei: "numeric",
    priority_fee_wei: "numeric",
    signed_at: "timestamptz",
    sent_at: "timestamptz?",
  },
);
/** What waits to be signed, oldest first; what only its owner or an operator can free stands in nobody's way. */
export const reserved = statement(
  "chain.reserved",
  `SELECT id FROM withdrawal WHERE status = 'RESERVED'
   ORDER BY coalesce(waiting_for IN ('ACCOUNT_SUSPENDED', 'WALLET_UNLINKED', 'DENIED_ADDRESS'), false), id LIMIT $1`,
  { id: "uuid" },
);
/** What decides whether a reserved withdrawal is signed, besides the chain. */
export const signingFacts = statement(
  "chain.signing-facts",
  `SELECT u.suspended_at IS NOT NULL OR u.deleted_at IS NOT NULL AS suspended,
     EXISTS (SELECT FROM wallet l WHERE l.user_id = w.user_id AND l.address = w.to_address) AS linked,
     (SELECT coalesce(sum(d.amount), 0) FROM withdrawal d WHERE d.status IN ('SIGNED', 'SENT', 'CONFIRMED')
       AND d.id IN (SELECT a.withdrawal_id FROM withdrawal_attempt a WHERE a.signed_at > $2)) AS day_total,
     c.token_address, ${OWN_ADDRESSES} AS own_addresses
   FROM withdrawal w JOIN app_user u ON u.id = w.user_id CROSS JOIN chain_identity c WHERE w.id = $1`,
  { suspended: "bool", linked: "bool", day_total: "numeric", token_address: "text", own_addresses: "_text" },
);

/** The hot wallet's row, for whoever holds the newest lease: it gives out nonces. */
export const lockHotWallet = statement(
  "chain.lock-hot-wallet",
  `SELECT address, next_nonce, stopped_for FROM hot_wallet
   WHERE address = $1 AND current AND ${leaseHeld("$2", "$3")} FOR UPDATE`,
  { address: "text", next_nonce: "int4", stopped_for: "text?" },
);
/** The same for an operator and for a start, which need no lease. */
export const lockCurrentHotWallet = statement(
  "chain.lock-current-hot-wallet",
  `SELECT address, next_nonce, stopped_for FROM hot_wallet WHERE current FOR UPDATE`,
  { address: "text", next_nonce: "int4", stopped_for: "text?" },
);
export const takeNonce = statement(
  "chain.take-nonce",
  `UPDATE hot_wallet SET next_nonce = next_nonce + 1 WHERE address = $1`,
  {},
);
export const currentHotWallet = statement(
  "chain.current-hot-wallet",
  `SELECT address, chain_id, next_nonce, stopped_for, stopped_detail, stopped_at, alarms FROM hot_wallet WHERE current`,
  {
    address: "text",
    chain_id: "int4",
    next_nonce: "int4",
    stopped_for: "text?",
    stopped_detail: "text?",
    stopped_at: "timestamptz?",
    alarms: "_text",
  },
);
/** The first start with a key makes its wallet; a wallet that comes back goes on with its own nonces. */
export const registerHotWallet = statement(
  "chain.register-hot-wallet",
  `INSERT INTO hot_wallet (address, chain_id, next_nonce, registered_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (address) DO UPDATE SET current = true`,
  {},
);
export const replaceHotWallet = statement(
  "chain.replace-hot-wallet",
  `UPDATE hot_wallet SET current = false WHERE current AND address <> $1`,
  {},
);
/** A wallet whose key may be stolen pays never again. */
export const retireHotWallet = statement(
  "chain.retire-hot-wallet",
  `UPDATE hot_wallet SET current = false, alarms = '{}', retired_at = $2 WHERE address = $1`,
  {},
);
export const isRetired = statement(
  "chain.is-retired",
  `SELECT retired_at FROM hot_wallet WHERE address = $1 AND retired_at IS NOT NULL`,
  { retired_at: "timestamptz" },
);
/** The withdrawal that a nonce was signed for, and that is not over. */
export const openAtNonce = statement(
  "chain.open-at-nonce",
  `SELECT id FROM withdrawal WHERE hot_address = $1 AND nonce = $2 AND status IN ('SIGNED', 'SENT')`,
  { id: "uuid" },
);
/** How many withdrawals another wallet than $1 has signed and not settled. */
export const openElsewhere = statement(
  "chain.open-elsewhere",
  `SELECT count(*)::int4 AS withdrawals FROM withdrawal WHERE status IN ('SIGNED', 'SENT') AND hot_address <> $1`,
  { withdrawals: "int4" },
);
export const stopHotWallet = statement(
  "chain.stop-hot-wallet",
  `UPDATE hot_wallet SET stopped_for = $2, stopped_detail = $3, stopped_at = $4 WHERE address = $1 AND stopped_for IS NULL RETURNING address`,
  { address: "text" },
);
/** An operator's stop takes the place of one that came by itself, whose reason is kept in its words. */
export const stopByHand = statement(
  "chain.stop-by-hand",
  `UPDATE hot_wallet SET stopped_for = 'OPERATOR', stopped_at = $3,
     stopped_detail = $2 || coalesce('; it had stopped by itself before: ' || stopped_for || ', ' || stopped_detail, '')
   WHERE address = $1 AND stopped_for IS DISTINCT FROM 'OPERATOR' RETURNING address`,
  { address: "text" },
);
export const stoppedByOperator = statement(
  "chain.stopped-by-operator",
  `SELECT address FROM hot_wallet WHERE current AND stopped_for = 'OPERATOR'`,
  { address: "text" },
);
export const resumeHotWallet = statement(
  "chain.resume-hot-wallet",
  `UPDATE hot_wallet SET stopped_for = NULL, stopped_detail = NULL, stopped_at = NULL, next_nonce = greatest(next_nonce, $2) WHERE address = $1`,
  {},
);
/** Writes the alarms down when they differ from what stands there. */
export const raiseAlarms = statement(
  "chain.raise-alarms",
  `UPDATE hot_wallet SET alarms = $2::text[] WHERE address = $1 AND alarms IS DISTINCT FROM $2::text[] RETURNING address`,
  { address: "text" },
);
/** What the metrics say: how many withdrawals of each open status there are, and how long the oldest has not moved. */
export const openWithdrawals = statement(
  "chain.open-withdrawals",
  `SELECT status, count(*)::int4 AS withdrawals, coalesce(extract(epoch FROM now() - min(moved_at)), 0)::float8 AS oldest_s
   FROM withdrawal WHERE status IN ('RESERVED', 'SIGNED', 'SENT') GROUP BY status`,
  { status: "text", withdrawals: "int4", oldest_s: "float8" },
);
