import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { foundryBinary } from "../src/chain/adapter/foundry.ts";
import { compile } from "./compile.ts";
import { northToken } from "./north-token.ts";

const run = promisify(execFile);

test("the committed artifact is what the committed source compiles to", () => {
  expect(readFileSync("contracts/north-token.ts", "utf8")).toBe(compile());
});

test("the compiler is the pinned one, and forge tests with its settings", () => {
  const { version } = createRequire(import.meta.url)("solc/package.json") as { version: string };
  expect(northToken.compiler).toMatch(new RegExp(`^${version.replaceAll(".", "[.]")}[+]`));
  const foundry = readFileSync("foundry.toml", "utf8");
  expect(foundry).toMatch(/^evm_version = "cancun"$/m);
  expect(foundry).toMatch(/^optimizer_runs = 200$/m);
});

type Result = { status: string; reason: string | null; kind: Record<string, { runs?: number; calls?: number }> };

/** What forge says of every test, by its name. */
async function forge(): Promise<Map<string, Result>> {
  // A failing test ends forge with 1: what it says is wanted all the same.
  const { stdout } = await run(foundryBinary("forge"), ["test", "--json"], { maxBuffer: 2 ** 26 }).catch(
    (error: { stdout?: string; stderr?: string }) => {
      if (!error.stdout?.startsWith("{")) throw new Error(`forge: ${error.stderr ?? String(error)}`);
      return { stdout: error.stdout };
    },
  );
  const suites = JSON.parse(stdout) as Record<string, { test_results: Record<string, Result> }>;
  return new Map(Object.values(suites).flatMap(({ test_results }) => Object.entries(test_results)));
}

test("forge passes 5 unit, 5 fuzz (256 runs each) and 2 invariant tests (64 runs of 50 calls each)", async () => {
  const results = await forge();
  const failed = [...results].filter(([, { status }]) => status !== "Success");
  expect(failed.map(([name, { reason }]) => `${name}: ${reason}`)).toEqual([]);
  const kinds = [...results.values()].map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind["Unit"])).toHaveLength(5);
  expect(kinds.flatMap((kind) => (kind["Fuzz"] ? [kind["Fuzz"].runs] : []))).toEqual(Array(5).fill(256));
  expect(kinds.flatMap((kind) => (kind["Invariant"] ? [kind["Invariant"].calls] : []))).toEqual([3_200, 3_200]);
});
