import { expect, test } from "vitest";
import { houseDraw } from "../house/draw.ts";
import { isLegal, resolveExchange, type Body } from "./exchange.ts";
import { EQUILIBRIUM } from "../house/table.ts";
import { HOUSE_POLICIES, houseAction, type HousePolicy } from "./house.ts";
import {
  ACTIONS,
  type Action,
  CHARACTERS,
  type Character,
  EXCHANGES_MAX,
  hpMaxOf,
  STAMINA_START,
} from "./pit-rules-1.ts";
import { TABLE_BYTES } from "./strategy.ts";

type Chooser = (me: Body, opponent: Body, exchange: number, opponentPlayed: Action[], draw: number) => Action;
const house =
  (policy: HousePolicy): Chooser =>
  (me, opponent, exchange, opponentPlayed, draw) =>
    houseAction(policy, { me, opponent, exchange, opponentPlayed }, draw, EQUILIBRIUM);
const always =
  (action: Action): Chooser =>
  (me) =>
    isLegal(me, action) ? action : "BLOCK_HIGH";

/** Points of the first: 1 for a round won, one half for a drawn one. */
function round(
  one: Chooser,
  two: Chooser,
  label: string,
  [first, second]: readonly [Character, Character] = ["RONIN", "RONIN"],
): number {
  const fresh = (character: Character): Body => ({ character, hp: hpMaxOf(character), stamina: STAMINA_START });
  let [a, b] = [fresh(first), fresh(second)];
  const played: [Action[], Action[]] = [[], []];
  for (let exchange = 1; exchange <= EXCHANGES_MAX && a.hp > 0 && b.hp > 0; exchange++) {
    const draw = (side: string) => houseDraw(Buffer.from(label), side, 1, exchange);
    const [actionA, actionB] = [one(a, b, exchange, played[1], draw("a")), two(b, a, exchange, played[0], draw("b"))];
    const [afterA, afterB] = resolveExchange(a, b, actionA, actionB);
    [a, b] = [
      { ...a, ...afterA },
      { ...b, ...afterB },
    ];
    played[0].push(actionA);
    played[1].push(actionB);
  }
  return a.hp === b.hp ? 0.5 : a.hp > b.hp ? 1 : 0;
}

const share = (one: Chooser, two: Chooser, rounds: number) =>
  Array.from({ length: rounds }, (_none, index) => round(one, two, `seed ${index}`)).reduce(
    (sum, points) => sum + points,
    0,
  ) / rounds;

test.each(ACTIONS)("the learner wins nine in ten of 1,000 rounds against a bot that only plays %s", (action) => {
  expect(share(house("adaptive"), always(action), 1_000)).toBeGreaterThanOrEqual(0.9);
});

test("house bots only play what they can pay for", () => {
  const poor: Body = { character: "RONIN", hp: 100, stamina: 5 };
  for (let exchange = 1; exchange <= 20; exchange++)
    for (const policy of HOUSE_POLICIES) {
      const action = houseAction(
        policy,
        { me: poor, opponent: poor, exchange, opponentPlayed: [] },
        exchange / 21,
        EQUILIBRIUM,
      );
      expect(isLegal(poor, action)).toBe(true);
    }
});

test("the equilibrium bot takes 68 % of 20,000 rounds against random play, over all pairs of characters, draws one half", () => {
  const pairings = CHARACTERS.flatMap((one) => CHARACTERS.map((two) => [one, two] as const));
  const points = pairings.flatMap((pairing) =>
    Array.from({ length: 800 }, (_none, index) =>
      round(house("equilibrium"), house("random"), `${pairing.join(" ")} ${index}`, pairing),
    ),
  );
  expect(points).toHaveLength(20_000);
  expect(points.reduce((sum, point) => sum + point, 0) / points.length).toBeGreaterThanOrEqual(0.68);
}, 120_000);

test("the solved game fits into two megabytes", () => {
  expect(EQUILIBRIUM.length).toBe(TABLE_BYTES);
  expect(EQUILIBRIUM.length).toBeLessThanOrEqual(2 * 1_024 * 1_024);
});
