import { CharacterEnum } from "../../bots/schema.ts";
import { amountFields } from "../../platform/graphql/amounts.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { encodeNodeId } from "../../platform/graphql/node-ids.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { EventInterface, field, streamItem } from "../../platform/graphql/subscription.ts";
import { amountOf, unitsOf } from "../../platform/money.ts";

import { type StoredEvent } from "../../platform/streams.ts";
import {
  type FightPhase,
  type RequestedFighter,
  type ResolvedSide,
  type RevealingFighter,
  type StartedFighter,
} from "../rules/fight-events.ts";
import type { FightRefusal } from "../rules/fight-state.ts";
import type { Action } from "../rules/pit-rules-1.ts";

declareRefusals<FightRefusal | "ALREADY_VOID">({
  ALREADY_VOID: { message: "This contest has no result to take back.", hint: "There is nothing more to do." },
  NOT_IN_FIGHT: { message: "The bot is not in this fight.", hint: "Use the fightId of the move that was asked for." },
  FIGHT_SEALED: {
    message: "This fight is sealed: actions are committed to, then revealed.",
    hint: "Call commitFightAction, and revealFightAction once a REVEAL is asked for.",
  },
  FIGHT_NOT_SEALED: { message: "This fight is not sealed.", hint: "Call submitFightAction." },
  FIGHT_OVER: { message: "This fight is over.", hint: "Join the queue for the next one." },
  EXCHANGE_CLOSED: {
    message: "This exchange is not open.",
    hint: "Send the round and exchange of the newest request, before its deadline.",
  },
  ALREADY_SUBMITTED: { message: "The bot has already moved in this exchange.", hint: "Wait for the next request." },
  ALREADY_COMMITTED: {
    message: "The bot has already committed in this exchange.",
    hint: "Keep the action and nonce; reveal them when a REVEAL is asked for.",
  },
  REVEAL_TOO_EARLY: {
    message: "Commitments are still awaited: nothing may be revealed yet.",
    hint: "Keep the action and nonce secret until a REVEAL is asked for.",
  },
  NOT_COMMITTED: {
    message: "The bot missed its commitment: there is nothing to reveal.",
    hint: "Wait for the next request.",
  },
  ALREADY_REVEALED: { message: "The bot has already revealed.", hint: "Wait for the next request." },
  BAD_NONCE: {
    message: "A nonce is 32 to 128 lower-case hexadecimal digits.",
    hint: "Reveal the nonce that was hashed; draw 16 random bytes for the next.",
  },
  COMMITMENT_MISMATCH: {
    message: "This is not what the bot committed to.",
    hint: "Before the deadline, reveal what was hashed: pit1|fightId|round|exchange|botId|ACTION|nonce, ids as given.",
  },
  ILLEGAL_REVEAL: {
    message: "The bot committed to an action that it cannot pay for: it times out.",
    hint: "Commit only to one of legalActions.",
  },
  INSUFFICIENT_STAMINA: {
    message: "The bot cannot pay for this action.",
    hint: "Choose a legal action before the deadline.",
  },
});

const ACTION_WORDS: Record<Action, string> = {
  JAB_HIGH: "Quick, high; costs 10.",
  KICK_LOW: "Quick, low; costs 10.",
  HEAVY_HIGH: "Heavy, high; costs 20.",
  SWEEP_LOW: "Heavy, low; costs 20.",
  GRAB: "Beats blocks; costs 10.",
  SPECIAL: "The strongest; costs 40.",
  BLOCK_HIGH: "Stops high attacks; free.",
  BLOCK_LOW: "Stops low attacks; free.",
  DODGE: "Evades and answers; costs 20.",
  PARRY: "Turns high attacks back; costs 20.",
  FEINT: "Draws stamina from who guards; costs 10.",
  RECOVER: "Gains 30 stamina, 10 when hit; free.",
};
export const FightActionEnum = builder.enumType("FightAction", {
  description: "The twelve actions of PIT RULES 1. Costs differ by character.",
  values: valuesOf(ACTION_WORDS),
});
const PHASE_WORDS: Record<FightPhase, string> = {
  ANNOUNCED: "About to begin.",
  WAITING_FOR_ACTIONS: "Both are asked for a move.",
  WAITING_FOR_COMMITMENTS: "Sealed: both are asked for the hash of their move.",
  WAITING_FOR_REVEALS: "Sealed: both are asked to reveal what they committed to.",
  ROUND_OVER: "The pause between rounds.",
  COMPLETED: "Ended by rounds.",
  FORFEITED: "One gave up or timed out.",
  NO_CONTEST: "Both were silent.",
  VOIDED: "Stopped without a result.",
};
export const FightPhaseEnum = builder.enumType("FightPhase", {
  description: "How a fight stands.",
  values: valuesOf(PHASE_WORDS),
});

