import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { battleAt, BROKEN, FIX, newGladiator, OVER, repositoryWith, reviewed } from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { until } from "../harness/until.ts";
import { newOperator } from "../harness/xp.ts";

let app: App;
let git: GitServer;
let dataDir: string;
let owner: { key: string };
let repositoryId: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-votes-"));
  git = await startGitServer();
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
  owner = await newPerson(app.url);
  repositoryId = await reviewed(app.url, owner.key, { url: repositoryWith(git, "blind", BROKEN) });
});
afterAll(async () => {
  await app.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const shell = (text: string) => ({ kind: "COMMAND", command: ["sh", "-c", text] });
const PROGRAMS = {
  fixer: shell(FIX),
  other: shell("echo // other >> sums.js"),
  idle: shell("true"),
};
const code = async (field: string, input: object, key: string) =>
  (await mutate(app.url, key, field, input))["code"] as unknown;

let battles = 0;
/** An open battle on which people vote for an hour, started; whose the gladiators are, by what they do. */
async function voted(names: readonly (keyof typeof PROGRAMS)[]) {
  const plan = { repositoryId, prompt: "p", open: true, votes: true, votesMs: 3_600_000, gladiatorsMax: names.length };
  const made = await mutate(app.url, owner.key, "createCodeBattle", { ...plan, timeLimitMs: 20_000 }, "battle { id }");
  const battleId = (made["battle"] as unknown as { id: string }).id;
  const number = battles++;
  const keys = new Map<string, string>();
  for (const name of names) {
    const { key } = await newPerson(app.url);
    keys.set(name, key);
    const botId = await newGladiator(app.url, key, `Vote_${name}_${number}`, PROGRAMS[name]);
    expect(await code("enterCodeBattle", { battleId, botId }, key)).toBeUndefined();
  }
  expect(await code("startCodeBattle", { battleId }, owner.key)).toBeUndefined();
  return { battleId, keyOf: (name: keyof typeof PROGRAMS) => keys.get(name) ?? "" };
}

type Test = { name: string; restored: string };
type Entry = {
  bot: { name: string };
  diff: string | null;
  votes: number | null;
  placement: number | null;
  linesAdded: number | null;
  tests: Test[];
  score: object | null;
};
type Shown = {
  phase: string;
  votesUntil: string | null;
  voted: boolean;
  ballot: { letter: string; diff: string; tests: Test[] }[];
  entries: Entry[];
  participants: { placement: number | null }[];
  events: { nodes: { __typename: string }[] };
};
const FIELDS = `phase votesUntil voted ballot { letter diff tests { name restored } checks { name } } participants { placement } events(first: 100) { nodes { __typename } }
  entries { bot { name } diff votes placement filesChanged linesAdded linesRemoved tests { name restored } checks { name } score { testsPassed diffLines } }`;

async function shown(id: string, key: string | null): Promise<Shown> {
  const headers: Record<string, string> = key === null ? {} : { "x-api-key": key };
  const { data, errors } = await ask(app.url, `query($id: ID!) { codeBattle(id: $id) { ${FIELDS} } }`, { id }, headers);
  expect(errors).toBeUndefined();
  return (data as unknown as { codeBattle: Shown }).codeBattle;
}
const opened = (id: string) =>
  until(async () => {
    const battle = await shown(id, null);
    return battle.votesUntil === null ? null : battle;
  }, "the votes");

/** What of an entry says which change it made. */
const told = ({ entries }: Shown) =>
  Object.fromEntries(
    entries.map(({ bot, diff, linesAdded, tests, score }) => [
      bot.name.split("_")[1],
      diff !== null || linesAdded !== null || tests.length > 0 || score !== null,
    ]),
  );
const votesOf = ({ entries }: Shown) =>
  Object.fromEntries(entries.map(({ bot, votes }) => [bot.name.split("_")[1], votes]));
const close = (battleId: string) =>
  app.platform.db.pool.query("UPDATE code_battle SET votes_until = now() WHERE id = $1", [
    battleId.slice("code_battle_".length),
  ]);

test("whose change is whose, and how many voted, is said to who has voted, and to all when the votes have been taken", {
  timeout: 120_000,
}, async () => {
  const { battleId, keyOf } = await voted(["fixer", "other"]);
  const [voter, abstainer, latecomer] = [await newPerson(app.url), await newPerson(app.url), await newPerson(app.url)];
  const anonymous = await opened(battleId);
  expect(anonymous).toMatchObject({ phase: "JUDGING", voted: false });
  expect(anonymous.participants).toEqual([{ placement: null }, { placement: null }]);
  const types = (battle: Shown) => battle.events.nodes.map(({ __typename }) => __typename);
  expect(types(anonymous).at(-1)).toBe("VotingOpened");
  expect(types(anonymous)).not.toContain("EntryCollected");
  // By letter everything is there, for whom is not signed in as well.
  expect(anonymous.ballot.map(({ letter }) => letter)).toEqual(["A", "B"]);
  expect(anonymous.ballot.map(({ tests }) => tests.length)).toEqual([3, 3]);
  for (const key of [null, owner.key, voter.key, latecomer.key]) {
    const seen = await shown(battleId, key);
    expect([told(seen), votesOf(seen)]).toEqual([
      { fixer: false, other: false },
      { fixer: null, other: null },
    ]);
  }
  const own = await shown(battleId, keyOf("fixer"));
  expect([told(own), votesOf(own)]).toEqual([
    { fixer: true, other: false },
    { fixer: null, other: null },
  ]);

  expect(await code("voteCodeBattle", { battleId, letter: "A" }, keyOf("fixer"))).toBe("OWN_GLADIATOR");
  expect(await code("voteCodeBattle", { battleId, letter: "Z" }, voter.key)).toBe("BAD_INPUT");
  const ballot = (await shown(battleId, voter.key)).ballot;
  const letter = ballot.find(({ diff }) => diff.includes("+exports.subtract = (a, b) => a - b;"))?.letter;
  expect(await code("voteCodeBattle", { battleId, letter }, voter.key)).toBeUndefined();
  expect(await code("voteCodeBattle", { battleId, letter }, voter.key)).toBe("ALREADY_VOTED");
  expect(await code("voteCodeBattle", { battleId }, abstainer.key)).toBeUndefined();
  expect(await code("voteCodeBattle", { battleId, letter: "A" }, abstainer.key)).toBe("ALREADY_VOTED");
  for (const { key } of [voter, abstainer]) {
    const seen = await shown(battleId, key);
    expect([seen.voted, told(seen), votesOf(seen)]).toEqual([
      true,
      { fixer: true, other: true },
      { fixer: 1, other: 0 },
    ]);
    expect(seen.entries.map(({ placement }) => placement)).toEqual([null, null]);
  }
  // What one who has voted read is kept for nobody else.
  const list = `{ codeBattles(first: 5) { nodes { voted entries { diff votes } } } }`;
  const lists = async (key: string) => JSON.stringify((await ask(app.url, list, {}, { "x-api-key": key })).data);
  expect(await lists(voter.key)).toContain("sums.js");
  expect(await lists(latecomer.key)).not.toContain("sums.js");
  expect(votesOf(await shown(battleId, null))).toEqual({ fixer: null, other: null });

  const before = await shown(battleId, latecomer.key);
  await close(battleId);
  expect((await battleAt(app.url, owner.key, battleId, OVER)).phase).toBe("COMPLETED");
  const after = await shown(battleId, latecomer.key);
  expect([told(after), votesOf(after), after.ballot, after.votesUntil !== before.votesUntil]).toEqual([
    { fixer: true, other: true },
    { fixer: 1, other: 0 },
    [],
    true,
  ]);
  expect(after.entries.map(({ bot, placement }) => `${bot.name.split("_")[1]} ${placement}`).toSorted()).toEqual([
    "fixer 1",
    "other 2",
  ]);
  const behind = types(after).slice(types(after).indexOf("VotingOpened") + 1);
  expect(behind).toEqual([
    ...["FileChanged", "EntryCollected", "FileChanged", "EntryCollected", "EntryJudged", "EntryJudged"],
    ...["StageChanged", "BattleEnded"],
  ]);
  expect(await code("voteCodeBattle", { battleId, letter: "A" }, latecomer.key)).toBe("NO_BALLOT");
});

test("where there is nothing to choose from nobody votes, and the result comes at once", {
  timeout: 60_000,
}, async () => {
  const { battleId } = await voted(["fixer", "idle"]);
  expect((await battleAt(app.url, owner.key, battleId, OVER)).phase).toBe("COMPLETED");
  const seen = await shown(battleId, null);
  expect([seen.votesUntil, told(seen)]).toEqual([null, { fixer: true, idle: true }]);
  expect(seen.events.nodes.map(({ __typename }) => __typename)).toContain("EntryJudged");
});

test("a battle that an operator ends while people vote says what came of its gladiators, and places nobody", {
  timeout: 60_000,
}, async () => {
  const { battleId } = await voted(["fixer", "other"]);
  await opened(battleId);
  const voided = `mutation($input: VoidCodeBattleInput!) { voidCodeBattle(input: $input) { __typename } }`;
  const { data } = await ask(
    app.url,
    voided,
    { input: { battleId, reason: "why" } },
    { authorization: `Bearer ${await newOperator(app)}` },
  );
  expect(data).toEqual({ voidCodeBattle: { __typename: "VoidCodeBattleSuccess" } });
  const seen = await shown(battleId, null);
  expect([seen.phase, seen.ballot, told(seen)]).toEqual(["CANCELLED", [], { fixer: true, other: true }]);
  expect(seen.entries.map(({ placement }) => placement)).toEqual([null, null]);
});
