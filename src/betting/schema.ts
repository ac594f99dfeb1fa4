import { BotNode } from "../bots/schema.ts";
import { botOf, contestOf } from "../ladder/schema/rows.ts";
import { ContestInterface, CONTESTS } from "../ladder/schema/types.ts";
import { amountFields } from "../platform/graphql/amounts.ts";
import { builder } from "../platform/graphql/builder.ts";
import { command, success } from "../platform/graphql/command.ts";
import type { Context } from "../platform/graphql/context.ts";
import { valuesOf } from "../platform/graphql/enum-values.ts";
import { declareRefusals } from "../platform/graphql/refusal-types.ts";
import { batched } from "../platform/graphql/row-loader.ts";
import { EventInterface, field, streamItem } from "../platform/graphql/subscription.ts";
import { ViewerRef } from "../platform/graphql/viewer.ts";
import { amountOf, unitsOf, type Amount } from "../platform/money.ts";
import type { StoredEvent } from "../platform/streams.ts";
import { openStream } from "../platform/subscribe.ts";
import { isSignedIn, NOBODY } from "../platform/viewer.ts";
import { poolStream, type PoolEvent } from "./events.ts";
import {
  BET_MIN,
  BET_REFUSALS,
  betMaxOf,
  estimateOf,
  isBet,
  oddsOf,
  payoutOf,
  POOL_RAKE_PERCENT,
  type BetRefusal,
  type BetStatus,
  type PoolStatus,
  type RefundReason,
} from "./rules.ts";
import { inBets, placeBet, type Bet } from "./service/bets.ts";
import { openOdds } from "./service/odds.ts";
import { oddsHistories, poolViews, type Backed, type OddsStep, type PoolView } from "./service/pools.ts";

declareRefusals<BetRefusal>({
  NO_POOL: {
    message: "Nobody can bet on this contest.",
    hint: "Fights paired by the rated queue have a pool; practice and house bots never do.",
  },
  POOL_CLOSED: { message: "The pool is closed: play has begun.", hint: "Bet on the next one before its closesAt." },
  NOT_A_PARTICIPANT: { message: "That bot is not in this contest.", hint: "See contest { participants { bot } }." },
  CONFLICT_OF_INTEREST: {
    message: "Who owns a bot in a contest, or is in a team with its owner, does not bet on it.",
    hint: "Bet on contests of others; a wager is for your own. Leaving the team once the contest is announced does not help.",
  },
  BET_TOO_SMALL: { message: "A bet is 50,000 NORTH at least.", hint: "Bet more." },
  BET_TOO_LARGE: {
    message: "A bet is 10,000,000 NORTH at most, and 500,000 in an exhibition.",
    hint: "Bet less, or several times.",
  },
});

const PoolStatusEnum = builder.enumType("PoolStatus", {
  description: "How a pool stands.",
  values: valuesOf<PoolStatus>({
    OPEN: "It takes bets.",
    LOCKED: "Play has begun: it takes none any more.",
    SETTLED: "It was shared out.",
    REFUNDED: "Everybody got the own bets back.",
  }),
});
const RefundReasonEnum = builder.enumType("PoolRefundReason", {
  description: "Why a pool was given back instead of shared out; nothing is kept of it then.",
  values: valuesOf<RefundReason>({
    NO_BETS: "Nobody had bet.",
    NEVER_CLOSED: "The contest ended before play began.",
    NO_RESULT: "The contest ended without a result.",
    DRAW: "Nobody won alone.",
    NOBODY_WON: "Nobody had backed the winner.",
    ONE_SIDED: "All bets were on one bot.",
  }),
});
const BetStatusEnum = builder.enumType("BetStatus", {
  description: "How a bet stands.",
  values: valuesOf<BetStatus>({
    ACTIVE: "It is not decided.",
    WON: "It won its payout.",
    LOST: "It lost.",
    REFUNDED: "It was given back, with the whole pool, or because its owner came to have an interest in the contest.",
  }),
});