export const botId = (uuid: string) => encodeNodeId("Bot", uuid);
export type Sided<T> = T & { side: number };
export const sided = <T>(all: readonly T[]): Sided<T>[] => all.map((each, side) => ({ ...each, side }));

const StartedFighterRef = builder.objectRef<Sided<StartedFighter>>("FightStartedFighter").implement({
  description: "A fighter as it enters.",
  access: "public",
  fields: (t) => ({
    botId: t.id({ description: "Its bot's id.", resolve: (fighter) => botId(fighter.botId) }),
    side: t.exposeInt("side", { description: "0 left, 1 right." }),
    character: t.field({ type: CharacterEnum, description: "What it wears.", resolve: ({ character }) => character }),
    hp: t.exposeInt("hp", { description: "HP at the start of each round." }),
    stamina: t.exposeInt("stamina", { description: "Stamina at the start of each round." }),
  }),
});
type Requested = Sided<RequestedFighter & Partial<Pick<RevealingFighter, "commitment">>>;
export const RequestedFighterRef = builder.objectRef<Requested>("RequestedFighter").implement({
  description: "A fighter as a move is asked for.",
  access: "public",
  fields: (t) => ({
    botId: t.id({ description: "Its bot's id.", resolve: (fighter) => botId(fighter.botId) }),
    side: t.exposeInt("side", { description: "0 left, 1 right." }),
    hp: t.exposeInt("hp", { description: "HP now." }),
    stamina: t.exposeInt("stamina", { description: "Stamina now, 0–100." }),
    roundWins: t.exposeInt("roundWins", { description: "Rounds won so far." }),
    bankMs: t.exposeInt("bankMs", { description: "What is left of its time bank, milliseconds." }),
    deadlineAt: t.field({
      type: "DateTime",
      description:
        "Until when its action counts; then BLOCK_HIGH is played. In a sealed fight, until when its commitment or reveal counts; then BLOCK_HIGH, BLOCK_LOW or RECOVER is drawn.",
      resolve: ({ deadlineAt }) => new Date(deadlineAt),
    }),
    commitment: t.field({
      type: "Sha256",
      nullable: true,
      description:
        "What it committed to, shown once both are bound; null before, for one that missed it, and in a fight that is not sealed.",
      resolve: ({ commitment }) => commitment ?? null,
    }),
  }),
});
export const ResolvedSideRef = builder.objectRef<Sided<ResolvedSide>>("ExchangeSide").implement({
  description: "What one side did in an exchange, and where it stands after it.",
  access: "public",
  fields: (t) => ({
    botId: t.id({ description: "Its bot's id.", resolve: (side) => botId(side.botId) }),
    side: t.exposeInt("side", { description: "0 left, 1 right." }),
    action: t.field({ type: FightActionEnum, description: "What it played.", resolve: ({ action }) => action }),
    timedOut: t.exposeBoolean("timedOut", { description: "Whether the default was played for it." }),
    dealt: t.exposeInt("dealt", { description: "Damage that it dealt." }),
    taken: t.exposeInt("taken", { description: "Damage that it took." }),
    hp: t.exposeInt("hp", { description: "HP after." }),
    stamina: t.exposeInt("stamina", { description: "Stamina after." }),
    commitment: t.field({
      type: "Sha256",
      nullable: true,
      description: "What it had committed to in a sealed fight; null where it missed that, and in other fights.",
      resolve: ({ commitment }) => commitment ?? null,
    }),
    nonce: t.string({
      nullable: true,
      description:
        "The nonce that opened its commitment, for everybody to check; null where it was not revealed in time, and in fights that are not sealed.",
      resolve: ({ nonce }) => nonce ?? null,
    }),
  }),
});
type Placed = Sided<{ botId: string; placement: number; ratingBefore: number | null; ratingAfter: number | null }>;
const PlacementRef = builder.objectRef<Placed>("FightPlacement").implement({
  description: "How a fighter came out.",
  access: "public",
  fields: (t) => ({
    botId: t.id({ description: "Its bot's id.", resolve: (placed) => botId(placed.botId) }),
    side: t.exposeInt("side", { description: "0 left, 1 right." }),
    placement: t.exposeInt("placement", { description: "1 won, 2 lost; both 1 for a draw." }),
    ratingBefore: t.exposeInt("ratingBefore", { nullable: true, description: "Elo before; null where unknown." }),
    ratingAfter: t.exposeInt("ratingAfter", { nullable: true, description: "Elo after; null where it is not rated." }),
  }),
});

