import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { type StopReason } from "../rules/payments.ts";
import {
  hotWallet,
  RESUME_REFUSALS,
  RETIRE_REFUSALS,
  resumeWallet,
  retireWallet,
  stopByOperator,
  type HotWallet,
  type Resumed,
  type RetireRefusal,
} from "../service/hot-wallet.ts";
import { type Alarm } from "../service/payer.ts";
import { WithdrawalNode } from "./withdrawals.ts";

declareRefusals<Exclude<RetireRefusal, "NO_CHAIN" | "CHAIN_UNAVAILABLE"> | "ALREADY_STOPPED">({
  ALREADY_STOPPED: {
    message: "The hot wallet is stopped already.",
    hint: "See hotWallet { stoppedFor stoppedDetail }.",
  },
  NOT_STOPPED: { message: "The hot wallet is not stopped.", hint: "See hotWallet { stoppedFor alarms }." },
  NOT_PROVEN: {
    message: "It cannot be proved yet which transaction used a nonce of the hot wallet: it stays stopped.",
    hint: "Wait until its newest transaction is final, and ask an endpoint that keeps old state; see docs/chain-operations.md.",
  },
  PAYMENTS_UNKNOWN: {
    message: "The account made payments that were not signed here: it stays stopped.",
    hint: "`npm run admin -- payments` lists them; say of each what it was by `npm run admin -- explain`. See docs/chain-operations.md.",
  },
  PAYMENTS_OPEN: {
    message: "Payments that the wallet has signed may still be mined: it is not given up yet.",
    hint: "See openWithdrawals. Wait until they are final, or use up their nonces from the old account; see docs/chain-operations.md.",
  },
});

const STOP_WORDS: Record<StopReason, string> = {
  OPERATOR: "An operator holds all withdrawals back: none is taken, either.",
  FOREIGN_TRANSACTION:
    "The chain has more transactions of this account than were signed here: somebody else has its key.",
  NONCE_TAKEN: "A final block has a nonce that was signed for here, with another transaction.",
};

const StopEnum = builder.enumType("HotWalletStop", {
  description: "Why the hot wallet pays nothing until an operator has looked.",
  values: valuesOf(STOP_WORDS),
});

const ALARM_WORDS: Record<Alarm, string> = {
  STOPPED: "It pays nothing until resumeHotWallet; see stoppedFor.",
  DEPOSIT_REVERSED:
    "The block of a credited deposit vanished: no withdrawal is taken or paid until an operator lifts it.",
  SHORTFALL: "The chain holds less than is owed: no withdrawal is taken or paid until an operator lifts it.",
  HOT_TOKEN_LOW: "It has less NORTH than the next withdrawal takes: top it up.",
  HOT_GAS_LOW: "It has less gas than the next withdrawal may take: top it up.",
  DAY_LIMIT: "The arena has paid as much as it pays in 24 hours.",
  FEES_TOO_HIGH: "The chain asks more for gas than withdrawalFeeGweiMax allows.",
  STUCK: "A payment is not mined although it offers as much as withdrawalFeeGweiMax allows.",
};

const AlarmEnum = builder.enumType("HotWalletAlarm", {
  description: "What keeps withdrawals waiting and needs a look.",
  values: valuesOf(ALARM_WORDS),
});

const HotWalletRef = builder.objectRef<HotWallet>("HotWallet").implement({
  description: "The account that pays withdrawals.",
  access: "operator",
  fields: (t) => ({
    address: t.expose("address", { type: "Address", description: "Its address: what is to be topped up." }),
    chainId: t.exposeInt("chain_id", { description: "On which chain." }),
    nextNonce: t.exposeInt("next_nonce", { description: "The nonce that the next withdrawal gets." }),
    stoppedFor: t.field({
      type: StopEnum,
      nullable: true,
      description: "Why it pays nothing until resumeHotWallet; null while it pays.",
      resolve: ({ stopped_for }) => stopped_for as StopReason | null,
    }),
    stoppedDetail: t.exposeString("stopped_detail", {
      nullable: true,
      description: "What was seen; null while it pays.",
    }),
    stoppedAt: t.expose("stopped_at", {
      type: "DateTime",
      nullable: true,
      description: "Since when it pays nothing; null while it pays.",
    }),
    alarms: t.field({
      type: [AlarmEnum],
      description: "What needs a look now, at most one of each.",
      resolve: ({ alarms }) => alarms as Alarm[],
    }),
  }),
});

