import { cutPage, readSize, UUID_HIGHEST, UUID_LOWEST, type Page, type PageOf } from "../../platform/keyset.ts";
import { amountOf, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import type { JournalKind, UserAccount } from "../rules.ts";
import { entriesBackward, entriesForward } from "../store/ledger.ts";

/** Where an entry stands in its user's ledger. */
export type EntryKey = { journalId: string; account: string };

/** One line of a user's ledger: what a journal moved on one of the user's accounts. */
export type Entry = EntryKey & {
  account: UserAccount;
  incoming: boolean;
  amount: Amount;
  kind: JournalKind;
  reference: string;
  reason: string | null;
  reversal: boolean;
  at: Date;
};

const NEWEST: EntryKey = { journalId: UUID_HIGHEST, account: "" };
const OLDEST: EntryKey = { journalId: UUID_LOWEST, account: "" };

/** A page of a user's ledger, newest first. */
export async function entryPage({ db }: Platform, userId: string, page: Page<EntryKey>): Promise<PageOf<Entry>> {
  const [below, above] = [page.after ?? NEWEST, page.before ?? OLDEST];
  const between = [below.journalId, below.account, above.journalId, above.account];
  const rows = await db.query(page.backward ? entriesBackward : entriesForward, [userId, ...between, readSize(page)]);
  const entries = rows.map(({ journal_id, account, amount, reverses_id, ...row }): Entry => {
    const units = unitsOf(amount);
    return {
      ...row,
      journalId: journal_id,
      account: account as UserAccount,
      incoming: units > 0n,
      amount: amountOf(units < 0n ? -units : units),
      kind: row.kind as JournalKind,
      reversal: reverses_id !== null,
    };
  });
  return cutPage(page.backward ? entries.toReversed() : entries, page);
}