type Paid = Sided<{ botId: string; amount: string }>;
const PayoutRef = builder.objectRef<Paid>("FightPayout").implement({
  description: "What a fighter's owner got out of the stakes.",
  access: "public",
  fields: (t) => ({
    botId: t.id({ description: "Its bot's id.", resolve: (paid) => botId(paid.botId) }),
    side: t.exposeInt("side", { description: "0 left, 1 right." }),
    ...amountFields(t, "amount", "Both stakes less 3 % to the winner; each its own back without one.", ({ amount }) =>
      amountOf(unitsOf(amount)),
    ),
  }),
});

export const lastOf = (last: ResolvedSide[] | null | undefined) => (last ? sided(last) : null);
const eventOf = (name: string) => builder.objectRef<StoredEvent>(name);
const isType = (name: string) => (value: unknown) => (value as StoredEvent).type === name;
const roundFields = { round: "The round, from 1.", exchange: "The exchange in its round, from 1." } as const;

const isSealed = (event: StoredEvent) => field<boolean | undefined>(event, "sealed") ?? false;

type EventFields = Parameters<NonNullable<Parameters<ReturnType<typeof eventOf>["implement"]>[0]["fields"]>>[0];
const openingFields = (t: EventFields) => ({
  rated: t.boolean({ description: "Whether it counts in ratings.", resolve: (event) => field(event, "rated") }),
  sealed: t.boolean({ description: "Whether moves are committed to and then revealed.", resolve: isSealed }),
  rules: t.string({ description: "The rules, such as PIT RULES 1.", resolve: (event) => field(event, "rules") }),
  fighters: t.field({
    type: [StartedFighterRef],
    description: "Both fighters, by side.",
    resolve: (event) => sided(field<StartedFighter[]>(event, "fighters")),
  }),
});

