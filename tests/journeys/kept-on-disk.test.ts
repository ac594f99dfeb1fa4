import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { boundLayers, keepUsed } from "../../src/codebattles/adapter/mirrors.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { repositoryWith } from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { newOperator } from "../harness/xp.ts";

let app: App;
let git: GitServer;
let dataDir: string;
let key: string;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-kept-"));
  git = await startGitServer();
  app = await startTestApp({ LIMIT_CODE_MIRRORS_MIB_MAX: 3 }, {}, { DATA_DIR: dataDir });
  ({ key } = await newPerson(app.url));
});
afterEach(async () => {
  await app.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const HOUR_S = 3_600;
function age(path: string, hours = 1): void {
  const at = Date.now() / 1_000 - hours * HOUR_S;
  utimesSync(path, at, at);
}
const mirrors = () => readdirSync(join(dataDir, "repositories/mirrors")).filter((name) => name.endsWith(".git"));
/** Adds a repository of two MiB; its mirror. */
async function added(name: string): Promise<string> {
  const before = new Set(mirrorsIfAny());
  const url = repositoryWith(git, name, { "big.txt": randomBytes(1_048_576).toString("hex") });
  expect(await mutate(app.url, key, "addRepository", { url })).toMatchObject({ __typename: "AddRepositorySuccess" });
  return join(dataDir, "repositories/mirrors", mirrors().find((mirror) => !before.has(mirror)) ?? "none");
}
const mirrorsIfAny = () =>
  readdirSync(join(dataDir, "repositories"), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".git"))
    .map((path) => path.slice("mirrors/".length));

test("what no battle has used for longest goes where mirrors are more than the operator keeps, who sees their sum", async () => {
  mkdirSync(join(dataDir, "repositories"), { recursive: true });
  const [one, two] = [await added("one"), await added("two")];
  // Both are in use for what is known: nothing is taken away yet.
  await added("three");
  expect(mirrors()).toHaveLength(3);
  const { data } = await ask(
    app.url,
    `{ sandbox { mirrorsMiB layersMiB } limits { name value } }`,
    {},
    { authorization: `Bearer ${await newOperator(app)}` },
  );
  const { sandbox, limits } = data as unknown as {
    sandbox: { mirrorsMiB: number; layersMiB: number };
    limits: { name: string; value: number }[];
  };
  expect(sandbox.mirrorsMiB).toBeGreaterThan(3);
  expect(sandbox.layersMiB).toBe(0);
  expect(limits).toContainEqual({ name: "codeMirrorsMibMax", value: 3 });
  age(one, 2);
  age(two);
  const four = await added("four");
  const left = mirrors().map((name) => join(dataDir, "repositories/mirrors", name));
  expect([left.includes(one), left.includes(four), left.length]).toEqual([false, true, 3]);
});

test("a mirror that has grown too large is fetched into no more, stays for who uses it, and goes though its repository is in use", async () => {
  mkdirSync(join(dataDir, "repositories"), { recursive: true });
  const full = await added("growing");
  writeFileSync(join(full, "much"), "");
  truncateSync(join(full, "much"), 2_000 * 1_048_576);
  const fetched = async () => {
    const again = await mutate(app.url, key, "addRepository", { url: `${git.url}/growing.git` });
    expect(again["code"]).toBe("REPOSITORY_KNOWN");
    return mirrors().map((name) => join(dataDir, "repositories/mirrors", name));
  };
  // As long as a battle keeps it.
  age(full, 0.1);
  const { mtimeMs } = statSync(full);
  const both = await fetched();
  expect([both.includes(full), both.length]).toEqual([true, 2]);
  expect(statSync(full).mtimeMs).toBe(mtimeMs);
  expect(await fetched()).toEqual(both);
  age(full);
  expect(await fetched()).toEqual(both.filter((mirror) => mirror !== full));
});

test("layers are bounded as well, but for those that a battle uses, however long ago they were made", async () => {
  const folder = join(dataDir, "layers");
  mkdirSync(folder);
  const files = ["a.tar", "b.tar", "c.tar"].map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, Buffer.alloc(1_048_576));
  for (const file of files) age(file);
  const used = keepUsed(files.slice(0, 1));
  // What is touched is written by the system a moment later.
  await expect.poll(async () => (await boundLayers(folder, 1, Date.now()), readdirSync(folder))).toEqual(["a.tar"]);
  used.stop();
  age(files[0] ?? "");
  await boundLayers(folder, 0, Date.now());
  expect(readdirSync(folder)).toEqual([]);
});
