import { statement } from "../../platform/statement.ts";

/** What breaks an invariant: which row, and how. */
const OFFENDER = { subject: "text", detail: "text" } as const;

export const sumOfAll = statement(
  "ledger.check-sum",
  `SELECT 'all postings' AS subject, 'they sum to ' || sum(amount) AS detail FROM posting HAVING sum(amount) <> 0`,
  OFFENDER,
);
export const unbalancedJournals = statement(
  "ledger.check-journals",
  `SELECT journal_id::text AS subject, count(*) || ' postings that sum to ' || sum(amount) AS detail
   FROM posting GROUP BY journal_id HAVING sum(amount) <> 0 OR count(*) < 2 LIMIT 20`,
  OFFENDER,
);
export const emptyJournals = statement(
  "ledger.check-empty-journals",
  `SELECT j.id::text AS subject, j.kind || ' for ' || j.reference AS detail
   FROM journal j WHERE NOT EXISTS (SELECT FROM posting p WHERE p.journal_id = j.id) LIMIT 20`,
  OFFENDER,
);
export const strayPostings = statement(
  "ledger.check-stray-postings",
  `SELECT p.journal_id::text AS subject, p.amount || ' on ' || p.account || ' of ' || p.subject_id AS detail
   FROM posting p WHERE NOT EXISTS (SELECT FROM journal j WHERE j.id = p.journal_id) LIMIT 20`,
  OFFENDER,
);
export const wrongBalances = statement(
  "ledger.check-balances",
  `SELECT user_id::text AS subject, account || ' says ' || COALESCE(b.balance::text, 'nothing') || ', its postings sum to ' || COALESCE(s.sum, 0) AS detail
   FROM user_balance b FULL JOIN (
     SELECT account, subject_id AS user_id, sum(amount) AS sum FROM posting WHERE account IN ('user:available', 'user:held') GROUP BY account, subject_id
   ) s USING (account, user_id)
   WHERE b.balance IS DISTINCT FROM COALESCE(s.sum, 0) LIMIT 20`,
  OFFENDER,
);
export const negativeBalances = statement(
  "ledger.check-negative",
  `SELECT user_id::text AS subject, account || ' says ' || balance AS detail FROM user_balance WHERE balance < 0 LIMIT 20`,
  OFFENDER,
);
export const wrongReversals = statement(
  "ledger.check-reversals",
  `SELECT r.id::text AS subject, 'takes back ' || r.reverses_id || ', but not exactly that' AS detail
   FROM journal r WHERE r.reverses_id IS NOT NULL AND EXISTS (
     SELECT FROM (SELECT account, subject_id, amount FROM posting WHERE journal_id = r.reverses_id) o
       FULL JOIN (SELECT account, subject_id, -amount AS amount FROM posting WHERE journal_id = r.id) b USING (account, subject_id, amount)
     WHERE o.amount IS NULL OR b.amount IS NULL) LIMIT 20`,
  OFFENDER,
);
export const wrongDays = statement(
  "ledger.check-days",
  `SELECT day::text AS subject, account || ' says ' || COALESCE(d.amount::text, 'nothing') || ', its postings sum to ' || COALESCE(s.sum, 0) AS detail
   FROM ledger_day d FULL JOIN (
     SELECT (j.at AT TIME ZONE 'UTC')::date AS day, p.account, sum(p.amount) AS sum FROM journal j JOIN posting p ON p.journal_id = j.id
     WHERE j.at < (SELECT max(day) + 1 FROM ledger_day)::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2
   ) s USING (day, account)
   WHERE COALESCE(d.amount, 0) <> COALESCE(s.sum, 0) ORDER BY 1 LIMIT 20`,
  OFFENDER,
);
