import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "../config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agon-secret-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, "secret");
const here = () => readConfig({ DATA_DIR: folder }).secret;
const CONFIG = JSON.stringify(new URL("../config.ts", import.meta.url).href);
const PROGRAM = `const { readConfig } = await import(${CONFIG}); console.log(readConfig({ DATA_DIR: process.env.FOLDER }).secret);`;

/** Reads the configuration in a process of its own, which may write so many blocks to a file. */
const elsewhere = (blocks = "unlimited") =>
  promisify(execFile)("bash", ["-c", `ulimit -f ${blocks}; exec "$0" --input-type=module -e "$1"`, execPath, PROGRAM], {
    env: { PATH: env["PATH"], FOLDER: folder },
  });

test("a folder's secret is made once, for its owner alone, and nothing else is left there", () => {
  const made = here();
  expect(made).toMatch(/^[0-9a-f]{64}$/);
  expect(here()).toBe(made);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["secret"]);
});

test("those that begin at once have the same secret", async () => {
  const told = await Promise.all(Array.from({ length: 6 }, () => elsewhere()));
  const secrets = new Set(told.map(({ stdout }) => stdout.trim()));
  expect([...secrets]).toEqual([readFileSync(file(), "utf8")]);
});

test("a start that ends while it writes leaves no secret, and the next one makes it", async () => {
  expect(
    await elsewhere("0").then(
      () => "started",
      () => "ended",
    ),
  ).toBe("ended");
  expect(readdirSync(folder)).not.toContain("secret");
  expect(here()).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["an empty one", ""],
  ["a torn one", "0123456789abcdef"],
])("%s is refused by name with what to do, and stays as it is", (_sentence, left) => {
  writeFileSync(file(), left);
  expect(here).toThrow(/^SECRET_BROKEN: .*secret holds \d+ characters.*Put back.*delete/);
  expect(here).not.toThrow(/0123456789/);
  expect(readFileSync(file(), "utf8")).toBe(left);
});
