import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { battleAt, battleOf, BROKEN, newGladiator, OVER, repositoryWith, reviewed } from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { leftBy } from "../harness/leftovers.ts";
import { startModelApi, type ModelApi } from "../harness/model-api.ts";
import { readByPost } from "../harness/streams.ts";
import { until } from "../harness/until.ts";
import { newOperator } from "../harness/xp.ts";

/** An agent that asks its model once: what is looked at is with which key, and where. */
const ASKING = `#!/bin/sh
/opt/agon/node -e 'fetch(process.env.ANTHROPIC_BASE_URL + "/v1/messages", { method: "POST", body: "{}" }).then((answer) => answer.text())'
echo // >> sums.js
`;

/** One that is not done when it has its answer. */
const ASKING_SLOWLY = `${ASKING.replace('process.env.ANTHROPIC_BASE_URL + "', '"http://127.0.0.1:8099')}sleep 4\n`;

type Person = Awaited<ReturnType<typeof newPerson>>;
let app: App;
let git: GitServer;
let dataDir: string;
let model: ModelApi;
let owner: Person;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-rights-"));
  [git, model] = [await startGitServer(), await startModelApi("true")];
  const agents = join(dataDir, "agents");
  mkdirSync(join(agents, "node_modules/.bin"), { recursive: true });
  for (const name of ["claude", "codex"])
    writeFileSync(join(agents, "node_modules/.bin", name), ASKING, { mode: 0o755 });
  writeFileSync(join(agents, "node_modules/.bin/opencode"), ASKING_SLOWLY, { mode: 0o755 });
  const hosts = ["CLAUDE", "CODEX", "OPENCODE"].map((kind) => `${kind}=${model.url}`).join(",");
  app = await startTestApp({}, {}, { DATA_DIR: dataDir, AGENTS_DIR: agents, MODEL_HOSTS: hosts });
  owner = await newPerson(app.url, "maker");
});
afterAll(async () => {
  await app.stop();
  await git.stop();
  await model.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const SLEEP = { kind: "COMMAND", command: ["sleep", "60"] };
const code = async (who: Person, field: string, input: object) =>
  (await mutate(app.url, who.key, field, input))["code"] as unknown;

/** A battle of the owner that takes entries. */
async function draft(
  repository: string,
  plan: object,
  { isPrivate = false, command = "npm test" } = {},
): Promise<string> {
  const url = repositoryWith(git, repository, BROKEN);
  const repositoryId = await reviewed(app.url, owner.key, { url, private: isPrivate }, { test: command });
  const given = { repositoryId, prompt: "Keep it secret.", timeLimitMs: 20_000, ...plan };
  const made = await mutate(app.url, owner.key, "createCodeBattle", given, "battle { id }");
  return (made["battle"] as unknown as { id: string }).id;
}

const INVITATIONS = `{ viewer { codeBattles(first: 10) { nodes { id } } codeInvitations(first: 10) { nodes {
  battleId repositoryName public gladiatorsMax timeLimitMs bot { name } by { handle } } } } }`;
type Invited = { viewer: { codeBattles: { nodes: object[] }; codeInvitations: { nodes: object[] } } };
async function invitationsOf({ key }: Person): Promise<Invited["viewer"]> {
  const { data, errors } = await ask(app.url, INVITATIONS, {}, { "x-api-key": key });
  expect(errors).toBeUndefined();
  return (data as unknown as Invited).viewer;
}

test("who is invited into a private battle sees enough to decide, and the battle only after a yes", {
  timeout: 60_000,
}, async () => {
  const [yes, silent] = [await newPerson(app.url), await newPerson(app.url)];
  const mine = await newGladiator(app.url, owner.key, "Inviter", SLEEP);
  const [accepting, unanswered] = [
    await newGladiator(app.url, yes.key, "Accepting", SLEEP),
    await newGladiator(app.url, silent.key, "Unanswered", SLEEP),
  ];
  const battleId = await draft("private-one", {}, { isPrivate: true });
  for (const botId of [mine, accepting, unanswered])
    expect(await code(owner, "inviteGladiator", { battleId, botId })).toBeUndefined();
  const { codeBattles, codeInvitations } = await invitationsOf(silent);
  expect(codeBattles.nodes).toEqual([]);
  expect(codeInvitations.nodes).toEqual([
    {
      ...{ battleId, repositoryName: "private-one", public: false, gladiatorsMax: 2, timeLimitMs: 20_000 },
      ...{ bot: { name: "Unanswered" }, by: { handle: "maker" } },
    },
  ]);
  expect((await invitationsOf(owner)).codeInvitations.nodes).toEqual([]);
  const sees = async (who: Person) => (await battleOf(app.url, who.key, battleId)) !== null;
  expect([await sees(yes), await sees(silent)]).toEqual([false, false]);
  expect(await code(yes, "answerBattleInvitation", { battleId, botId: accepting, accept: true })).toBeUndefined();
  expect([await sees(yes), await sees(silent)]).toEqual([true, false]);
  expect((await invitationsOf(yes)).codeInvitations.nodes).toEqual([]);

  expect(await code(owner, "startCodeBattle", { battleId })).toBeUndefined();
  await battleAt(app.url, owner.key, battleId, ["RUNNING"]);
  expect([await sees(yes), await sees(silent)]).toEqual([true, false]);
  expect((await invitationsOf(silent)).codeInvitations.nodes).toEqual([]);
  const query = `subscription($id: ID!) { battleEvents(battleId: $id) { event { __typename } } }`;
  const refused = await readByPost(app.url, { query, variables: { id: battleId } }, silent.key);
  await refused.ended;
  expect(refused.text()).toContain("NOT_FOUND");
  expect(await code(owner, "cancelCodeBattle", { battleId })).toBeUndefined();
});

const KEYS = ["sk-ant-the-first-key-0123456789", "sk-ant-the-second-key-0123456789"] as const;
/** Which try this is: names are taken once. */
let turn = 0;
const agent = (kind: string, modelKey: string | null = null) => ({ kind, modelKey });

test("who has a kind of agent that is not installed neither sets it, nor enters, nor is drawn", async () => {
  const battleId = await draft("not-installed", { open: true });
  const people = await Promise.all([1, 2, 3].map(() => newPerson(app.url)));
  const bots = await Promise.all(
    people.map(({ key }, seat) => newGladiator(app.url, key, `Agent_${seat}`, agent("CLAUDE", KEYS[0]))),
  );
  const enter = (seat: number) =>
    code(people[seat] as Person, "enterCodeBattle", { battleId, botId: bots[seat] as string });
  expect([await enter(0), await enter(1)]).toEqual([undefined, undefined]);
  const codex = { botId: bots[0], ...agent("GEMINI", KEYS[0]) };
  expect(await code(people[0] as Person, "setGladiator", codex)).toBe("AGENT_NOT_INSTALLED");
  const { folder } = app.platform.agents;
  app.platform.agents.folder = null;
  try {
    const again = { botId: bots[2], ...agent("CLAUDE", KEYS[0]) };
    expect(await code(people[2] as Person, "setGladiator", again)).toBe("AGENT_NOT_INSTALLED");
    expect(await enter(2)).toBe("AGENT_NOT_INSTALLED");
    expect(await code(owner, "startCodeBattle", { battleId })).toBe("TOO_FEW_GLADIATORS");
  } finally {
    app.platform.agents.folder = folder;
  }
  expect(await code(owner, "cancelCodeBattle", { battleId })).toBeUndefined();
});

test("a model key goes to the vendor that it is for, a drawn gladiator fights with the one it had, and it can be removed", {
  timeout: 90_000,
}, async () => {
  const botId = await newGladiator(app.url, owner.key, "Keyed", agent("CLAUDE", KEYS[0]));
  const other = await newGladiator(app.url, owner.key, "Unkeyed", SLEEP);
  const set = (program: object) => code(owner, "setGladiator", { botId, ...program });
  expect(await set(agent("CODEX"))).toBe("MODEL_KEY_NEEDED");
  expect(await set({ ...SLEEP, modelKey: KEYS[0] })).toBe("BAD_INPUT");
  expect(await set(agent("CLAUDE"))).toBeUndefined();
  const battleId = await draft("keyed", { timeLimitMs: 8_000 });
  for (const each of [botId, other]) await code(owner, "inviteGladiator", { battleId, botId: each });
  expect(await code(owner, "startCodeBattle", { battleId })).toBeUndefined();
  // While its battle is being set up.
  expect(await set(agent("CLAUDE", KEYS[1]))).toBeUndefined();
  expect(await code(owner, "removeModelKey", { botId })).toBeUndefined();
  expect(await code(owner, "removeModelKey", { botId })).toBe("NO_MODEL_KEY");
  expect(await code(await newPerson(app.url), "removeModelKey", { botId })).toBe("NOT_YOUR_BOT");
  expect(await set(agent("CLAUDE"))).toBe("MODEL_KEY_NEEDED");
  const { phase, entries } = await battleAt(app.url, owner.key, battleId, OVER);
  expect([phase, entries[0]?.outcome]).toEqual(["COMPLETED", "JUDGED"]);
  expect(model.seen.map(({ key }) => key)).toEqual([KEYS[0]]);
  const { rows } = await app.platform.db.pool.query("SELECT 1 FROM code_entry WHERE key IS NOT NULL");
  expect(rows).toEqual([]);
});

test("what a gladiator has used of its tokens stays used when its run begins anew", async () => {
  const number = turn++;
  const slow = { ...agent("OPENCODE", KEYS[1]), tokenCap: 100 };
  const botId = await newGladiator(app.url, owner.key, `Capped${number}`, slow);
  const other = await newGladiator(app.url, owner.key, `Uncapped${number}`, { kind: "COMMAND", command: ["true"] });
  const battleId = await draft(`capped-${number}`, {});
  for (const each of [botId, other]) await code(owner, "inviteGladiator", { battleId, botId: each });
  const before = model.seen.length;
  expect(await code(owner, "startCodeBattle", { battleId })).toBeUndefined();
  await until(() => model.seen.length > before, "a first answer");
  // As another node takes a battle over, and is gone at once.
  await app.platform.db.pool.query(
    `UPDATE lease SET holder = 'elsewhere', fence = fence + 1, expires_at = now() - interval '1 second' WHERE name LIKE 'battle:%' AND expires_at > now()`,
  );
  const { phase, events } = await battleAt(app.url, owner.key, battleId, OVER);
  expect(phase).toBe("COMPLETED");
  expect(events.nodes.filter(({ __typename }) => __typename === "GladiatorStarted").length).toBeGreaterThan(2);
  expect(model.seen.length - before).toBe(1);
});

test("nothing is heard of a battle behind its end, however much its gladiators say when they are stopped", async () => {
  const number = turn++;
  const talking = { kind: "COMMAND", command: ["sh", "-c", "while :; do echo talking; sleep 0.02; done"] };
  const bots = await Promise.all(
    ["A", "B"].map((each) => newGladiator(app.url, owner.key, `Talks_${each}${number}`, talking)),
  );
  const battleId = await draft(`talks-${number}`, {});
  for (const each of bots) await code(owner, "inviteGladiator", { battleId, botId: each });
  const query = `subscription($id: ID!) { battleEvents(battleId: $id) { event { __typename } } }`;
  const heard = await readByPost(app.url, { query, variables: { id: battleId } }, owner.key);
  expect(await code(owner, "startCodeBattle", { battleId })).toBeUndefined();
  await until(() => heard.text().includes("Output"), "what the gladiators say");
  expect(await code(owner, "cancelCodeBattle", { battleId })).toBeUndefined();
  await until(() => leftBy(process.pid).length === 0, "an empty arena");
  await sleep(500);
  heard.close();
  expect([...heard.text().matchAll(/"__typename":"(\w+)"/g)].at(-1)?.[1]).toBe("BattleEnded");
});

test("the owner of a rated battle cannot end it once gladiators are drawn; an operator can", {
  timeout: 60_000,
}, async () => {
  const battleId = await draft("rated", { open: true });
  for (const name of ["Rated_A", "Rated_B"]) {
    const person = await newPerson(app.url);
    const botId = await newGladiator(app.url, person.key, name, SLEEP);
    expect(await code(person, "enterCodeBattle", { battleId, botId })).toBeUndefined();
  }
  expect(await code(owner, "startCodeBattle", { battleId })).toBeUndefined();
  expect(await code(owner, "cancelCodeBattle", { battleId })).toBe("RATED_BATTLE");
  const voided = `mutation($input: VoidCodeBattleInput!) { voidCodeBattle(input: $input) { ... on VoidCodeBattleSuccess { battle { status phase } } ... on Refusal { code } } }`;
  const headers = { authorization: `Bearer ${await newOperator(app)}` };
  const { data } = await ask(app.url, voided, { input: { battleId, reason: "stuck" } }, headers);
  expect(data).toEqual({ voidCodeBattle: { battle: { status: "CANCELLED", phase: "CANCELLED" } } });
});

let openBattles = 0;
/** What an open battle says of being rated, once its gladiators fight. */
async function ratedWith(plan: object): Promise<{ rated: boolean; ended: unknown }> {
  const name = `ByCode${openBattles++}`;
  const battleId = await draft(name, { open: true, ...plan }, { command: "node test/sums.test.js" });
  for (const side of ["A", "B"]) {
    const person = await newPerson(app.url);
    const botId = await newGladiator(app.url, person.key, `${name}_${side}`, SLEEP);
    expect(await code(person, "enterCodeBattle", { battleId, botId })).toBeUndefined();
  }
  expect(await code(owner, "startCodeBattle", { battleId })).toBeUndefined();
  const { rated, audit } = await battleAt(app.url, owner.key, battleId, ["RUNNING"]);
  const ended = await code(owner, "cancelCodeBattle", { battleId });
  const said = audit.some(({ about }) => about.includes("never rated"));
  expect(said).toBe(!rated);
  return { rated, ended };
}

test("where an exit code alone says how tests came out a battle is rated with hidden checks only", {
  timeout: 90_000,
}, async () => {
  expect(await ratedWith({})).toEqual({ rated: false, ended: undefined });
  const checks = [{ name: "adds", command: `node -p 'require("./sums.js").add(1, 2)'`, prints: "3" }];
  expect(await ratedWith({ checks })).toEqual({ rated: true, ended: "RATED_BATTLE" });
});
