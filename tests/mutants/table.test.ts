import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTANTS } from "./table.ts";

test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  "the code in which %s could be planted is still there, once, and so is its test",
  (_name, { file, old, test: testFile, only }) => {
    expect(readFileSync(file, "utf8").split(old)).toHaveLength(2);
    expect(existsSync(testFile)).toBe(true);
    expect(readFileSync(testFile, "utf8")).toContain(only ?? "test");
  },
);

test("no two mutants have one name", () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});
