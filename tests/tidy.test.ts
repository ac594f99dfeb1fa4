import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const DOMAINS = readdirSync("src", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !["generated", "platform", "sdk", "cli"].includes(entry.name))
  .map((entry) => entry.name);
const ROOMS = ["rules", "events", "service", "schema", "store", "jobs", "adapter"];
const FILES = execFileSync("git", ["ls-files"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));
const SOURCES = FILES.filter((file) => /^(src|web|tests|tools|bench|examples)\/.*\.tsx?$/.test(file));

test("there are domains to look at", () => {
  expect(DOMAINS.length).toBeGreaterThanOrEqual(5);
});

test.each(DOMAINS)("%s says its words, states and invariants in a README of one screen", (domain) => {
  const lines = readFileSync(`src/${domain}/README.md`, "utf8").trim().split("\n");
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.length).toBeLessThanOrEqual(45);
});

test.each(DOMAINS)("%s has at least a service or a schema among its rooms", (domain) => {
  const entries = readdirSync(`src/${domain}`).map((entry) => entry.replace(/\.ts$/, ""));
  expect(ROOMS.filter((room) => entries.includes(room)).length).toBeGreaterThan(0);
});

test("no source file is longer than 400 lines", () => {
  const long = SOURCES.filter((file) => readFileSync(file, "utf8").split("\n").length > 401);
  expect(long).toEqual([]);
});

test("nothing in the tree names a machine's own path", () => {
  const text = FILES.filter(
    (file) => /\.(ts|tsx|md|json|mjs|ya?ml|graphql|sql|css|html)$/.test(file) && file !== "package-lock.json",
  );
  const named = text.filter((file) =>
    /(?<![.\w])\/(?:work|root|home\/\w+)\/(?!\$)/.test(readFileSync(file, "utf8").replaceAll("/root).", "")),
  );
  expect(named).toEqual([]);
});

test("every variable that config.ts reads is documented", () => {
  const source = readFileSync("src/config.ts", "utf8");
  const example = readFileSync(".env.example", "utf8");
  const read = [...source.matchAll(/"([A-Z][A-Z0-9]+_?[A-Z_]*)"/g)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "");
  expect(read.length).toBeGreaterThan(10);
  expect(read.filter((name) => !new RegExp(`^${name}=`, "m").test(example))).toEqual([]);
  const documented = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name ?? "");
  expect(documented.filter((name) => !name.startsWith("LIMIT_") && !read.includes(name))).toEqual([]);
});

test("docs/money.md says what each name means that the check of the ledger can print", () => {
  const names = FILES.filter((file) => /^src\/\w+\/service\/(?:invariants|check)\.ts$/.test(file)).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/name: "([A-Z_]+)"/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(20);
  const said = readFileSync("docs/money.md", "utf8");
  expect(names.filter((name) => !said.includes(`| \`${name}\``))).toEqual([]);
});
