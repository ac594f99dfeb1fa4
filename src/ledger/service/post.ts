import type { Tx } from "../../platform/database.ts";
import { unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { faultOf, reversed, type AccountKind, type Journal, type JournalKind, type Posting } from "../rules.ts";
import { journalById, writeJournal } from "../store/ledger.ts";

/** What posting answers: the journal, and whether it was there already. */
export type Posted = { journalId: string; repeated: boolean };
/** Why nothing was posted: a user would fall below zero, or the key is that of another journal. */
export type PostRefusal = "INSUFFICIENT_FUNDS" | "KEY_REUSED";

/** A journal that no right caller would write. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
}

/**
 * Writes a journal in the caller's transaction: the one way by which money moves. The same journal under the same key
 * again moves nothing and gives the first one. When it is refused nothing is written, and the transaction goes on.
 */
export async function post(
  tx: Pick<Tx, "query">,
  { clock, random }: Pick<Platform, "clock" | "random">,
  journal: Journal,
): Promise<Outcome<Posted, PostRefusal>> {
  const { kind, reference, key, reason, reversesId, postings } = journal;
  const fault = faultOf(postings);
  if (fault) throw new LedgerError(`journal ${key} is refused: ${fault}`);
  const at = clock.now();
  const columns = [
    postings.map(({ account }) => account),
    postings.map(({ subjectId }) => subjectId),
    postings.map(({ amount }) => amount.toString()),
  ];
  const about = [random.id(at), kind, reference, key, reason ?? null, reversesId ?? null, at];
  const [written] = await tx.query(writeJournal, [...about, ...columns]);
  if (!written) throw new LedgerError(`journal ${key} had no answer`);
  const { outcome, journal_id: journalId } = written;
  if (outcome === "INSUFFICIENT_FUNDS" || outcome === "KEY_REUSED") return refuse(outcome);
  if (journalId === null) throw new LedgerError(`journal ${key} was answered ${outcome}`);
  return { ok: true, journalId, repeated: outcome === "REPEATED" };
}

/**
 * Takes a journal back by a new one of the same kind, once whatever how often it is asked for. Refused when who got the
 * money has spent it.
 */
export async function reverse(
  tx: Pick<Tx, "query">,
  platform: Pick<Platform, "clock" | "random">,
  { journalId, reason }: { journalId: string; reason: string },
): Promise<Outcome<Posted, PostRefusal | "NOT_FOUND">> {
  const rows = await tx.query(journalById, [journalId]);
  const [first] = rows;
  if (!first) return refuse("NOT_FOUND");
  const postings = rows.map(({ account, subject_id, amount }): Posting => {
    return { account: account as AccountKind, subjectId: subject_id, amount: unitsOf(amount) };
  });
  return post(tx, platform, {
    kind: first.kind as JournalKind,
    reference: first.reference,
    key: `reversal:${journalId}`,
    reason,
    reversesId: journalId,
    postings: reversed(postings),
  });
}
