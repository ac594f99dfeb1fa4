import "./reads.ts";
import { isNamePrefix } from "../../bots/rules.ts";
import { BotNode } from "../../bots/schema.ts";
import { badInput } from "../../platform/graphql/bad-input.ts";
import { builder } from "../../platform/graphql/builder.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { connectionOf, pageAsked, UUID_KEY, type KeyForm } from "../../platform/graphql/keyset.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { AROUND_MAX, isSeason, RECENT_MAX, seasonOf } from "../rules/board.ts";
import { LADDER_RULES, LADDERS, type LadderKind } from "../rules/ladders.ts";
import {
  around,
  boardPages,
  newcomers,
  recentOf,
  seasonPages,
  seasonsOf,
  type BoardKey,
  type SeasonKey,
  type SeasonRow,
} from "../service/board.ts";
import { openings } from "../service/opening.ts";
import { longestWaiting, waitingCounts } from "../service/waits.ts";
import { botOf, entriesOf, nodesQuery, ratingsOf, rowsQuery } from "./rows.ts";
import { LadderEnum, QueueEntryNode, RatingRef } from "./types.ts";

const BOARD_KEY: KeyForm<BoardKey> = {
  write: ({ elo, botId }) => `${elo} ${botId}`,
  read: (text) => {
    const [, elo, id = ""] = /^(-?\d{1,9}) (\S+)$/.exec(text) ?? [];
    const botId = UUID_KEY.read(id);
    return elo && botId ? { elo: Number(elo), botId } : null;
  },
};
const SEASON_KEY: KeyForm<SeasonKey> = {
  write: ({ eloGained, botId, rank }) => `${eloGained} ${botId} ${rank}`,
  read: (text) => {
    const [, gained, id = "", rank] = /^(-?\d{1,9}) (\S+) (\d{1,9})$/.exec(text) ?? [];
    const botId = UUID_KEY.read(id);
    return gained && botId && rank ? { eloGained: Number(gained), botId, rank: Number(rank) } : null;
  },
};

const AROUND_DEFAULT = 5;
const RECENT_DEFAULT = 20;

const SeasonStandingRef = builder.objectRef<SeasonRow>("SeasonStanding").implement({
  movedBy: ["ladder:*"],
  description: "What a bot has gained on a ladder in one season.",
  access: "public",
  fields: (t) => ({
    rank: t.exposeInt("rank", {
      description: "Place on the season's board, 1 is best; as of the first page when you page on by cursors.",
    }),
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { botId }, _args, context) => botOf(context, query, botId),
    }),
    eloGained: t.exposeInt("eloGained", { description: "Elo gained in the season; negative when it lost." }),
    games: t.exposeInt("games", { description: "Rated contests in the season." }),
  }),
});

/** One value of a ladder, read for all ladders of a list together. */
const ofLadder = <T>(
  { loaders }: Context,
  name: string,
  kind: LadderKind,
  read: (all: readonly string[]) => Promise<T[]>,
) => batched(loaders, `ladder ${name}`, kind, read);

const openingOf = (context: Context, kind: LadderKind) =>
  ofLadder(context, "opening", kind, (ladders) => openings(context.platform, ladders as LadderKind[]));

const searchFor = (search: string | null | undefined): string | null => {
  if (search == null) return null;
  if (isNamePrefix(search)) return search;
  throw badInput(["search"], "Search for 1 to 15 letters, digits or _, with which names begin.");
};

function seasonAsked(season: string | null | undefined, now: Date): string {
  if (season == null) return seasonOf(now);
  if (isSeason(season)) return season;
  throw badInput(["season"], "Name a season by its year and month, such as 2026-11.");
}

function within(name: string, value: number, [least, most]: readonly [number, number]): number {
  if (value >= least && value <= most) return value;
  throw badInput([name], `Ask for ${least} to ${most}.`);
}

export const LadderRef = builder.objectRef<{ kind: LadderKind }>("Ladder").implement({
  description: "A ladder with its boards and its queue.",
  access: "public",
  fields: (t) => ({
    kind: t.field({ type: LadderEnum, description: "Which one.", resolve: ({ kind }) => kind }),
    name: t.string({ description: "Its name for people.", resolve: ({ kind }) => LADDER_RULES[kind].name }),
    open: t.boolean({
      description: "Whether bots can wait on it now.",
      resolve: async ({ kind }, _args, context) => (await openingOf(context, kind)).open,
    }),
    closedBecause: t.string({
      nullable: true,
      description:
        "Why nobody can wait on it now, as a sentence; null while it is open, or where nothing more is known.",
      resolve: async ({ kind }, _args, context) => (await openingOf(context, kind)).because,
    }),
    waiting: t.int({
      description: "How many bots wait on it now, in both queues.",
      resolve: ({ kind }, _args, context) => {
        return ofLadder(context, "waiting", kind, (ladders) => waitingCounts(context.platform, ladders));
      },
    }),
    queue: t.field({
      type: [QueueEntryNode],
      cost: 20,
      description: "The 50 that wait longest, oldest first.",
      resolve: async ({ kind }, _args, context, info) => {
        const query = rowsQuery(context, info);
        const ids = await ofLadder(context, "queue", kind, (ladders) => longestWaiting(context.platform, ladders));
        return entriesOf(context, query, ids);
      },
    }),
  }),
});

