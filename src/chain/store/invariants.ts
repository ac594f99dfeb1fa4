import { statement } from "../../platform/statement.ts";

/** What breaks an invariant: which row, and how. */
const OFFENDER = { subject: "text", detail: "text" } as const;

/** What the ledger and the chain say of each withdrawal. A mined attempt has its final block. */
const SEEN = `SELECT w.id, w.status, w.amount, w.tx_hash,
     count(*) FILTER (WHERE j.kind = 'WITHDRAWAL_RESERVED') AS reserved,
     count(*) FILTER (WHERE j.kind = 'WITHDRAWAL_PAID') AS paid,
     count(*) FILTER (WHERE j.kind = 'WITHDRAWAL_RELEASED') AS released,
     coalesce(sum((SELECT sum(p.amount) FROM posting p WHERE p.journal_id = j.id AND p.account = 'user:held' AND p.subject_id = w.user_id)), 0) AS held,
     (SELECT count(*) FROM withdrawal_attempt a WHERE a.withdrawal_id = w.id AND a.mined_hash IS NOT NULL) AS mined,
     EXISTS (SELECT FROM withdrawal_attempt a WHERE a.tx_hash = w.tx_hash AND a.withdrawal_id = w.id AND a.mined_hash IS NOT NULL) AS decided
   FROM withdrawal w LEFT JOIN journal j ON j.reference = 'Withdrawal:' || w.id GROUP BY w.id`;

export const unpaidWithdrawals = statement(
  "chain.check-payments",
  `SELECT id::text AS subject, status || ' with ' || mined || ' mined payments' AS detail FROM (${SEEN}) s
   WHERE mined <> CASE status WHEN 'CONFIRMED' THEN 1 ELSE 0 END OR (status = 'CONFIRMED' AND NOT decided) LIMIT 20`,
  OFFENDER,
);
export const unbookedWithdrawals = statement(
  "chain.check-withdrawals",
  `SELECT id::text AS subject, status || ', reserved ' || reserved || ', paid ' || paid || ', released ' || released || ' times, holds ' || held AS detail FROM (${SEEN}) s
   WHERE reserved <> 1 OR paid <> CASE status WHEN 'CONFIRMED' THEN 1 ELSE 0 END
     OR released <> CASE WHEN status IN ('FAILED', 'CANCELLED') THEN 1 ELSE 0 END
     OR held <> CASE WHEN status IN ('RESERVED', 'SIGNED', 'SENT') THEN amount ELSE 0 END LIMIT 20`,
  OFFENDER,
);
export const wrongHeld = statement(
  "chain.check-held",
  `SELECT user_id::text AS subject, 'holds ' || coalesce(b.balance, 0) || ' for withdrawals of ' || coalesce(w.amount, 0) AS detail
   FROM (SELECT user_id, balance FROM user_balance WHERE account = 'user:held') b FULL JOIN (
     SELECT user_id, sum(amount) AS amount FROM withdrawal WHERE status IN ('RESERVED', 'SIGNED', 'SENT') GROUP BY user_id
   ) w USING (user_id)
   WHERE coalesce(b.balance, 0) <> coalesce(w.amount, 0) LIMIT 20`,
  OFFENDER,
);
export const strayJournals = statement(
  "chain.check-stray-withdrawals",
  `SELECT j.id::text AS subject, j.kind || ' for ' || j.reference || ', which is no withdrawal' AS detail
   FROM journal j WHERE j.kind LIKE 'WITHDRAWAL%'
     AND NOT EXISTS (SELECT FROM withdrawal w WHERE j.reference = 'Withdrawal:' || w.id) LIMIT 20`,
  OFFENDER,
);

/** What the ledger says of each deposit: what it was credited, and what was taken back, from custody's side. */
const DEPOSITED = `SELECT d.id, d.status, d.account, d.user_id, d.amount,
     count(*) FILTER (WHERE j.key = 'deposit:' || d.id) AS credits,
     count(*) FILTER (WHERE j.kind = 'DEPOSIT_REVERSED') AS reversals,
     coalesce(sum((SELECT -sum(p.amount) FROM posting p WHERE p.journal_id = j.id AND p.account = 'chain:custody')), 0) AS custody,
     coalesce(sum((SELECT sum(p.amount) FROM posting p WHERE p.journal_id = j.id AND p.account = d.account
       AND p.subject_id = coalesce(d.user_id, '00000000-0000-0000-0000-000000000000'::uuid))), 0) AS owned
   FROM deposit d LEFT JOIN journal j ON j.reference = 'Deposit:' || d.id GROUP BY d.id`;

export const unbookedDeposits = statement(
  "chain.check-deposits",
  `SELECT id::text AS subject, status || ' of ' || amount || ', credited ' || credits || ', taken back ' || reversals || ' times, custody ' || custody || ', its account ' || owned AS detail FROM (${DEPOSITED}) s
   WHERE credits <> CASE WHEN status IN ('CREDITED', 'REVERSED') THEN 1 ELSE 0 END
     OR reversals <> CASE status WHEN 'REVERSED' THEN 1 ELSE 0 END
     OR custody <> CASE status WHEN 'CREDITED' THEN amount ELSE 0 END
     OR (status = 'CREDITED' AND owned <> amount) LIMIT 20`,
  OFFENDER,
);
export const doubleDeposits = statement(
  "chain.check-double-deposits",
  `SELECT tx_hash AS subject, 'credited in ' || count(DISTINCT block_hash) || ' blocks' AS detail FROM deposit WHERE status = 'CREDITED'
   GROUP BY tx_hash HAVING count(DISTINCT block_hash) > 1
   UNION ALL
   SELECT 'block ' || height, 'credited from ' || count(DISTINCT block_hash) || ' blocks at this height' FROM deposit WHERE status = 'CREDITED'
   GROUP BY height HAVING count(DISTINCT block_hash) > 1
   LIMIT 20`,
  OFFENDER,
);
export const strayDeposits = statement(
  "chain.check-stray-deposits",
  `SELECT j.id::text AS subject, j.kind || ' for ' || j.reference || ', which is no deposit' AS detail
   FROM journal j WHERE j.kind IN ('DEPOSIT', 'DEPOSIT_REVERSED')
     AND NOT EXISTS (SELECT FROM deposit d WHERE j.reference = 'Deposit:' || d.id) LIMIT 20`,
  OFFENDER,
);
export const wrongUnattributed = statement(
  "chain.check-unattributed",
  `SELECT 'chain:unattributed' AS subject, 'holds ' || p.amount || ' for deposits of ' || d.amount AS detail
   FROM (SELECT coalesce(sum(amount), 0) AS amount FROM posting WHERE account = 'chain:unattributed') p,
     (SELECT coalesce(sum(amount), 0) AS amount FROM deposit WHERE status = 'CREDITED' AND account = 'chain:unattributed') d
   WHERE p.amount <> d.amount`,
  OFFENDER,
);
/** Where deposits are taken, a node compares each minute: fifteen without a look are no proof. */
export const unprovedCustody = statement(
  "chain.check-proof",
  `SELECT 'solvency' AS subject, coalesce('was last compared at ' || s.checked_at, 'was never compared') AS detail
   FROM deposit_watch w LEFT JOIN solvency s ON true
   WHERE s.checked_at IS NULL OR s.checked_at < now() - interval '15 minutes'`,
  OFFENDER,
);
export const uncoveredCustody = statement(
  "chain.check-custody",
  `SELECT 'block ' || height AS subject, 'has ' || custody || ' for ' || liabilities || ' that were owed at ' || checked_at AS detail
   FROM solvency WHERE custody < liabilities`,
  OFFENDER,
);
