import { expect, test } from "vitest";
import { isNamePrefix } from "../../bots/rules.ts";
import { isSeason, seasonOf, seasonsWith } from "./board.ts";

test.each([
  ["2026-11-01T00:00:00.000Z", "2026-11"],
  ["2026-10-31T23:59:59.999Z", "2026-10"],
  ["2026-12-31T20:00:00-05:00", "2027-01"],
])("%s is in the season %s", (at, season) => expect(seasonOf(new Date(at))).toBe(season));

test.each([
  ["2026-01", true],
  ["2026-12", true],
  ["2026-00", false],
  ["2026-13", false],
  ["2026-1", false],
  ["26-01", false],
  ["2026-01-01", false],
  ["", false],
  ["2026-01\n", false],
] as const)("whether %j is a season: %s", (text, is) => expect(isSeason(text)).toBe(is));

test.each([
  ["a", true],
  ["House_Drill", true],
  ["123456789012345", true],
  ["1234567890123456", false],
  ["", false],
  ["a%", false],
  ["a b", false],
  ["ä", false],
] as const)("whether %j begins a name: %s", (text, is) => expect(isNamePrefix(text)).toBe(is));

test("seasons are newest first, with the current one though nothing was played in it", () =>
  expect(seasonsWith(["2026-10", "2026-08"], "2026-11")).toEqual(["2026-11", "2026-10", "2026-08"]));
test("the current season stands once", () => expect(seasonsWith(["2026-11"], "2026-11")).toEqual(["2026-11"]));
test("two years of seasons at most, the oldest go", () => {
  const played = Array.from(
    { length: 24 },
    (_none, index) => `20${20 + (index - (index % 12)) / 12}-${String((index % 12) + 1).padStart(2, "0")}`,
  );
  const seasons = seasonsWith(played, "2026-11");
  expect(seasons).toHaveLength(24);
  expect([seasons[0], seasons.at(-1)]).toEqual(["2026-11", "2020-02"]);
});
