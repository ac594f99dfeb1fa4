import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { batched } from "../../platform/graphql/row-loader.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import {
  CONTEST_ORIGINS,
  CONTEST_STATUSES,
  QUEUE_ENTRY_STATUSES,
  QUEUE_MODES,
  type LadderKind,
} from "../rules/ladders.ts";
import { isProvisional, ordinal } from "../rules/rating.ts";
import type { JoinRefusal } from "../rules/queue.ts";
import { ranksOf, type Placed } from "../service/board.ts";
import { contestOf, shownContestOf } from "./rows.ts";

declareRefusals<JoinRefusal | "NOT_WAITING">({
  LADDER_CLOSED: {
    message: "Nobody can wait on this ladder now.",
    hint: "Choose another; `ladder { closedBecause }` says what this one waits for.",
  },
  BOT_OFFLINE: { message: "The bot is offline.", hint: "Send heartbeat or open botEvents first." },
  IN_CONTEST: { message: "The bot is in a contest of this ladder.", hint: "Finish it, then join again." },
  ALREADY_WAITING: {
    message: "The bot waits on this ladder already.",
    hint: "Wait for contestStarted, or leave the queue.",
  },
  NOT_WAITING: { message: "The bot does not wait on this ladder.", hint: "Join the queue first." },
});

export const LadderEnum = builder.enumType("LadderKind", {
  description: "A ladder; each has its own ratings.",
  values: valuesOf<LadderKind>({
    QUAKE: "Free for all on Quake servers, 2 to 4.",
    PIT: "Duel, 5 s a move and a bank of 30 s.",
    PIT_SLOW: "Duel, 60 s a move.",
    CODE: "Code battles, 2 to 8.",
  }),
});
export const QueueModeEnum = builder.enumType("QueueMode", {
  description: "What a queue's contests count for.",
  values: valuesOf<(typeof QUEUE_MODES)[number]>({
    RATED: "Counts in ratings, unless bots of one owner, or of owners in one team, meet: nobody else was there.",
    PRACTICE: "Counts for nothing; after 5 s a house bot comes.",
  }),
});
export const ContestStatusEnum = builder.enumType("ContestStatus", {
  description: "How a contest stands.",
  values: valuesOf<(typeof CONTEST_STATUSES)[number]>({
    ANNOUNCED: "About to begin.",
    LIVE: "Going on.",
    COMPLETED: "Ended with a result.",
    VOIDED: "Ended without a result.",
    CANCELLED: "Never began.",
  }),
});
const OriginEnum = builder.enumType("ContestOrigin", {
  description: "How the participants came together.",
  values: valuesOf<(typeof CONTEST_ORIGINS)[number]>({
    RATED_QUEUE: "By the rated queue.",
    PRACTICE_QUEUE: "By the practice queue.",
    CALLOUT: "One called the other out; never rated.",
    TOURNAMENT: "By a tournament.",
    OPEN_ENTRY: "The server drew them from open entries.",
    INVITATION: "Its owner invited them; never rated.",
  }),
});
const EntryStatusEnum = builder.enumType("QueueEntryStatus", {
  description: "How a queue entry stands.",
  values: valuesOf<(typeof QUEUE_ENTRY_STATUSES)[number]>({
    WAITING: "Waits for an opponent.",
    MATCHED: "Its contest is about to start.",
    PLAYING: "Its contest goes on.",
    DONE: "Its contest ended.",
    LEFT: "The bot left, or may not play any more.",
    EXPIRED: "The bot was offline for more than 45 s.",
  }),
});

/** Where a contest can be looked at again. Each game's domain has its own type of it. */
export type Replay = { url: string };
export const ReplayInterface = builder.interfaceRef<Replay>("Replay").implement({
  description: "A whole contest to look at again, after its end.",
  access: "public",
  fields: (t) => ({ url: t.exposeString("url", { description: "Where to download it." }) }),
});

