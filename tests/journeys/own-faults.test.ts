import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import {
  battleAt,
  BROKEN,
  FIX,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
  startBattle,
} from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { leftBy } from "../harness/leftovers.ts";

let app: App;
let git: GitServer;
let dataDir: string;
let key: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-faults-"));
  git = await startGitServer();
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
  ({ key } = await newPerson(app.url));
});
afterAll(async () => {
  await app.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function fought(name: string, setup: string[], programs: Record<string, string>) {
  const repositoryId = await reviewed(app.url, key, { url: repositoryWith(git, name, BROKEN) }, { setup });
  const bots = [];
  for (const [who, text] of Object.entries(programs))
    bots.push(await newGladiator(app.url, key, `${who}_${name}`, { kind: "COMMAND", command: ["sh", "-c", text] }));
  const id = await startBattle(app.url, key, { repositoryId, prompt: "p" }, bots);
  const { phase, failure, entries, audit } = await battleAt(app.url, key, id, OVER);
  const came = entries.map(({ bot, outcome, placement }) => [bot.name.split("_")[0], outcome, placement]);
  const faults = audit.filter(({ operation }) => operation === "fault").map(({ about }) => about);
  return { phase, failure, came, faults };
}

test("a file that has no end to wait for is too large, and voids no battle", { timeout: 110_000 }, async () => {
  const { came, ...rest } = await fought("holes", [], { Honest: FIX, Sparse: "truncate -s 1T big" });
  expect(came).toEqual([
    ["Honest", "JUDGED", 1],
    ["Sparse", "TOO_LARGE", 2],
  ]);
  expect(rest).toEqual({ phase: "COMPLETED", failure: null, faults: [] });
  expect(leftBy(process.pid)).toEqual([]);
});

/** With what the set-up made a workspace has place for 45,000 files more; who takes that away has place for all. */
const MANY = ["mkdir made", "cd made && seq 155000 | xargs touch"];

test("an entry that finds no place beside what the set-up made has lost, and the other one is judged", {
  timeout: 300_000,
}, async () => {
  const { came, ...rest } = await fought("place", MANY, {
    Honest: FIX,
    Filler: "rm -rf made; mkdir more; cd more; seq 49000 | xargs touch",
  });
  expect(came).toEqual([
    ["Honest", "JUDGED", 1],
    ["Filler", "NOT_TESTED", 2],
  ]);
  expect(rest).toEqual({ phase: "COMPLETED", failure: null, faults: ["Filler_place: NOT_TESTED"] });
});
