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
