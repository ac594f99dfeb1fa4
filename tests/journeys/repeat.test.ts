import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { openBank, type Bank } from "../harness/bank.ts";
import { uuidOf, type Case, type Input, type Result } from "./repeat/case.ts";
import { moneyCases } from "./repeat/money.ts";

let app: App;
let bank: Bank;
/** An operator, whose session may send every mutation. */
let owner: { handle: string; token: string; key: string };
beforeAll(async () => {
  const limits = {
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_BOTS_PER_USER_MAX: 1_000,
    LIMIT_KEYS_PER_USER_MAX: 1_000,
    LIMIT_KEYS_PER_HOUR: 1_000,
    LIMIT_WITHDRAWALS_PER_HOUR: 1_000,
    LIMIT_BETS_PER_MINUTE_MAX: 1_000,
    LIMIT_POOL_OPEN_MS: 60_000,
  };
  bank = await openBank(0n);
  // No engine: who waits stays waiting, and who is called out is not made to answer.
  app = await startTestApp(limits, {}, { AGON_ROLES: "api", BASE_RPC_URL: bank.anvil.url });
  owner = await newPerson(app.url);
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [owner.handle]);
});
afterAll(async () => {
  await app.stop();
  bank.stop();
});

const TWINS = 10;

async function act(field: string, input: object, selection = ""): Promise<Result> {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ${selection && `... on ${name}Success { ${selection} }`} ... on Refusal { code path } } }`;
  const answer = await ask(app.url, query, { input }, { authorization: `Bearer ${owner.token}` });
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data[field] as unknown as Result;
}
const answerOf = ({ __typename, code }: Result) => code ?? __typename.replace(/^.*Success$/, "DONE");
async function done(field: string, input: object, selection = ""): Promise<Result> {
  const result = await act(field, input, selection);
  expect([field, answerOf(result)]).toEqual([field, "DONE"]);
  return result;
}

const count = async (text: string, values: unknown[] = []) =>
  Number((await app.platform.db.pool.query<{ count: string }>(text, values)).rows[0]?.count);
const records = (key: string) => count("SELECT count(*) FROM idempotency_record WHERE key = $1", [key]);
/** How often an event that names a subject was told on a stream, or on any. */
const told = (type: string, subject: unknown, stream = "%") =>
  count("SELECT count(*) FROM stream_event WHERE type = $1 AND stream LIKE $2 AND stream || payload LIKE $3", [
    type,
    stream,
    `%${uuidOf(subject)}%`,
  ]);
const audited = (action: string, subject: string) =>
  count("SELECT count(*) FROM audit_entry WHERE action = $1 AND subject = $2", [action, subject]);

let made = 0;
const freshBot = () => newBot(app.url, owner.key, `Repeat_${made++}`);
async function botInPit(): Promise<string> {
  const botId = await freshBot();
  await done("enterPit", { botId });
  return botId;
}
async function houseBot(): Promise<string> {
  return ((await ask(app.url, `{ bot(name: "House_Random") { id } }`)).data as never as { bot: { id: string } }).bot.id;
}
const callOut = async (targetId: string) =>
  (await done("createCallout", { botId: await botInPit(), targetId }, "callout { id fight { id } }"))["callout"] as {
    id: string;
    fight: { id: string } | null;
  };
const freshCallout = async () => ({ calloutId: (await callOut(await botInPit())).id });
async function freshFight(): Promise<{ botId: string; fightId: string }> {
  const botId = await botInPit();
  const { callout } = await done("createCallout", { botId, targetId: await houseBot() }, "callout { fight { id } }");
  return { botId, fightId: (callout as { fight: { id: string } }).fight.id };
}
async function freshKey(): Promise<{ apiKeyId: string }> {
  const { apiKey } = await done("createApiKey", { name: "one", scopes: ["PLAY"] }, "apiKey { id }");
  return { apiKeyId: (apiKey as { id: string }).id };
}
async function freshSession(): Promise<{ sessionId: string }> {
  await done("signIn", { login: owner.handle, password: "correct horse battery" });
  const query = "{ viewer { sessions { id current } } }";
  const { data } = await ask(app.url, query, {}, { authorization: `Bearer ${owner.token}` });
  const { sessions } = (data as never as { viewer: { sessions: { id: string; current: boolean }[] } }).viewer;
  return { sessionId: sessions.find(({ current }) => !current)?.id ?? "" };
}
async function linkedWallet(): Promise<{ address: string }> {
  const account = privateKeyToAccount(generatePrivateKey());
  const { message } = await done("createSiweChallenge", { address: account.address }, "message");
  const signature = await account.signMessage({ message: String(message) });
  await done("linkWallet", { message, signature });
  return { address: account.address };
}
async function somebody(): Promise<{ userId: string; reason: string }> {
  const { handle } = await newPerson(app.url);
  const { data } = await ask(app.url, `{ user(handle: "${handle}") { id } }`);
  return { userId: (data as never as { user: { id: string } }).user.id, reason: "spam" };
}
async function after<T extends Input>(field: string, input: Promise<T>): Promise<T> {
  const given = await input;
  await done(field, given);
  return given;
}

const oneBot = async () => ({ botId: await freshBot() });
const reasoned = async () => ({ botId: await freshBot(), reason: "spam" });
const anotherReason = async (input: Input) => ({ ...input, reason: "noise" });
const ofBot = ({ botId }: Input) => `bot:${uuidOf(botId)}`;

const callouts = (type: string): Case => ({
  input: freshCallout,
  selection: "callout { id status }",
  other: freshCallout,
  again: "CALLOUT_CLOSED",
  effects: ({ calloutId }) => told(type, calloutId, "pit"),
});
const CASES: Record<string, Case> = {
  acceptCallout: callouts("CalloutAccepted"),
  declineCallout: callouts("CalloutDeclined"),
  cancelCallout: callouts("CalloutCancelled"),
  concedeFight: {
    input: freshFight,
    selection: "fight { id status }",
    other: freshFight,
    again: "FIGHT_OVER",
    effects: ({ fightId }) => told("FightEnded", fightId, `fight:%`),
  },
  leaveQueue: {
    input: () =>
      after(
        "joinQueue",
        oneBot().then((bot) => ({ ...bot, ladder: "PIT" })),
      ),
    selection: "queueEntry { id status }",
    other: async (input) => ({ ...input, ladder: "PIT_SLOW" }),
    again: "NOT_WAITING",
    effects: ({ botId }) => told("QueueLeft", botId),
  },
  enterPit: {
    input: oneBot,
    selection: "bot { id }",
    other: oneBot,
    again: "DONE",
    effects: ({ botId }) => told("AgentEntered", botId),
  },
  leavePit: {
    input: () => after("enterPit", oneBot()),
    selection: "bot { id }",
    other: oneBot,
    again: "NOT_IN_PIT",
    effects: ({ botId }) => told("AgentLeft", botId),
  },
  muteInPit: {
    input: reasoned,
    other: anotherReason,
    again: "DONE",
    effects: (input) => audited("pit.muted", ofBot(input)),
  },
  unmuteInPit: {
    input: () => after("muteInPit", reasoned()),
    other: anotherReason,
    again: "NOT_FOUND",
    effects: (input) => audited("pit.unmuted", ofBot(input)),
  },
  updateBot: {
    input: async () => ({ ...(await oneBot()), character: "DEMON" }),
    selection: "bot { id character }",
    other: async (input) => ({ ...input, character: "CYBORG" }),
    again: "DONE",
    effects: ({ botId }) => count("SELECT count(*) FROM bot WHERE id = $1 AND character = 'DEMON'", [uuidOf(botId)]),
  },
  archiveBot: {
    input: oneBot,
    selection: "bot { id }",
    other: oneBot,
    again: "BOT_ARCHIVED",
    effects: ({ botId }) => count("SELECT count(archived_at) FROM bot WHERE id = $1", [uuidOf(botId)]),
  },
  suspendBot: {
    input: reasoned,
    other: anotherReason,
    again: "DONE",
    effects: (input) => audited("bot.suspended", ofBot(input)),
  },
  unsuspendBot: {
    input: () => after("suspendBot", reasoned()),
    other: anotherReason,
    again: "DONE",
    effects: (input) => audited("bot.unsuspended", ofBot(input)),
  },
  suspendUser: {
    input: somebody,
    selection: "user { id }",
    other: anotherReason,
    again: "DONE",
    effects: ({ userId }) => audited("user.suspended", `user:${uuidOf(userId)}`),
  },
  unsuspendUser: {
    input: () => after("suspendUser", somebody()),
    other: anotherReason,
    again: "DONE",
    effects: ({ userId }) => audited("user.unsuspended", `user:${uuidOf(userId)}`),
  },
  revokeApiKey: {
    input: freshKey,
    selection: "apiKey { id }",
    other: freshKey,
    again: "NOT_FOUND",
    effects: ({ apiKeyId }) => audited("key.revoked", `key:${uuidOf(apiKeyId)}`),
  },
  revokeSession: {
    input: freshSession,
    selection: "session { id }",
    other: freshSession,
    again: "NOT_FOUND",
    effects: ({ sessionId }) => count("SELECT count(revoked_at) FROM session WHERE id = $1", [uuidOf(sessionId)]),
  },
  unlinkWallet: {
    input: linkedWallet,
    selection: "address",
    other: linkedWallet,
    again: "NOT_FOUND",
    effects: ({ address }) => audited("wallet.unlinked", `wallet:${String(address).toLowerCase()}`),
  },
  voidContest: {
    input: async () => ({ contestId: (await freshFight()).fightId, reason: "rigged" }),
    selection: "contest { id status }",
    other: anotherReason,
    again: "ALREADY_VOID",
    effects: ({ contestId }) => audited("contest.voided", `fight:${uuidOf(contestId)}`),
  },
  ...moneyCases({
    arena: () => ({ url: app.url, pool: app.platform.db.pool, bank, handle: owner.handle }),
    done,
    count,
  }),
};

describe.each(Object.entries(CASES))("%s", (field, { input, selection, other, again, effects }) => {
  test("has one effect and one answer for one key, when ten connections send it at the same instant", async () => {
    const sent = { ...(await input()), idempotencyKey: `twins of ${field}` };
    const answers = await Promise.all(Array.from({ length: TWINS }, () => act(field, sent, selection)));
    expect(answers.map(answerOf)).toEqual(Array.from({ length: TWINS }, () => "DONE"));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await effects(sent)).toBe(1);
    expect(await records(sent.idempotencyKey)).toBe(1);
  });

  test(`gives its success again under its key, refuses another input, and says ${again} without one`, async () => {
    const wanted = await input();
    const sent = { ...wanted, idempotencyKey: `again ${field}` };
    const first = await done(field, sent, selection);
    expect(await act(field, { ...(await other(wanted)), idempotencyKey: sent.idempotencyKey })).toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
      path: ["input", "idempotencyKey"],
    });
    expect(await act(field, sent, selection)).toEqual(first);
    expect(await effects(sent)).toBe(1);
    expect(answerOf(await act(field, wanted))).toBe(again);
  });

  test("refuses a key that is empty or too long, and nothing is written", async () => {
    const wanted = await input();
    for (const idempotencyKey of ["", "k".repeat(65)])
      expect(await act(field, { ...wanted, idempotencyKey })).toMatchObject({
        code: "BAD_INPUT",
        path: ["input", "idempotencyKey"],
      });
    expect(await effects(wanted)).toBe(0);
  });
});

/** What came after the first time, and what must not be undone by a late retry of the first. */
const isSuspended = async (input: Input) =>
  (await count("SELECT count(suspended_at) FROM bot WHERE id = $1", [uuidOf(input["botId"])])) === 1;
const isInPit = async (input: Input) =>
  (await count("SELECT count(*) FROM pit_presence WHERE bot_id = $1", [uuidOf(input["botId"])])) === 1;
const isMuted = async (input: Input) =>
  (await count("SELECT count(*) FROM pit_mute WHERE bot_id = $1", [uuidOf(input["botId"])])) === 1;
const isDemon = async (input: Input) => (await CASES["updateBot"]?.effects(input)) === 1;

test.each<[string, string, Input, (input: Input) => Promise<boolean>]>([
  ["enterPit", "leavePit", {}, isInPit],
  ["muteInPit", "unmuteInPit", { reason: "enough" }, isMuted],
  ["suspendBot", "unsuspendBot", { reason: "enough" }, isSuspended],
  ["updateBot", "updateBot", { character: "CYBORG" }, isDemon],
])("a late retry of %s does not undo the %s that came after", async (field, next, change, holds) => {
  const sent: Input = { ...(await CASES[field]?.input()), idempotencyKey: `late ${field}` };
  await done(field, sent);
  expect(await holds(sent)).toBe(true);
  await done(next, { botId: sent["botId"], ...change });
  expect(await holds(sent)).toBe(false);
  await done(field, sent);
  expect(await holds(sent)).toBe(false);
});

test.each([
  ["leaveQueue", "queue:PIT"],
  ["updateBot", "bots"],
  ["archiveBot", "bots"],
  ["suspendBot", "bots"],
])("what %s changed is told once, whoever repeats it", async (field, topic) => {
  const sent = { ...(await CASES[field]?.input()), idempotencyKey: `told ${field}` };
  const touch = vi.spyOn(app.platform.hub, "touch");
  await Promise.all(Array.from({ length: TWINS }, () => done(field, sent)));
  expect(touch.mock.calls.filter(([each]) => each === topic)).toHaveLength(1);
  touch.mockRestore();
});
