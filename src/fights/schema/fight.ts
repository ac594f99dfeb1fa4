import "./reads.ts";
import { BotNode, CharacterEnum } from "../../bots/schema.ts";
import { botOf } from "../../ladder/schema/rows.ts";
import { ContestInterface, CONTESTS, ReplayInterface, type Replay } from "../../ladder/schema/types.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { encodeNodeId, parseNodeId } from "../../platform/graphql/node-ids.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { field } from "../../platform/graphql/subscription.ts";
import { amountOf, formatAmount, unitsOf } from "../../platform/money.ts";
import { openStream } from "../../platform/subscribe.ts";
import { readEventsOf, type StoredEvent } from "../../platform/streams.ts";
import { type ExchangeResolved, type FightPhase, type RoundEnded } from "../rules/fight-events.ts";
import { deadlineOf, type Fighter, type FightState, isAsked } from "../rules/fight-state.ts";
import { hpMaxOf } from "../rules/pit-rules-1.ts";
import { FIGHT_LADDERS } from "../service/list.ts";
import { fightStream } from "../service/steps.ts";
import { FightPhaseEnum, type Sided, sided, ResolvedSideRef, FightStreamItemRef } from "./events.ts";
const FighterStateRef = builder.objectRef<Sided<Fighter> & { deadlineMs: number | null }>("FighterState").implement({
  description: "A fighter now. Nothing here depends on an action that is not resolved.",
  access: "public",
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, fighter, _args, context) => botOf(context, query, fighter.botId),
    }),
    side: t.exposeInt("side", { description: "0 left, 1 right." }),
    character: t.field({ type: CharacterEnum, description: "What it wears.", resolve: ({ character }) => character }),
    hp: t.exposeInt("hp", { description: "HP now." }),
    hpMax: t.int({ description: "HP at the start of a round.", resolve: ({ character }) => hpMaxOf(character) }),
    stamina: t.exposeInt("stamina", { description: "Stamina now, 0–100." }),
    roundWins: t.exposeInt("roundWins", { description: "Rounds won." }),
    bankMs: t.exposeInt("bankMs", { description: "What is left of its time bank at the last request." }),
    timeouts: t.exposeInt("timeouts", {
      description: "Time-outs in this fight, a missed reveal counted twice; six lose it.",
    }),
    deadlineAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "Until when its action, or in a sealed fight its commitment or reveal, counts; null while none is asked for.",
      resolve: ({ deadlineMs }) => (deadlineMs === null ? null : new Date(deadlineMs)),
    }),
  }),
});

const FightStateRef = builder.objectRef<FightState>("FightState").implement({
  description: "Where a fight stands. Pending actions cannot be seen.",
  access: "public",
  fields: (t) => ({
    round: t.exposeInt("round", { description: "The round, from 1." }),
    exchange: t.exposeInt("exchange", { description: "The exchange in its round, from 1." }),
    nextRoundAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When the next round begins; null outside a pause.",
      resolve: (state) => (state.phase === "ROUND_OVER" ? new Date(deadlineOf(state) ?? 0) : null),
    }),
    fighters: t.field({
      type: [FighterStateRef],
      description: "Both fighters, by side.",
      resolve: (state) =>
        sided(state.fighters).map((fighter) => ({
          ...fighter,
          deadlineMs: isAsked(state) ? (state.deadlinesMs[fighter.side] ?? null) : null,
        })),
    }),
  }),
});

type Exchange = { at: Date } & Pick<ExchangeResolved, "round" | "exchange" | "sides">;
const FightExchangeRef = builder.objectRef<Exchange>("FightExchange").implement({
  description: "A resolved exchange.",
  access: "public",
  fields: (t) => ({
    round: t.exposeInt("round", { description: "Its round." }),
    number: t.exposeInt("exchange", { description: "Its number in the round." }),
    resolvedAt: t.field({ type: "DateTime", description: "When both moves became public.", resolve: ({ at }) => at }),
    sides: t.field({ type: [ResolvedSideRef], description: "Both sides.", resolve: ({ sides }) => sided(sides) }),
  }),
});

