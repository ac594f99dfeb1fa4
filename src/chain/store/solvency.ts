import { statement } from "../../platform/statement.ts";

/** The accounts whose money is owed to somebody; what the faucet has left and what was lost is not. */
const OWED = "account NOT IN ('chain:custody', 'chain:loss', 'house:faucet')";

/**
 * Where the money is that is owed, and from when on the ledger's days are open. Earlier hot wallets are ours as well, unless their
 * key was given up as stolen.
 */
export const custodyOf = statement(
  "chain.custody",
  `SELECT c.token_address, h.address AS hot_address,
     ARRAY(SELECT address FROM master_wallet UNION SELECT address FROM hot_wallet WHERE retired_at IS NULL) AS addresses,
     (SELECT (max(day) + 1)::timestamp AT TIME ZONE 'UTC' FROM ledger_day) AS open_at
   FROM chain_identity c LEFT JOIN hot_wallet h ON h.current`,
  { token_address: "text", hot_address: "text?", addresses: "_text", open_at: "timestamptz?" },
);
/**
 * What is owed as of one block, in one instant: without deposits of later blocks, and without what was paid up to it and is
 * not booked yet. $1 is the block, $2 the hot wallet's count of transactions in it, $3 from when on days are open.
 */
export const liabilitiesAt = statement(
  "chain.liabilities",
  `SELECT (SELECT coalesce(sum(amount), 0) FROM (
       SELECT amount FROM ledger_day WHERE day < ($3::timestamptz AT TIME ZONE 'UTC')::date AND ${OWED}
       UNION ALL
       SELECT p.amount FROM journal j JOIN posting p ON p.journal_id = j.id WHERE j.at >= $3 AND ${OWED}
     ) owed)
     - (SELECT coalesce(sum(amount), 0) FROM deposit WHERE status = 'CREDITED' AND account <> 'house:faucet' AND height > $1)
     - (SELECT coalesce(sum(w.amount), 0) FROM withdrawal w JOIN hot_wallet h ON h.address = w.hot_address
        WHERE w.status IN ('SIGNED', 'SENT') AND h.current AND w.nonce < $2) AS liabilities`,
  { liabilities: "numeric" },
);
/** What is left of the faucet's money, and how often it was funded by $1. */
export const faucetFunds = statement(
  "chain.faucet-funds",
  `SELECT (SELECT coalesce(sum(amount), 0) FROM posting WHERE account = 'house:faucet' AND subject_id = '00000000-0000-0000-0000-000000000000') AS unspent,
     (SELECT count(*)::int4 FROM deposit WHERE from_address = $1 AND status = 'CREDITED') AS funded`,
  { unspent: "numeric", funded: "int4" },
);
export const noteSolvency = statement(
  "chain.note-solvency",
  `INSERT INTO solvency (height, custody, liabilities, checked_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT ("only") DO UPDATE SET height = excluded.height, custody = excluded.custody, liabilities = excluded.liabilities, checked_at = excluded.checked_at`,
  {},
);
export const lastSolvency = statement(
  "chain.last-solvency",
  `SELECT height, custody, liabilities, checked_at FROM solvency`,
  { height: "int4", custody: "numeric", liabilities: "numeric", checked_at: "timestamptz" },
);
