import { expect, test } from "vitest";
import { EMPTY_ENTITY, EMPTY_PLAYER, type EntityState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { dropsAfter, takenAfter, takenFirst, type Drop, type Spot, type Stock } from "./items.ts";

const spot = (id: number, model: number, x: number, isThereFirst = true): Spot => ({
  id,
  name: `item_${id}`,
  model,
  at: [x, 0, 16],
  isThereFirst,
});
/** A map along one line: who stands left of 500 is told of what is left of it, and the same on the right. */
const HALVES: Stock = {
  spots: [spot(0, 5, 100), spot(1, 5, 300), spot(2, 2, 700), spot(3, 28, 900, false)],
  nameOf: (model) => ({ 12: "weapon_rocketlauncher", 14: "weapon_railgun" })[model],
  isTold: ([eye], [at]) => eye < 500 === at < 500,
};
const lying = (id: number, change: Partial<EntityState> = {}): EntityState => ({
  ...EMPTY_ENTITY,
  type: 2,
  model: [5, 5, 2, 28][id]!,
  posBaseX: [100, 300, 700, 900][id]!,
  posBaseZ: 8,
  ...change,
});
const shown = (x: number, entities: EntityState[], serverTime = 1_000): Snapshot => ({
  ...{ sequence: 1, serverTime, flags: 0, entities },
  player: { ...EMPTY_PLAYER, originX: x, viewHeight: 26 },
});
const LEFT = 0;
const RIGHT = 1_000;

test("at the beginning all lie there but those that come later", () => expect(takenFirst(HALVES)).toEqual([3]));

test.each<[string, number[], Snapshot[], number[]]>([
  ["what is shown lies there", [0, 1], [shown(LEFT, [lying(0), lying(1)])], []],
  ["what would be shown and is not, is taken", [], [shown(LEFT, [lying(1)])], [0]],
  ["what nobody would be shown is as before", [2], [shown(LEFT, [lying(0), lying(1)])], [2]],
  ["all are looked at by whoever is near", [], [shown(LEFT, [lying(0)]), shown(RIGHT, [lying(3)])], [1, 2]],
  ["what is shown from far away lies there, too", [2], [shown(LEFT, [lying(0), lying(1), lying(2)])], []],
  ["one that is shown to one of two lies there", [], [shown(LEFT, [lying(0)]), shown(LEFT, [lying(1)])], []],
  ["what is not drawn does not lie there", [], [shown(LEFT, [lying(0, { flags: 0x80 }), lying(1)])], [0]],
  ["another item in its place is not it", [], [shown(LEFT, [lying(0, { model: 9 }), lying(1)])], [0]],
  ["the same item elsewhere is not it", [], [shown(LEFT, [lying(0, { posBaseY: 40 }), lying(1)])], [0]],
  ["a missile with its number is not it", [], [shown(LEFT, [lying(0, { type: 3 }), lying(1)])], [0]],
  ["on a lift it lies where it is above or below", [0], [shown(LEFT, [lying(0, { posBaseZ: 300 }), lying(1)])], []],
  ["what was shown before does not count", [], [shown(LEFT, []), shown(RIGHT, [lying(2), lying(3)], 1_050)], []],
  ["what was shown to nobody changes nothing", [0, 3], [], [0, 3]],
])("%s", (_sentence, before, snapshots, after) => expect(takenAfter(before, HALVES, snapshots)).toEqual(after));

test("a place of which nobody is told but by what is shown keeps what was known last", () => {
  const blind: Stock = { ...HALVES, isTold: () => false };
  expect(takenAfter([], blind, [shown(LEFT, [])])).toEqual([]);
  expect(takenAfter([0, 1], blind, [shown(LEFT, [lying(0)])])).toEqual([1]);
});

const RAILGUN = 14;
const railgun = (x: number, change: Partial<EntityState> = {}): EntityState => ({
  ...EMPTY_ENTITY,
  number: 90,
  type: 2,
  model: RAILGUN,
  posBaseX: x,
  posBaseZ: 8,
  ...change,
});
const drop = (x: number, change: Partial<Drop> = {}): Drop => ({
  id: 90,
  name: "weapon_railgun",
  at: [x, 0, 8],
  sinceMs: 1_000,
  ...change,
});
/** Gravity, from where it was thrown; a tenth of a second later it has flown 20 and risen 10 less 4. */
const THROWN = { posType: 5, posTime: 900, posDeltaX: 200, posDeltaZ: 100 };

test.each<[string, Drop[], Snapshot[], Drop[]]>([
  ["what is shown where no item belongs lies dropped", [], [shown(LEFT, [railgun(200)])], [drop(200)]],
  ["what belongs there does not", [], [shown(LEFT, [lying(0), lying(1)])], []],
  ["what flies is where it has flown to", [], [shown(LEFT, [railgun(200, THROWN)])], [drop(220, { at: [220, 0, 14] })]],
  ["it was first shown when it was", [drop(200)], [shown(LEFT, [railgun(210)], 1_500)], [drop(210)]],
  ["what would be shown and is not, is gone", [drop(200)], [shown(LEFT, [], 1_500)], []],
  ["what nobody would be shown lies there still", [drop(200)], [shown(RIGHT, [], 1_500)], [drop(200)]],
  ["but no longer than the game leaves it", [drop(200)], [shown(RIGHT, [], 31_000)], []],
  [
    "with its number another thing comes later",
    [drop(700)],
    [shown(LEFT, [railgun(200, { model: 12 })], 1_500)],
    [drop(200, { name: "weapon_rocketlauncher", sinceMs: 1_500 })],
  ],
  ["what is of no known kind is none", [], [shown(LEFT, [railgun(200, { model: 99 })])], []],
  [
    "all are in the order of their numbers",
    [drop(700)],
    [shown(LEFT, [railgun(200, { number: 80 })], 1_000)],
    [drop(200, { id: 80 }), drop(700)],
  ],
])("of what was dropped: %s", (_sentence, before, snapshots, after) =>
  expect(dropsAfter(before, HALVES, snapshots)).toEqual(after),
);
