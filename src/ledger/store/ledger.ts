import { statement } from "../../platform/statement.ts";

export const writeJournal = statement(
  "ledger.post",
  `SELECT outcome, journal_id FROM ledger_post($1::uuid, $2, $3, $4, $5, $6::uuid, $7::timestamptz, $8::text[], $9::uuid[], $10::numeric[])`,
  { outcome: "text", journal_id: "uuid?" },
);
export const journalById = statement(
  "ledger.journal",
  `SELECT j.kind, j.reference, p.account, p.subject_id, p.amount FROM journal j JOIN posting p ON p.journal_id = j.id WHERE j.id = $1`,
  { kind: "text", reference: "text", account: "text", subject_id: "uuid", amount: "numeric" },
);
/** Whether a journal has this key: what may happen once has happened. */
export const journalWithKey = statement("ledger.journal-with-key", `SELECT id FROM journal WHERE key = $1`, {
  id: "uuid",
});
export const balancesOf = statement(
  "ledger.balances",
  `SELECT account, user_id, balance FROM user_balance WHERE user_id = ANY($1::uuid[]) AND account IN ('user:available', 'user:held')`,
  { account: "text", user_id: "uuid", balance: "numeric" },
);
/** What users moved by kind of journal, over all of their entries. */
export const totalsOf = statement(
  "ledger.totals",
  `SELECT p.subject_id AS user_id, p.account, j.kind, sum(p.amount) AS amount
   FROM posting p JOIN journal j ON j.id = p.journal_id WHERE p.subject_id = ANY($1::uuid[]) GROUP BY 1, 2, 3`,
  { user_id: "uuid", account: "text", kind: "text", amount: "numeric" },
);
const ENTRY = `SELECT p.journal_id, p.account, p.amount, j.kind, j.reference, j.reason, j.reverses_id, j.at
   FROM posting p JOIN journal j ON j.id = p.journal_id WHERE p.subject_id = $1`;
const ENTRY_COLUMNS = {
  journal_id: "uuid",
  account: "text",
  amount: "numeric",
  kind: "text",
  reference: "text",
  reason: "text?",
  reverses_id: "uuid?",
  at: "timestamptz",
} as const;
/** A user's entries between two keys, newest first: older than ($2, $3), newer than ($4, $5). */
export const entriesForward = statement(
  "ledger.entries-forward",
  `${ENTRY} AND (p.journal_id, p.account) < ($2::uuid, $3::text) AND (p.journal_id, p.account) > ($4::uuid, $5::text)
   ORDER BY p.journal_id DESC, p.account DESC LIMIT $6`,
  ENTRY_COLUMNS,
);
export const entriesBackward = statement(
  "ledger.entries-backward",
  `${ENTRY} AND (p.journal_id, p.account) < ($2::uuid, $3::text) AND (p.journal_id, p.account) > ($4::uuid, $5::text)
   ORDER BY p.journal_id, p.account LIMIT $6`,
  ENTRY_COLUMNS,
);
/** From when on days are open; null while none was closed. */
export const openSince = statement(
  "ledger.open-since",
  `SELECT (max(day) + 1)::timestamp AT TIME ZONE 'UTC' AS at FROM ledger_day`,
  { at: "timestamptz?" },
);
/** Every kind of account's sum: the days that were closed before $1, and what came from then on. A value, so that its plan is made for it. */
export const accountSums = statement(
  "ledger.account-sums",
  `SELECT account, sum(amount) AS amount FROM (
     SELECT account, amount FROM ledger_day WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date
     UNION ALL
     SELECT p.account, p.amount FROM journal j JOIN posting p ON p.journal_id = j.id WHERE j.at >= $1
   ) moved GROUP BY account`,
  { account: "text", amount: "numeric" },
);
/** Closes every day before $1 that is open. */
export const closeDays = statement(
  "ledger.close-days",
  `INSERT INTO ledger_day (day, account, amount)
   SELECT (j.at AT TIME ZONE 'UTC')::date, p.account, sum(p.amount) FROM journal j JOIN posting p ON p.journal_id = j.id
   WHERE j.at >= COALESCE((SELECT max(day) + 1 FROM ledger_day)::timestamp AT TIME ZONE 'UTC', '-infinity') AND j.at < $1
   GROUP BY 1, 2 ON CONFLICT DO NOTHING`,
  {},
);