type InPool = { total: Amount; backed: Backed };
const BackedRef = builder.objectRef<InPool>("PoolSide").implement({
  description: "What lies on one participant.",
  access: "public",
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { backed }, _args, context) => botOf(context, query, backed.botId),
    }),
    ...amountFields(t, "total", "All bets on it together.", ({ backed }) => backed.amount),
    odds: t.string({
      nullable: true,
      description:
        'What 1 NORTH on it gets back if it wins and nobody bets any more, after the rake and rounded down to hundredths, such as "1.94"; null while nobody backs it.',
      resolve: ({ total, backed }) => oddsOf({ total, backed: backed.amount }),
    }),
  }),
});

const sidesOf = ({ total, backed }: { total: Amount; backed: Backed[] }): InPool[] =>
  backed.map((each) => ({ total, backed: each }));

const OddsStepRef = builder.objectRef<OddsStep>("PoolOdds").implement({
  description: "How a pool stood at an instant.",
  access: "public",
  fields: (t) => ({
    at: t.field({ type: "DateTime", description: "The end of a step of 250 ms.", resolve: ({ at }) => at }),
    ...amountFields(t, "total", "All bets together.", ({ total }) => total),
    sides: t.field({ type: [BackedRef], description: "Each bot that had bets on it.", resolve: sidesOf }),
  }),
});

const PoolRef = builder.objectRef<PoolView>("Pool").implement({
  description:
    "What people bet on a contest, parimutuel: the winner's backers share all of it less 3 %, in proportion, rounded down.",
  access: "public",
  fields: (t) => ({
    status: t.field({ type: PoolStatusEnum, description: "How it stands.", resolve: ({ status }) => status }),
    exhibition: t.exposeBoolean("exhibition", {
      description: "Whether the opponents chose each other: a bet is 500,000 NORTH at most then.",
    }),
    ...amountFields(t, "betMin", "The least that one bet may be.", () => BET_MIN),
    ...amountFields(t, "betMax", "The most that one bet may be.", ({ exhibition }) => betMaxOf(exhibition)),
    rakePercent: t.int({
      description: "What the house keeps of a pool that is shared out, in per cent.",
      resolve: () => Number(POOL_RAKE_PERCENT),
    }),
    openedAt: t.field({ type: "DateTime", description: "Since when.", resolve: ({ openedAt }) => openedAt }),
    closesAt: t.field({
      type: "DateTime",
      description: "When play is to begin; the pool closes with the first move that is asked for.",
      resolve: ({ closesAt }) => closesAt,
    }),
    lockedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When it closed; null before.",
      resolve: ({ lockedAt }) => lockedAt,
    }),
    endedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When it was shared out or given back; null before.",
      resolve: ({ endedAt }) => endedAt,
    }),
    ...amountFields(t, "total", "All bets together.", ({ total }) => total),
    ...amountFields(t, "rake", "What the house kept; 0 before the end.", ({ rake }) => rake),
    byBot: t.field({ type: [BackedRef], description: "What lies on each participant, by side.", resolve: sidesOf }),
    winner: t.prismaField({
      type: BotNode,
      nullable: true,
      description: "Whose backers were paid; null before, and where all was given back.",
      resolve: (query, { winnerBotId }, _args, context) => (winnerBotId ? botOf(context, query, winnerBotId) : null),
    }),
    refundReason: t.field({
      type: RefundReasonEnum,
      nullable: true,
      description: "Why it was given back; null where it was not.",
      resolve: ({ refundReason }) => refundReason,
    }),
    history: t.field({
      type: [OddsStepRef],
      cost: 20,
      description: "The odds in steps of 250 ms in which somebody bet, oldest first.",
      resolve: ({ contestId }, _args, { loaders, platform }) =>
        batched(loaders, "odds of pools", contestId, (ids) => oddsHistories(platform, ids)),
    }),
    estimatedPayout: t.field({
      type: "TokenAmount",
      nullable: true,
      description:
        "What a bet placed now would get back if its bot won and nobody else bet; null for a bot that is not in it, and for an amount that is below betMin or above betMax.",
      args: {
        botId: t.arg.globalID({ required: true, for: [BotNode], description: "The bot to bet on." }),
        amount: t.arg({ type: "TokenAmount", required: true, description: "How much, in base units." }),
      },
      resolve: ({ total, backed, exhibition }, { botId, amount }) => {
        const side = backed.find((each) => each.botId === botId.id);
        return side && isBet(amount, exhibition) ? estimateOf({ total, backed: side.amount }, amount) : null;
      },
    }),
  }),
});

