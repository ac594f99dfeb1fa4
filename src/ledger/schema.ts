import { amountFields } from "../platform/graphql/amounts.ts";
import { builder } from "../platform/graphql/builder.ts";
import { valuesOf } from "../platform/graphql/enum-values.ts";
import { command, success } from "../platform/graphql/command.ts";
import type { Context } from "../platform/graphql/context.ts";
import { connectionOf, pageAsked, UUID_KEY, type KeyForm } from "../platform/graphql/keyset.ts";
import { encodeNodeId } from "../platform/graphql/node-ids.ts";
import { declareRefusals } from "../platform/graphql/refusal-types.ts";
import { batched } from "../platform/graphql/row-loader.ts";
import { ViewerRef } from "../platform/graphql/viewer.ts";
import { amountOf } from "../platform/money.ts";
import { hasScope, type SignedIn } from "../platform/viewer.ts";
import {
  ACCOUNTS,
  PLAY_ACCOUNTS,
  USER_ACCOUNTS,
  type AccountKind,
  type FaucetRefusal,
  type JournalKind,
  type Totals,
} from "./rules.ts";
import { balancesFor, totalsFor } from "./service/balances.ts";
import { entryPage, type Entry, type EntryKey } from "./service/entries.ts";
import { claimFaucet, faucetFor, type Claimed, type Faucet } from "./service/faucet.ts";
import { treasuryOf, type Treasury } from "./service/treasury.ts";

declareRefusals<FaucetRefusal | "INSUFFICIENT_FUNDS">({
  INSUFFICIENT_FUNDS: {
    message: "You have less than this takes.",
    hint: "See viewer { balance { available } }; claimFaucet grants play money.",
  },
  NOT_PLAY_MONEY: {
    message: "This arena does not run on play money.",
    hint: "Deposit $NORTH instead.",
  },
  ALREADY_CLAIMED: {
    message: "You have had today's play money.",
    hint: "Come back after retryAfterMs: a new day begins at 00:00 UTC.",
  },
});

type Held = { userId: string };

const balancesOfViewer = ({ userId }: Held, { loaders, platform }: Context) =>
  batched(loaders, "ledger balances", userId, (ids) => balancesFor(platform, ids));
const totalOf =
  (name: keyof Totals) =>
  async ({ userId }: Held, { loaders, platform }: Context) =>
    (await batched(loaders, "ledger totals", userId, (ids) => totalsFor(platform, ids)))[name];

const BalanceRef = builder.objectRef<Held>("Balance").implement({
  description: "What the viewer has, and what came and went so far. Nobody else can read it.",
  access: "viewer",
  fields: (t) => ({
    ...amountFields(
      t,
      "available",
      "What can be staked, bet or withdrawn now.",
      async (balance, context) => (await balancesOfViewer(balance, context))["user:available"],
    ),
    ...amountFields(
      t,
      "held",
      "What is set aside for withdrawals that are under way.",
      async (balance, context) => (await balancesOfViewer(balance, context))["user:held"],
    ),
    ...amountFields(t, "deposited", "All deposits so far, less those that were taken back.", totalOf("deposited")),
    ...amountFields(t, "withdrawn", "All withdrawals that were paid so far.", totalOf("withdrawn")),
    ...amountFields(
      t,
      "wagered",
      "All stakes, bets and entry fees so far, less what was refunded.",
      totalOf("wagered"),
    ),
    ...amountFields(
      t,
      "won",
      "All that was paid out for won stakes, bets and prizes so far, own stakes included.",
      totalOf("won"),
    ),
  }),
});