const exchangeOf = (event: StoredEvent): Exchange => ({
  at: event.at,
  round: field(event, "round"),
  exchange: field(event, "exchange"),
  sides: field(event, "sides"),
});

type Round = { at: Date } & Pick<RoundEnded, "round" | "winnerBotId" | "reason" | "roundWins">;
const FightRoundRef = builder.objectRef<Round>("FightRound").implement({
  description: "A round that has ended.",
  access: "public",
  fields: (t) => ({
    number: t.exposeInt("round", { description: "The round, from 1." }),
    winner: t.prismaField({
      type: BotNode,
      nullable: true,
      description: "Who won it; null for a draw.",
      resolve: (query, { winnerBotId }, _args, context) => (winnerBotId ? botOf(context, query, winnerBotId) : null),
    }),
    reason: t.exposeString("reason", { description: "KNOCKOUT, HIGHER_HP, DRAWN or TIMEOUTS." }),
    roundWins: t.intList({ description: "Rounds won so far, by side.", resolve: ({ roundWins }) => [...roundWins] }),
    endedAt: t.field({ type: "DateTime", description: "When it ended.", resolve: ({ at }) => at }),
  }),
});

const roundOf = (event: StoredEvent): Round => ({
  at: event.at,
  round: field(event, "round"),
  winnerBotId: field(event, "winnerBotId"),
  reason: field(event, "reason"),
  roundWins: field(event, "roundWins"),
});

const EVENTS_OF_A_FIGHT_MAX = 300;

/** All events of one type of a fight, read together with those of its siblings in a list. */
function toldOf(
  { platform, loaders, cacheTags }: Context,
  fightId: string,
  type: "ExchangeResolved" | "RoundEnded",
): Promise<StoredEvent[]> {
  cacheTags.add(fightStream(fightId));
  return batched(loaders, `told ${type}`, fightStream(fightId), (streams) =>
    readEventsOf(platform.db, streams, { afterSeq: 0, limit: EVENTS_OF_A_FIGHT_MAX, types: [type] }),
  );
}

const FightReplayRef = builder.objectRef<Replay>("FightReplay").implement({
  description: "A fight's whole record, signed, to be verified offline: docs/replay-format.md.",
  access: "public",
  interfaces: [ReplayInterface],
  isTypeOf: (value) => !("lengthMs" in (value as object)),
  fields: (t) => ({
    url: t.exposeString("url", { description: "Where to download it: JSON of the form agon-replay-1." }),
    publicKey: t.string({
      description: "The Ed25519 key, in hex, by which this server signs replays.",
      resolve: (_replay, _args, { platform }) => platform.signer.publicKey,
    }),
  }),
});

