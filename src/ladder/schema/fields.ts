import "./reads.ts";
import { BotNode } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { openFeed } from "../../platform/subscribe.ts";
import { LADDER_RULES, LADDERS, QUEUED_LADDERS, type LadderKind } from "../rules/ladders.ts";
import { joinQueue, leaveQueue } from "../service/queue.ts";
import {
  LadderEnum,
  ContestStatusEnum,
  QueueModeEnum,
  ContestInterface,
  RatingRef,
  RatingChangeRef,
  QueueEntryNode,
} from "./types.ts";
builder.prismaObjectFields(BotNode, (t) => ({
  ratings: t.relation("ratings", { description: "The bot's standings, one a ladder that it has played." }),
  ratingHistory: t.relatedConnection("ratingHistory", {
    cursor: "contestId_botId_kind",
    type: RatingChangeRef,
    description: "What each rated contest of a ladder did, newest first. At most 100 a page.",
    args: { ladder: t.arg({ type: LadderEnum, required: true, description: "The ladder." }) },
    query: ({ ladder }) => ({ where: { ladder }, orderBy: { contestId: "desc" } }),
  }),
  contests: t.connection({
    type: ContestInterface,
    description: "The bot's contests, newest first. At most 100.",
    resolve: async (bot, args, { platform }) => {
      const first = Math.min(args.first ?? 20, 100);
      const rows = await platform.prisma.contest.findMany({
        where: {
          participants: { some: { botId: (bot as { id: string }).id } },
          ...(args.after ? { id: { lt: args.after } } : {}),
        },
        orderBy: { id: "desc" },
        take: first + 1,
      });
      return pageOf(rows, first);
    },
  }),
  queueEntry: t.prismaField({
    type: QueueEntryNode,
    nullable: true,
    description: "The bot's newest wait that is not over; null without one.",
    select: { id: true },
    resolve: (query, bot, _args, { platform, loaders }) =>
      batched(loaders, `queueEntry ${JSON.stringify(query)}`, (bot as { id: string }).id, async (botIds) => {
        const open = { botId: { in: [...botIds] }, status: { in: ["WAITING", "MATCHED", "PLAYING"] } };
        const ids = await platform.prisma.queueEntry.findMany({
          where: open,
          select: { id: true, botId: true },
          orderBy: { id: "asc" },
        });
        const newest = new Map(ids.map((entry) => [entry.botId, entry.id]));
        const rows = await platform.prisma.queueEntry.findMany({
          ...query,
          where: { id: { in: [...newest.values()] } },
        });
        const entries = new Map(rows.map((row) => [row.id, row]));
        return botIds.map((botId) => entries.get(newest.get(botId) ?? "") ?? null);
      }),
  }),
}));

