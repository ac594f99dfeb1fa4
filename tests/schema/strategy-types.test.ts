import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { strategyTypes, TYPES_FILE } from "../../tools/strategy-types.ts";

test("the types that are handed to writers of strategies are those of the sandbox: npm run generate renews them", () => {
  expect(readFileSync(TYPES_FILE, "utf8")).toBe(strategyTypes());
});
