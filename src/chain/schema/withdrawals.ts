import { userEvent } from "../../identity/schema/user-events.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { amountFields } from "../../platform/graphql/amounts.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { field } from "../../platform/graphql/subscription.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { amountOf, formatAmount, unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { hasScope, isSignedIn, type SignedIn, NOBODY } from "../../platform/viewer.ts";
import { chainOf } from "../rules/chain.ts";
import {
  WITHDRAWAL_REFUSALS,
  type WaitReason,
  type WithdrawalRefusal,
  type WithdrawalStatus,
} from "../rules/withdrawals.ts";
import { cancelWithdrawal, requestWithdrawal, type WithdrawalMade } from "../service/withdrawals.ts";
import { ChainRef } from "./chain.ts";
import { withdrawalTerms, type WithdrawalTerms } from "../service/terms.ts";

declareRefusals<WithdrawalRefusal | "CANNOT_CANCEL">({
  NO_CHAIN: {
    message: "Nothing can be withdrawn here: this arena pays out on no chain.",
    hint: "Play on; withdrawalTerms is null until an operator sets a chain and a hot wallet.",
  },
  WITHDRAWALS_FROZEN: {
    message: "Operators hold all withdrawals back.",
    hint: "Your money is safe. Try again later; withdrawalTerms { frozen } says when it is over.",
  },
  DENIED_ADDRESS: {
    message: "Nobody is paid at this address: it is nobody's, the token's, or the arena's own.",
    hint: "Withdraw to a wallet of yours.",
  },
  NOT_YOUR_WALLET: {
    message: "This wallet is not linked to your account.",
    hint: "Link it first: createSiweChallenge, sign it, linkWallet.",
  },
  AMOUNT_TOO_SMALL: {
    message: "This is less than a withdrawal takes.",
    hint: "See withdrawalTerms { minimum }.",
  },
  AMOUNT_TOO_LARGE: {
    message: "This is more than one withdrawal takes.",
    hint: "See withdrawalTerms { maximum }; withdraw in parts.",
  },
  DAILY_LIMIT: {
    message: "This would be more than you can withdraw in 24 hours.",
    hint: "See withdrawalTerms { perDay }; withdraw less, or later.",
  },
  SIGNATURE_INVALID: {
    message: "This is not the signature of a wallet of yours under these very terms.",
    hint: "Sign the typed data that requestWithdrawal describes, with the same to, amount, idempotencyKey and deadline; pass `signer` where the wallet is not `to`.",
  },
  WALLET_TOO_NEW: {
    message: "This wallet was linked less than 24 hours ago.",
    hint: "Wait, or sign the typed data with a wallet that was linked before, and pass it as `signer`.",
  },
  SIGNATURE_NEEDED: {
    message: "So much in 24 hours takes the signature of a wallet that has been linked for 24 hours.",
    hint: "Sign the typed data that requestWithdrawal describes; pass signature, deadline and idempotencyKey.",
  },
  FUNDS_NOT_FINAL: {
    message: "A part of your money rests on deposits that are not final yet.",
    hint: "Withdraw less, or wait until the deposits are final.",
  },
  WINNINGS_TOO_NEW: {
    message: "A part of your money was won lately: it can be played with, and not withdrawn yet.",
    hint: "Withdraw less, see viewer { withdrawable }; or wait withdrawalTerms { winningsWaitMs } from the win on.",
  },
  CANNOT_CANCEL: {
    message: "This withdrawal is signed or over: it cannot be taken back.",
    hint: "Only one that is RESERVED can be cancelled, and only while the hot wallet is not stopped.",
  },
});

const STATUS_WORDS: Record<WithdrawalStatus, string> = {
  RESERVED: "The amount is held; it can still be cancelled. See waitingFor.",
  SIGNED: "The payment is signed and about to be sent.",
  SENT: "The payment was given to the chain; it is paid once its block is final.",
  CONFIRMED: "Paid, in a final block.",
  FAILED: "The payment was mined and reverted: nothing was paid, and the amount is available again.",
  CANCELLED: "Cancelled before it was signed: the amount is available again.",
};

