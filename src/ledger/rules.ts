import { AMOUNT_MAX, amountOf, type Amount } from "../platform/money.ts";

/** Accounts of users have a balance row that never falls below zero; every other account's balance is a sum. */
export const USER_ACCOUNTS = ["user:available", "user:held"] as const;
export type UserAccount = (typeof USER_ACCOUNTS)[number];
/** Accounts about something that is played; empty once it is over. */
export const PLAY_ACCOUNTS = ["pool", "escrow", "prize"] as const;
/** The platform's own; chain:custody is negative, because it is what others are owed. */
export const PLATFORM_ACCOUNTS = [
  "house:rake",
  "house:faucet",
  "chain:custody",
  "chain:unattributed",
  "chain:loss",
] as const;
export const ACCOUNTS = [...USER_ACCOUNTS, ...PLAY_ACCOUNTS, ...PLATFORM_ACCOUNTS] as const;
export type AccountKind = (typeof ACCOUNTS)[number];

/** One account: of which kind, and whose or what's. */
export type Account = { account: AccountKind; subjectId: string };

const NOBODY = "00000000-0000-0000-0000-000000000000";

export const available = (userId: string): Account => ({ account: "user:available", subjectId: userId });
export const held = (userId: string): Account => ({ account: "user:held", subjectId: userId });
export const pool = (contestId: string): Account => ({ account: "pool", subjectId: contestId });
export const escrow = (calloutId: string): Account => ({ account: "escrow", subjectId: calloutId });
export const prize = (tournamentId: string): Account => ({ account: "prize", subjectId: tournamentId });
export const platformAccount = (account: (typeof PLATFORM_ACCOUNTS)[number]): Account => ({
  account,
  subjectId: NOBODY,
});

/** What a journal is about; the owners' totals are sums by kind. A reversal has the kind of what it takes back. */
export const JOURNAL_KINDS = [
  "FAUCET",
  "DEPOSIT",
  "DEPOSIT_REVERSED",
  "WITHDRAWAL_RESERVED",
  "WITHDRAWAL_RELEASED",
  "WITHDRAWAL_PAID",
  "STAKE",
  "STAKE_REFUNDED",
  "STAKE_SETTLED",
  "BET",
  "BET_REFUNDED",
  "POOL_SETTLED",
  "ENTRY_FEE",
  "ENTRY_FEE_REFUNDED",
  "PRIZE",
  "CORRECTION",
] as const;
export type JournalKind = (typeof JOURNAL_KINDS)[number];

/** What a journal moves on one account, in base units: above 0 it gets, below it gives. */
export type Posting = Account & { amount: bigint };

/** A movement of money to be written. `key` makes it happen once; `reference` is a type of the API and a UUID. */
export type Journal = {
  kind: JournalKind;
  reference: string;
  key: string;
  reason?: string;
  reversesId?: string;
  postings: readonly Posting[];
};

/** The two postings that move an amount from one account to another. */
export function move(from: Account, to: Account, amount: Amount): Posting[] {
  return [
    { ...from, amount: 0n - amount },
    { ...to, amount },
  ];
}

/** A bot's stake in a callout is taken once, and the escrow is emptied once, whichever way: their keys say so. */
export const stakeKey = (calloutId: string, botId: string): string => `escrow:${calloutId}:stake:${botId}`;
export const emptiedKey = (calloutId: string): string => `escrow:${calloutId}:emptied`;

const nameOf = ({ account, subjectId }: Account) => `${account} ${subjectId}`;

/** What makes a journal one that nobody may write: a bug of its caller, never of who asked. */
export const JOURNAL_FAULTS = [
  "TOO_FEW_POSTINGS",
  "ACCOUNT_TWICE",
  "MOVES_NOTHING",
  "TOO_LARGE",
  "NOT_BALANCED",
] as const;
export type JournalFault = (typeof JOURNAL_FAULTS)[number];

/** The first fault of a journal's postings, or null. The database refuses the same by itself. */
export function faultOf(postings: readonly Posting[]): JournalFault | null {
  if (postings.length < 2) return "TOO_FEW_POSTINGS";
  if (new Set(postings.map(nameOf)).size < postings.length) return "ACCOUNT_TWICE";
  if (postings.some(({ amount }) => amount === 0n)) return "MOVES_NOTHING";
  if (postings.some(({ amount }) => amount > AMOUNT_MAX || -amount > AMOUNT_MAX)) return "TOO_LARGE";
  return postings.reduce((sum, { amount }) => sum + amount, 0n) === 0n ? null : "NOT_BALANCED";
}

/** What takes a journal back: everything the other way round. */
export const reversed = (postings: readonly Posting[]): Posting[] =>
  postings.map((posting) => ({ ...posting, amount: -posting.amount }));

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The UTC day of an instant, as in 2026-11-26. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** How long until the next UTC day begins, in milliseconds; never 0. */
export const untilNextDayMs = (at: Date): number => DAY_MS - (at.getTime() % DAY_MS);

/** How long after its end a day may be closed: whatever was begun on it is written by then. */
const CLOSING_AFTER_MS = HOUR_MS;

/** The first instant that stays open when the days before it are closed at `now`. */
export function openFrom(now: Date): Date {
  const settled = now.getTime() - CLOSING_AFTER_MS;
  return new Date(settled - (settled % DAY_MS));
}

export const FAUCET_REFUSALS = ["NOT_PLAY_MONEY", "ALREADY_CLAIMED"] as const;
export type FaucetRefusal = (typeof FAUCET_REFUSALS)[number];

/** A user's grant of a day; its key makes it one a day. */
export function faucetGrant(userId: string, grant: Amount, at: Date): Journal {
  return {
    kind: "FAUCET",
    reference: `User:${userId}`,
    key: `faucet:${userId}:${dayOf(at)}`,
    postings: move(platformAccount("house:faucet"), available(userId), grant),
  };
}

/** What a user moved on one account by journals of one kind. */
export type Moved = { account: UserAccount; kind: JournalKind; amount: bigint };
export type Totals = Record<"deposited" | "withdrawn" | "wagered" | "won", Amount>;

/** Kinds that put a user's money at stake or give a stake back, and kinds that pay out what was won. */
const AT_STAKE: readonly JournalKind[] = [
  "STAKE",
  "STAKE_REFUNDED",
  "BET",
  "BET_REFUNDED",
  "ENTRY_FEE",
  "ENTRY_FEE_REFUNDED",
];
const PAID_OUT: readonly JournalKind[] = ["STAKE_SETTLED", "POOL_SETTLED", "PRIZE"];
/** Kinds by which contests take and give: what they sum to over a while is what a user won in it. */
export const CONTEST_KINDS: readonly JournalKind[] = [...AT_STAKE, ...PAID_OUT];

/** A user's totals, net of what was refunded and reversed. */
export function totalsIn(moved: readonly Moved[]): Totals {
  const sum = (account: UserAccount, kinds: readonly JournalKind[]) =>
    moved
      .filter((each) => each.account === account && kinds.includes(each.kind))
      .reduce((total, { amount }) => total + amount, 0n);
  return {
    deposited: amountOf(sum("user:available", ["DEPOSIT", "DEPOSIT_REVERSED"])),
    withdrawn: amountOf(-sum("user:held", ["WITHDRAWAL_PAID"])),
    wagered: amountOf(-sum("user:available", AT_STAKE)),
    won: amountOf(sum("user:available", PAID_OUT)),
  };
}
