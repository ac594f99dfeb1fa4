import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolveExchange } from "./exchange.ts";
import {
  ACTIONS,
  type Action,
  bonusOf,
  CHARACTERS,
  type Character,
  costOf,
  DAMAGE,
  DRAIN,
  hpMaxOf,
} from "./pit-rules-1.ts";

type Golden = [Character, Character, Action, Action, ...number[]];
const fixture = JSON.parse(readFileSync("tests/fixtures/pit/pit-rules-1.json", "utf8")) as {
  damage: number[][];
  drain: number[][];
  cost: number[];
  characters: Record<
    Character,
    { maxHp: number; cost: Partial<Record<Action, number>>; damageBonus: Partial<Record<Action, number>> }
  >;
  golden: Golden[];
};

test("all 1,790 golden exchanges come out as published", () => {
  expect(fixture.golden).toHaveLength(1_790);
  const wrong = fixture.golden.filter(
    ([char1, char2, action1, action2, hp1 = 0, st1 = 0, hp2 = 0, st2 = 0, ...after]) => {
      const [one, two] = resolveExchange(
        { character: char1, hp: hp1, stamina: st1 },
        { character: char2, hp: hp2, stamina: st2 },
        action1,
        action2,
      );
      return JSON.stringify([one.hp, one.stamina, two.hp, two.stamina]) !== JSON.stringify(after);
    },
  );
  expect(wrong).toEqual([]);
});

test("the tables are the published ones", () => {
  expect(DAMAGE).toEqual(fixture.damage);
  expect(DRAIN).toEqual(fixture.drain);
});

test.each(CHARACTERS)("%s differs exactly as published", (character) => {
  const published = fixture.characters[character];
  expect(hpMaxOf(character)).toBe(published.maxHp);
  expect(ACTIONS.map((action) => costOf(character, action))).toEqual(
    ACTIONS.map((action, index) => published.cost[action] ?? fixture.cost[index]),
  );
  expect(ACTIONS.map((action) => bonusOf(character, action))).toEqual(
    ACTIONS.map((action) => published.damageBonus[action] ?? 0),
  );
});
