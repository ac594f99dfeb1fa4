import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import {
  battleAt,
  battleOf,
  BROKEN,
  FIX,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
} from "../harness/code-battle.ts";
import { freshDatabase } from "../harness/database.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { until } from "../harness/until.ts";
import { newOperator } from "../harness/xp.ts";

let app: App;
let database: { url: string; drop(): Promise<void> };
let git: GitServer;
let dataDir: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-code-"));
  git = await startGitServer();
  database = await freshDatabase();
  const few = { LIMIT_RATED_PER_PAIR_PER_DAY_MAX: 1 };
  app = await startTestApp(few, {}, { DATABASE_URL: database.url, DATA_DIR: dataDir });
});
afterAll(async () => {
  await app.stop();
  await database.drop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const shell = (text: string) => ({ kind: "COMMAND", command: ["sh", "-c", text] });
type Fighter = { key: string; botId: string };

/** An open battle that somebody makes and these fight in; its id, once it is over. */
async function openBattle(key: string, repositoryId: string, fighters: readonly Fighter[]): Promise<string> {
  const plan = { repositoryId, prompt: "Fix it.", open: true, timeLimitMs: 20_000 };
  const made = await mutate(app.url, key, "createCodeBattle", plan, "battle { id }");
  const battleId = (made["battle"] as unknown as { id: string }).id;
  for (const fighter of fighters)
    await mutate(app.url, fighter.key, "enterCodeBattle", { battleId, botId: fighter.botId });
  await mutate(app.url, key, "startCodeBattle", { battleId });
  expect((await battleAt(app.url, key, battleId, OVER)).phase).toBe("COMPLETED");
  return battleId;
}

const standing = async (name: string) =>
  (await ask(app.url, `{ bot(name: "${name}") { ratings { elo games wins } } }`)).data as unknown;

const xpOf = async (name: string) => {
  const { rows } = await app.platform.db.pool.query<{ xp: number }>(
    "SELECT x.xp FROM xp_bot x JOIN bot b ON b.id = x.bot_id WHERE b.name = $1",
    [name],
  );
  return rows[0]?.xp ?? 0;
};

const jobsLeft = async () => {
  const { rows } = await app.platform.db.pool.query<{ jobs: number }>(
    "SELECT count(*)::int AS jobs FROM graphile_worker.jobs WHERE task_identifier LIKE 'contest-%'",
  );
  return rows[0]?.jobs;
};

test("two gladiators meet rated so often a day and no more, and an operator takes a battle back once", {
  timeout: 120_000,
}, async () => {
  const [owner, one, two] = await Promise.all([1, 2, 3].map(() => newPerson(app.url)));
  if (!owner || !one || !two) throw new Error("three people were asked for");
  const repositoryId = await reviewed(app.url, owner.key, { url: repositoryWith(git, "rated", BROKEN) });
  const fighters = [
    { key: one.key, botId: await newGladiator(app.url, one.key, "Rated_Fixer", shell(FIX)) },
    { key: two.key, botId: await newGladiator(app.url, two.key, "Rated_Other", shell("echo // >> sums.js")) },
  ];
  const first = await openBattle(owner.key, repositoryId, fighters);
  expect((await battleOf(app.url, null, first))?.rated).toBe(true);
  const second = await openBattle(owner.key, repositoryId, fighters);
  expect((await battleOf(app.url, null, second))?.rated).toBe(false);
  expect(await standing("Rated_Fixer")).toEqual({ bot: { ratings: [{ elo: 1016, games: 2, wins: 2 }] } });

  const operator = await newOperator(app);
  await until(async () => (await jobsLeft()) === 0, "the XP of both battles");
  const before = await xpOf("Rated_Fixer");
  const act = async (battleId: string, reason: string, token = operator) => {
    const query = `mutation($input: VoidCodeBattleInput!) { voidCodeBattle(input: $input) { ... on VoidCodeBattleSuccess { battle { status phase } } ... on Refusal { code } } }`;
    const { data } = await ask(app.url, query, { input: { battleId, reason } }, { authorization: `Bearer ${token}` });
    return (data as unknown as { voidCodeBattle: object }).voidCodeBattle;
  };
  const draft = await mutate(
    app.url,
    owner.key,
    "createCodeBattle",
    { repositoryId, prompt: "p", open: true },
    "battle { id }",
  );
  const waiting = (draft["battle"] as unknown as { id: string }).id;
  expect(await act(first, "why", owner.token)).toEqual({ code: "MISSING_SCOPE" });
  expect(await act(first, " ")).toEqual({ code: "BAD_INPUT" });
  expect(await act(waiting, "why")).toEqual({ code: "BATTLE_NOT_COMPLETED" });
  expect(await act(first, "collusion")).toEqual({ battle: { status: "VOIDED", phase: "COMPLETED" } });
  expect(await act(first, "again")).toEqual({ code: "ALREADY_VOID" });
  // One of two like wins is left; nobody can put money on a code battle, so that none is to be given back.
  await until(async () => (await xpOf("Rated_Fixer")) === before / 2, "the XP of one battle to go");
  const { rows: money } = await app.platform.db.pool.query(
    "SELECT (SELECT count(*) FROM bet_pool)::int AS pools, (SELECT count(*) FROM journal)::int AS entries",
  );
  expect(money).toEqual([{ pools: 0, entries: 0 }]);
  expect(await ledgerCheck(database.url)).toMatchObject({ code: 0 });
  expect(await standing("Rated_Fixer")).toEqual({ bot: { ratings: [{ elo: 1000, games: 1, wins: 1 }] } });
  expect(await standing("Rated_Other")).toEqual({ bot: { ratings: [{ elo: 1000, games: 1, wins: 0 }] } });
  // What was taken back does not count against the pair.
  const third = await openBattle(owner.key, repositoryId, fighters);
  expect((await battleOf(app.url, null, third))?.rated).toBe(true);
});

test("a battle on a private repository that is taken back takes no record with it", { timeout: 60_000 }, async () => {
  const owner = await newPerson(app.url);
  const url = repositoryWith(git, "unseen", BROKEN);
  const repositoryId = await reviewed(app.url, owner.key, { url, private: true });
  const plan = { repositoryId, prompt: "p", timeLimitMs: 20_000 };
  const made = await mutate(app.url, owner.key, "createCodeBattle", plan, "battle { id }");
  const battleId = (made["battle"] as unknown as { id: string }).id;
  for (const name of ["Unseen_A", "Unseen_B"]) {
    const botId = await newGladiator(app.url, owner.key, name, shell(FIX));
    await mutate(app.url, owner.key, "inviteGladiator", { battleId, botId });
  }
  await mutate(app.url, owner.key, "startCodeBattle", { battleId });
  await battleAt(app.url, owner.key, battleId, OVER);
  // It has a record from elsewhere.
  await app.platform.db.pool.query(
    "INSERT INTO rating (bot_id, ladder, games, wins) SELECT id, 'CODE', 5, 3 FROM bot WHERE name = 'Unseen_A'",
  );
  const voided = `mutation($input: VoidCodeBattleInput!) { voidCodeBattle(input: $input) { __typename } }`;
  await ask(
    app.url,
    voided,
    { input: { battleId, reason: "why" } },
    { authorization: `Bearer ${await newOperator(app)}` },
  );
  const { rows } = await app.platform.db.pool.query(
    "SELECT (SELECT status FROM contest WHERE hidden) AS status, games, wins FROM rating r JOIN bot b ON b.id = r.bot_id WHERE b.name = 'Unseen_A'",
  );
  expect(rows).toEqual([{ status: "VOIDED", games: 5, wins: 3 }]);
});
