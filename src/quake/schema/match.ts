import "./reads.ts";
import { BotNode } from "../../bots/schema.ts";
import { ContestInterface, CONTESTS } from "../../ladder/schema/types.ts";
import { botOf } from "../../ladder/schema/rows.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { connectionOf, pageAsked, type KeyForm } from "../../platform/graphql/keyset.ts";
import { encodeNodeId, parseNodeId } from "../../platform/graphql/node-ids.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { openStream } from "../../platform/subscribe.ts";
import { accuracyOf } from "../rules/aim.ts";
import { meansOf } from "../rules/kill-text.ts";
import type { MatchPhase, MatchVoidReason } from "../rules/match.ts";
import { killsPerDeath } from "../rules/score.ts";
import { openKillFeed, type FeedKill } from "../service/kill-feed.ts";
import { killPages, weaponsOf, type Kill } from "../service/record.ts";
import { matchStream } from "../service/steps.ts";
import { AIM_WORDS, AwardsRef, WeaponAimRef } from "./aim.ts";
import { KillEventRef, MatchStreamItemRef, MeansEnum, textOf, VoidReasonEnum } from "./events.ts";
import { WeaponStatRef } from "./record.ts";

const PhaseEnum = builder.enumType("MatchPhase", {
  description: "How a match stands.",
  values: valuesOf<MatchPhase>({
    ANNOUNCED: "Made; it waits for its time and a free server.",
    JOINING: "The bots join a server.",
    COUNTDOWN: "Everybody is in the game; the round is about to begin.",
    LIVE: "Being played.",
    COMPLETED: "Ended with a result.",
    VOIDED: "Ended without a result.",
  }),
});

const UNTOLD = "Null until the match has its result, and where the server did not tell.";

const PlayerRef = builder.prismaObject("QuakePlayer", {
  name: "MatchPlayer",
  movedBy: ["contests"],
  description: "A bot in a match, with what it has so far.",
  access: "public",
  fields: (t) => ({
    bot: t.relation("bot", { description: "The bot." }),
    side: t.exposeInt("side", { description: "Its place in the roster, from 0." }),
    score: t.exposeInt("score", { description: "Its score, by the server." }),
    kills: t.exposeInt("kills", { description: "How many others it killed." }),
    deaths: t.exposeInt("deaths", { description: "How often it died." }),
    suicides: t.exposeInt("suicides", { description: "How often nobody else did it." }),
    killsPerDeath: t.float({
      description: "Kills for each death; without a death, its kills.",
      select: { kills: true, deaths: true },
      resolve: ({ kills, deaths }) => killsPerDeath(kills, deaths),
    }),
    shots: t.exposeInt("shots", { nullable: true, description: `${AIM_WORDS.shots} ${UNTOLD}` }),
    hits: t.exposeInt("hits", { nullable: true, description: `${AIM_WORDS.hits} ${UNTOLD}` }),
    accuracy: t.float({
      nullable: true,
      description: `${AIM_WORDS.accuracy}, and where shots are null.`,
      select: { shots: true, hits: true },
      resolve: ({ shots, hits }) => accuracyOf(shots, hits),
    }),
    aim: t.field({
      type: [WeaponAimRef],
      description: `${AIM_WORDS.aim} Empty where shots are null.`,
      select: { aims: { select: { weapon: true, shots: true, hits: true }, orderBy: { weapon: "asc" } } },
      resolve: ({ aims }) => aims,
    }),
    awards: t.field({
      type: AwardsRef,
      description: "Its awards in this match; told with the result.",
      select: { excellent: true, impressive: true, gauntlet: true },
      resolve: (awards) => awards,
    }),
    weapons: t.field({
      type: [WeaponStatRef],
      description: "What it did and suffered in this match by each means, in the game's order; at most 29.",
      select: { matchId: true, botId: true },
      resolve: ({ matchId, botId }, _args, { platform, loaders, cacheTags }) => {
        cacheTags.add(matchStream(matchId));
        return batched(loaders, "weapons in a match", `${matchId} ${botId}`, (keys) => weaponsOf(platform, keys));
      },
    }),
  }),
});

const KillRef = builder.objectRef<Kill>("QuakeKill").implement({
  description: "A death in a match.",
  access: "public",
  movedBy: ["contests"],
  fields: (t) => ({
    number: t.exposeInt("number", { description: "The how many-th of the match, from 1." }),
    killer: t.prismaField({
      type: BotNode,
      nullable: true,
      description: "Who did it; null for the world: a fall, lava, a trigger.",
      resolve: (query, { killer }, _args, context) => (killer === null ? null : botOf(context, query, killer)),
    }),
    victim: t.prismaField({
      type: BotNode,
      description: "Who died.",
      resolve: (query, { victim }, _args, context) => botOf(context, query, victim),
    }),
    means: t.field({ type: MeansEnum, description: "How.", resolve: ({ means }) => meansOf(means) }),
    suicide: t.exposeBoolean("suicide", { description: "Whether nobody else did it." }),
    atMs: t.int({ description: "Milliseconds since the round began.", resolve: (kill) => kill.at_ms }),
    at: t.expose("at", { type: "DateTime", description: "When it was stored." }),
    text: t.string({
      description: "The death in the words of the game, such as `b was railed by a`.",
      resolve: (kill, _args, context) => textOf(context, kill),
    }),
  }),
});

const NUMBER_KEY: KeyForm<number> = {
  write: String,
  read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null),
};

