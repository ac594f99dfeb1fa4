import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { battleAt, battleOf, BROKEN, filesIn, FIX, newGladiator, OVER } from "../harness/code-battle.ts";
import { added, connect } from "../harness/github-app.ts";
import { startGitHub, type GitHubServer } from "../harness/github.ts";
import { readByPost } from "../harness/streams.ts";
import { until } from "../harness/until.ts";
import { newOperator } from "../harness/xp.ts";

type Person = Awaited<ReturnType<typeof newPerson>>;
let app: App;
let hub: GitHubServer;
let dataDir: string;
let owner: Person;
let guests: [Person, Person];
let stranger: Person;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-hidden-"));
  hub = await startGitHub();
  app = await startTestApp({}, {}, { DATA_DIR: dataDir, ...hub.settings });
  owner = await newPerson(app.url);
  guests = [await newPerson(app.url), await newPerson(app.url)];
  stranger = await newPerson(app.url);
});
afterAll(async () => {
  await app.stop();
  await hub.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const shell = (text: string) => ({ kind: "COMMAND", command: ["sh", "-c", text] });

/** A public repository of an installation, connected to by the owner of battles. */
async function publicRepository(name: string) {
  const repository = hub.repository(name, filesIn(BROKEN), false);
  const installation = hub.installation(name.split("/")[0] ?? "");
  const as = hub.person(`${name.split("/")[0]}-owner`);
  as.may[name] = "admin";
  expect(await connect(app.url, owner, { hub, as, installation: installation.id })).toBe("CONNECTED");
  const { id, ...made } = await added(app.url, owner, name);
  expect(made).toMatchObject({ public: true });
  return { repositoryId: id, repository, installation };
}

/** An open battle between gladiators of the guests, started. */
async function openBattle(repositoryId: string, names: readonly [string, string], programs: [object, object]) {
  const plan = { repositoryId, prompt: "Fix it.", open: true, timeLimitMs: 20_000 };
  const made = await mutate(app.url, owner.key, "createCodeBattle", plan, "battle { id }");
  const { id } = made["battle"] as unknown as { id: string };
  for (const [seat, guest] of guests.entries()) {
    const botId = await newGladiator(app.url, guest.key, names[seat] ?? "", programs[seat] ?? {});
    await mutate(app.url, guest.key, "enterCodeBattle", { battleId: id, botId });
  }
  await mutate(app.url, owner.key, "startCodeBattle", { battleId: id });
  return id;
}

const EVENTS = `subscription($id: ID!) { battleEvents(battleId: $id) { event { __typename } } }`;
const LISTS = `query($bot: String!) { contests(first: 50) { nodes { id } } codeBattles(first: 50) { nodes { id } }
  bot(name: $bot) { contests(first: 50) { nodes { id } } ratings { elo games } ratingHistory(first: 10, ladder: CODE) { nodes { contest { id } eloAfter } } } }`;
type Lists = {
  bot: {
    ratings: { elo: number; games: number }[];
    ratingHistory: { nodes: { contest: { id: string } | null; eloAfter: number }[] };
  };
};

/** Where a battle is found by somebody: as itself, as a node, and in lists. */
async function foundBy(who: Person | null, id: string, bot: string) {
  const headers: Record<string, string> = who ? { "x-api-key": who.key } : {};
  const node = await ask(
    app.url,
    `query($id: ID!) { node(id: $id) { ... on CodeBattle { prompt } } }`,
    { id },
    headers,
  );
  const lists = await ask(app.url, LISTS, { bot }, headers);
  const found = [
    (await battleOf(app.url, who?.key ?? null, id)) !== null && "battle",
    node.data?.["node"] !== null && "node",
    JSON.stringify(lists.data).includes(id) && "lists",
  ];
  return { found: found.filter(Boolean), lists: lists.data as unknown as Lists };
}

test("a battle whose repository becomes private is hidden, what it gave stays, and an operator can take it back", {
  timeout: 120_000,
}, async () => {
  const { repositoryId, repository, installation } = await publicRepository("acme/open");
  const id = await openBattle(repositoryId, ["Seen_A", "Seen_B"], [shell(FIX), shell("echo // >> sums.js")]);
  const ended = await battleAt(app.url, owner.key, id, OVER);
  expect([ended.phase, ended.rated]).toEqual(["COMPLETED", true]);
  expect((await foundBy(null, id, "Seen_A")).found).toEqual(["battle", "node", "lists"]);

  repository.private = true;
  const told = {
    action: "privatized",
    installation: { id: installation.id },
    repository: hub.repositoryOf(repository),
  };
  expect(await hub.deliver(app.url, "repository", told)).toBe(204);
  for (const who of [null, stranger]) {
    const { found, lists } = await foundBy(who, id, "Seen_A");
    expect(found).toEqual([]);
    expect(lists.bot.ratings).toMatchObject([{ elo: 1016, games: 1 }]);
    expect(lists.bot.ratingHistory.nodes).toEqual([{ contest: null, eloAfter: 1016 }]);
  }
  const refused = await readByPost(app.url, { query: EVENTS, variables: { id } }, stranger.key);
  await refused.ended;
  expect(refused.text()).toContain("NOT_FOUND");
  for (const who of [owner, ...guests]) expect((await battleOf(app.url, who.key, id))?.entries).toHaveLength(2);
  const again = { repositoryId, prompt: "p", open: true };
  expect((await mutate(app.url, owner.key, "createCodeBattle", again))["code"]).toBe("PRIVATE_REPOSITORY");

  const voided = `mutation($input: VoidCodeBattleInput!) { voidCodeBattle(input: $input) { __typename } }`;
  const headers = { authorization: `Bearer ${await newOperator(app)}` };
  const taken = await ask(app.url, voided, { input: { battleId: id, reason: "collusion" } }, headers);
  expect(taken.data).toEqual({ voidCodeBattle: { __typename: "VoidCodeBattleSuccess" } });
  const { lists } = await foundBy(null, id, "Seen_A");
  expect(lists.bot.ratings).toMatchObject([{ elo: 1000, games: 0 }]);
});

test("a battle on an installation that is revoked goes on for those who are in it, counts as it was drawn, and watchers are cut off", {
  timeout: 120_000,
}, async () => {
  const { repositoryId, installation } = await publicRepository("globex/open");
  const wait = `until [ -e /tmp/never ]; do sleep 0.1; [ $((i += 1)) -gt 60 ] && break; done; ${FIX}`;
  const id = await openBattle(repositoryId, ["Cut_A", "Cut_B"], [shell(wait), shell("echo // >> sums.js")]);
  const watching = await readByPost(app.url, { query: EVENTS, variables: { id } }, stranger.key);
  await battleAt(app.url, owner.key, id, ["RUNNING"]);
  await until(() => watching.text().includes("StageChanged"), "what a watcher hears");
  expect(await hub.deliver(app.url, "installation", { action: "deleted", installation: { id: installation.id } })).toBe(
    204,
  );
  await watching.ended;
  const heard = [...watching.text().matchAll(/"__typename":"(\w+)"/g)].map(([, type]) => type);
  expect(heard.at(-1)).toBe("BattleHidden");
  expect((await foundBy(stranger, id, "Cut_A")).found).toEqual([]);
  const inside = await readByPost(app.url, { query: EVENTS, variables: { id } }, guests[0].key);
  const ended = await battleAt(app.url, owner.key, id, OVER);
  // Otherwise its owner would choose, by what is seen of it, whether it counts.
  expect([ended.phase, ended.rated]).toEqual(["COMPLETED", true]);
  expect(ended.events.nodes.map(({ __typename }) => __typename)).toContain("BattleHidden");
  await until(() => inside.text().includes("BattleEnded"), "what a gladiator's owner hears");
  inside.close();
  const { found, lists } = await foundBy(null, id, "Cut_A");
  expect(found).toEqual([]);
  expect(lists.bot.ratings).toMatchObject([{ elo: 1016, games: 1 }]);
  expect(lists.bot.ratingHistory.nodes).toEqual([{ contest: null, eloAfter: 1016 }]);
});

const ENTRIES = `query($id: ID!) { codeBattle(id: $id) { entries { status bot { name } } } }`;
type Entries = { codeBattle: { entries: { status: string; bot: { name: string } }[] } };

/** Which try this is: names are taken once. */
let turn = 0;

test("who entered a battle that was hidden then, and is not drawn, hears and is told no more of it", async () => {
  const account = `hooli${turn++}`;
  const { repositoryId, repository, installation } = await publicRepository(`${account}/open`);
  const plan = { repositoryId, prompt: "Fix it.", open: true, timeLimitMs: 20_000 };
  const made = await mutate(app.url, owner.key, "createCodeBattle", plan, "battle { id }");
  const { id } = made["battle"] as unknown as { id: string };
  const enter = async ({ key, name, botId }: { key: string; name: string; botId: string }) => {
    const input = { battleId: id, botId, idempotencyKey: name };
    return (await mutate(app.url, key, "enterCodeBattle", input, "battle { id }"))["battle"] as unknown;
  };
  const entered = await Promise.all(
    [...guests, stranger].map(async ({ key }, seat) => {
      const name = `${account}_${seat}`;
      return { key, name, botId: await newGladiator(app.url, key, name, shell(FIX)) };
    }),
  );
  for (const each of entered) expect(await enter(each)).toEqual({ id });
  repository.private = true;
  const told = {
    action: "privatized",
    installation: { id: installation.id },
    repository: hub.repositoryOf(repository),
  };
  expect(await hub.deliver(app.url, "repository", told)).toBe(204);
  const listening = entered.map(async (each) => {
    const heard = await readByPost(app.url, { query: EVENTS, variables: { id } }, each.key);
    return { ...each, heard };
  });
  const listeners = await Promise.all(listening);
  expect(await mutate(app.url, owner.key, "startCodeBattle", { battleId: id })).not.toHaveProperty("code");
  await battleAt(app.url, owner.key, id, OVER);
  const { data } = await ask(app.url, ENTRIES, { id }, { "x-api-key": owner.key });
  const left = (data as unknown as Entries).codeBattle.entries.filter(({ status }) => status === "NOT_DRAWN");
  const isOut = ({ name }: { name: string }) => left.some(({ bot }) => bot.name === name);
  expect(left).toHaveLength(1);
  for (const { heard } of listeners.filter((each) => !isOut(each)))
    await until(() => heard.text().includes("BattleEnded"), "what a gladiator's owner hears");
  for (const each of listeners.filter(isOut)) {
    await each.heard.ended;
    const types = [...each.heard.text().matchAll(/"__typename":"(\w+)"/g)].map(([, type]) => type);
    expect(types).toEqual(["StageChanged"]);
    expect(await enter(each)).toBeNull();
  }
  for (const { heard } of listeners) heard.close();
});

test("a GitHub that fails for a moment hides nothing", { timeout: 60_000 }, async () => {
  const { repositoryId } = await publicRepository("initech/open");
  const open = () =>
    mutate(app.url, owner.key, "createCodeBattle", { repositoryId, prompt: "p", open: true }, "battle { public }");
  for (const [status, code] of [
    [401, "GITHUB_UNREACHABLE"],
    [403, "GITHUB_RATE_LIMITED"],
  ] as const) {
    expect(await open()).toMatchObject({ battle: { public: true } });
    hub.limits = { left: 1, after_s: 1, status };
    expect((await open())["code"]).toBe(code);
  }
  const query = "{ viewer { codeRepositories(first: 10) { nodes { url public } } } }";
  const { data } = await ask(app.url, query, {}, { "x-api-key": owner.key });
  const { nodes } = (data as unknown as { viewer: { codeRepositories: { nodes: { url: string; public: boolean }[] } } })
    .viewer.codeRepositories;
  expect(nodes.find(({ url }) => url.includes("initech"))?.public).toBe(true);
});
