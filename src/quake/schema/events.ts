import { BotNode } from "../../bots/schema.ts";
import { botOf } from "../../ladder/schema/rows.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { EventInterface, field, streamItem } from "../../platform/graphql/subscription.ts";
import type { StoredEvent } from "../../platform/streams.ts";
import { NO_AWARDS, totalOf } from "../rules/aim.ts";
import { killText, meansOf, MEANS, type Means } from "../rules/kill-text.ts";
import type { MatchVoidReason } from "../rules/match.ts";
import type { MatchResult } from "../rules/match-events.ts";
import { AwardsRef } from "./aim.ts";

export const MeansEnum = builder.enumType("QuakeMeans", {
  description: "How a player died, in the game's own names.",
  values: valuesOf(Object.fromEntries(MEANS.map((means) => [means, wordsOf(means)])) as Record<Means, string>),
});

function wordsOf(means: Means): string {
  return means === "UNKNOWN" ? "What the game has no name for." : `By ${means.toLowerCase().replaceAll("_", " ")}.`;
}

export const VoidReasonEnum = builder.enumType("MatchVoidReason", {
  description: "Why a match ended without a result.",
  values: valuesOf<MatchVoidReason>({
    NO_SERVER: "No game server was free or could be started.",
    JOIN_FAILED: "A bot could not join, and nobody waited in the queue to take its place.",
    START_FAILED: "The round did not begin.",
    SERVER_LOST: "The game server ended in the middle.",
    PLAYER_LOST: "A bot lost its connection to the game.",
    NEVER_ENDED: "The game did not end in time.",
    SCORES_MISSING: "The game ended without saying all scores.",
    SCORE_MISMATCH: "The server's log, its scores and what the bots saw did not agree.",
    STOPPED: "The node that ran it was stopped.",
    NODE_LOST: "The node that ran it is gone.",
    NO_NODE: "For ten minutes no node had a game server for it, or it waited for an hour.",
    OPERATOR: "An operator ended it; nobody waits again.",
  }),
});

const eventOf = (name: string, description: string) => ({
  ref: builder.objectRef<StoredEvent>(name),
  common: {
    description,
    access: "public" as const,
    interfaces: [EventInterface],
    isTypeOf: (value: unknown) => (value as StoredEvent).type === name,
  },
});

const botIn = (context: Context, query: object, event: StoredEvent, name: string) =>
  botOf(context, query, field<string>(event, name));
const botsIn = (context: Context, query: object, event: StoredEvent, name: string) =>
  Promise.all(field<string[]>(event, name).map((id) => botOf(context, query, id)));
const dateIn = (event: StoredEvent, name: string) => new Date(field<string>(event, name));

const announced = eventOf("MatchAnnounced", "A match was made; it begins when a server is free.");
const AnnouncedRef = announced.ref.implement({
  ...announced.common,
  fields: (t) => ({
    map: t.string({ description: "The map, which follows from the seed.", resolve: (event) => field(event, "map") }),
    rated: t.boolean({ description: "Whether it counts in ratings.", resolve: (event) => field(event, "rated") }),
    startsAt: t.field({
      type: "DateTime",
      description: "No node begins it sooner: bets are open until then.",
      resolve: (event) => dateIn(event, "startsAt"),
    }),
    bots: t.prismaField({
      type: [BotNode],
      description: "Who is to play, 2 to 4.",
      resolve: (query, event, _args, context) => botsIn(context, query, event, "botIds"),
    }),
  }),
});
const joining = eventOf("MatchJoining", "A node has begun it: a server is prepared, and the bots join.");
const JoiningRef = joining.ref.implement({
  ...joining.common,
  fields: (t) => ({
    attempt: t.int({
      description: "Which attempt this is, 1 to 3; one that its node handed back is not counted.",
      resolve: (event) => field(event, "attempt"),
    }),
  }),
});
const postponed = eventOf("MatchPostponed", "Its node went away before it was live: another begins it anew.");
const PostponedRef = postponed.ref.implement({ ...postponed.common, fields: () => ({}) });
const replaced = eventOf("MatchPlayerReplaced", "A bot could not come; one from the queue plays in its place.");
const ReplacedRef = replaced.ref.implement({
  ...replaced.common,
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "Who could not come.",
      resolve: (query, event, _args, context) => botIn(context, query, event, "botId"),
    }),
    by: t.prismaField({
      type: BotNode,
      description: "Who plays instead.",
      resolve: (query, event, _args, context) => botIn(context, query, event, "byBotId"),
    }),
    rated: t.boolean({ description: "Whether the match is still rated.", resolve: (event) => field(event, "rated") }),
  }),
});
const frozen = eventOf("MatchRosterFrozen", "Everybody is in the game; the countdown runs.");
const FrozenRef = frozen.ref.implement({
  ...frozen.common,
  fields: (t) => ({
    bots: t.prismaField({
      type: [BotNode],
      description: "Who plays.",
      resolve: (query, event, _args, context) => botsIn(context, query, event, "botIds"),
    }),
  }),
});
const started = eventOf("MatchStarted", "The match is live.");
const StartedRef = started.ref.implement({
  ...started.common,
  fields: (t) => ({
    endsAt: t.field({
      type: "DateTime",
      description: "When time is up; while two share the first place, one more point decides.",
      resolve: (event) => dateIn(event, "endsAt"),
    }),
  }),
});

