import { BotNode } from "../../bots/schema.ts";
import { UserNode } from "../../identity/schema/people.ts";
import { botOf } from "../../ladder/schema/rows.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { connectionOf, pageAsked, UUID_KEY, type KeyForm } from "../../platform/graphql/keyset.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { isSignedIn } from "../../platform/viewer.ts";
import { TeamNode } from "../../teams/schema.ts";
import { XP_BOARD_TOPIC } from "../events.ts";
import { levelOf } from "../rules/levels.ts";
import type { Reason, Recommendation } from "../rules/recommend.ts";
import { membersOf, ranked, type Insights, type TeamBot, type TeamRow } from "../rules/team.ts";
import { recommendedBots, teamBots, teamInsights } from "../service/insight.ts";
import { boardPage, readerId, type BoardKey } from "../service/reads.ts";
import { orderBy, rowFields, TeamMemberRowRef, totals } from "./standings.ts";
import { LevelRef, userOf } from "./types.ts";

const BOARD_KEY: KeyForm<BoardKey> = {
  write: ({ xp, id }) => `${xp} ${id}`,
  read: (text) => {
    const [, xp, rest = ""] = /^(\d{1,10}) (\S+)$/.exec(text) ?? [];
    const id = UUID_KEY.read(rest);
    return xp && id && Number(xp) < 2 ** 31 ? { xp: Number(xp), id } : null;
  },
};

const BotStandingRef = builder.objectRef<BoardKey>("XpBotStanding").implement({
  description: "A bot on the public board of XP.",
  access: "public",
  movedBy: [XP_BOARD_TOPIC],
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { id }, _args, context) => botOf(context, query, id),
    }),
    xp: t.exposeInt("xp", { description: "XP that count publicly." }),
    level: t.field({ type: LevelRef, description: "The level of that.", resolve: ({ xp }) => levelOf(xp) }),
  }),
});
const UserStandingRef = builder.objectRef<BoardKey>("XpUserStanding").implement({
  description: "A person on the public board of XP.",
  access: "public",
  movedBy: [XP_BOARD_TOPIC],
  fields: (t) => ({
    user: t.prismaField({
      type: UserNode,
      description: "The person.",
      resolve: (query, { id }, _args, context) => userOf(context, query, id),
    }),
    xp: t.exposeInt("xp", { description: "XP that count publicly, of all the person's bots." }),
    level: t.field({ type: LevelRef, description: "The level of that.", resolve: ({ xp }) => levelOf(xp) }),
  }),
});

const COUNTS =
  "Only what counts publicly is on it: rated contests and, where the owner's profile is PUBLIC, tasks that others asked for; never what was reported. At most 100 a page.";
const same = (row: BoardKey) => row;
builder.queryFields((t) => ({
  xpBots: t.connection({
    type: BotStandingRef,
    access: "public",
    cache: () => [XP_BOARD_TOPIC],
    description: `The public board of bots by XP, the most first. ${COUNTS}`,
    resolve: async (_root, args, { platform }) =>
      connectionOf(await boardPage(platform, "BOTS", pageAsked(args, BOARD_KEY)), BOARD_KEY, same, same),
  }),
  xpUsers: t.connection({
    type: UserStandingRef,
    access: "public",
    cache: () => [XP_BOARD_TOPIC],
    description: `The public board of people by XP, the most first. ${COUNTS}`,
    resolve: async (_root, args, { platform }) =>
      connectionOf(await boardPage(platform, "USERS", pageAsked(args, BOARD_KEY)), BOARD_KEY, same, same),
  }),
}));