/** The types of contests, for arguments that take the id of any: each game's domain adds its own. */
export const CONTESTS: never[] = [];

/** The type of a ladder's contests. */
export const CONTEST_TYPES: Readonly<Record<LadderKind, string | undefined>> = {
  QUAKE: "QuakeMatch",
  PIT: "Fight",
  PIT_SLOW: "Fight",
  CODE: "CodeBattle",
};

export const ContestInterface = builder.prismaInterface("Contest", {
  name: "Contest",
  interfaces: [builder.nodeInterfaceRef() as never],
  movedBy: ["contests"],
  description: "What all contests have in common.",
  access: "public",
  resolveType: ({ ladder }) => CONTEST_TYPES[ladder as LadderKind],
  fields: (t) => ({
    ladder: t.field({
      type: LadderEnum,
      description: "Its ladder.",
      select: { ladder: true },
      resolve: ({ ladder }) => ladder as LadderKind,
    }),
    status: t.field({
      type: ContestStatusEnum,
      description: "How it stands.",
      select: { status: true },
      resolve: ({ status }) => status as (typeof CONTEST_STATUSES)[number],
    }),
    origin: t.field({
      type: OriginEnum,
      description: "How the participants came together.",
      select: { origin: true },
      resolve: ({ origin }) => origin as (typeof CONTEST_ORIGINS)[number],
    }),
    rated: t.exposeBoolean("rated", { description: "Whether it counts in ratings." }),
    participants: t.relation("participants", {
      description: "Who takes part, by side.",
      query: { orderBy: { side: "asc" } },
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: true, description: "When it began; null before." }),
    endedAt: t.expose("endedAt", { type: "DateTime", nullable: true, description: "When it ended; null before." }),
    seedHash: t.expose("seedHash", { type: "Sha256", description: "SHA-256 of the seed, public from the start." }),
    seed: t.string({
      nullable: true,
      description: "The secret seed in hex, after the end; null before.",
      select: { seed: true, endedAt: true },
      resolve: ({ seed, endedAt }) => (endedAt ? Buffer.from(seed).toString("hex") : null),
    }),
    replay: t.field({
      type: ReplayInterface,
      nullable: true,
      description: "To look at it again, after the end; null before, and of what is not kept so.",
      resolve: () => null,
    }),
  }),
});

builder.prismaObject("ContestParticipant", {
  movedBy: ["contests"],
  description: "A bot in a contest.",
  access: "public",
  fields: (t) => ({
    side: t.exposeInt("side", { description: "In a duel 0 is left (cinnabar), 1 is right (azurite); else the place." }),
    bot: t.relation("bot", { description: "The bot." }),
    character: t.exposeString("character", {
      nullable: true,
      description: "The character that it wears in this contest; null where none is worn.",
    }),
    placement: t.exposeInt("placement", {
      nullable: true,
      description: "1 is best; equal placements are a draw; null before the end.",
    }),
    ratingBefore: t.exposeInt("ratingBefore", { nullable: true, description: "Elo when it began." }),
    ratingAfter: t.exposeInt("ratingAfter", {
      nullable: true,
      description: "Elo after it; null where it is not rated or not over.",
    }),
  }),
});