const KIND_WORDS: Record<JournalKind, string> = {
  FAUCET: "Play money of the day.",
  DEPOSIT: "$NORTH that came in on the chain.",
  DEPOSIT_REVERSED: "A deposit that was taken back: its block vanished from the chain.",
  WITHDRAWAL_RESERVED: "Set aside for a withdrawal.",
  WITHDRAWAL_RELEASED: "Given back because a withdrawal was cancelled or failed.",
  WITHDRAWAL_PAID: "Paid out on the chain.",
  STAKE: "Staked on a fight of an own bot.",
  STAKE_REFUNDED: "A stake that was given back.",
  STAKE_SETTLED: "Stakes of a fight that was won.",
  BET: "A bet on a contest.",
  BET_REFUNDED: "A bet that was given back.",
  POOL_SETTLED: "The share of a pool for a bet that won.",
  ENTRY_FEE: "The entry fee of a tournament.",
  ENTRY_FEE_REFUNDED: "An entry fee that was given back.",
  PRIZE: "A prize of a tournament.",
  CORRECTION: "An operator's correction, with its reason.",
};

const KindEnum = builder.enumType("LedgerEntryKind", {
  description: "What an entry of a ledger was about.",
  values: valuesOf(KIND_WORDS),
});

const AccountEnum = builder.enumType("LedgerAccount", {
  description: "Which of the viewer's accounts an entry is on.",
  values: {
    AVAILABLE: { description: "What can be staked, bet or withdrawn.", value: "user:available" },
    HELD: { description: "What is set aside for withdrawals.", value: "user:held" },
  } satisfies Record<string, { description: string; value: (typeof USER_ACCOUNTS)[number] }>,
});

const DirectionEnum = builder.enumType("LedgerDirection", {
  description: "Whether an account got or gave.",
  values: { IN: { description: "It got the amount." }, OUT: { description: "It gave the amount." } },
});

/** References are a type of the API and a UUID. */
function referenceId(reference: string): string {
  const [typename = "", uuid = ""] = reference.split(":");
  return encodeNodeId(typename, uuid);
}

export const LedgerEntryRef = builder.objectRef<Entry>("LedgerEntry").implement({
  description:
    "One movement on one account of the viewer. Entries are never changed: a mistake is taken back by a new one.",
  access: "viewer",
  fields: (t) => ({
    at: t.expose("at", { type: "DateTime", description: "When." }),
    kind: t.expose("kind", { type: KindEnum, description: "What it was about." }),
    account: t.expose("account", { type: AccountEnum, description: "On which account." }),
    direction: t.field({
      type: DirectionEnum,
      description: "Whether the account got or gave.",
      resolve: ({ incoming }) => (incoming ? "IN" : "OUT"),
    }),
    ...amountFields(t, "amount", "How much, without sign: see direction.", ({ amount }) => amount),
    referenceId: t.id({
      description: "The id of what it was for, such as a callout or fight: ask node(id) for it.",
      resolve: ({ reference }) => referenceId(reference),
    }),
    reversal: t.exposeBoolean("reversal", { description: "Whether it takes an earlier entry of this kind back." }),
    reason: t.exposeString("reason", { nullable: true, description: "Why, where it was written down; else null." }),
  }),
});

const ENTRY_KEY: KeyForm<EntryKey> = {
  write: ({ journalId, account }) => `${journalId} ${account}`,
  read: (text) => {
    const [journalId = "", account = ""] = text.split(" ");
    return UUID_KEY.read(journalId) !== null && USER_ACCOUNTS.some((each) => each === account)
      ? { journalId, account }
      : null;
  },
};

const FaucetRef = builder.objectRef<Faucet>("Faucet").implement({
  description: "Play money for the viewer; see claimFaucet.",
  access: "viewer",
  fields: (t) => ({
    ...amountFields(t, "grant", "What one claim grants.", ({ grant }) => grant),
    claimableAt: t.expose("claimableAt", {
      type: "DateTime",
      nullable: true,
      description: "From when on the viewer may claim again; null when it may now.",
    }),
  }),
});

