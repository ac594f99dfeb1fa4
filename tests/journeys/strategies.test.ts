import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const GOOD = `import { nearest, type StrategyAction, type StrategyView } from "agon:quake";
export function tick(view: StrategyView): StrategyAction {
  const target = nearest(view);
  return target ? { look: { player: target.id }, fire: true } : { goTo: { item: 0 } };
}`;

let people = 0;
async function player() {
  const { key } = await newPerson(url);
  return { key, botId: await newBot(url, key, `Strategist_${people++}`) };
}

type Version = { version: number; active: boolean; source: string };
async function versionsOf(key: string, botId: string): Promise<Version[]> {
  const query = `query($botId: ID!) { strategies(botId: $botId, first: 10) { nodes { version active source } } }`;
  const { data, errors } = await ask(url, query, { botId }, { "x-api-key": key });
  if (!data) throw new Error(JSON.stringify(errors));
  return (data["strategies"] as unknown as { nodes: Version[] }).nodes;
}

const idOf = (answer: Record<string, never>) => (answer["strategy"] as unknown as { id: string }).id;

test("an owner uploads versions and activates one, which ends the one before", async () => {
  const { key, botId } = await player();
  const first = await mutate(
    url,
    key,
    "uploadStrategy",
    { botId, source: GOOD, activate: true },
    "strategy { id version }",
  );
  const second = await mutate(url, key, "uploadStrategy", { botId, source: `${GOOD}\n// 2` }, "strategy { id }");
  expect(first).toMatchObject({ strategy: { version: 1 } });
  expect((await versionsOf(key, botId)).map(({ version, active }) => [version, active])).toEqual([
    [2, false],
    [1, true],
  ]);
  await mutate(url, key, "activateStrategy", { strategyId: idOf(second) });
  expect((await versionsOf(key, botId)).map(({ version, active }) => [version, active])).toEqual([
    [2, true],
    [1, false],
  ]);
  expect((await versionsOf(key, botId))[1]?.source).toBe(GOOD);
});

const waits = async (botId: string) => {
  const query = `query($id: ID!) { node(id: $id) { ... on Bot { queueEntry { id } } } }`;
  const { data } = await ask(url, query, { id: botId });
  return (data as unknown as { node: { queueEntry: object | null } }).node.queueEntry;
};

test("a version that is deactivated plays no more, once; the bot that waited by it leaves the queue with the reason", async () => {
  const { key, botId } = await player();
  await mutate(url, key, "heartbeat", { botId });
  const uploaded = await mutate(
    url,
    key,
    "uploadStrategy",
    { botId, source: GOOD, activate: true },
    "strategy { id bot { id } }",
  );
  const strategyId = idOf(uploaded);
  // No node has the game here: the ladder is closed, and the bot waits since it was open.
  const uuid = botId.slice("bot_".length);
  const { rows } = await app.platform.db.pool.query<{ id: string }>(
    "INSERT INTO queue_entry (id, bot_id, ladder, mode, sealed, joined_at) VALUES (gen_random_uuid(), $1, 'QUAKE', 'RATED', false, now()) RETURNING id",
    [uuid],
  );
  expect(await waits(botId)).not.toBeNull();
  const fields = "leftQueue strategy { active }";
  expect(await mutate(url, key, "deactivateStrategy", { strategyId }, fields)).toMatchObject({
    leftQueue: true,
    strategy: { active: false },
  });
  expect(await waits(botId)).toBeNull();
  const told = await app.platform.db.pool.query<{ payload: string }>(
    "SELECT payload FROM stream_event WHERE type = 'QueueLeft' AND stream LIKE 'bot:%' ORDER BY seq DESC LIMIT 1",
  );
  expect(JSON.parse(told.rows[0]?.payload ?? "null")).toMatchObject({
    queueEntryId: rows[0]?.id,
    ladder: "QUAKE",
    reason: "NO_STRATEGY",
  });
  expect(await mutate(url, key, "deactivateStrategy", { strategyId })).toMatchObject({
    code: "STRATEGY_NOT_ACTIVE",
    path: ["input", "strategyId"],
  });
  await mutate(url, key, "activateStrategy", { strategyId });
  expect(await mutate(url, key, "deactivateStrategy", { strategyId }, fields)).toMatchObject({ leftQueue: false });
});