const ReasonEnum = builder.enumType("RecommendationReason", {
  description: "Why a bot stands where it stands.",
  values: valuesOf<Reason>({
    PROVED_SUCCESS: "It did such work five times or more, and at least as well as others.",
    HIGH_QUALITY: "Its work of this kind was scored 0.9 or more.",
    FAST: "It is faster at this than others.",
    AVAILABLE: "It is online and has time.",
    UNPROVED: "It did little of this yet: it is judged by what is usual.",
    OFTEN_FAILS: "It succeeds at this less often than others.",
    OFFLINE: "It is offline.",
    LACKS_CAPABILITY: "It lacks a capability that is needed.",
  }),
});
const RecommendationRef = builder.objectRef<Recommendation>("Recommendation").implement({
  description: "A bot for a piece of work, with what speaks for it and against it. Parts are 0 to 1.",
  access: "owner",
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { botId }, _args, context) => botOf(context, query, botId),
    }),
    score: t.exposeFloat("score", {
      description: "Half success, a quarter quality, a tenth speed, and availability.",
    }),
    success: t.exposeFloat("success", {
      description: "How often it succeeds; eight imagined tries at the mean of others keep who did little near that.",
    }),
    quality: t.exposeFloat("quality", { description: "How good its work is, kept near the mean alike." }),
    speed: t.exposeFloat("speed", { description: "0.5 at what is usual, more when it is faster." }),
    availability: t.exposeFloat("availability", { description: "0 offline, 1 online and idle." }),
    tries: t.exposeInt("tries", { description: "How often it did such work." }),
    missing: t.exposeStringList("missing", { description: "Capabilities that it lacks." }),
    reasons: t.field({
      type: [ReasonEnum],
      description: "Why, the weightiest first.",
      resolve: ({ reasons }) => reasons,
    }),
  }),
});
type Recommended = { skills: string[]; bots: Recommendation[] };
const RecommendedRef = builder.objectRef<Recommended>("Recommendations").implement({
  description: "Bots for a piece of work.",
  access: "owner",
  fields: (t) => ({
    skills: t.exposeStringList("skills", { description: "The capabilities by which they were judged." }),
    bots: t.field({
      type: [RecommendationRef],
      description: "The best first; who lacks a capability comes after who has them all.",
      resolve: ({ bots }) => bots,
    }),
  }),
});

const DESCRIPTION_MAX = 2_000;
builder.queryField("recommendedBots", (t) =>
  t.field({
    type: RecommendedRef,
    access: "viewer",
    cost: 50,
    description:
      "Bots for a piece of work: of yours, of your teams except of mates whose statistics are PRIVATE, and of people who show their statistics to everybody, judged by what counts publicly. Say capabilities, or describe the task.",
    args: {
      capabilities: t.arg.stringList({ required: false, description: "What is needed, at most 8 words." }),
      taskDescription: t.arg.string({
        required: false,
        description: "The task in words, at most 2,000 characters: capabilities that it names are found in it.",
      }),
      first: t.arg.int({ required: false, defaultValue: 5, description: "How many, 1 to 20; 5 when absent." }),
    },
    authScopes: { signedIn: true },
    resolve: (_root, { capabilities, taskDescription, first }, { platform, viewer }) => {
      if (!capabilities?.length && !taskDescription?.trim())
        throw badInput(["capabilities"], "Say capabilities, or describe the task.");
      if ((capabilities?.length ?? 0) > 8) throw badInput(["capabilities"], "At most 8.");
      if ((taskDescription?.length ?? 0) > DESCRIPTION_MAX)
        throw badInput(["taskDescription"], "At most 2,000 characters.");
      const limit = Math.min(20, Math.max(1, first ?? 5));
      const wanted = { capabilities: capabilities ?? [], taskDescription: taskDescription ?? null, limit };
      return isSignedIn(viewer) ? recommendedBots(platform, viewer.userId, wanted) : { skills: [], bots: [] };
    },
  }),
);

