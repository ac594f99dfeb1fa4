import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson, socket } from "../harness/agent.ts";
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
  startBattle,
} from "../harness/code-battle.ts";
import { leftBy } from "../harness/leftovers.ts";
import { gitIn, startGitServer, type GitServer } from "../harness/git-server.ts";
import { readByPost } from "../harness/streams.ts";
import { until } from "../harness/until.ts";

const TOKEN = "ghs_0123456789abcdefTOKEN";

let app: App;
let server: GitServer;
let dataDir: string;
let key: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-code-"));
  server = await startGitServer({ "secret.git": TOKEN });
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
  ({ key } = await newPerson(app.url));
});
afterAll(async () => {
  await app.stop();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const PROMPT =
  'Make the tests pass: replace "exports.subtract = (a, b) => a + b" with "exports.subtract = (a, b) => a - b".';
const CHECK = {
  name: "subtracts from zero",
  command: `node -e 'console.log(require("./sums.js").subtract(0, 7))'`,
  prints: "-7",
};

test("two gladiators of the house fight over a repository, the better one wins, and both are pushed", {
  timeout: 120_000,
}, async () => {
  const url = repositoryWith(server, "secret", BROKEN);
  const repositoryId = await reviewed(app.url, key, { url, token: TOKEN });
  const scribe = await newGladiator(app.url, key, "Scribe", { kind: "HOUSE", skill: "SCRIBE" });
  const tinker = await newGladiator(app.url, key, "Tinker", { kind: "HOUSE", skill: "TINKER" });
  const id = await startBattle(app.url, key, { repositoryId, prompt: PROMPT, checks: [CHECK] }, [scribe, tinker]);
  const battle = await battleAt(app.url, key, id, OVER);
  expect([battle.phase, battle.status, battle.failure]).toEqual(["COMPLETED", "COMPLETED", null]);
  const [one, two] = battle.entries;
  expect([one?.bot.name, one?.outcome, one?.placement, one?.score]).toEqual([
    ...["Scribe", "JUDGED", 2],
    { checksPassed: 1, testsPassed: 2, regressions: 0, diffLines: 2 },
  ]);
  expect([two?.bot.name, two?.outcome, two?.placement, two?.score]).toEqual([
    ...["Tinker", "JUDGED", 1],
    { checksPassed: 1, testsPassed: 3, regressions: 0, diffLines: 4 },
  ]);
  expect(one?.tests).toEqual([
    { name: "adds", base: "PASSED", own: "PASSED", restored: "PASSED" },
    { name: "subtracts", base: "FAILED", own: "PASSED", restored: "PASSED" },
    { name: "finds the larger one", base: "FAILED", own: "FAILED", restored: "FAILED" },
  ]);
  expect(two?.diff).toContain("+exports.max = (a, b) => (a > b ? a : b);");

  const asked = await mutate(app.url, key, "pushCodeBattle", { battleId: id });
  expect(asked["__typename"]).toBe("PushCodeBattleSuccess");
  const pushed = await until(async () => {
    const now = await battleOf(app.url, key, id);
    return now?.entries.every(({ push }) => push === "PUSHED") ? now : null;
  }, "the branches");
  const git = gitIn(join(server.folder, "secret.git"));
  for (const { branch } of pushed.entries)
    expect(git("log", "--format=%s", `${branch}`)).toMatch(/^\S+ in code battle \S+\nfiles$/);
  expect(git("show", `${pushed.entries[1]?.branch}:sums.js`)).toContain("(a > b ? a : b)");
  expect(JSON.stringify(pushed)).not.toContain(TOKEN);
  expect(pushed.audit.map(({ operation }) => operation)).toEqual(
    expect.arrayContaining(["fetch", "sandbox", "collect", "test", "destroy", "push"]),
  );
});

const SLEEP = { kind: "COMMAND", command: ["sleep", "60"] };
const shell = (text: string) => ({ kind: "COMMAND", command: ["sh", "-c", text] });

test("who floods, forks, eats memory, sleeps past the limit or edits the tests is held, and judged right", {
  timeout: 240_000,
}, async () => {
  const repositoryId = await reviewed(app.url, key, { url: repositoryWith(server, "rough", BROKEN) });
  const programs = {
    Honest: shell(FIX),
    Flooder: shell(`head -c 60000000 /dev/zero | tr '\\0' x | fold -w 1000; ${FIX}`),
    Forker: shell(`(f() { f | f & }; f) 2>/dev/null; sleep 1; exit 3`),
    Sleeper: { kind: "COMMAND", command: ["sh", "-c", `${FIX}; sleep 60`] },
    Eater: shell(`${FIX}; tail /dev/zero`),
    Cheater: shell(`echo 'require("node:test").test("subtracts", () => {})' > test/sums.test.js; echo // >> sums.js`),
  };
  const bots = [];
  for (const [name, program] of Object.entries(programs)) bots.push(await newGladiator(app.url, key, name, program));
  const plan = { repositoryId, prompt: "Fix it.", gladiatorsMax: 6, timeLimitMs: 30_000 };
  const id = await startBattle(app.url, key, plan, bots);
  const { phase, entries } = await battleAt(app.url, key, id, OVER);
  expect(phase).toBe("COMPLETED");
  const came = new Map(entries.map((entry) => [entry.bot.name, entry]));
  const placed = entries.map(({ bot, outcome, placement, score }) => [
    bot.name,
    outcome,
    placement,
    score?.testsPassed,
  ]);
  expect(placed.filter(([name]) => name !== "Flooder")).toEqual([
    ["Honest", "JUDGED", 1, 2],
    ["Forker", "NO_CHANGE", 4, undefined],
    ["Sleeper", "TIME", 4, undefined],
    ["Eater", "MEMORY", 4, undefined],
    ["Cheater", "JUDGED", 3, 1],
  ]);
  expect([came.get("Flooder")?.outcome, came.get("Flooder")?.score?.testsPassed]).toEqual(["JUDGED", 2]);
  expect(came.get("Flooder")?.untold).toBeGreaterThan(10_000);
  const cheated = came.get("Cheater")?.tests.find(({ name }) => name === "subtracts");
  expect(cheated).toEqual({ name: "subtracts", base: "FAILED", own: "PASSED", restored: "FAILED" });
  const { rows } = await app.platform.db.pool.query<{ bytes: number }>(
    "SELECT sum(length(payload))::int AS bytes FROM stream_event WHERE stream LIKE 'battle:%'",
  );
  expect(rows[0]?.bytes).toBeLessThan(2_000_000);
  expect(leftBy(process.pid)).toEqual([]);
});

const proof = (name: string, says: string) => `import { test } from "node:test";
import assert from "node:assert";
import sums from "../sums.js";
test("${name}", () => assert.equal(${says}));
`;

let named = 0;
test("tests that the command names by a glob, or the base's run alone, are put back as those with a test's name", {
  timeout: 120_000,
}, async () => {
  const go = named++;
  const url = repositoryWith(server, `named-${go}`, {
    "package.json": JSON.stringify({ scripts: { test: 'node --test "checks/**/*.mjs" $(cat more)' } }),
    more: "proofs/b.mjs\n",
    "sums.js": BROKEN["sums.js"],
    "checks/a.mjs": proof("subtracts", "sums.subtract(5, 3), 2"),
    "proofs/b.mjs": proof("finds the larger one", "sums.max(1, 2), 2"),
  });
  const repositoryId = await reviewed(app.url, key, { url });
  const empty = `for f in checks/a.mjs proofs/b.mjs; do sed -i 's/assert.equal(.*)/null)/' $f; done`;
  const bots = [
    await newGladiator(app.url, key, `Emptier_${go}`, shell(empty)),
    await newGladiator(app.url, key, `Honest_${go}`, shell(FIX)),
  ];
  const id = await startBattle(app.url, key, { repositoryId, prompt: "Fix it." }, bots);
  const { phase, entries } = await battleAt(app.url, key, id, OVER);
  expect(phase).toBe("COMPLETED");
  expect(entries.map(({ bot, placement }) => [bot.name, placement])).toEqual([
    [`Emptier_${go}`, 2],
    [`Honest_${go}`, 1],
  ]);
  expect(entries[0]?.tests).toEqual([
    { name: "subtracts", base: "FAILED", own: "PASSED", restored: "FAILED" },
    { name: "finds the larger one", base: "FAILED", own: "PASSED", restored: "FAILED" },
  ]);
});

const code = async (field: string, input: object, who = key) =>
  (await mutate(app.url, who, field, input))["code"] as unknown;

test("bad repositories, commits and set-ups are refused by name, and leave nothing", { timeout: 60_000 }, async () => {
  expect(await code("addRepository", { url: "ext::sh -c id" })).toBe("BAD_REPOSITORY_URL");
  expect(await code("addRepository", { url: `${server.url}/none.git` })).toBe("REPOSITORY_NOT_FOUND");
  expect(await code("addRepository", { url: `${server.url}/secret.git` })).toBe("REPOSITORY_DENIED");
  expect(await code("addRepository", { url: "http://127.0.0.1:1/nobody.git" })).toBe("REPOSITORY_UNREACHABLE");
  app.platform.repositories.isPrivateAllowed = false;
  expect(await code("addRepository", { url: "https://127.0.0.1/a.git" })).toBe("PRIVATE_ADDRESS");
  app.platform.repositories.isPrivateAllowed = true;
  const url = repositoryWith(server, "plain", { "README.md": "nothing to test" });
  const added = await mutate(app.url, key, "addRepository", { url }, "repository { id setup { test reviewedAt } }");
  const repository = added["repository"] as unknown as { id: string; setup: object };
  expect(repository.setup).toEqual({ test: null, reviewedAt: null });
  const repositoryId = repository.id;
  const battle = { repositoryId, prompt: "p" };
  expect(await code("addRepository", { url })).toBe("REPOSITORY_KNOWN");
  expect(await code("createCodeBattle", battle)).toBe("NO_TEST_COMMAND");
  expect(await code("reviewRepositorySetup", { repositoryId, setup: [], test: " " })).toBe("NO_TEST_COMMAND");
  await mutate(app.url, key, "reviewRepositorySetup", { repositoryId, setup: ["echo broken; exit 7"], test: "true" });
  expect(await code("createCodeBattle", { ...battle, revision: "nope" })).toBe("COMMIT_NOT_FOUND");
  expect(await code("createCodeBattle", { ...battle, gladiatorsMax: 9 })).toBe("BAD_INPUT");
  expect(await code("createCodeBattle", battle, (await newPerson(app.url)).key)).toBe("NOT_FOUND");
  const bots = [await newGladiator(app.url, key, "Bad_A", SLEEP), await newGladiator(app.url, key, "Bad_B", SLEEP)];
  const made = await mutate(app.url, key, "createCodeBattle", battle, "battle { id }");
  const battleId = (made["battle"] as unknown as { id: string }).id;
  expect(await code("startCodeBattle", { battleId })).toBe("TOO_FEW_GLADIATORS");
  expect(await code("inviteGladiator", { battleId, botId: await newBot(app.url, key, "No_Gladiator") })).toBe(
    "NOT_A_GLADIATOR",
  );
  const id = await startBattle(app.url, key, battle, bots);
  const ended = await battleAt(app.url, key, id, OVER);
  expect([ended.phase, ended.status, ended.failure]).toEqual(["FAILED", "VOIDED", "SETUP_FAILED"]);
  expect(ended.failureLog).toContain("broken");
  expect(await code("pushCodeBattle", { battleId: id })).toBe("BATTLE_NOT_COMPLETED");
  expect(await code("startCodeBattle", { battleId: id })).toBe("BATTLE_OVER");
  expect(leftBy(process.pid)).toEqual([]);
});

test("a battle on a private repository is seen by those who are in it alone, and a cancelled one leaves nothing", {
  timeout: 60_000,
}, async () => {
  const [guest, stranger] = [await newPerson(app.url), await newPerson(app.url)];
  const mine = await newGladiator(app.url, key, "Hidden_A", SLEEP);
  const theirs = await newGladiator(app.url, guest.key, "Hidden_B", SLEEP);
  const url = repositoryWith(server, "hidden", BROKEN);
  const repositoryId = await reviewed(app.url, key, { url, private: true });
  expect(await code("createCodeBattle", { repositoryId, prompt: "p", open: true })).toBe("PRIVATE_REPOSITORY");
  const made = await mutate(app.url, key, "createCodeBattle", { repositoryId, prompt: "p" }, "battle { id cursor }");
  const { id: battleId, cursor } = made["battle"] as unknown as { id: string; cursor: string };
  const sees = async (who: string | null) => (await battleOf(app.url, who, battleId)) !== null;
  expect([await sees(key), await sees(guest.key), await sees(stranger.key), await sees(null)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  for (const botId of [mine, theirs]) await mutate(app.url, key, "inviteGladiator", { battleId, botId });
  expect(await sees(guest.key)).toBe(false);
  expect(await code("answerBattleInvitation", { battleId, botId: theirs, accept: true }, stranger.key)).toBe(
    "NOT_YOUR_BOT",
  );
  expect(await code("answerBattleInvitation", { battleId, botId: theirs, accept: true }, guest.key)).toBeUndefined();
  expect(await sees(guest.key)).toBe(true);
  await mutate(app.url, key, "startCodeBattle", { battleId });
  await battleAt(app.url, key, battleId, ["RUNNING"]);
  await until(() => leftBy(process.pid).length > 0, "the gladiators");
  const lists = `{ contests(first: 50) { nodes { id } } codeBattles(first: 50) { nodes { id } } bot(name: "Hidden_B") { contests(first: 50) { nodes { id } } } }`;
  expect(JSON.stringify(await ask(app.url, lists))).not.toContain(battleId);
  const { data } = await ask(app.url, `query($id: ID!) { node(id: $id) { id } }`, {
    id: battleId.replace("code_battle", "fight"),
  });
  expect(data).toEqual({ node: null });
  const query = `subscription($id: ID!, $after: Cursor) { battleEvents(battleId: $id, after: $after) { event { __typename } } }`;
  const heard = (who: string) =>
    new Promise<string>((resolve) =>
      socket(app.url, who).subscribe(
        { query, variables: { id: battleId } },
        {
          next: (item) => resolve(JSON.stringify(item)),
          error: (error) => resolve(JSON.stringify(error)),
          complete: () => resolve("complete"),
        },
      ),
    );
  expect(await heard(stranger.key)).toContain("NOT_FOUND");
  const owner = heard(key);
  const reader = await readByPost(app.url, { query, variables: { id: battleId, after: cursor } }, guest.key);
  expect(await code("cancelCodeBattle", { battleId }, stranger.key)).toBe("NOT_FOUND");
  expect(await code("cancelCodeBattle", { battleId })).toBeUndefined();
  expect(await owner).toContain("__typename");
  await until(() => reader.text().includes("__typename"), "what the guest hears");
  reader.close();
  await until(() => leftBy(process.pid).length === 0, "an empty arena");
  expect(await battleOf(app.url, key, battleId)).toMatchObject({ phase: "CANCELLED", status: "CANCELLED" });
});

test("an open battle between gladiators that the server drew is rated", {
  timeout: 60_000,
}, async () => {
  const people = [await newPerson(app.url), await newPerson(app.url)] as const;
  const repositoryId = await reviewed(app.url, key, { url: repositoryWith(server, "open", BROKEN) });
  const plan = { repositoryId, prompt: "Fix it.", open: true, timeLimitMs: 20_000 };
  const made = await mutate(app.url, key, "createCodeBattle", plan, "battle { id rated }");
  const battleId = (made["battle"] as unknown as { id: string }).id;
  const [fixer, other] = [
    await newGladiator(app.url, people[0].key, "Open_Fixer", shell(FIX)),
    await newGladiator(app.url, people[1].key, "Open_Other", shell("echo // >> sums.js")),
  ];
  const own = await newGladiator(app.url, key, "Open_Own", SLEEP);
  expect(await code("enterCodeBattle", { battleId, botId: own })).toBe("OWN_BATTLE");
  expect(await code("inviteGladiator", { battleId, botId: fixer })).toBe("BATTLE_IS_OPEN");
  expect(await code("enterCodeBattle", { battleId, botId: fixer }, people[0].key)).toBeUndefined();
  expect(await code("enterCodeBattle", { battleId, botId: fixer }, people[0].key)).toBe("ALREADY_ENTERED");
  expect(await code("enterCodeBattle", { battleId, botId: other }, people[1].key)).toBeUndefined();
  expect(await code("startCodeBattle", { battleId })).toBeUndefined();
  const { phase, rated, entries, events } = await battleAt(app.url, key, battleId, OVER);
  expect([phase, rated]).toEqual(["COMPLETED", true]);
  expect(Object.fromEntries(entries.map(({ bot, placement }) => [bot.name, placement]))).toEqual({
    Open_Fixer: 1,
    Open_Other: 2,
  });
  expect(events.nodes.map(({ __typename }) => __typename)).toEqual(
    expect.arrayContaining([
      "StageChanged",
      "GladiatorStarted",
      "GladiatorFinished",
      "FileChanged",
      "EntryCollected",
      "EntryJudged",
      "BattleEnded",
    ]),
  );
  const { data } = await ask(app.url, `{ bot(name: "Open_Fixer") { ratings { ladder elo } } }`);
  expect(data).toEqual({ bot: { ratings: [{ ladder: "CODE", elo: 1016 }] } });
});