test("twice the same upload with one key is one version", async () => {
  const { key, botId } = await player();
  const input = { botId, source: GOOD, idempotencyKey: "once" };
  const [one, two] = [
    await mutate(url, key, "uploadStrategy", input, "strategy { id }"),
    await mutate(url, key, "uploadStrategy", input, "strategy { id }"),
  ];
  expect(idOf(two)).toBe(idOf(one));
  expect((await versionsOf(key, botId)).length).toBe(1);
});

test.each([
  ["oversized", `${GOOD}\n//${"x".repeat(128 * 1_024)}`, "STRATEGY_TOO_LARGE", /131072/],
  ["with a mistake in line 2", "export function tick() {\n  let x: = 3;\n}", "STRATEGY_SYNTAX", /^Line 2: /],
  [
    "that imports the host",
    `import fs from "node:fs"; export function tick() { return fs; }`,
    "STRATEGY_IMPORT",
    /agon:quake/,
  ],
  ["without a tick", "export const tock = 1;", "STRATEGY_NO_TICK", /tick/],
  [
    "that fails at once",
    "export function tick() { return {}; }\nthrow new Error('oh');",
    "STRATEGY_FAILED",
    /^Line 2: Error: oh/,
  ],
])("source %s is refused by name, and nothing is stored", async (_name, source, code, message) => {
  const { key, botId } = await player();
  const refused = await mutate(url, key, "uploadStrategy", { botId, source });
  expect(refused).toMatchObject({ code, path: ["input", "source"] });
  expect(refused["message"]).toMatch(message);
  expect(await mutate(url, key, "testStrategy", { source })).toMatchObject({ code });
  expect(await versionsOf(key, botId)).toEqual([]);
});

test("a strategy, its rounds and its bot are their owner's alone", async () => {
  const [owner, other] = [await player(), await player()];
  const { key, botId } = owner;
  const strategyId = idOf(await mutate(url, key, "uploadStrategy", { botId, source: GOOD }, "strategy { id }"));
  expect(await mutate(url, other.key, "uploadStrategy", { botId, source: GOOD })).toMatchObject({
    code: "NOT_YOUR_BOT",
  });
  expect(await mutate(url, other.key, "activateStrategy", { strategyId })).toMatchObject({ code: "NOT_YOUR_BOT" });
  expect(await mutate(url, other.key, "deactivateStrategy", { strategyId })).toMatchObject({ code: "NOT_YOUR_BOT" });
  expect(await versionsOf(other.key, botId)).toEqual([]);
  await app.platform.db.pool.query(
    `INSERT INTO strategy_run (id, strategy_id, ticks, misses, log, ended_at) VALUES (uuidv7(), $1, 1, 0, 'mine', now())`,
    [strategyId.slice(-32)],
  );
  const runs = `query($id: ID!) { node(id: $id) { ... on Strategy { runs(first: 1) { nodes { id } } } } }`;
  const { data } = await ask(url, runs, { id: strategyId }, { "x-api-key": key });
  const runId = (data as unknown as { node: { runs: { nodes: { id: string }[] } } }).node.runs.nodes[0]?.id;
  const read = `query($id: ID!) { node(id: $id) { ... on Strategy { source } ... on StrategyRun { log } } }`;
  const nodeFor = async (id: string | undefined, asker: string) =>
    (await ask(url, read, { id }, { "x-api-key": asker })).data?.["node"];
  expect([await nodeFor(strategyId, key), await nodeFor(runId, key)]).toEqual([{ source: GOOD }, { log: "mine" }]);
  expect([await nodeFor(strategyId, other.key), await nodeFor(runId, other.key)]).toEqual([null, null]);
});

test("a trial tells what a strategy does with recorded views, and stores nothing", async () => {
  const { key, botId } = await player();
  const tried = await mutate(
    url,
    key,
    "testStrategy",
    { source: `${GOOD}\nconsole.log("loaded");` },
    "log ticks { nowMs action miss }",
  );
  const ticks = tried["ticks"] as unknown as { action: object; miss: string | null }[];
  expect(ticks.length).toBe(20);
  expect(ticks.at(-1)?.action).toMatchObject({ fire: true });
  expect(tried["log"]).toBe("loaded\n");
  expect(await versionsOf(key, botId)).toEqual([]);
});

test("a strategy of the house can be read and uploaded", async () => {
  const { key, botId } = await player();
  const { data } = await ask(url, "{ referenceStrategy(name: competition) }");
  const source = data?.["referenceStrategy"] as unknown as string;
  expect(await mutate(url, key, "uploadStrategy", { botId, source }, "strategy { version }")).toMatchObject({
    strategy: { version: 1 },
  });
});