const poolOf = ({ loaders, platform }: Context, contestId: string) =>
  batched(loaders, "pools", contestId, (ids) => poolViews(platform, ids));

builder.prismaInterfaceField(ContestInterface, "pool", (t) =>
  t.field({
    type: PoolRef,
    nullable: true,
    volatile: true,
    description: "What people bet on it; null where nobody can.",
    select: { id: true },
    resolve: ({ id }, _args, context) => poolOf(context, id),
  }),
);

export const BetNode = builder.prismaNode("Bet", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({ id, userId: isSignedIn(viewer) ? viewer.userId : NOBODY }),
  description: "A bet of the viewer. Nobody reads another person's.",
  fields: (t) => ({
    contest: t.field({
      type: ContestInterface,
      description: "On what.",
      select: { contestId: true },
      resolve: ({ contestId }, _args, context, info) => contestOf(context, info, contestId) as never,
    }),
    bot: t.relation("bot", { description: "On whom." }),
    amount: t.field({
      type: "TokenAmount",
      description: "How much, in base units.",
      select: { amount: true },
      resolve: ({ amount }) => amount.toFixed(0),
    }),
    status: t.field({
      type: BetStatusEnum,
      description: "How it stands.",
      select: { status: true },
      resolve: ({ status }) => status as BetStatus,
    }),
    payout: t.field({
      type: "TokenAmount",
      nullable: true,
      description: "What it got back, in base units; null while it is not decided.",
      select: { payout: true },
      resolve: ({ payout }) => payout?.toFixed(0) ?? null,
    }),
    estimatedPayout: t.field({
      type: "TokenAmount",
      nullable: true,
      description:
        "What it would get back, in base units, if its bot won and nobody bet any more; null once it is decided.",
      select: { contestId: true, botId: true, amount: true, status: true },
      resolve: async ({ contestId, botId, amount, status }, _args, context) => {
        const pool = status === "ACTIVE" ? await poolOf(context, contestId) : null;
        const side = pool?.backed.find((each) => each.botId === botId);
        if (!pool || !side) return null;
        return payoutOf({ total: pool.total, backed: side.amount }, amountOf(unitsOf(amount.toFixed(0))));
      },
    }),
    placedAt: t.expose("placedAt", { type: "DateTime", description: "When." }),
  }),
});

builder.objectFields(ViewerRef, (t) => ({
  ...amountFields(
    t,
    "inBets",
    "What is in the viewer's bets that are not decided.",
    ({ userId }, { loaders, platform }) => batched(loaders, "in bets", userId, (ids) => inBets(platform, ids)),
  ),
  bets: t.prismaConnection({
    type: BetNode,
    cursor: "id",
    description: "The viewer's bets, newest first. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.bet.findMany({ ...query, where: { userId }, orderBy: { id: "desc" } }),
  }),
}));

command("placeBet", {
  description:
    "Bets on a participant of a contest whose pool is open: 50,000 to 10,000,000 NORTH (500,000 in an exhibition), 5 a minute, as often as you like. Owners of a participant, and whoever is in a team with one between the announcement and the settlement, may not. A bet cannot be taken back.",
  gives: success<Bet>("The bet."),
  access: "BET",
  ofOwner: true,
  input: (t) => ({
    contestId: t.globalID({ required: true, for: CONTESTS, description: "The contest, such as a fight." }),
    botId: t.globalID({ required: true, for: [BotNode], description: "Who is to win." }),
    amount: t.field({ type: "TokenAmount", required: true, description: "How much, in base units." }),
  }),
  success: (t) => ({
    bet: t.prismaField({
      type: BetNode,
      description: "The bet.",
      resolve: (query, { betId }, _args, { platform }) =>
        platform.prisma.bet.findUniqueOrThrow({ ...query, where: { id: betId } }),
    }),
  }),
  refusals: [...BET_REFUSALS, "INSUFFICIENT_FUNDS"],
  resolve: ({ contestId, botId, amount, ...input }, { platform, viewer }) =>
    placeBet(platform, viewer, { ...input, contestId: contestId.id, botId: botId.id, amount }),
});