const FightAnnouncedRef = eventOf("FightAnnounced").implement({
  description: "A fight is about to begin; until then people may bet on it.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("FightAnnounced"),
  fields: (t) => ({
    startsAt: t.field({
      type: "DateTime",
      description: "When the first exchange is asked for.",
      resolve: (event) => new Date(field<string>(event, "startsAt")),
    }),
    ...openingFields(t),
  }),
});
const FightStartedRef = eventOf("FightStarted").implement({
  description: "A fight began.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("FightStarted"),
  fields: (t) => openingFields(t),
});
const ExchangeRequestedRef = eventOf("ExchangeRequested").implement({
  description: "Both fighters are asked for a move; in a sealed fight for its hash, by commitFightAction.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("ExchangeRequested"),
  fields: (t) => ({
    round: t.int({ description: roundFields.round, resolve: (event) => field(event, "round") }),
    exchange: t.int({ description: roundFields.exchange, resolve: (event) => field(event, "exchange") }),
    sealed: t.boolean({
      description: "Whether the fight is sealed: the hash of a move is asked for.",
      resolve: isSealed,
    }),
    fighters: t.field({
      type: [RequestedFighterRef],
      description: "Both fighters, by side.",
      resolve: (event) => sided(field<RequestedFighter[]>(event, "fighters")),
    }),
    last: t.field({
      type: [ResolvedSideRef],
      nullable: true,
      description: "Both sides of the exchange before; null for a round's first.",
      resolve: (event) => lastOf(field<ResolvedSide[] | null | undefined>(event, "last")),
    }),
  }),
});
const RevealRequestedRef = eventOf("RevealRequested").implement({
  description:
    "In a sealed fight, both are bound: whoever has committed is asked to reveal, by revealFightAction. Nothing in it depends on what was chosen but the commitments, which say nothing without their nonces.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("RevealRequested"),
  fields: (t) => ({
    round: t.int({ description: roundFields.round, resolve: (event) => field(event, "round") }),
    exchange: t.int({ description: roundFields.exchange, resolve: (event) => field(event, "exchange") }),
    fighters: t.field({
      type: [RequestedFighterRef],
      description: "Both fighters with their commitments and new deadlines, by side.",
      resolve: (event) => sided(field<RevealingFighter[]>(event, "fighters")),
    }),
  }),
});
const ExchangeResolvedRef = eventOf("ExchangeResolved").implement({
  description: "Both moves are public.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("ExchangeResolved"),
  fields: (t) => ({
    round: t.int({ description: roundFields.round, resolve: (event) => field(event, "round") }),
    exchange: t.int({ description: roundFields.exchange, resolve: (event) => field(event, "exchange") }),
    sides: t.field({
      type: [ResolvedSideRef],
      description: "Both sides.",
      resolve: (event) => sided(field<ResolvedSide[]>(event, "sides")),
    }),
  }),
});
const RoundEndedRef = eventOf("RoundEnded").implement({
  description: "A round ended.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("RoundEnded"),
  fields: (t) => ({
    round: t.int({ description: roundFields.round, resolve: (event) => field(event, "round") }),
    winnerBotId: t.id({
      nullable: true,
      description: "Who won it; null for a draw.",
      resolve: (event) => idOrNull(field(event, "winnerBotId")),
    }),
    reason: t.string({
      description: "KNOCKOUT, HIGHER_HP, DRAWN or TIMEOUTS.",
      resolve: (event) => field(event, "reason"),
    }),
    roundWins: t.intList({ description: "Rounds won so far, by side.", resolve: (event) => field(event, "roundWins") }),
    nextRoundAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When the next one begins; null after the last.",
      resolve: (event) => dateOrNull(field(event, "nextRoundAt")),
    }),
  }),
});
const FightEndedRef = eventOf("FightEnded").implement({
  description: "A fight ended.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("FightEnded"),
  fields: (t) => ({
    phase: t.field({
      type: FightPhaseEnum,
      description: "How it ended.",
      resolve: (event) => field<FightPhase>(event, "phase"),
    }),
    winnerBotId: t.id({
      nullable: true,
      description: "Who won; null for a draw or no contest.",
      resolve: (event) => idOrNull(field(event, "winnerBotId")),
    }),
    reason: t.string({
      description: "ROUNDS, DRAW, TIMEOUTS, CONCEDED, BOTH_SILENT or VOIDED.",
      resolve: (event) => field(event, "reason"),
    }),
    placements: t.field({
      type: [PlacementRef],
      description: "Both fighters, by side.",
      resolve: (event) => sided(field<Omit<Placed, "side">[]>(event, "placements")),
    }),
    payouts: t.field({
      type: [PayoutRef],
      description: "Who got what out of the stakes, by side; empty where nothing was at stake.",
      resolve: (event) => sided(field<Omit<Paid, "side">[] | undefined>(event, "payouts") ?? []),
    }),
    finalHash: t.field({
      type: "Sha256",
      nullable: true,
      description: "The chain's hash at this event: it covers the whole fight.",
      resolve: (event) => event.hash,
    }),
    seed: t.string({
      description: "The secret seed in hex; its SHA-256 was public from the start.",
      resolve: (event) => field(event, "seed"),
    }),
  }),
});
const DeadlineExtendedRef = eventOf("DeadlineExtended").implement({
  description: "The server was away; running deadlines moved by that time.",
  access: "public",
  interfaces: [EventInterface],
  isTypeOf: isType("DeadlineExtended"),
  fields: (t) => ({
    byMs: t.int({ description: "By how many milliseconds.", resolve: (event) => field(event, "byMs") }),
    fighters: t.field({
      type: [RequestedFighterRef],
      description: "Both fighters with their new deadlines.",
      resolve: (event) => sided(field<RequestedFighter[]>(event, "fighters")),
    }),
  }),
});

const idOrNull = (uuid: string | null) => (uuid === null ? null : botId(uuid));
const dateOrNull = (text: string | null) => (text === null ? null : new Date(text));

const FIGHT_EVENTS = [
  FightAnnouncedRef,
  FightStartedRef,
  ExchangeRequestedRef,
  RevealRequestedRef,
  ExchangeResolvedRef,
  RoundEndedRef,
  FightEndedRef,
  DeadlineExtendedRef,
];

export const FightStreamItemRef = streamItem("Fight", "a fight", "public", FIGHT_EVENTS);
