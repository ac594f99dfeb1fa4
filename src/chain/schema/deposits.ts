import { userEvent } from "../../identity/schema/user-events.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { amountFields } from "../../platform/graphql/amounts.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { field } from "../../platform/graphql/subscription.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { amountOf, formatAmount, unitsOf } from "../../platform/money.ts";
import { hasScope, isSignedIn, type SignedIn, NOBODY } from "../../platform/viewer.ts";
import { chainOf } from "../rules/chain.ts";
import { confirmationsOf, type ObservationState } from "../rules/deposits.ts";
import { depositTerms, newestBlock, pendingFor, type DepositTerms } from "../service/custody.ts";
import { withdrawableFor } from "../service/gate.ts";
import { ChainRef } from "./chain.ts";

const STATUS_WORDS: Record<ObservationState, string> = {
  PENDING: "Seen in a block that may still vanish; it is credited when that block is deep enough.",
  CREDITED: "Yours to play with; it can be withdrawn once it is final.",
  ORPHANED:
    "Its block vanished before it was credited. If the transaction comes back in another block, that is another deposit.",
  REVERSED: "Its block vanished after it was credited: it was taken back.",
};

const StatusEnum = builder.enumType("DepositStatus", {
  description: "Where a deposit stands: PENDING, then CREDITED; ORPHANED or REVERSED when its block vanished.",
  values: valuesOf(STATUS_WORDS),
});

const newestOf = ({ loaders, platform }: Context) =>
  batched(loaders, "newest block", "newest", async (keys) => {
    const height = await newestBlock(platform);
    return keys.map(() => height);
  });

export const DepositNode = builder.prismaNode("Deposit", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => {
    const userId = isSignedIn(viewer) ? viewer.userId : NOBODY;
    return hasScope(viewer, "ADMIN") ? { id } : { id, userId };
  },
  description:
    "NORTH that one of the viewer's wallets sent to the arena, in one block. Only its owner and operators can read it.",
  fields: (t) => ({
    status: t.field({
      type: StatusEnum,
      description: "Where it stands.",
      select: { status: true },
      resolve: ({ status }) => status as ObservationState,
    }),
    final: t.boolean({
      description: "Whether its block is final, so that it can be withdrawn.",
      select: { status: true, finalAt: true },
      resolve: ({ status, finalAt }) => status === "CREDITED" && finalAt !== null,
    }),
    from: t.field({
      type: "Address",
      description: "The wallet that sent it, checksummed (EIP-55).",
      select: { fromAddress: true },
      resolve: ({ fromAddress }) => fromAddress,
    }),
    amount: t.field({
      type: "TokenAmount",
      description: "How much, in base units (10^-18 NORTH).",
      select: { amount: true },
      resolve: ({ amount }) => amount.toFixed(0),
    }),
    amountFormatted: t.string({
      description: 'The same as amount for people, exact, such as "1,250,000.5 NORTH".',
      select: { amount: true },
      resolve: ({ amount }) => formatAmount(amountOf(unitsOf(amount.toFixed(0)))),
    }),
    txHash: t.exposeString("txHash", { description: "Its transaction, 0x and 64 hexadecimal digits." }),
    block: t.exposeInt("height", { description: "The number of the block that has it, or had it." }),
    blockHash: t.exposeString("blockHash", { description: "The hash of that block, 0x and 64 hexadecimal digits." }),
    confirmations: t.int({
      nullable: true,
      description: "How many blocks the arena has seen from its own on, itself included; null when its block vanished.",
      select: { status: true, height: true },
      resolve: async ({ status, height }, _args, context) =>
        confirmationsOf(status as ObservationState, height, await newestOf(context)),
    }),
    seenAt: t.expose("seenAt", { type: "DateTime", description: "When the arena first saw it." }),
    movedAt: t.expose("movedAt", { type: "DateTime", description: "When it came to where it stands now." }),
  }),
});

const TermsRef = builder.objectRef<DepositTerms>("DepositTerms").implement({
  description:
    "Where deposits go to: transfers of this token on this chain to this address, by a wallet that is linked to an account. What another wallet sends is kept until somebody signs in with it. Nothing else may be sent there: ether and other tokens are not credited.",
  access: "public",
  fields: (t) => ({
    address: t.expose("address", { type: "Address", description: "Where to send NORTH." }),
    chainId: t.exposeInt("chain_id", { description: "On which chain (EIP-155)." }),
    chain: t.field({
      type: ChainRef,
      description: "The same chain, as a wallet is told of it.",
      resolve: ({ chain_id }, _args, { platform }) => chainOf(chain_id, platform.chain.rpcUrl),
    }),
    token: t.expose("token_address", { type: "Address", description: "Where the token NORTH stands on it (ERC-20)." }),
    creditTag: t.exposeString("credit_tag", {
      description:
        "From when on a deposit counts: in a block that is finalized, safe, or latest-N, which is N blocks behind the newest. It can be withdrawn when its block is finalized.",
    }),
  }),
});

builder.queryField("depositTerms", (t) =>
  t.field({
    type: TermsRef,
    nullable: true,
    access: "public",
    volatile: true,
    description: "Where deposits go to and when they count; null where this arena takes none.",
    resolve: (_root, _args, { platform }) => depositTerms(platform),
  }),
);

builder.objectFields(ViewerRef, (t) => ({
  depositAddress: t.field({
    type: "Address",
    nullable: true,
    volatile: true,
    description:
      "Where the viewer sends NORTH to deposit it, by a transfer of the token of depositTerms on its chain and from a wallet of `wallets`: the sender says whose it is. Link the wallet first. Null where this arena takes no deposits.",
    resolve: async (_viewer, _args, { platform }) => (await depositTerms(platform))?.address ?? null,
  }),
  deposits: t.prismaConnection({
    type: DepositNode,
    cursor: "id",
    description: "The viewer's deposits, newest first. At most 100 a page. userEvents tells when one moves.",
    resolve: (query, { userId }: SignedIn, _args, { platform }) =>
      platform.prisma.deposit.findMany({ ...query, where: { userId }, orderBy: { id: "desc" } }),
  }),
  ...amountFields(
    t,
    "incoming",
    "What is on its way to the viewer: deposits that are seen and not credited yet.",
    ({ userId }: SignedIn, { platform }) => pendingFor(platform, userId),
  ),
  ...amountFields(
    t,
    "withdrawable",
    "What the viewer can withdraw now: what is available, less deposits that are not final yet, and less what contests gave more than they took in the last withdrawalTerms { winningsWaitMs }.",
    ({ userId }: SignedIn, { platform }) => withdrawableFor(platform, userId),
  ),
}));

userEvent("DepositChanged", "One of your deposits was seen, or came to another state.", (t) => ({
  deposit: t.prismaField({
    type: DepositNode,
    description: "The deposit as it stands now.",
    resolve: (query, event, _args, { platform }) =>
      platform.prisma.deposit.findUniqueOrThrow({ ...query, where: { id: field<string>(event, "depositId") } }),
  }),
  status: t.field({
    type: StatusEnum,
    description: "Where it stood then.",
    resolve: (event) => field<ObservationState>(event, "status"),
  }),
  final: t.boolean({
    description: "Whether it could be withdrawn then.",
    resolve: (event) => field<boolean>(event, "final"),
  }),
}));
