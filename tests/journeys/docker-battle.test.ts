import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import {
  battleAt,
  battleOf,
  BROKEN,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
  startBattle,
} from "../harness/code-battle.ts";
import { engineAnswers, startEngine, type Engine } from "../harness/engine.ts";
import { gitIn, startGitServer, type GitServer } from "../harness/git-server.ts";
import { leftBy } from "../harness/leftovers.ts";
import { until } from "../harness/until.ts";

let app: App;
let engine: Engine;
let git: GitServer;
let dataDir: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-code-"));
  git = await startGitServer();
  engine = await startEngine(await mkdtemp(join(tmpdir(), "agon-engine-")));
  const docker = { SANDBOX_DRIVER: "docker", DOCKER_HOST: `unix://${engine.socket}` };
  app = await startTestApp({}, {}, { DATA_DIR: dataDir, ...docker });
}, 120_000);
afterAll(async () => {
  await app.stop();
  await engine.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

const shell = (text: string) => ({ kind: "COMMAND", command: ["sh", "-c", text] });

const ORDER = 'Replace "subtract = (a, b) => a + b" with "subtract = (a, b) => a - b".';

/** Which try this is: names are taken once. */
let turn = 0;

test("a whole battle is fought in containers, from its set-up to its branches, and leaves none", {
  timeout: 300_000,
}, async () => {
  const { key } = await newPerson(app.url);
  turn++;
  const repository = `contained-${turn}`;
  const url = repositoryWith(git, repository, BROKEN);
  const repositoryId = await reviewed(app.url, key, { url }, { setup: ["echo made > made"] });
  const scribe = await newGladiator(app.url, key, `Docker_Scribe${turn}`, { kind: "HOUSE", skill: "SCRIBE" });
  const sleeper = await newGladiator(
    app.url,
    key,
    `Docker_Sleeper${turn}`,
    shell("cat made; echo // >> sums.js; sleep 600"),
  );
  // tail keeps the last line, however long.
  const hungry = await newGladiator(app.url, key, `Docker_Hungry${turn}`, shell("tail /dev/zero"));
  const plan = { repositoryId, prompt: ORDER, gladiatorsMax: 3, timeLimitMs: 40_000 };
  const id = await startBattle(app.url, key, plan, [scribe, sleeper, hungry]);
  const { phase, failure, entries } = await battleAt(app.url, key, id, OVER);
  expect([phase, failure]).toEqual(["COMPLETED", null]);
  expect(entries.map(({ outcome, placement, score }) => [outcome, placement, score?.testsPassed])).toEqual([
    ["JUDGED", 1, 2],
    ["TIME", 2, undefined],
    ["MEMORY", 2, undefined],
  ]);
  await mutate(app.url, key, "pushCodeBattle", { battleId: id });
  const pushed = await until(async () => {
    const now = await battleOf(app.url, key, id);
    return now?.entries[0]?.push === "PUSHED" ? now.entries[0] : null;
  }, "the branch");
  expect(gitIn(join(git.folder, `${repository}.git`))("show", `${pushed.branch}:sums.js`)).toContain(
    "subtract = (a, b) => a - b",
  );
  expect(await engineAnswers(engine.socket, "/containers/json?all=1")).toMatch(/^\[\]\s*$/);
  expect(leftBy(process.pid)).toEqual([]);
});
