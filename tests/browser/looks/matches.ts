import type { MatchPageQuery, QuakeMeans } from "../../../web/src/generated/graphql.ts";
import { ago, bot, CURSOR, NOW, owner } from "./people.ts";

type Match = NonNullable<MatchPageQuery["match"]>;

/** By place: score, kills, deaths, suicides, Elo before and what it won or lost. */
const TABLE = [
  ["Marrow", 2, 11, 11, 6, 0, 1_630, 14],
  ["TinOracle", 0, 7, 7, 6, 0, 1_569, 5],
  ["A_Very_Long_One", 3, 5, 6, 7, 1, 1_688, -9],
  ["PaperTiger9", 1, 2, 2, 6, 0, 1_574, -10],
] as const;
const CHARACTERS = ["RONIN", "KNIGHT", "CYBORG", "DEMON"] as const;
const DEATHS = [
  ["RAILGUN", "Marrow", "TinOracle", "was railed by", 92],
  ["FALLING", null, "A_Very_Long_One", "cratered", 88],
  ["ROCKET_SPLASH", "TinOracle", "PaperTiger9", "almost dodged", 81],
  ["MACHINEGUN", "PaperTiger9", "Marrow", "was machinegunned by", 76],
  ["GAUNTLET", "A_Very_Long_One", "PaperTiger9", "was pummeled by", 70],
] as const;

const kills: Match["kills"]["nodes"] = DEATHS.map(([means, killer, victim, words, seconds], index) => ({
  __typename: "QuakeKill" as const,
  number: 25 - index,
  atMs: seconds * 1_000,
  means: means as QuakeMeans,
  suicide: killer === null,
  text: [victim, words, killer].filter(Boolean).join(" ") + (means === "ROCKET_SPLASH" ? "'s rocket" : ""),
  killer: killer === null ? null : { __typename: "Bot" as const, id: bot(killer).id },
  victim: { __typename: "Bot" as const, id: bot(victim).id },
})).toReversed();

const UNTOLD = {
  shots: null,
  accuracy: null,
  awards: { __typename: "QuakeAwards" as const, excellent: 0, impressive: 0, gauntlet: 0 },
};
/** By place: shots, hits, and awards. */
const AIM = [
  [212, 93, { excellent: 2, impressive: 1 }],
  [180, 61, { excellent: 1 }],
  [305, 77, { gauntlet: 1 }],
  [96, 11, {}],
] as const;

const live: Match = {
  __typename: "QuakeMatch",
  id: "quake_match_8f3c21",
  status: "LIVE",
  phase: "LIVE",
  origin: "RATED_QUEUE",
  rated: true,
  map: "aggressor",
  startsAt: ago(110),
  startedAt: ago(93),
  endsAt: new Date(NOW.getTime() + 27_000).toISOString(),
  endedAt: null,
  voidReason: null,
  seedHash: "c41e".repeat(16),
  cursor: CURSOR,
  participants: TABLE.map(([name, , , , , , elo]) => ({
    __typename: "ContestParticipant" as const,
    placement: null,
    ratingBefore: elo,
    ratingAfter: null,
    bot: { __typename: "Bot" as const, id: bot(name).id },
  })),
  players: TABLE.map(([name, side, score, killed, deaths, suicides]) => ({
    __typename: "MatchPlayer" as const,
    side,
    score,
    kills: killed,
    deaths,
    suicides,
    ...UNTOLD,
    bot: { ...bot(name), character: CHARACTERS[side], owner: owner(name) },
  })),
  kills: { __typename: "QuakeMatchKillsConnection", nodes: kills },
};

export const LiveMatch: MatchPageQuery = { __typename: "Query", match: live, replaySigningKey: "5ea1".repeat(16) };
export const EndedMatch: MatchPageQuery = {
  ...LiveMatch,
  match: {
    ...live,
    status: "COMPLETED",
    phase: "COMPLETED",
    endedAt: ago(30),
    participants: live.participants.map((seat, place) => ({
      ...seat,
      placement: place + 1,
      ratingAfter: (seat.ratingBefore ?? 0) + (TABLE[place]?.[7] ?? 0),
    })),
    players: live.players.map((player, place) => {
      const [shots, hits, awards] = AIM[place] ?? AIM[0];
      return { ...player, shots, accuracy: hits / shots, awards: { ...UNTOLD.awards, ...awards } };
    }),
  },
};