const StatusEnum = builder.enumType("WithdrawalStatus", {
  description: "Where a withdrawal stands: RESERVED, SIGNED, SENT, then CONFIRMED or FAILED; or CANCELLED.",
  values: valuesOf(STATUS_WORDS),
});

const WAIT_WORDS: Record<WaitReason, string> = {
  FROZEN: "Operators hold all withdrawals back.",
  STOPPED: "The hot wallet pays nothing until an operator has looked at it.",
  ACCOUNT_SUSPENDED: "An operator suspended the account.",
  WALLET_UNLINKED: "The wallet is not linked to the account any more: link it again, or cancel.",
  DENIED_ADDRESS: "Nobody is paid at this address: cancel.",
  DAY_LIMIT: "The arena has paid as much as it pays in 24 hours; it goes on by itself.",
  FEES_TOO_HIGH: "The chain asks more for gas than the arena pays; it goes on by itself.",
  HOT_TOKEN_LOW: "The hot wallet must be topped up by an operator; it goes on by itself then.",
  HOT_GAS_LOW: "The hot wallet needs gas from an operator; it goes on by itself then.",
};

const WaitEnum = builder.enumType("WithdrawalWait", {
  description: "Why a withdrawal that is RESERVED is not signed yet. The money stays held.",
  values: valuesOf(WAIT_WORDS),
});

function wordsOf(status: string, waitingFor: string | null): string | null {
  if (status === "FAILED") return STATUS_WORDS.FAILED;
  return waitingFor === null ? null : WAIT_WORDS[waitingFor as WaitReason];
}

