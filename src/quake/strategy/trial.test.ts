import { expect, test } from "vitest";
import { HOUSE_STRATEGIES, houseSource } from "./house.ts";
import { tryStrategy } from "./trial.ts";

test.each(HOUSE_STRATEGIES)("%s answers each recorded view with an action", async (name) => {
  const trial = await tryStrategy(await houseSource(name));
  if (!trial.ok) throw new Error(trial.fault.message);
  expect(trial.ticks.length).toBe(20);
  expect(trial.ticks.filter(({ miss }) => miss?.reason === "THREW" || miss?.reason === "NOT_AN_ACTION")).toEqual([]);
  expect(trial.ticks.at(-1)?.action).not.toBeNull();
  // Somebody is in sight in all of them.
  expect(trial.ticks.some(({ action }) => action?.fire === true)).toBe(true);
});

test("what a strategy throws in a trial is told with the tick", async () => {
  const trial = await tryStrategy(
    `export function tick(view) { if (view.facts) return {}; throw new Error("no facts"); }`,
  );
  if (!trial.ok) throw new Error(trial.fault.message);
  expect(trial.ticks[0]).toMatchObject({ action: {}, miss: null });
  expect(trial.ticks[1]).toMatchObject({ action: null, miss: { reason: "THREW", message: "Line 1: Error: no facts" } });
  expect(trial.log).toBe("[THREW] Line 1: Error: no facts\n");
});

test("a strategy that fills its memory plays no more in a trial either", async () => {
  const trial = await tryStrategy(
    "const all = []; export function tick() { all.push(new Uint8Array(2_000_000)); return {}; }",
  );
  if (!trial.ok) throw new Error(trial.fault.message);
  expect(trial.ticks[0]?.miss).toBeNull();
  expect(trial.ticks.at(-1)?.miss).toEqual({
    reason: "TOO_MUCH_MEMORY",
    message: "it needs more than 16 MiB",
    line: null,
  });
});

test.each([
  ["let x: = 1", "SYNTAX_ERROR", 1],
  ["export const tick = 1;", "NO_TICK", null],
  ["\n\nthrow new Error('top'); export function tick() { return {}; }", "TOP_LEVEL_FAILED", 3],
  ["[].indexOf.call({ length: 2 ** 53 - 1 }, 1); export const tick = () => ({});", "TOP_LEVEL_FAILED", null],
])("the source %j is refused as %s in line %s", async (source, reason, line) => {
  expect(await tryStrategy(source)).toMatchObject({ ok: false, fault: { reason, line } });
});

test("no two trials have the same chances", async () => {
  const source = "throw new Error(String(Math.random())); export const tick = () => ({});";
  const [one, other] = [await tryStrategy(source), await tryStrategy(source)];
  expect(one).toMatchObject({ ok: false, fault: { reason: "TOP_LEVEL_FAILED" } });
  expect(one).not.toEqual(other);
});
