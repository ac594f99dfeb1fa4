import { expect, test } from "vitest";
import { EMPTY_ENTITY, EMPTY_PLAYER, type EntityState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { takenAfter, takenFirst, type Spot, type Stock } from "./items.ts";

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
  isTold: ([eye], id) => eye < 500 === [100, 300, 700, 900][id]! < 500,
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
