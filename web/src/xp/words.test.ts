import { expect, test } from "vitest";
import { dayName, duration, percent, thousands } from "./words.ts";

test.each([
  [999, "999 ms"],
  [18_400, "18 s"],
  [119_000, "119 s"],
  [121_000, "2 min"],
  [7_300_000, "2 h"],
])("%i ms are %s", (ms, text) => expect(duration(ms)).toBe(text));

test("days, parts and numbers as people write them", () => {
  expect(dayName("2026-12-04")).toBe("4 Dec");
  expect(percent(0.944)).toBe("94%");
  expect(thousands(1_862)).toBe("1,862");
});