builder.queryFields((t) => ({
  hotWallet: t.field({
    type: HotWalletRef,
    nullable: true,
    access: "operator",
    authScopes: { operator: true },
    description: "The account that pays withdrawals, for operators; null where nothing pays.",
    resolve: (_root, _args, { platform }) => hotWallet(platform),
  }),
  openWithdrawals: t.prismaConnection({
    type: WithdrawalNode,
    cursor: "id",
    access: "operator",
    authScopes: { operator: true },
    description: "Everybody's withdrawals that are not over, oldest first, for operators. At most 100 a page.",
    resolve: (query, _root, _args, { platform }) =>
      platform.prisma.withdrawal.findMany({
        ...query,
        where: { status: { in: ["RESERVED", "SIGNED", "SENT"] } },
        orderBy: { id: "asc" },
      }),
  }),
}));

command("stopHotWallet", {
  description:
    "Holds all withdrawals back until resumeHotWallet: none is taken (WITHDRAWALS_FROZEN) or signed, and what was signed and not sent stays here. What was sent may still be mined. For operators; audited.",
  gives: success<{ address: string }>("Nothing is paid any more."),
  access: "operator",
  input: (t) => ({ reason: t.string({ required: true, description: "Why, for the audit log." }) }),
  success: (t) => ({
    hotWallet: t.field({
      type: HotWalletRef,
      nullable: true,
      description: "The hot wallet now.",
      resolve: (_stopped, _args, { platform }) => hotWallet(platform),
    }),
  }),
  refusals: ["NO_CHAIN", "ALREADY_STOPPED"],
  resolve: (input, { platform, viewer }) => stopByOperator(platform, viewer, input),
});

command("resumeHotWallet", {
  description:
    "Lets the stopped hot wallet pay again after an operator has looked. A withdrawal whose nonce was taken gets another one only when the final transaction that took it is found and is none of ours. For operators; audited.",
  gives: success<Resumed>("The hot wallet pays again."),
  access: "operator",
  input: (t) => ({ reason: t.string({ required: true, description: "What was found, for the audit log." }) }),
  success: (t) => ({
    burnt: t.exposeInt("burnt", { description: "How many withdrawals will get another nonce." }),
    hotWallet: t.field({
      type: HotWalletRef,
      nullable: true,
      description: "The hot wallet now.",
      resolve: (_resumed, _args, { platform }) => hotWallet(platform),
    }),
  }),
  refusals: RESUME_REFUSALS,
  resolve: (input, { platform, viewer }) => resumeWallet(platform, viewer, input),
});

command("retireHotWallet", {
  description:
    "Gives the hot wallet up for good, because its key may be stolen: it pays never again, what it has covers nothing, and another key can be set. It must be stopped by stopHotWallet, and every payment that it has signed be final, or its nonce be used in a final block by another transaction. For operators; audited.",
  gives: success<Resumed>("The hot wallet is given up."),
  access: "operator",
  input: (t) => ({ reason: t.string({ required: true, description: "Why, for the audit log." }) }),
  success: (t) => ({
    address: t.expose("address", { type: "Address", description: "The account that was given up." }),
    burnt: t.exposeInt("burnt", { description: "How many withdrawals the next hot wallet pays in its place." }),
  }),
  refusals: RETIRE_REFUSALS,
  resolve: (input, { platform, viewer }) => retireWallet(platform, viewer, input),
});
