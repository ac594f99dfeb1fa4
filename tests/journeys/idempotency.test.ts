import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
let owner: { handle: string; token: string; key: string };
beforeAll(async () => {
  // No engine: a bot that waits stays waiting, so that effects can be counted.
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0 }, {}, { AGON_ROLES: "api" });
  owner = await newPerson(app.url);
});
afterAll(() => app.stop());

const TWINS = 10;

type Result = { __typename: string; code?: string; path?: string[]; key?: string; [field: string]: unknown };
const act = async (field: string, input: object, selection = "", key = owner.key) =>
  (await mutate(app.url, key, field, input, selection)) as unknown as Result;
const answerOf = ({ __typename, code }: Result) => code ?? __typename.replace(/^.*Success$/, "DONE");
const count = async (text: string, values: unknown[] = []) =>
  Number((await app.platform.db.pool.query<{ count: string }>(text, values)).rows[0]?.count);
const records = (key: string) => count("SELECT count(*) FROM idempotency_record WHERE key = $1", [key]);

let made = 0;
const freshBot = () => newBot(app.url, owner.key, `Again_${made++}`);
const uuidOf = (id: string) => id.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
async function botInPit(): Promise<string> {
  const botId = await freshBot();
  await mutate(app.url, owner.key, "enterPit", { botId });
  return botId;
}
async function houseTarget(): Promise<string> {
  return ((await ask(app.url, `{ bot(name: "House_Random") { id } }`)).data as unknown as { bot: { id: string } }).bot
    .id;
}
async function fightOf(botId: string): Promise<string> {
  const input = { botId, targetId: await houseTarget() };
  const { callout } = await act("createCallout", input, "callout { fight { id } }");
  return (callout as { fight: { id: string } }).fight.id;
}

/** One mutation, what it selects, another input for it, and how many effects it had. */
type Case = {
  input: () => Promise<Record<string, unknown>>;
  selection: string;
  other: (input: Record<string, unknown>) => object | Promise<object>;
  effects: (input: Record<string, unknown>) => Promise<number>;
};
const CASES: Record<string, Case> = {
  registerBot: {
    input: async () => ({ name: `Again_${made++}` }),
    selection: "bot { id name }",
    other: (input) => ({ ...input, character: "DEMON" }),
    effects: ({ name }) => count("SELECT count(*) FROM bot WHERE name = $1", [name]),
  },
  joinQueue: {
    input: async () => ({ botId: await freshBot(), ladder: "PIT" }),
    selection: "queueEntry { id }",
    other: (input) => ({ ...input, mode: "PRACTICE" }),
    effects: ({ botId }) => count("SELECT count(*) FROM queue_entry WHERE bot_id = $1", [uuidOf(String(botId))]),
  },
  submitFightAction: {
    input: async () => {
      const botId = await botInPit();
      return { botId, fightId: await fightOf(botId), round: 1, exchange: 1, action: "RECOVER" };
    },
    selection: "accepted",
    other: (input) => ({ ...input, action: "BLOCK_HIGH" }),
    effects: ({ fightId }) =>
      count("SELECT count(*) FROM stream_event WHERE type = 'ExchangeResolved' AND stream = $1", [
        `fight:${uuidOf(String(fightId))}`,
      ]),
  },
  postMessage: {
    input: async () => ({ botId: await botInPit(), text: "Who dares?" }),
    selection: "said: message { id text }",
    other: (input) => ({ ...input, text: "Nobody?" }),
    effects: ({ botId }) => count("SELECT count(*) FROM pit_message WHERE bot_id = $1", [uuidOf(String(botId))]),
  },
  createCallout: {
    input: async () => ({ botId: await botInPit(), targetId: await houseTarget() }),
    selection: "callout { id }",
    other: (input) => ({ ...input, message: "Come!" }),
    effects: ({ botId }) => count("SELECT count(*) FROM callout WHERE challenger_id = $1", [uuidOf(String(botId))]),
  },
};

describe.each(Object.entries(CASES))("%s", (field, { input, selection, other, effects }) => {
  test("has one effect and one answer for one key, when ten connections send it at the same instant", async () => {
    const sent = { ...(await input()), idempotencyKey: `twins of ${field}` };
    const answers = await Promise.all(Array.from({ length: TWINS }, () => act(field, sent, selection)));
    expect(answers.map(answerOf)).toEqual(Array.from({ length: TWINS }, () => "DONE"));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await effects(sent)).toBe(1);
    expect(await records(sent.idempotencyKey)).toBe(1);
  });

  test("refuses another input under the same key, and nothing is written", async () => {
    const sent = { ...(await input()), idempotencyKey: `reuse of ${field}` };
    const first = await act(field, sent, selection);
    expect(answerOf(first)).toBe("DONE");
    expect(await act(field, await other(sent), selection)).toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
      path: ["input", "idempotencyKey"],
    });
    expect(await act(field, sent, selection)).toEqual(first);
    expect(await effects(sent)).toBe(1);
  });

  test("takes a key of 64 characters and refuses one of 65 and an empty one", async () => {
    const wanted = await input();
    for (const idempotencyKey of ["k".repeat(65), ""]) {
      const refused = await act(field, { ...wanted, idempotencyKey }, selection);
      expect(refused).toMatchObject({ code: "BAD_INPUT", path: ["input", "idempotencyKey"] });
      expect(await records(idempotencyKey)).toBe(0);
    }
    expect(await effects(wanted)).toBe(0);
    const longest = { ...wanted, idempotencyKey: `${field} `.padEnd(64, "k") };
    expect(answerOf(await act(field, longest, selection))).toBe("DONE");
    expect(await effects(wanted)).toBe(1);
  });
});

