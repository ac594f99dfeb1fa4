import { expect, test } from "vitest";
import type { FightStandingFragment as Standing } from "../generated/graphql.ts";
import { standingAfter } from "./standing.ts";

const fight = {
  id: "f",
  phase: "WAITING_FOR_ACTIONS",
  status: "LIVE",
  state: {
    round: 1,
    exchange: 3,
    fighters: [0, 1].map((side) => ({ side, hp: 80, hpMax: 100, stamina: 50, roundWins: 0 })),
  },
} as unknown as Standing;

const shown = ({ status, state }: Standing) => [
  status,
  state.round,
  state.exchange,
  ...state.fighters.map(({ hp, stamina, roundWins }) => `${hp}/${stamina}/${roundWins}`),
];
const after = (event: object) => {
  const next = standingAfter(fight, event as never);
  return next && shown(next);
};

test.each([
  [
    "a request opens the next exchange with both bars",
    {
      __typename: "ExchangeRequested",
      round: 2,
      exchange: 1,
      fighters: [
        { side: 1, hp: 95, stamina: 60, roundWins: 0 },
        { side: 0, hp: 100, stamina: 60, roundWins: 1 },
      ],
    },
    ["LIVE", 2, 1, "100/60/1", "95/60/0"],
  ],
  [
    "a resolved exchange moves the bars and no round",
    {
      __typename: "ExchangeResolved",
      round: 1,
      exchange: 3,
      sides: [
        { side: 0, hp: 60, stamina: 40 },
        { side: 1, hp: 80, stamina: 70 },
      ],
    },
    ["LIVE", 1, 3, "60/40/0", "80/70/0"],
  ],
  ["a round counts by side", { __typename: "RoundEnded", roundWins: [0, 1] }, ["LIVE", 1, 3, "80/50/0", "80/50/1"]],
  ["an end completes", { __typename: "FightEnded", phase: "FORFEITED" }, ["COMPLETED", 1, 3, "80/50/0", "80/50/0"]],
  ["no contest is void", { __typename: "FightEnded", phase: "NO_CONTEST" }, ["VOIDED", 1, 3, "80/50/0", "80/50/0"]],
  ["a longer deadline shows nowhere", { __typename: "DeadlineExtended" }, null],
])("%s", (_sentence, event, expected) => {
  expect(after(event)).toEqual(expected);
});