export const MatchNode = builder.prismaNode("Contest", {
  variant: "QuakeMatch",
  id: { field: "id" },
  nullable: true,
  access: "public",
  interfaces: [ContestInterface],
  movedBy: ["contests"],
  description: "A round of Quake on a real game server: 2 to 4 bots, free for all.",
  fields: (t) => ({
    phase: t.field({
      type: PhaseEnum,
      description: "How the match stands.",
      select: { id: true, match: { select: { phase: true } } },
      resolve: ({ id, match }, _args, { cacheTags }) => {
        cacheTags.add(matchStream(id));
        return (match?.phase ?? "VOIDED") as MatchPhase;
      },
    }),
    map: t.string({
      description: "The map, which follows from the seed.",
      select: { match: { select: { map: true } } },
      resolve: ({ match }) => match?.map ?? "",
    }),
    startsAt: t.field({
      type: "DateTime",
      description: "No node begins it sooner: bets are open until then.",
      select: { createdAt: true, match: { select: { startsAt: true } } },
      resolve: ({ createdAt, match }) => match?.startsAt ?? createdAt,
    }),
    endsAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When time is up, while two do not share the first place; null before it is live.",
      select: { id: true, match: { select: { endsAt: true } } },
      resolve: ({ id, match }, _args, { cacheTags }) => {
        cacheTags.add(matchStream(id));
        return match?.endsAt ?? null;
      },
    }),
    voidReason: t.field({
      type: VoidReasonEnum,
      nullable: true,
      description: "Why it has no result; null where it has one or is not over.",
      select: { voidReason: true, status: true, match: { select: { phase: true } } },
      resolve: ({ voidReason, status }) => reasonOf(status, voidReason),
    }),
    players: t.field({
      type: [PlayerRef],
      description: "Who plays, with scores, the highest first.",
      select: (_args, _context, nested) => ({
        id: true,
        match: { select: { players: nested({ orderBy: [{ score: "desc" }, { side: "asc" }] }) } },
      }),
      resolve: ({ id, match }, _args, { cacheTags }) => {
        cacheTags.add(matchStream(id));
        return (match?.players ?? []) as never[];
      },
    }),
    kills: t.connection({
      type: KillRef,
      description: "Deaths, oldest first. At most 100 a page.",
      select: { id: true },
      resolve: async ({ id }, args, { platform, loaders, cacheTags }) => {
        cacheTags.add(matchStream(id));
        const page = pageAsked(args, NUMBER_KEY);
        const cut = await batched(loaders, `kills ${JSON.stringify(args)}`, id, (ids) =>
          killPages(platform, ids, page),
        );
        return connectionOf(
          cut,
          NUMBER_KEY,
          ({ number }) => number,
          (kill) => kill,
        );
      },
    }),
  }),
});
CONTESTS.push(MatchNode as never);

/** An operator's own words are for the audit log: everybody else reads that it was one. */
function reasonOf(status: string, reason: string | null): MatchVoidReason | null {
  if (status !== "VOIDED") return null;
  return reason !== null && reason in REASONS ? (reason as MatchVoidReason) : "OPERATOR";
}
const REASONS: Record<MatchVoidReason, true> = {
  NO_SERVER: true,
  JOIN_FAILED: true,
  START_FAILED: true,
  SERVER_LOST: true,
  PLAYER_LOST: true,
  NEVER_ENDED: true,
  SCORES_MISSING: true,
  SCORE_MISMATCH: true,
  STOPPED: true,
  NODE_LOST: true,
  NO_NODE: true,
  OPERATOR: true,
};

builder.queryField("match", (t) =>
  t.prismaField({
    type: MatchNode,
    nullable: true,
    access: "public",
    cache: ({ id }) => [matchStream(parseNodeId(String(id))?.uuid ?? "")],
    description: "A match by its id; null when there is none.",
    args: { id: t.arg.globalID({ required: true, for: [MatchNode], description: "The match's id." }) },
    resolve: (query, _root, { id }, { platform }) =>
      platform.prisma.contest.findUnique({ ...query, where: { id: id.id } }),
  }),
);

const FeedKillRef = builder.objectRef<FeedKill>("FeedKill").implement({
  description: "A death in some match.",
  access: "public",
  fields: (t) => ({
    matchId: t.id({ description: "The match's id.", resolve: ({ matchId }) => encodeNodeId("QuakeMatch", matchId) }),
    kill: t.field({ type: KillEventRef, description: "The death.", resolve: ({ event }) => event }),
  }),
});

builder.subscriptionFields((t) => ({
  matchEvents: t.field({
    type: MatchStreamItemRef,
    access: "public",
    description:
      "A match's events in order, without gap or duplicate. Without `after` from now on; with it, what is stored behind the cursor first.",
    args: {
      matchId: t.arg.globalID({ required: true, for: [MatchNode], description: "The match." }),
      after: t.arg({ type: "Cursor", required: false, description: "Resume behind this cursor." }),
    },
    subscribe: (_root, { matchId, after }, { platform }) => openStream(platform, matchStream(matchId.id), after),
    resolve: (item) => item,
  }),
  killFeed: t.field({
    type: FeedKillRef,
    access: "public",
    description: "Deaths in all matches from now on. A feed: no cursor; a match's own log is `matchEvents`.",
    subscribe: (_root, _args, { platform }) => openKillFeed(platform),
    resolve: (kill) => kill,
  }),
}));