test("two inputs race for one key: one is done, the other is refused, and it stays so", async () => {
  const inputs = ["red", "blue"].map((colour) => ({ name: `Race_${colour}`, idempotencyKey: "race" }));
  const race = await Promise.all(
    Array.from({ length: TWINS }, (_none, index) => act("registerBot", inputs[index % 2] ?? {}, "bot { name }")),
  );
  const done = race.filter(({ __typename }) => __typename === "RegisterBotSuccess");
  expect(done).toHaveLength(TWINS / 2);
  expect(new Set(done.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(race.filter(({ code }) => code === "IDEMPOTENCY_KEY_REUSED")).toHaveLength(TWINS / 2);
  expect(await count("SELECT count(*) FROM bot WHERE name LIKE 'Race%'")).toBe(1);
});

test("a key is its principal's and its operation's: others use the same words", async () => {
  const stranger = await newPerson(app.url);
  const idempotencyKey = "the same words";
  expect(answerOf(await act("registerBot", { name: "Mine_again", idempotencyKey }))).toBe("DONE");
  const theirs = await act("registerBot", { name: "Theirs_again", idempotencyKey }, "bot { name }", stranger.key);
  expect(theirs).toMatchObject({ bot: { name: "Theirs_again" } });
  expect(answerOf(await act("createApiKey", { name: "k", scopes: ["PLAY"], idempotencyKey }))).toBe("DONE");
  expect(await records(idempotencyKey)).toBe(3);
});

describe("a refusal is not stored", () => {
  test("the same key and input succeeds once its reason is gone", async () => {
    const botId = await freshBot();
    const sent = { botId, text: "Here I am.", idempotencyKey: "refused first" };
    expect(answerOf(await act("postMessage", sent))).toBe("NOT_IN_PIT");
    expect(await records(sent.idempotencyKey)).toBe(0);
    await mutate(app.url, owner.key, "enterPit", { botId });
    expect(answerOf(await act("postMessage", sent))).toBe("DONE");
    expect(await records(sent.idempotencyKey)).toBe(1);
  });

  test("whose result was pruned meanwhile is named, and nothing is said twice", async () => {
    const sent = { ...(await CASES["postMessage"]?.input()), idempotencyKey: "pruned" } as object;
    expect(answerOf(await act("postMessage", sent, "said: message { id }"))).toBe("DONE");
    await app.platform.db.pool.query("DELETE FROM pit_message");
    expect(answerOf(await act("postMessage", sent, "said: message { id }"))).toBe("ALREADY_DONE");
    expect(await app.platform.db.pool.query("SELECT FROM pit_message")).toMatchObject({ rowCount: 0 });
  });

  test("and after it the key is free for another input", async () => {
    const taken = { name: "Theirs_again", idempotencyKey: "free again" };
    expect(answerOf(await act("registerBot", taken))).toBe("NAME_TAKEN");
    expect(answerOf(await act("registerBot", { ...taken, name: "Free_again" }))).toBe("DONE");
  });
});

describe("a success that holds a secret is not stored either", () => {
  const apiKeyOf = async () =>
    (
      (await act("createApiKey", { name: "to rotate", scopes: ["PLAY"] }, "apiKey { id }")) as {
        apiKey?: { id: string };
      }
    ).apiKey?.id;

  test.each<[string, () => Promise<object>, string, string]>([
    ["createApiKey", async () => ({ name: "secret", scopes: ["PLAY"] }), "key", "api_key"],
    ["rotateApiKey", async () => ({ apiKeyId: await apiKeyOf(), graceMs: 0 }), "key", "api_key"],
    ["createSocketTicket", async () => ({}), "ticket", "socket_ticket"],
  ])("%s shows it once and answers ALREADY_DONE then", async (field, input, secret, table) => {
    const sent = { ...(await input()), idempotencyKey: `secret of ${field}` };
    const before = await count(`SELECT count(*) FROM ${table}`);
    const answers = await Promise.all(Array.from({ length: TWINS }, () => act(field, sent, secret)));
    expect(answers.filter((answer) => typeof answer[secret] === "string")).toHaveLength(1);
    expect(answers.filter(({ code }) => code === "ALREADY_DONE")).toHaveLength(TWINS - 1);
    expect(await count(`SELECT count(*) FROM ${table}`)).toBe(before + 1);
    const stored = await app.platform.db.pool.query("SELECT result FROM idempotency_record WHERE key = $1", [
      sent.idempotencyKey,
    ]);
    expect(stored.rows).toEqual([{ result: null }]);
    expect(answerOf(await act(field, { ...sent, idempotencyKey: "k".repeat(65) }))).toBe("BAD_INPUT");
  });
});
