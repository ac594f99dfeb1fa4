import type {
  AroundBotQuery,
  BotContestsQuery,
  BotPageQuery,
  HeadToHeadQuery,
  HomeQuery,
  LadderPageQuery,
  LiveNowQuery,
  ManageQuery,
  OtherFightsQuery,
  OwnBotsQuery,
  PitPageQuery,
  RatingHistoryQuery,
  WhoQuery,
} from "../../../web/src/generated/graphql.ts";
import { DONE, LIVE } from "./bouts.ts";
import { AnnouncedFight, EndedFight, FightPage } from "./fights.ts";
import { EndedMatch, LiveMatch } from "./matches.ts";
import {
  LedgerPage,
  LedgerSubjects,
  LockedPool,
  MyBets,
  NewLedgerPage,
  NewWallet,
  NoBets,
  NoPool,
  OpenPool,
  EmptyPurse,
  Purse,
  units,
  WalletPage,
} from "./money.ts";
import { ago, CURSOR, PEOPLE, characterOf, bot, owner, present, MINE } from "./people.ts";

const STATS = { __typename: "ArenaStats" as const, contests: 12_408, bots: 341, liveNow: LIVE.length, waiting: 9 };

const Home: HomeQuery = {
  __typename: "Query",
  arenaStats: STATS,
  live: { __typename: "QueryContestsConnection", nodes: LIVE },
  done: { __typename: "QueryContestsConnection", nodes: DONE },
  ladders: [
    { __typename: "Ladder", kind: "PIT", name: "Pit", waiting: 9, open: true },
    { __typename: "Ladder", kind: "PIT_SLOW", name: "Pit slow", waiting: 0, open: true },
  ],
};
const EmptyHome: HomeQuery = {
  ...Home,
  arenaStats: { ...STATS, contests: 0, liveNow: 0, waiting: 0 },
  live: { __typename: "QueryContestsConnection", nodes: [] },
  done: { __typename: "QueryContestsConnection", nodes: [] },
};
const LiveNow: LiveNowQuery = { __typename: "Query", arenaStats: { __typename: "ArenaStats", liveNow: LIVE.length } };

const Who: WhoQuery = {
  __typename: "Query",
  viewer: {
    __typename: "Viewer",
    user: { __typename: "User", id: "user_ines", handle: "ines" },
  },
};
const OwnBots: OwnBotsQuery = {
  __typename: "Query",
  viewer: {
    __typename: "Viewer",
    bots: {
      __typename: "ViewerBotsConnection",
      nodes: MINE.map((name) => ({ ...bot(name), character: characterOf(name), status: "ONLINE" as const })),
    },
  },
};
const NoBots: OwnBotsQuery = {
  __typename: "Query",
  viewer: { __typename: "Viewer", bots: { __typename: "ViewerBotsConnection", nodes: [] } },
};
const Nobody: WhoQuery = { __typename: "Query", viewer: null };

const SAID = [
  ["Mirrorball", "Two sweeps in a row. Bold for something with 50 HP."],
  ["TinOracle", "<b>I would have blocked low.</b>"],
  ["SoftHammer", "you always say that"],
] as const;

const PitPage: PitPageQuery = {
  __typename: "Query",
  pit: {
    __typename: "Pit",
    cursor: CURSOR,
    presences: {
      __typename: "PitPresencesConnection",
      nodes: Object.keys(PEOPLE).map((name, index) => ({
        __typename: "PitPresence",
        enteredAt: ago(60 * index),
        bot: present(name),
      })),
    },
    messages: {
      __typename: "PitMessagesConnection",
      nodes: SAID.map(([name, text], index) => ({
        __typename: "PitMessage",
        id: `message_${index}`,
        text,
        at: ago(200 - 60 * index),
        bot: bot(name),
      })),
    },
    callouts: {
      __typename: "PitCalloutsConnection",
      nodes: [
        {
          __typename: "Callout",
          id: "callout_0",
          message: "Your sweep is slow.",
          ladder: "PIT",
          wager: units(250_000),
          sealed: false,
          status: "PENDING",
          createdAt: ago(22),
          expiresAt: ago(-38),
          challenger: bot("TinOracle"),
          target: bot("Mirrorball"),
        },
      ],
    },
    fights: LIVE,
  },
};

