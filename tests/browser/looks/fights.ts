import type { FightPageQuery } from "../../../web/src/generated/graphql.ts";
import { EXCHANGES } from "./exchanges.ts";
import { units } from "./money.ts";
import { bot, characterOf, CURSOR, owner } from "./people.ts";

const HP_MAX = [100, 105] as const;
const sideOf = (side: number, action: (typeof EXCHANGES)[number][2], numbers: [number, number, number, number]) => {
  const [dealt, taken, hp, stamina] = numbers;
  return { __typename: "ExchangeSide" as const, side, action, timedOut: false, dealt, taken, hp, stamina };
};

export const FightPage: FightPageQuery = {
  __typename: "Query",
  replaySigningKey: "key",
  fight: {
    __typename: "Fight",
    id: "fight_8f3c21",
    status: "LIVE",
    origin: "CALLOUT",
    ladder: "PIT",
    rated: false,
    phase: "WAITING_FOR_ACTIONS",
    rules: "PIT RULES 1",
    seedHash: "c41e".repeat(16),
    seed: null,
    cursor: CURSOR,
    winner: null,
    endReason: null,
    wager: units(500_000),
    sealed: false,
    participants: ["Knifework", "GlassAbbot"].map((name, side) => ({
      __typename: "ContestParticipant",
      side,
      character: characterOf(name),
      ratingBefore: 1_482 + 37 * side,
      ratingAfter: null,
      bot: { ...bot(name), owner: owner(name) },
    })),
    state: {
      __typename: "FightState",
      round: 2,
      exchange: 8,
      fighters: HP_MAX.map((hpMax, side) => ({
        __typename: "FighterState",
        side,
        character: side === 0 ? "RONIN" : "KNIGHT",
        hp: [50, 25][side] ?? 0,
        hpMax,
        stamina: [70, 40][side] ?? 0,
        roundWins: side,
        bankMs: [24_100, 30_000][side] ?? 0,
      })),
    },
    exchanges: EXCHANGES.map(([round, number, actionA, actionB, dealtA, dealtB, hpA, hpB, staminaA, staminaB]) => ({
      __typename: "FightExchange",
      round,
      number,
      sides: [sideOf(0, actionA, [dealtA, dealtB, hpA, staminaA]), sideOf(1, actionB, [dealtB, dealtA, hpB, staminaB])],
    })),
    rounds: [{ __typename: "FightRound", number: 1, roundWins: [0, 1] }],
  },
};
export const EndedFight: FightPageQuery = {
  ...FightPage,
  fight: FightPage.fight && {
    ...FightPage.fight,
    status: "COMPLETED",
    phase: "FORFEITED",
    winner: { __typename: "Bot", id: "bot_GlassAbbot", name: "GlassAbbot" },
    endReason: "CONCEDED",
  },
};
/** Of two who are others', so that the person of the looks may bet. */
export const AnnouncedFight: FightPageQuery = {
  ...FightPage,
  fight: FightPage.fight && {
    ...FightPage.fight,
    status: "ANNOUNCED",
    phase: "ANNOUNCED",
    wager: "0",
    exchanges: [],
    rounds: [],
    participants: FightPage.fight.participants.map((each) => ({
      ...each,
      bot: { ...each.bot, owner: owner("Marrow") },
    })),
    state: {
      ...FightPage.fight.state,
      round: 1,
      exchange: 0,
      fighters: FightPage.fight.state.fighters.map((each) => ({ ...each, hp: each.hpMax, stamina: 60, roundWins: 0 })),
    },
  },
};