const eventOf = (name: PoolEvent["type"]) => builder.objectRef<StoredEvent>(name);
const common = (name: PoolEvent["type"], description: string) => ({
  description,
  access: "public" as const,
  interfaces: [EventInterface],
  isTypeOf: (value: unknown) => (value as StoredEvent).type === name,
});
const amountIn = (event: StoredEvent, name: string) => amountOf(unitsOf(field<string>(event, name)));

type BackedText = { botId: string; amount: string };
const POOL_EVENTS = [
  eventOf("PoolOpened").implement({
    ...common("PoolOpened", "A pool takes bets."),
    fields: (t) => ({
      exhibition: t.boolean({
        description: "Whether the opponents chose each other.",
        resolve: (event) => field(event, "exhibition"),
      }),
      closesAt: t.field({
        type: "DateTime",
        description: "When play is to begin.",
        resolve: (event) => new Date(field<string>(event, "closesAt")),
      }),
    }),
  }),
  eventOf("PoolPostponed").implement({
    ...common("PoolPostponed", "The server was away: play begins later, and the pool is open until then."),
    fields: (t) => ({
      closesAt: t.field({
        type: "DateTime",
        description: "When play is to begin now.",
        resolve: (event) => new Date(field<string>(event, "closesAt")),
      }),
    }),
  }),
  eventOf("PoolLocked").implement({
    ...common("PoolLocked", "Play has begun: these are the bets that count."),
    fields: (t) => ({
      ...amountFields(t, "total", "All bets together.", (event) => amountIn(event, "total")),
      sides: t.field({
        type: [BackedRef],
        description: "What lies on each participant, by side.",
        resolve: (event) =>
          sidesOf({
            total: amountIn(event, "total"),
            backed: field<BackedText[]>(event, "backed").map(({ botId, amount }) => ({
              botId,
              amount: amountOf(unitsOf(amount)),
              bets: 0,
            })),
          }),
      }),
    }),
  }),
  eventOf("PoolSettled").implement({
    ...common("PoolSettled", "A pool was shared out."),
    fields: (t) => ({
      winner: t.prismaField({
        type: BotNode,
        description: "Whose backers were paid.",
        resolve: (query, event, _args, context) => botOf(context, query, field(event, "winnerBotId")),
      }),
      ...amountFields(t, "total", "All bets together.", (event) => amountIn(event, "total")),
      ...amountFields(t, "rake", "What the house kept.", (event) => amountIn(event, "rake")),
      ...amountFields(t, "givenBack", "What did not count: bets of people who came to have an interest.", (event) =>
        amountOf(unitsOf(field<string | undefined>(event, "givenBack") ?? "0")),
      ),
    }),
  }),
  eventOf("PoolRefunded").implement({
    ...common("PoolRefunded", "Everybody got the own bets back."),
    fields: (t) => ({
      reason: t.field({
        type: RefundReasonEnum,
        description: "Why.",
        resolve: (event) => field<RefundReason>(event, "reason"),
      }),
      ...amountFields(t, "total", "All bets together.", (event) => amountIn(event, "total")),
    }),
  }),
];

const PoolStreamItemRef = streamItem("Pool", "a pool", "public", POOL_EVENTS);

builder.subscriptionFields((t) => ({
  poolEvents: t.field({
    type: PoolStreamItemRef,
    access: "public",
    description: "What becomes of a contest's pool: opened, locked, shared out or given back; in order, without gap.",
    args: {
      contestId: t.arg.globalID({ required: true, for: CONTESTS, description: "The contest." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    subscribe: (_root, { contestId, after }, { platform }) => openStream(platform, poolStream(contestId.id), after),
    resolve: (item) => item,
  }),
  poolOdds: t.field({
    type: PoolRef,
    nullable: true,
    access: "public",
    description:
      "A contest's pool, first at once, then whenever somebody bet on it or it moved, 4 times a second at most: many bets are one event, and the last state is always told. A feed: the newest snapshot, no cursor; null where there is no pool.",
    args: { contestId: t.arg.globalID({ required: true, for: CONTESTS, description: "The contest." }) },
    subscribe: (_root, { contestId }, { platform }) => openOdds(platform, contestId.id),
    resolve: (_event, { contestId }, context) => poolOf(context, contestId.id),
  }),
}));