builder.objectFields(ViewerRef, (t) => ({
  faucet: t.field({
    type: FaucetRef,
    nullable: true,
    volatile: true,
    description: "How the faucet stands for the viewer; null where the arena does not run on play money.",
    resolve: ({ userId }: SignedIn, _args, { platform }) => faucetFor(platform, userId),
  }),
  balance: t.field({
    type: BalanceRef,
    description: "What the viewer has; the user's money, whichever of its bots or keys asks.",
    resolve: ({ userId }: SignedIn) => ({ userId }),
  }),
  ledger: t.connection({
    type: LedgerEntryRef,
    description: "Every movement of the viewer's money, newest first. At most 100 a page.",
    resolve: async ({ userId }: SignedIn, args, { platform }) => {
      const page = await entryPage(platform, userId, pageAsked(args, ENTRY_KEY));
      return connectionOf(
        page,
        ENTRY_KEY,
        (entry) => entry,
        (entry) => entry,
      ) as never;
    },
  }),
}));

type Sum = { account: AccountKind; sum: bigint };

const TreasuryAccountRef = builder.objectRef<Sum>("TreasuryAccount").implement({
  description: "What lies on all accounts of one kind together. All kinds sum to zero.",
  access: "operator",
  fields: (t) => ({
    account: t.exposeString("account", { description: "The kind of account, such as house:rake; see docs/money.md." }),
    negative: t.boolean({
      description: "Whether it stands below zero, as what others are owed does: chain:custody.",
      resolve: ({ sum }) => sum < 0n,
    }),
    ...amountFields(t, "amount", "How much, without sign: see negative.", ({ sum }) => amountOf(sum < 0n ? -sum : sum)),
  }),
});

const sumOf = (treasury: Treasury, kinds: readonly AccountKind[]) =>
  amountOf(kinds.reduce((sum, kind) => sum + treasury[kind], 0n));

const TreasuryRef = builder.objectRef<Treasury>("Treasury").implement({
  description: "What the arena as a whole holds and owes.",
  access: "public",
  fields: (t) => ({
    ...amountFields(t, "users", "What all users have together, held withdrawals included.", (treasury) =>
      sumOf(treasury, USER_ACCOUNTS),
    ),
    ...amountFields(t, "inPlay", "All stakes, bets and entry fees that are not decided yet.", (treasury) =>
      sumOf(treasury, PLAY_ACCOUNTS),
    ),
    ...amountFields(t, "rake", "What the house has kept of stakes and pools so far.", (treasury) =>
      sumOf(treasury, ["house:rake"]),
    ),
    accounts: t.field({
      type: [TreasuryAccountRef],
      nullable: true,
      access: "operator",
      volatile: true,
      description: "Every kind of account with its sum, for operators; null for everybody else.",
      resolve: (treasury, _args, { viewer }) =>
        hasScope(viewer, "ADMIN") ? ACCOUNTS.map((account) => ({ account, sum: treasury[account] })) : null,
    }),
  }),
});

builder.queryField("treasury", (t) =>
  t.field({
    type: TreasuryRef,
    access: "public",
    // It sums up the day's postings.
    cost: 20,
    description: "What the arena as a whole holds and owes, to the base unit.",
    resolve: (_root, _args, { platform }) => treasuryOf(platform),
  }),
);

command("claimFaucet", {
  description:
    "Grants you play money, once a UTC day: as many NORTH as `limits` says at faucetNorthPerDay. Only where the arena runs on play money.",
  gives: success<Claimed & Held>("The grant."),
  access: "PLAY",
  ofOwner: true,
  input: () => ({}),
  success: (t) => ({
    ...amountFields(t, "granted", "How much you got.", ({ amount }) => amountOf(BigInt(amount))),
    balance: t.field({ type: BalanceRef, description: "What you have now.", resolve: ({ userId }) => ({ userId }) }),
  }),
  refusals: ["NOT_PLAY_MONEY", "ALREADY_CLAIMED"],
  resolve: async (input, { platform, viewer }) => {
    const outcome = await claimFaucet(platform, viewer, input);
    return outcome.ok ? { ...outcome, userId: viewer.userId } : outcome;
  },
});