const TeamBotRowRef = builder.objectRef<TeamRow>("TeamBotStanding").implement({
  description: "A bot on its team's board.",
  access: "owner",
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { id }, _args, context) => botOf(context, query, id),
    }),
    ...rowFields(t),
  }),
});
type TeamXp = { teamId: string; bots: readonly TeamBot[] };
const TeamXpRef = builder.objectRef<TeamXp>("TeamXp").implement({
  description:
    "The XP of a team's bots; reported XP and what members made for each other counts here. Bots of a member whose profile or statistics are PRIVATE are on it for that member alone.",
  access: "owner",
  fields: (t) => ({
    ...totals(t, {
      sum: "Of all its bots together.",
      mean: "Of its bots, rounded down; 0 without any.",
      growth7: "Gained in the last 7 days.",
      growth30: "Gained in the last 30 days.",
    }),
    bots: t.field({
      type: [TeamBotRowRef],
      description: "Its bots, at most 200, the most first.",
      args: { orderBy: orderBy(t) },
      resolve: ({ bots }, args) =>
        ranked(
          bots.map(({ botId: id, xp, week, month }) => ({ id, xp, week, month })),
          args.orderBy ?? "SUM",
        ),
    }),
    members: t.field({
      type: [TeamMemberRowRef],
      description: "The members who brought bots, at most 100, the most first.",
      args: { orderBy: orderBy(t) },
      resolve: ({ bots }, args) => ranked(membersOf(bots), args.orderBy ?? "SUM"),
    }),
  }),
});

type Used = Insights["used"][number];
type Gap = Insights["gaps"][number];
type Shared = Insights["shared"][number];
const UsedRef = builder.objectRef<Used>("TeamUsedBot").implement({
  description: "A bot that members work with.",
  access: "owner",
  fields: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { botId }, _args, context) => botOf(context, query, botId),
    }),
    members: t.exposeInt("users", { description: "How many members work with it." }),
    uses: t.exposeInt("uses", { description: "How often they did." }),
    successes: t.exposeInt("successes", { description: "How often it went well." }),
  }),
});
const GapRef = builder.objectRef<Gap>("TeamGap").implement({
  description: "A capability that the team's tasks ask for and that no bot of it, or one alone, has.",
  access: "owner",
  fields: (t) => ({
    capability: t.exposeString("capability", { description: "The capability." }),
    tasks: t.exposeInt("tasks", { description: "How many of the newest thousand tasks asked for it." }),
    open: t.exposeInt("open", { description: "How many of them are open." }),
    bots: t.exposeInt("bots", { description: "How many of its bots have it: 0 or 1." }),
  }),
});
const SharedRef = builder.objectRef<Shared>("TeamSharedCapability").implement({
  description: "A capability that bots of several members have.",
  access: "owner",
  fields: (t) => ({
    capability: t.exposeString("capability", { description: "The capability." }),
    members: t.exposeInt("owners", { description: "How many members have such a bot." }),
    bots: t.exposeInt("bots", { description: "How many bots have it." }),
  }),
});
const InsightsRef = builder.objectRef<Insights>("TeamInsights").implement({
  description: "What a team can learn about itself. At most 50 rows of each.",
  access: "owner",
  fields: (t) => ({
    used: t.field({
      type: [UsedRef],
      description:
        "Bots by how many members work with them. Members whose profile or statistics are PRIVATE, and their bots, are counted for them alone.",
      resolve: ({ used }) => used,
    }),
    gaps: t.field({ type: [GapRef], description: "What it lacks, the worst first.", resolve: ({ gaps }) => gaps }),
    shared: t.field({
      type: [SharedRef],
      description: "What several members know.",
      resolve: ({ shared }) => shared,
    }),
  }),
});

const botsOfTeam = ({ loaders, platform, viewer }: Context, teamId: string) =>
  batched(loaders, "XP of a team's bots", teamId, (ids) => teamBots(platform, ids, readerId(viewer)));
builder.prismaObjectFields(TeamNode, (t) => ({
  xp: t.field({
    type: TeamXpRef,
    cost: 50,
    description: "Its board; empty for who is only invited.",
    select: { id: true },
    resolve: async ({ id }, _args, context) => ({ teamId: id, bots: await botsOfTeam(context, id) }),
  }),
  insights: t.field({
    type: InsightsRef,
    cost: 50,
    description:
      "Who of it is used by whom, what it lacks, and what several members know; empty for who is only invited.",
    select: { id: true },
    resolve: ({ id }, _args, { loaders, platform, viewer }) =>
      batched(loaders, "insights of teams", id, (ids) => teamInsights(platform, ids, readerId(viewer))),
  }),
}));