export const WithdrawalNode = builder.prismaNode("Withdrawal", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => {
    const userId = isSignedIn(viewer) ? viewer.userId : NOBODY;
    return hasScope(viewer, "ADMIN") ? { id } : { id, userId };
  },
  description: "Money on its way out of the arena. Only its owner and operators can read it.",
  fields: (t) => ({
    status: t.field({
      type: StatusEnum,
      description: "Where it stands.",
      select: { status: true },
      resolve: ({ status }) => status as WithdrawalStatus,
    }),
    waitingFor: t.field({
      type: WaitEnum,
      nullable: true,
      description: "Why it is not signed yet; null when it is about to be, and once it is signed.",
      select: { waitingFor: true },
      resolve: ({ waitingFor }) => waitingFor as WaitReason | null,
    }),
    reason: t.string({
      nullable: true,
      description: "In words for people why it waits or failed; null otherwise.",
      select: { status: true, waitingFor: true },
      resolve: ({ status, waitingFor }) => wordsOf(status, waitingFor),
    }),
    to: t.field({
      type: "Address",
      description: "The wallet that is paid, checksummed (EIP-55).",
      select: { toAddress: true },
      resolve: ({ toAddress }) => toAddress,
    }),
    amount: t.field({
      type: "TokenAmount",
      description: "How much, in base units (10^-18 NORTH). The arena pays for the gas.",
      select: { amount: true },
      resolve: ({ amount }) => amount.toFixed(0),
    }),
    amountFormatted: t.string({
      description: 'The same as amount for people, exact, such as "1,250,000.5 NORTH".',
      select: { amount: true },
      resolve: ({ amount }) => formatAmount(amountOf(unitsOf(amount.toFixed(0)))),
    }),
    txHash: t.string({
      nullable: true,
      description:
        "The transaction on the chain, 0x and 64 hexadecimal digits: the one that decided, before that the newest signed one, which one with higher fees may replace. Null before it is signed.",
      select: { txHash: true },
      resolve: ({ txHash }) => txHash,
    }),
    feeWei: t.string({
      nullable: true,
      description: "What the arena paid the chain for it, in wei (10^-18 ether), decimal; null until it is final.",
      select: { feeWei: true },
      resolve: ({ feeWei }) => feeWei?.toFixed(0) ?? null,
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was asked for." }),
    movedAt: t.expose("movedAt", { type: "DateTime", description: "When it came to where it stands now." }),
  }),
});

builder.objectField(ViewerRef, "withdrawals", (t) =>
  t.prismaConnection({
    type: WithdrawalNode,
    cursor: "id",
    description: "The viewer's withdrawals, newest first. At most 100 a page. userEvents tells when one moves.",
    resolve: (query, { userId }: SignedIn, _args, { platform }) =>
      platform.prisma.withdrawal.findMany({ ...query, where: { userId }, orderBy: { id: "desc" } }),
  }),
);

const withdrawalOf = ({ prisma }: Pick<Platform, "prisma">, query: object, id: string) =>
  prisma.withdrawal.findUniqueOrThrow({ ...query, where: { id } });

userEvent("WithdrawalChanged", "One of your withdrawals came to another state.", (t) => ({
  withdrawal: t.prismaField({
    type: WithdrawalNode,
    description: "The withdrawal as it stands now.",
    resolve: (query, event, _args, { platform }) => withdrawalOf(platform, query, field<string>(event, "withdrawalId")),
  }),
  status: t.field({
    type: StatusEnum,
    description: "Where it stood then.",
    resolve: (event) => field<WithdrawalStatus>(event, "status"),
  }),
  waitingFor: t.field({
    type: WaitEnum,
    nullable: true,
    description: "Why it was not signed then; null when it was, or was about to be.",
    resolve: (event) => field<WaitReason | null>(event, "waitingFor"),
  }),
  txHash: t.string({
    nullable: true,
    description: "Its transaction then; null before it was signed.",
    resolve: (event) => field<string | null>(event, "txHash"),
  }),
}));

const DomainRef = builder.objectRef<WithdrawalTerms>("WithdrawalSigningDomain").implement({
  description:
    "The EIP-712 domain under which a wallet signs a withdrawal. The primary type is Withdrawal(address to,uint256 amount,string idempotencyKey,uint256 deadline); deadline is in seconds since 1970.",
  access: "public",
  fields: (t) => ({
    name: t.exposeString("domainName", { description: "The domain's name." }),
    version: t.exposeString("domainVersion", { description: "The domain's version." }),
    chainId: t.exposeInt("chainId", { description: "The domain's chainId: the chain on which withdrawals are paid." }),
    verifyingContract: t.expose("tokenAddress", {
      type: "Address",
      description: "The domain's verifyingContract: the token.",
    }),
  }),
});

const TermsRef = builder.objectRef<WithdrawalTerms>("WithdrawalTerms").implement({
  description: "On which chain and within which limits withdrawals are paid now.",
  access: "public",
  fields: (t) => ({
    frozen: t.exposeBoolean("frozen", { description: "Whether operators hold all withdrawals back at the moment." }),
    ...amountFields(t, "minimum", "The least that a withdrawal takes.", ({ limits }) => limits.min),
    ...amountFields(t, "maximum", "The most that one withdrawal takes.", ({ limits }) => limits.max),
    ...amountFields(t, "perDay", "The most that a user withdraws in 24 hours.", ({ limits }) => limits.perUserDay),
    ...amountFields(
      t,
      "signatureAbove",
      "When a user's withdrawals of 24 hours sum to more than this, a fresh signature is needed.",
      ({ limits }) => limits.signatureAbove,
    ),
    walletWaitMs: t.int({
      description: "For how many milliseconds a newly linked wallet waits unless an older one signs for it.",
      resolve: ({ limits }) => limits.walletWaitMs,
    }),
    winningsWaitMs: t.exposeInt("winningsWaitMs", {
      description:
        "For how many milliseconds what wagers, bets and prizes gave more than they took cannot be withdrawn.",
    }),
    perHour: t.exposeInt("perHour", { description: "How many withdrawals a user may ask for in an hour." }),
    chain: t.field({
      type: ChainRef,
      description: "The chain on which they are paid, and which a wallet that signs must be on.",
      resolve: ({ chainId }, _args, { platform }) => chainOf(chainId, platform.chain.rpcUrl),
    }),
    domain: t.field({ type: DomainRef, description: "What wallets sign under.", resolve: (terms) => terms }),
  }),
});

builder.queryField("withdrawalTerms", (t) =>
  t.field({
    type: TermsRef,
    nullable: true,
    access: "public",
    volatile: true,
    description:
      "On which chain and within which limits withdrawals are paid; null where this arena pays out on no chain.",
    resolve: (_root, _args, { platform }) => withdrawalTerms(platform),
  }),
);

command("requestWithdrawal", {
  description:
    "Withdraws NORTH to a wallet that you have linked. The amount is held at once, and paid on the chain once; the arena pays for the gas. At most 3 an hour. More than 1,000,000 NORTH in 24 hours takes a fresh signature of a wallet that has been linked for 24 hours, and so does a wallet that was linked less than 24 hours ago: sign (EIP-712, eth_signTypedData_v4) the message Withdrawal { to address, amount uint256, idempotencyKey string, deadline uint256 (seconds since 1970) } under the domain of withdrawalTerms { domain }. A key needs the scope WITHDRAW.",
  gives: success<WithdrawalMade>("The withdrawal, RESERVED: follow it by userEvents."),
  access: "WITHDRAW",
  ofOwner: true,
  input: (t) => ({
    to: t.field({ type: "Address", required: true, description: "A wallet of yours, in any case." }),
    amount: t.field({
      type: "TokenAmount",
      required: true,
      description: "How much, in base units (10^-18 NORTH), within withdrawalTerms.",
    }),
    signature: t.string({
      required: false,
      description: "The wallet's signature of the typed data, 0x and hexadecimal digits; needed as said above.",
    }),
    deadline: t.field({
      type: "DateTime",
      required: false,
      description: "Until when the signature counts, at most an hour ahead, in whole seconds; goes with the signature.",
    }),
    signer: t.field({
      type: "Address",
      required: false,
      description: "Which wallet of yours signed; default `to`.",
    }),
  }),
  success: (t) => ({
    withdrawal: t.prismaField({
      type: WithdrawalNode,
      description: "The withdrawal.",
      resolve: (query, { withdrawalId }, _args, { platform }) => withdrawalOf(platform, query, withdrawalId),
    }),
  }),
  refusals: [...WITHDRAWAL_REFUSALS, "INSUFFICIENT_FUNDS", "CHAIN_UNAVAILABLE"],
  resolve: (input, { platform, viewer }) => requestWithdrawal(platform, viewer, input),
});

command("cancelWithdrawal", {
  description:
    "Takes a withdrawal of yours back while it is RESERVED and the hot wallet is not stopped: the amount is available again. A key needs the scope WITHDRAW.",
  gives: success<WithdrawalMade>("The withdrawal, CANCELLED."),
  access: "WITHDRAW",
  ofOwner: true,
  input: (t) => ({
    withdrawalId: t.globalID({ required: true, for: [WithdrawalNode], description: "A withdrawal of yours." }),
  }),
  success: (t) => ({
    withdrawal: t.prismaField({
      type: WithdrawalNode,
      description: "The withdrawal.",
      resolve: (query, { withdrawalId }, _args, { platform }) => withdrawalOf(platform, query, withdrawalId),
    }),
  }),
  refusals: ["NOT_FOUND", "CANNOT_CANCEL"],
  resolve: ({ withdrawalId, ...input }, { platform, viewer }) =>
    cancelWithdrawal(platform, viewer, { ...input, withdrawalId: withdrawalId.id }),
});