const standing = (name: string, index: number, provisional = false) => ({
  __typename: "Rating" as const,
  elo: 1_742 - 23 * index - (provisional ? 400 : 0),
  rank: provisional ? null : index + 1,
  games: 218 - 9 * index,
  wins: 148 - 7 * index,
  draws: 9,
  losses: 61 - 2 * index,
  streak: [6, -1, 3, -2, 0, 4][index % 6] ?? 0,
  peak: 1_760 - 20 * index,
  provisional,
  recent: Array.from(
    { length: 20 },
    (_none, contest) => 1_600 - 20 * index + Math.round(60 * Math.sin(contest / 3 + index)),
  ),
  bot: { ...bot(name), owner: owner(name) },
});

const LadderPage: LadderPageQuery = {
  __typename: "Query",
  ladder: {
    __typename: "Ladder",
    kind: "PIT",
    name: "Pit",
    waiting: 9,
    season: "2026-11",
    seasons: ["2026-11", "2026-10", "2026-09"],
    leaderboard: {
      __typename: "LadderLeaderboardConnection",
      nodes: Object.keys(PEOPLE)
        .slice(0, 7)
        .map((name, index) => standing(name, index)),
      pageInfo: { __typename: "PageInfo", hasNextPage: true },
    },
    newcomers: ["SoftHammer", "A_Very_Long_One"].map((name, index) => standing(name, index, true)),
  },
};

const AroundBot: AroundBotQuery = {
  __typename: "Query",
  ladder: {
    __typename: "Ladder",
    kind: "PIT",
    around: ["Knifework", "GlassAbbot", "TinOracle"].map((name, index) => standing(name, index)),
  },
};

const rating = (ladder: "PIT" | "PIT_SLOW", elo: number, games: number) => ({
  __typename: "Rating" as const,
  ladder,
  elo,
  games,
  wins: Math.round(games * 0.6),
  draws: 3,
  losses: games - 3 - Math.round(games * 0.6),
  streak: 2,
  peak: elo + 37,
  rank: 341,
  provisional: games < 10,
});

const BotPage: BotPageQuery = {
  __typename: "Query",
  bot: {
    ...bot("Knifework"),
    character: "RONIN",
    status: "BUSY",
    house: false,
    createdAt: "2026-06-03T09:00:00Z",
    skillsMarkdown: "# What it does\n\nReads the opponent's **last three moves**.\n\n- sweeps low\n- blocks high",
    capabilities: ["code-review", "sweeping"],
    owner: owner("Knifework"),
    ratings: [rating("PIT", 1_482, 95), rating("PIT_SLOW", 1_033, 4)],
    xp: null,
    followers: 0,
    followed: false,
  },
};
const BotContests: BotContestsQuery = {
  __typename: "Query",
  bot: {
    ...bot("Knifework"),
    contests: {
      __typename: "BotContestsConnection",
      nodes: [...LIVE.slice(0, 1), ...DONE.slice(2, 3)],
      pageInfo: { __typename: "PageInfo", hasNextPage: true },
    },
  },
};
// A walk without chance: up and down by what the sine says.
const ELOS = Array.from({ length: 60 }, (_none, index) => Math.round(1_000 + 8 * index + 40 * Math.sin(index / 3)));
const RatingHistory: RatingHistoryQuery = {
  __typename: "Query",
  bot: {
    ...bot("Knifework"),
    ratingHistory: {
      __typename: "BotRatingHistoryConnection",
      nodes: ELOS.slice(1)
        .map((eloAfter, index) => ({
          __typename: "RatingChange" as const,
          at: ago(3_600 * (60 - index)),
          eloBefore: ELOS[index] ?? 1_000,
          eloAfter,
          reversal: false,
        }))
        .toReversed(),
    },
  },
};

const HeadToHead: HeadToHeadQuery = {
  __typename: "Query",
  bot: { ...bot("Knifework"), headToHead: { __typename: "HeadToHead", contests: 14, wins: 8, draws: 1, losses: 5 } },
};
const OtherFights: OtherFightsQuery = {
  __typename: "Query",
  contests: { __typename: "QueryContestsConnection", nodes: LIVE.slice(1) },
};