builder.objectFields(LadderRef, (t) => ({
  season: t.string({
    description: "The current season: the calendar month in UTC, such as 2026-11.",
    resolve: (_ladder, _args, { platform }) => seasonOf(platform.clock.now()),
  }),
  seasons: t.stringList({
    description: "The months with rated contests and the current one, newest first; at most 24.",
    resolve: ({ kind }, _args, context) =>
      ofLadder(context, "seasons", kind, (ladders) => seasonsOf(context.platform, ladders)),
  }),
  leaderboard: t.connection({
    type: RatingRef,
    description:
      "Standings by Elo, best first; provisional, inactive (30 days without a rated contest) and archived bots are not on it. At most 100 a page.",
    args: {
      search: t.arg.string({
        required: false,
        description:
          "Only bots whose name begins so, whatever the case: 1 to 15 letters, digits or _, else BAD_INPUT. Ranks stay those of the whole board.",
      }),
    },
    resolve: async ({ kind }, args, context, info) => {
      const [page, search] = [pageAsked(args, BOARD_KEY), searchFor(args.search)];
      const query = nodesQuery(context, info);
      const cut = await ofLadder(context, `board ${JSON.stringify(args)}`, kind, (ladders) =>
        boardPages(context.platform, ladders, page, search),
      );
      const rows = await ratingsOf(context, query, cut.rows);
      return connectionOf(
        { ...cut, rows },
        BOARD_KEY,
        (row) => row,
        (row) => row,
      ) as never;
    },
  }),
  seasonBoard: t.connection({
    type: SeasonStandingRef,
    description:
      "Bots by the Elo that they gained in a season, who gained most first; provisional, archived and house bots are not on it. At most 100 a page; `last` needs `before`.",
    args: {
      season: t.arg.string({
        required: false,
        description: "A month such as 2026-11; the current one without it. Another form is BAD_INPUT.",
      }),
    },
    resolve: async ({ kind }, args, context) => {
      const page = pageAsked(args, SEASON_KEY);
      if (page.backward && !page.before) throw badInput(["last"], "Give `before`, too, or page on with `first`.");
      const season = seasonAsked(args.season, context.platform.clock.now());
      const cut = await ofLadder(context, `season ${JSON.stringify(args)}`, kind, (ladders) =>
        seasonPages(context.platform, ladders, season, page),
      );
      return connectionOf(
        cut,
        SEASON_KEY,
        (row) => row,
        (row) => row,
      ) as never;
    },
  }),
}));

builder.objectFields(LadderRef, (t) => ({
  around: t.field({
    type: [RatingRef],
    cost: 11,
    description: "A bot's row on the board with those just above and below it, best first; empty when it is on none.",
    args: {
      botId: t.arg.globalID({ required: true, for: [BotNode], description: "The bot." }),
      each: t.arg.int({
        required: false,
        defaultValue: AROUND_DEFAULT,
        description: `How many above and below, 0 to ${AROUND_MAX}; else BAD_INPUT.`,
      }),
    },
    resolve: async ({ kind }, { botId, ...args }, context, info) => {
      const each = within("each", args.each ?? AROUND_DEFAULT, [0, AROUND_MAX]);
      const query = rowsQuery(context, info);
      const rows = await ofLadder(context, `around ${each} ${botId.id}`, kind, (ladders) =>
        around(context.platform, ladders, botId.id, each),
      );
      return ratingsOf(context, query, rows);
    },
  }),
  newcomers: t.field({
    type: [RatingRef],
    cost: 20,
    description: "The 50 best of those that are still provisional, by Elo.",
    resolve: async ({ kind }, _args, context, info) => {
      const query = rowsQuery(context, info);
      const rows = await ofLadder(context, "newcomers", kind, (ladders) => newcomers(context.platform, ladders));
      return ratingsOf(context, query, rows);
    },
  }),
}));

builder.prismaObjectField(RatingRef, "recent", (t) =>
  t.intList({
    description:
      "Elo after each of the newest rated contests of this ladder, oldest first; a contest that was taken back counts again.",
    args: {
      last: t.arg.int({
        required: false,
        defaultValue: RECENT_DEFAULT,
        description: `How many, 1 to ${RECENT_MAX}; else BAD_INPUT.`,
      }),
    },
    select: { ladder: true, botId: true },
    resolve: ({ ladder, botId }, args, { platform, loaders }) => {
      const last = within("last", args.last ?? RECENT_DEFAULT, [1, RECENT_MAX]);
      return batched(loaders, `recent ${last}`, JSON.stringify({ ladder, botId }), (keys) =>
        recentOf(
          platform,
          keys.map((key) => JSON.parse(key) as { ladder: string; botId: string }),
          last,
        ),
      );
    },
  }),
);

builder.queryFields((t) => ({
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
    cost: 4,
    access: "public",
    cache: () => ["ladder:*", "queue:*"],
    description: "All ladders.",
    resolve: () => LADDERS.map((kind) => ({ kind })),
  }),
}));