function pageOf<T extends { id: string }>(rows: T[], first: number): never {
  const nodes = rows.slice(0, first);
  const edges = nodes.map((node) => ({ cursor: node.id, node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: false,
      startCursor: nodes[0]?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  } as never;
}

const LadderRef = builder.objectRef<{ kind: LadderKind }>("Ladder").implement({
  description: "A ladder with its board and its queue.",
  access: "public",
  fields: (t) => ({
    kind: t.field({ type: LadderEnum, description: "Which one.", resolve: ({ kind }) => kind }),
    name: t.string({ description: "Its name for people.", resolve: ({ kind }) => LADDER_RULES[kind].name }),
    open: t.boolean({
      description: "Whether bots can wait on it now.",
      resolve: ({ kind }) => QUEUED_LADDERS.includes(kind),
    }),
    leaderboard: t.prismaConnection({
      type: RatingRef,
      cursor: "ladder_botId",
      description: "Standings by Elo, best first; provisional and inactive bots are not on it. At most 100 a page.",
      resolve: (query, { kind }, _args, { platform }) =>
        platform.prisma.rating.findMany({
          ...query,
          where: { ladder: kind, onBoard: true },
          orderBy: [{ elo: "desc" }, { botId: "asc" }],
        }),
    }),
    newcomers: t.prismaField({
      type: [RatingRef],
      description: "The 50 best of those that are still provisional, by Elo.",
      resolve: (query, { kind }, _args, { platform }) =>
        platform.prisma.rating.findMany({
          ...query,
          where: { ladder: kind, onBoard: false, ratedGames: { gt: 0 } },
          orderBy: [{ elo: "desc" }, { botId: "asc" }],
          take: 50,
        }),
    }),
    waiting: t.int({
      description: "How many bots wait on it now, in both queues.",
      resolve: ({ kind }, _args, { platform }) =>
        platform.prisma.queueEntry.count({ where: { ladder: kind, status: "WAITING" } }),
    }),
    queue: t.prismaField({
      type: [QueueEntryNode],
      description: "The 50 that wait longest, oldest first.",
      resolve: (query, { kind }, _args, { platform }) =>
        platform.prisma.queueEntry.findMany({
          ...query,
          where: { ladder: kind, status: "WAITING" },
          orderBy: { joinedAt: "asc" },
          take: 50,
        }),
    }),
  }),
});

const ArenaStatsRef = builder.objectRef<object>("ArenaStats").implement({
  description: "Totals of the arena.",
  access: "public",
  fields: (t) => ({
    contests: t.int({
      description: "Contests so far.",
      resolve: (_none, _args, { platform }) => platform.prisma.contest.count(),
    }),
    bots: t.int({
      description: "Bots that are not archived.",
      resolve: (_none, _args, { platform }) => platform.prisma.bot.count({ where: { archivedAt: null } }),
    }),
    liveNow: t.int({
      description: "Contests that go on now.",
      resolve: (_none, _args, { platform }) => platform.prisma.contest.count({ where: { status: "LIVE" } }),
    }),
    waiting: t.int({
      description: "Bots that wait for an opponent.",
      resolve: (_none, _args, { platform }) => platform.prisma.queueEntry.count({ where: { status: "WAITING" } }),
    }),
  }),
});

builder.queryFields((t) => ({
  replaySigningKey: t.string({
    access: "public",
    description: "The Ed25519 public key, in hex, by which this server signs replays.",
    resolve: (_root, _args, { platform }) => platform.signer.publicKey,
  }),
  ladder: t.field({
    type: LadderRef,
    access: "public",
    cache: ({ kind }) => [`ladder:${String(kind)}`, `queue:${String(kind)}`],
    description: "A ladder.",
    args: { kind: t.arg({ type: LadderEnum, required: true, description: "Which one." }) },
    resolve: (_root, { kind }) => ({ kind }),
  }),
  ladders: t.field({
    type: [LadderRef],
    access: "public",
    cache: () => ["ladder:*", "queue:*"],
    description: "All ladders.",
    resolve: () => LADDERS.map((kind) => ({ kind })),
  }),
  arenaStats: t.field({
    type: ArenaStatsRef,
    access: "public",
    cache: () => ["contests", "bots", "queue:*"],
    description: "Totals of the arena.",
    resolve: () => ({}),
  }),
  contests: t.connection({
    type: ContestInterface,
    access: "public",
    cache: () => ["contests"],
    description: "Contests, newest first. At most 100 a page.",
    args: { status: t.arg({ type: ContestStatusEnum, required: false, description: "Only those that stand so." }) },
    resolve: async (_root, args, { platform }) => {
      const first = Math.min(args.first ?? 20, 100);
      const where = {
        ...(args.status ? { status: args.status } : {}),
        ...(args.after ? { id: { lt: args.after } } : {}),
      };
      return pageOf(await platform.prisma.contest.findMany({ where, orderBy: { id: "desc" }, take: first + 1 }), first);
    },
  }),
}));

type EntrySuccess = { entryId: string };
const entryField = (
  t: Parameters<Parameters<typeof command<Record<string, never>, EntrySuccess, never, "PLAY">>[1]["success"]>[0],
) => ({
  queueEntry: t.prismaField({
    type: QueueEntryNode,
    description: "The queue entry.",
    resolve: (query, { entryId }: EntrySuccess, _args, { platform }) =>
      platform.prisma.queueEntry.findUniqueOrThrow({ ...query, where: { id: entryId } }),
  }),
});
const OWN = ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED"] as const;

command("joinQueue", {
  description:
    "Puts one of your online bots into a ladder's queue. It waits once and meets an opponent near its rating; the gap allowed is 100 and grows by 10 a second, without limit after 60 s.",
  gives: success<EntrySuccess>("The wait."),
  access: "PLAY",
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "Your bot." }),
    ladder: t.field({ type: LadderEnum, required: true, description: "PIT or PIT_SLOW." }),
    mode: t.field({
      type: QueueModeEnum,
      required: false,
      defaultValue: "RATED",
      description: "RATED, or PRACTICE, where a house bot comes after 5 s.",
    }),
  }),
  success: entryField,
  refusals: [...OWN, "LADDER_CLOSED", "BOT_OFFLINE", "IN_CONTEST", "ALREADY_WAITING"],
  resolve: ({ botId, mode, ...input }, { platform, viewer }) =>
    joinQueue(platform, viewer, { ...input, botId: botId.id, mode: mode ?? "RATED", sealed: false }),
});

command("leaveQueue", {
  description: "Takes a waiting bot out of a queue.",
  gives: success<EntrySuccess>("The wait that ended."),
  access: "PLAY",
  idempotent: false,
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "Your bot." }),
    ladder: t.field({ type: LadderEnum, required: true, description: "Where it waits." }),
  }),
  success: entryField,
  refusals: [...OWN, "NOT_WAITING"],
  resolve: ({ botId, ladder }, { platform, viewer }) => leaveQueue(platform, viewer, { botId: botId.id, ladder }),
});

builder.subscriptionFields((t) => ({
  queueEvents: t.field({
    type: LadderRef,
    access: "public",
    description: "A ladder's queue whenever it moves, first at once. A feed: the newest snapshot, no cursor.",
    args: { ladder: t.arg({ type: LadderEnum, required: true, description: "The ladder." }) },
    subscribe: (_root, { ladder }, { platform }) => openFeed(platform, `queue:${ladder}`),
    resolve: (_event, { ladder }) => ({ kind: ladder }),
  }),
  ladderEvents: t.field({
    type: LadderRef,
    access: "public",
    description: "A ladder whenever a rated contest ended, first at once. A feed: no cursor.",
    args: { ladder: t.arg({ type: LadderEnum, required: true, description: "The ladder." }) },
    subscribe: (_root, { ladder }, { platform }) => openFeed(platform, `ladder:${ladder}`),
    resolve: (_event, { ladder }) => ({ kind: ladder }),
  }),
  arenaEvents: t.field({
    type: ArenaStatsRef,
    access: "public",
    description: "Totals whenever a contest starts or ends, first at once. A feed: no cursor.",
    subscribe: (_root, _args, { platform }) => openFeed(platform, "contests"),
    resolve: () => ({}),
  }),
}));