const Manage: ManageQuery = {
  __typename: "Query",
  viewer: {
    __typename: "Viewer",
    user: { __typename: "User", id: "user_ines", handle: "ines" },
    email: "ines@example.org",
    scopes: ["READ", "PLAY"],
    bots: {
      __typename: "ViewerBotsConnection",
      nodes: MINE.map((name, index) => ({
        ...bot(name),
        character: characterOf(name),
        status: "ONLINE",
        skillsMarkdown: "",
        capabilities: [],
        lastSeenAt: ago(5),
        queueEntry:
          index === 0
            ? null
            : {
                __typename: "QueueEntry",
                id: "queue_entry_0",
                status: "WAITING",
                ladder: "PIT",
                mode: "RATED",
                joinedAt: ago(14),
                position: 2,
                estimatedWaitMs: 21_000,
                contest: null,
              },
      })),
    },
    apiKeys: [
      {
        __typename: "ApiKey",
        id: "api_key_0",
        name: "laptop",
        prefix: "cq_91d24e07ab",
        scopes: ["PLAY"],
        createdAt: ago(90_000),
        expiresAt: "2026-12-24T00:00:00Z",
        lastUsedAt: ago(120),
        revokedAt: null,
      },
    ],
    wallets: [{ __typename: "Wallet", address: "0x7c1E0f52A0b3C4d5E6f708192A3b4C5d6E7f6bA9", linkedAt: ago(900_000) }],
    sessions: [
      {
        __typename: "Session",
        id: "session_0",
        device: "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36",
        current: true,
        createdAt: ago(7_200),
        lastUsedAt: ago(1),
        expiresAt: ago(-2_000_000),
      },
      {
        __typename: "Session",
        id: "session_1",
        device: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Safari/604.1",
        current: false,
        createdAt: ago(300_000),
        lastUsedAt: ago(86_400),
        expiresAt: ago(-2_000_000),
      },
    ],
  },
};

const NewManage: ManageQuery = {
  ...Manage,
  viewer: Manage.viewer && {
    ...Manage.viewer,
    bots: { __typename: "ViewerBotsConnection", nodes: [] },
    apiKeys: [],
    wallets: [],
    sessions: Manage.viewer.sessions.slice(0, 1),
  },
};

type Answers = Record<string, object>;
const VISITOR: Answers = { LiveNow, Who: Nobody, OtherFights, HeadToHead };
const OWNER: Answers = { LiveNow, Who, OwnBots, Purse, OtherFights, HeadToHead };
const NEWCOMER: Answers = { ...OWNER, OwnBots: NoBots, Purse: EmptyPurse };

/** What the server answers on each page, by the operation's name. */
export const LOOKS: Record<string, { path: string; answers: Answers }> = {
  home: { path: "/", answers: { ...VISITOR, Home } },
  "home-empty": {
    path: "/",
    answers: { ...VISITOR, Home: EmptyHome, LiveNow: { arenaStats: { __typename: "ArenaStats", liveNow: 0 } } },
  },
  pit: { path: "/pit", answers: { ...OWNER, PitPage } },
  ladder: { path: "/ladder", answers: { ...OWNER, LadderPage, AroundBot } },
  bot: { path: "/bots/Knifework", answers: { ...VISITOR, BotPage, BotContests, RatingHistory } },
  "fight-live": { path: "/fights/fight_8f3c21", answers: { ...OWNER, FightPage, FightPool: LockedPool, MyBets } },
  "fight-bets": {
    path: "/fights/fight_8f3c21",
    answers: { ...OWNER, FightPage: AnnouncedFight, FightPool: OpenPool, MyBets },
  },
  "fight-over": { path: "/fights/fight_8f3c21", answers: { ...VISITOR, FightPage: EndedFight, FightPool: NoPool } },
  "match-live": { path: "/matches/quake_match_8f3c21", answers: { ...VISITOR, MatchPage: LiveMatch } },
  "match-over": { path: "/matches/quake_match_8f3c21", answers: { ...VISITOR, MatchPage: EndedMatch } },
  doors: { path: "/manage", answers: { ...VISITOR, Manage: { __typename: "Query", viewer: null } } },
  manage: { path: "/manage", answers: { ...OWNER, Manage } },
  "manage-new": { path: "/manage", answers: { ...NEWCOMER, Manage: NewManage } },
  wallet: { path: "/wallet", answers: { ...OWNER, WalletPage, LedgerPage, LedgerSubjects, MyBets } },
  "wallet-new": {
    path: "/wallet",
    answers: { ...NEWCOMER, WalletPage: NewWallet, LedgerPage: NewLedgerPage, MyBets: NoBets },
  },
  "wallet-out": { path: "/wallet", answers: { ...VISITOR, WalletPage: { ...WalletPage, viewer: null } } },
  docs: { path: "/docs", answers: VISITOR },
  nothing: { path: "/no-such-page", answers: VISITOR },
};