/** A death's words, made of numbers and the bots' names here. */
export async function textOf(
  context: Context,
  { killer, victim, means }: { killer: string | null; victim: string; means: number },
): Promise<string> {
  const nameOf = async (id: string) => (await botOf(context, {}, id)).name;
  const [killerName, victimName] = await Promise.all([killer === null ? null : nameOf(killer), nameOf(victim)]);
  return killText({ killer: killerName, victim: victimName, means });
}

const killed = eventOf("MatchKill", "A bot died.");
export const KillEventRef = killed.ref.implement({
  ...killed.common,
  fields: (t) => ({
    number: t.int({
      description: "The how many-th death of the match, from 1.",
      resolve: (event) => field(event, "number"),
    }),
    killer: t.prismaField({
      type: BotNode,
      nullable: true,
      description: "Who did it; null for the world: a fall, lava, a trigger.",
      resolve: (query, event, _args, context) =>
        field<string | null>(event, "killerBotId") === null ? null : botIn(context, query, event, "killerBotId"),
    }),
    victim: t.prismaField({
      type: BotNode,
      description: "Who died.",
      resolve: (query, event, _args, context) => botIn(context, query, event, "victimBotId"),
    }),
    means: t.field({ type: MeansEnum, description: "How.", resolve: (event) => meansOf(field(event, "means")) }),
    suicide: t.boolean({
      description: "Whether nobody else did it; it usually costs a point.",
      resolve: (event) => field(event, "suicide"),
    }),
    atMs: t.int({ description: "Milliseconds since the round began.", resolve: (event) => field(event, "atMs") }),
    text: t.string({
      description: "The death in the words of the game, such as `b was railed by a`.",
      resolve: (event, _args, context) =>
        textOf(context, {
          killer: field(event, "killerBotId"),
          victim: field(event, "victimBotId"),
          means: field(event, "means"),
        }),
    }),
  }),
});
const scored = eventOf("MatchScored", "A bot's score has changed.");
const ScoredRef = scored.ref.implement({
  ...scored.common,
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "Whose.",
      resolve: (query, event, _args, context) => botIn(context, query, event, "botId"),
    }),
    score: t.int({ description: "Its score now, by the server.", resolve: (event) => field(event, "score") }),
  }),
});

const ResultRef = builder.objectRef<MatchResult>("MatchResult").implement({
  description: "How a bot came out of a match.",
  access: "public",
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { botId }, _args, context) => botOf(context, query, botId),
    }),
    placement: t.exposeInt("placement", { description: "1 is best; equal scores have equal placements." }),
    score: t.exposeInt("score", { description: "Its score, by the server." }),
    kills: t.exposeInt("kills", { description: "How many others it killed." }),
    deaths: t.exposeInt("deaths", { description: "How often it died." }),
    shots: t.int({
      nullable: true,
      description: "Shots that left, by the game server's own count; null where it did not tell.",
      resolve: ({ aim }) => (aim ? totalOf(aim).shots : null),
    }),
    hits: t.int({
      nullable: true,
      description: "Shots that hit another player; null where the server did not tell.",
      resolve: ({ aim }) => (aim ? totalOf(aim).hits : null),
    }),
    awards: t.field({
      type: AwardsRef,
      description: "Its awards.",
      resolve: ({ awards }) => awards ?? NO_AWARDS,
    }),
    ratingBefore: t.exposeInt("ratingBefore", { nullable: true, description: "Elo before; null for house bots." }),
    ratingAfter: t.exposeInt("ratingAfter", { nullable: true, description: "Elo after; null where it is not rated." }),
  }),
});
const seedField = {
  description: "The secret seed in hex; its SHA-256 was public from the start.",
  resolve: (event: StoredEvent) => field<string>(event, "seed"),
};
const hashField = {
  type: "Sha256" as const,
  nullable: true as const,
  description: "The chain's hash at this event: it covers the whole match.",
  resolve: (event: StoredEvent) => event.hash,
};
const completed = eventOf("MatchCompleted", "A match ended with a result.");
const CompletedRef = completed.ref.implement({
  ...completed.common,
  fields: (t) => ({
    results: t.field({
      type: [ResultRef],
      description: "Everybody, best first. Rating changes sum to zero.",
      resolve: (event) => field<MatchResult[]>(event, "results"),
    }),
    seed: t.string(seedField),
    finalHash: t.field(hashField),
  }),
});
const voided = eventOf("MatchVoided", "A match ended without a result: it counts for nobody.");
const VoidedRef = voided.ref.implement({
  ...voided.common,
  fields: (t) => ({
    reason: t.field({ type: VoidReasonEnum, description: "Why.", resolve: (event) => field(event, "reason") }),
    requeued: t.prismaField({
      type: [BotNode],
      description: "Who waits in the queue again, at the place that it had.",
      resolve: (query, event, _args, context) => botsIn(context, query, event, "requeuedBotIds"),
    }),
    seed: t.string(seedField),
    finalHash: t.field(hashField),
  }),
});

export const MatchStreamItemRef = streamItem("Match", "a match", "public", [
  AnnouncedRef,
  JoiningRef,
  PostponedRef,
  ReplacedRef,
  FrozenRef,
  StartedRef,
  KillEventRef,
  ScoredRef,
  CompletedRef,
  VoidedRef,
]);