export const FightNode = builder.prismaNode("Contest", {
  variant: "Fight",
  id: { field: "id" },
  nullable: true,
  access: "public",
  findUnique: (id) => ({ id, ladder: { in: [...FIGHT_LADDERS] } }),
  interfaces: [ContestInterface],
  movedBy: ["contests"],
  description: "A duel of the Pit.",
  fields: (t) => ({
    phase: t.field({
      type: FightPhaseEnum,
      description: "How the fight stands.",
      select: { id: true, fight: { select: { phase: true } } },
      resolve: ({ id, fight }, _args, { cacheTags }) => {
        cacheTags.add(fightStream(id));
        return (fight?.phase ?? "VOIDED") as FightPhase;
      },
    }),
    rules: t.string({
      description: "The rules, such as PIT RULES 1.",
      select: { fight: { select: { rules: true } } },
      resolve: ({ fight }) => fight?.rules ?? "",
    }),
    sealed: t.boolean({
      description:
        "Whether moves are committed to (commitFightAction) and then revealed (revealFightAction), so that not even the server knows one before both are bound.",
      select: { fight: { select: { sealed: true } } },
      resolve: ({ fight }) => fight?.sealed ?? false,
    }),
    endReason: t.string({
      nullable: true,
      description: "Why it ended: ROUNDS, DRAW, TIMEOUTS, CONCEDED, BOTH_SILENT or VOIDED; null before.",
      select: { fight: { select: { endReason: true } } },
      resolve: ({ fight }) => fight?.endReason ?? null,
    }),
    winner: t.prismaField({
      type: BotNode,
      nullable: true,
      description: "Who won; null before the end, for a draw and for no contest.",
      select: { fight: { select: { winnerId: true } } },
      resolve: (query, { fight }, _args, context) => (fight?.winnerId ? botOf(context, query, fight.winnerId) : null),
    }),
    wager: t.field({
      type: "TokenAmount",
      description: "What each side has at stake, in base units (10^-18 NORTH); 0 where nothing is.",
      select: { fight: { select: { wager: true } } },
      resolve: ({ fight }) => fight?.wager.toFixed(0) ?? "0",
    }),
    wagerFormatted: t.string({
      description: 'The same as wager for people, exact, such as "50,000 NORTH".',
      select: { fight: { select: { wager: true } } },
      resolve: ({ fight }) => formatAmount(amountOf(unitsOf(fight?.wager.toFixed(0) ?? "0"))),
    }),
    state: t.field({
      type: FightStateRef,
      description: "Where it stands.",
      select: { id: true, fight: { select: { state: true } } },
      resolve: ({ id, fight }, _args, { cacheTags }) => {
        cacheTags.add(fightStream(id));
        return fight?.state as unknown as FightState;
      },
    }),
    exchanges: t.field({
      type: [FightExchangeRef],
      cost: 40,
      description: "The resolved exchanges, oldest first.",
      select: { id: true },
      resolve: async ({ id }, _args, context) => (await toldOf(context, id, "ExchangeResolved")).map(exchangeOf),
    }),
    rounds: t.field({
      type: [FightRoundRef],
      description: "The rounds that have ended, oldest first.",
      select: { id: true },
      resolve: async ({ id }, _args, context) => (await toldOf(context, id, "RoundEnded")).map(roundOf),
    }),
  }),
});
builder.prismaObjectField(FightNode, "replay", (t) =>
  t.field({
    type: FightReplayRef,
    nullable: true,
    description: "Its signed record, after the end; null before.",
    select: { id: true, endedAt: true },
    resolve: ({ id, endedAt }, _args, { platform }) =>
      endedAt ? { url: `${platform.origin}/replays/${encodeNodeId("Fight", id)}.json` } : null,
  }),
);
CONTESTS.push(FightNode as never);

builder.queryFields((t) => ({
  fight: t.prismaField({
    type: FightNode,
    nullable: true,
    access: "public",
    cache: ({ id }) => [fightStream(parseNodeId(String(id))?.uuid ?? "")],
    description: "A fight by its id; null when there is none.",
    args: { id: t.arg.globalID({ required: true, for: [FightNode], description: "The fight's id." }) },
    resolve: (query, _root, { id }, { platform }) =>
      platform.prisma.contest.findUnique({ ...query, where: { id: id.id, ladder: { in: [...FIGHT_LADDERS] } } }),
  }),
}));

builder.subscriptionField("fightEvents", (t) =>
  t.field({
    type: FightStreamItemRef,
    access: "public",
    description:
      "A fight's events in order, without gap or duplicate. Without `after` from now on; with it, what is stored behind the cursor first.",
    args: {
      fightId: t.arg.globalID({ required: true, for: [FightNode], description: "The fight." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    subscribe: (_root, { fightId, after }, { platform }) => openStream(platform, fightStream(fightId.id), after),
    resolve: (item) => item,
  }),
);
