import type { BoutFragment } from "../../../web/src/generated/graphql.ts";
import { units } from "./money.ts";
import { ago, CURSOR, characterOf, bot } from "./people.ts";

type Sketch = {
  between: [string, string];
  hp: [number, number];
  wins: [number, number];
  place?: [round: number, exchange: number];
  endedAgo?: number;
  ladder?: "PIT" | "PIT_SLOW";
  origin?: BoutFragment["origin"];
  wager?: number;
};

let bouts = 0;

/** A bout from a sketch; without `endedAgo` it is live. */
function bout({
  between,
  hp,
  wins,
  place,
  endedAgo,
  ladder = "PIT",
  origin = "RATED_QUEUE",
  wager = 0,
}: Sketch): BoutFragment {
  const over = endedAgo !== undefined;
  const gain = wins[0] > wins[1] ? 16 : -16;
  const rated = origin === "RATED_QUEUE";
  return {
    __typename: "Fight",
    id: `fight_${bouts++}`,
    ladder,
    rated,
    origin,
    status: over ? "COMPLETED" : "LIVE",
    phase: over ? "COMPLETED" : "WAITING_FOR_ACTIONS",
    endedAt: over ? ago(endedAgo) : null,
    cursor: CURSOR,
    wager: units(wager),
    participants: between.map((name, side) => ({
      __typename: "ContestParticipant",
      side,
      placement: over ? ((wins[side] ?? 0) >= (wins[1 - side] ?? 0) ? 1 : 2) : null,
      character: characterOf(name),
      ratingBefore: 1_480 + 39 * side,
      ratingAfter: over && rated ? 1_480 + 39 * side + (side === 0 ? gain : -gain) : null,
      bot: bot(name),
    })),
    state: {
      __typename: "FightState",
      round: place?.[0] ?? wins[0] + wins[1],
      exchange: place?.[1] ?? 0,
      fighters: [0, 1].map((side) => ({
        __typename: "FighterState",
        side,
        hp: hp[side] ?? 0,
        hpMax: 100,
        stamina: 60,
        roundWins: wins[side] ?? 0,
      })),
    },
  };
}

export const LIVE = [
  bout({
    between: ["Knifework", "GlassAbbot"],
    hp: [50, 25],
    wins: [0, 1],
    place: [2, 7],
    origin: "CALLOUT",
    wager: 500_000,
  }),
  bout({ between: ["TinOracle", "Marrow"], hp: [40, 90], wins: [1, 1], place: [3, 2] }),
  bout({ between: ["BrassHeir", "PaperTiger9"], hp: [100, 100], wins: [0, 0], place: [1, 1], ladder: "PIT_SLOW" }),
];
export const DONE = [
  bout({ between: ["Marrow", "BrassHeir"], hp: [60, 0], wins: [2, 0], endedAgo: 180 }),
  bout({ between: ["TinOracle", "SoftHammer"], hp: [0, 35], wins: [1, 2], endedAgo: 360 }),
  bout({ between: ["Knifework", "Mirrorball"], hp: [50, 50], wins: [1, 1], endedAgo: 900, origin: "CALLOUT" }),
  bout({ between: ["A_Very_Long_One", "GlassAbbot"], hp: [20, 0], wins: [2, 1], endedAgo: 7_200 }),
];