export const RatingRef = builder.prismaObject("Rating", {
  movedBy: ["ladder:*"],
  description: "A bot's standing on one ladder.",
  access: "public",
  fields: (t) => ({
    ladder: t.field({
      type: LadderEnum,
      description: "The ladder.",
      select: { ladder: true },
      resolve: ({ ladder }) => ladder as LadderKind,
    }),
    elo: t.exposeInt("elo", { description: "Elo; starts at 1000." }),
    mu: t.exposeFloat("mu", { description: "Estimated skill (Plackett–Luce)." }),
    sigma: t.exposeFloat("sigma", { description: "Uncertainty of mu." }),
    ordinal: t.float({
      description: "mu − 3·sigma, the cautious estimate.",
      select: { mu: true, sigma: true },
      resolve: ({ mu, sigma }) => ordinal(mu, sigma),
    }),
    games: t.exposeInt("games", { description: "Contests in the record." }),
    wins: t.exposeInt("wins", { description: "Won." }),
    draws: t.exposeInt("draws", { description: "Drawn." }),
    losses: t.exposeInt("losses", { description: "Lost." }),
    peak: t.exposeInt("peak", { description: "The highest Elo so far." }),
    streak: t.exposeInt("streak", { description: "Wins in a row; negative for losses in a row." }),
    provisional: t.boolean({
      description: "Fewer than 10 rated contests, or sigma above 5: not on the board.",
      select: { ratedGames: true, sigma: true },
      resolve: ({ ratedGames, sigma }) => isProvisional(ratedGames, sigma),
    }),
    rank: t.int({
      nullable: true,
      description: "Place on the board, 1 is best; null while not on it.",
      select: { ladder: true, elo: true, botId: true, onBoard: true },
      resolve: ({ ladder, elo, botId, onBoard }, _args, { platform, loaders }) =>
        onBoard
          ? batched(loaders, "rank", JSON.stringify({ ladder, elo, botId }), (keys) =>
              ranksOf(
                platform,
                keys.map((key) => JSON.parse(key) as Placed),
              ),
            )
          : null,
    }),
    lastRatedAt: t.expose("lastRatedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it last played rated; null when never.",
    }),
    bot: t.relation("bot", { description: "Whose standing it is." }),
  }),
});

export const RatingChangeRef = builder.prismaObject("RatingHistory", {
  name: "RatingChange",
  movedBy: ["ladder:*"],
  description: "What one contest did to a rating.",
  access: "public",
  fields: (t) => ({
    contest: t.field({
      type: ContestInterface,
      nullable: true,
      description: "The contest; null where it has been hidden since.",
      select: { contestId: true },
      resolve: ({ contestId }, _args, context, info) => shownContestOf(context, info, contestId) as never,
    }),
    eloBefore: t.exposeInt("eloBefore", { description: "Elo before." }),
    eloAfter: t.exposeInt("eloAfter", { description: "Elo after." }),
    reversal: t.boolean({
      description: "Whether it takes back a voided contest.",
      select: { kind: true },
      resolve: ({ kind }) => kind === "REVERSAL",
    }),
    at: t.expose("at", { type: "DateTime", description: "When." }),
  }),
});

export const QueueEntryNode = builder.prismaNode("QueueEntry", {
  id: { field: "id" },
  nullable: true,
  access: "public",
  movedBy: ["queue:*"],
  description: "A bot's wait for an opponent.",
  fields: (t) => ({
    bot: t.relation("bot", { description: "Who waits." }),
    ladder: t.field({
      type: LadderEnum,
      description: "Where.",
      select: { ladder: true },
      resolve: ({ ladder }) => ladder as LadderKind,
    }),
    mode: t.field({
      type: QueueModeEnum,
      description: "For what.",
      select: { mode: true },
      resolve: ({ mode }) => mode as (typeof QUEUE_MODES)[number],
    }),
    status: t.field({
      type: EntryStatusEnum,
      description: "How it stands.",
      select: { status: true },
      resolve: ({ status }) => status as (typeof QUEUE_ENTRY_STATUSES)[number],
    }),
    sealed: t.exposeBoolean("sealed", {
      description: "Whether it asked for a sealed fight; the opponent's wish makes one too.",
    }),
    joinedAt: t.expose("joinedAt", { type: "DateTime", description: "Since when." }),
    contest: t.field({
      type: ContestInterface,
      nullable: true,
      description: "The contest that came of it; null before.",
      select: { contestId: true },
      resolve: ({ contestId }, _args, context, info) =>
        (contestId === null ? null : contestOf(context, info, contestId)) as never,
    }),
  }),
});
