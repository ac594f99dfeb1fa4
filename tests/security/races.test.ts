import { setTimeout as sleep } from "node:timers/promises";
import { hash } from "@node-rs/argon2";
import WebSocket from "ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  // Bots stay where they are, however slow the machine is.
  app = await startTestApp({ LIMIT_SOCKETS_PER_PRINCIPAL_MAX: 2, LIMIT_PRESENCE_MS: 600_000 });
});
afterAll(() => app.stop());

/** Holds a table while `work` runs: what the server does with it stands still in the middle. */
async function whileHeld<T>(table: string, work: () => Promise<T>): Promise<T> {
  const client = await app.platform.db.pool.connect();
  try {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return await work();
  } finally {
    await client.query("COMMIT");
    client.release();
  }
}

const waitingFor = async (statements: number) => {
  // On a connection of its own: within a transaction the first look is what all later ones see.
  const { rows } = await app.platform.db.pool.query<{ n: number }>(
    "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  );
  return (rows[0]?.n ?? 0) >= statements;
};

test("a sign-in whose password is changed before its session begins opens none", async () => {
  const { handle } = await newPerson(app.url);
  const changed = await hash("another password altogether");
  const client = await app.platform.db.pool.connect();
  await client.query("BEGIN");
  await client.query("SELECT FROM app_user WHERE handle = $1 FOR UPDATE", [handle]);
  const signing = mutate(app.url, null, "signIn", { login: handle, password: "correct horse battery" }, "token");
  await until(() => waitingFor(1), "the sign-in at its session");
  // What setPassword does, in one transaction.
  await client.query("UPDATE app_user SET password_hash = $2 WHERE handle = $1", [handle, changed]);
  await client.query("UPDATE session SET revoked_at = now() WHERE revoked_at IS NULL");
  await client.query("COMMIT");
  client.release();
  expect((await signing)["code"]).toBe("WRONG_LOGIN");
});

test.each<[string, { password: boolean; sessions: boolean }, string]>([
  ["was reset", { password: true, sessions: true }, "NOT_AUTHENTICATED"],
  ["was changed from the same session", { password: true, sessions: false }, "WRONG_PASSWORD"],
  ["stays, and whose session ends", { password: false, sessions: true }, "NOT_AUTHENTICATED"],
])("whose password %s while the old one is verified sets none by it", async (_sentence, meanwhile, refusal) => {
  const { handle, token } = await newPerson(app.url);
  const changed = await hash("another password altogether");
  const client = await app.platform.db.pool.connect();
  await client.query("BEGIN");
  const { rows } = await client.query<{ id: string; password_hash: string }>(
    "SELECT id, password_hash FROM app_user WHERE handle = $1 FOR UPDATE",
    [handle],
  );
  const query = `mutation($input: SetPasswordInput!) { setPassword(input: $input) { __typename ... on Refusal { code } } }`;
  const input = { current: "correct horse battery", password: "what the thief would like" };
  const setting = ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  await until(() => waitingFor(1), "the change at its account");
  const [own] = rows;
  const expected = meanwhile.password ? changed : own?.password_hash;
  await client.query("UPDATE app_user SET password_hash = $2 WHERE id = $1", [own?.id, expected]);
  if (meanwhile.sessions) await client.query("UPDATE session SET revoked_at = now() WHERE user_id = $1", [own?.id]);
  await client.query("COMMIT");
  client.release();
  expect((await setting).data).toMatchObject({ setPassword: { code: refusal } });
  const after = await app.platform.db.pool.query("SELECT password_hash FROM app_user WHERE id = $1", [own?.id]);
  expect(after.rows).toEqual([{ password_hash: expected }]);
});

test("a socket that went away while its key was looked at takes no place of its principal", async () => {
  const { key } = await newPerson(app.url);
  await whileHeld("api_key", async () => {
    const sockets = [1, 2].map(() => new WebSocket(`${app.url.replace("http", "ws")}/graphql`, "graphql-transport-ws"));
    for (const socket of sockets)
      socket.once("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: key } })));
    await until(() => waitingFor(2), "both keys being looked at");
    const gone = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    for (const socket of sockets) socket.terminate();
    await Promise.all(gone);
    // The server hears of both ends before it answers what was asked after them.
    for (let asked = 0; asked < 20; asked++) await fetch(`${app.url}/health`);
  });
  expect((await ask(app.url, "{ viewer { operator } }", {}, { "x-api-key": key })).data).toEqual({
    viewer: { operator: false },
  });
  const socket = new WebSocket(`${app.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const first = new Promise((resolve) => {
    socket.once("message", (data) => resolve(JSON.parse(String(data)).type));
    socket.once("close", (code) => resolve(code));
  });
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: key } }));
  expect(await first).toBe("connection_ack");
  socket.terminate();
});

let bots = 0;
/** A bot in the Pit, with its raw id, its owner's key, and how it acts. */
async function inPit() {
  const { handle, token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  const name = `Racer_${bots++}`;
  const id = await newBot(app.url, key, name);
  const act = async (field: string, input: object) => {
    const result = await mutate(app.url, key, field, { botId: id, ...input });
    return String(result["code"] ?? result["__typename"]);
  };
  expect(await act("enterPit", {})).toBe("EnterPitSuccess");
  const { rows } = await app.platform.db.pool.query<{ uuid: string }>("SELECT id AS uuid FROM bot WHERE name = $1", [
    name,
  ]);
  return { id, act, handle, token, key, uuid: rows[0]?.uuid ?? "" };
}

type Row = { of: string; id: string };

/** What `requests` requests come to that all wait for one row, and get it one after another once `meanwhile` is done. */
async function afterRow<T>(row: Row, requests: number, work: () => Promise<T>[], meanwhile = async () => {}) {
  const client = await app.platform.db.pool.connect();
  await client.query("BEGIN");
  await client.query(`SELECT FROM ${row.of} = $1 FOR UPDATE`, [row.id]);
  const working = work();
  await until(() => waitingFor(requests), `${requests} requests at the row`);
  await meanwhile();
  await client.query("COMMIT");
  client.release();
  return Promise.all(working);
}

test("of messages sent at one instant a bot says one, and of callouts it makes one", async () => {
  const [bot, ...targets] = [await inPit(), await inPit(), await inPit(), await inPit()];
  const presence = { of: "pit_presence WHERE bot_id", id: bot.uuid };
  const said = await afterRow(presence, 3, () =>
    ["one", "two", "three"].map((text) => bot.act("postMessage", { text })),
  );
  expect(said.toSorted()).toEqual(["PostMessageSuccess", "RATE_LIMITED", "RATE_LIMITED"]);
  const called = await afterRow(presence, 3, () => targets.map(({ id }) => bot.act("createCallout", { targetId: id })));
  expect(called.toSorted()).toEqual(["CreateCalloutSuccess", "RATE_LIMITED", "RATE_LIMITED"]);
});

test("who waits for a bot's stream holds nobody up in the Pit", async () => {
  const [bot, bystander] = [await inPit(), await inPit()];
  const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
  const house = (data as unknown as { bot: { id: string } }).bot.id;
  // The stream has a head to be held from its first event on.
  await app.platform.db.pool.query("INSERT INTO stream_head (stream, seq) VALUES ($1, 0) ON CONFLICT DO NOTHING", [
    `bot:${bot.uuid}`,
  ]);
  const stream = { of: "stream_head WHERE stream", id: `bot:${bot.uuid}` };
  let said = "";
  const challenge = () => [bot.act("createCallout", { targetId: house })];
  const made = await afterRow(stream, 1, challenge, async () => {
    said = await Promise.race([bystander.act("postMessage", { text: "still here" }), sleep(5_000, "held up")]);
  });
  expect(made).toEqual(["CreateCalloutSuccess"]);
  expect(said).toBe("PostMessageSuccess");
});

const uuidOf = (id: string) => id.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

type Deletion = { deleteAccount: { code?: string; __typename: string } };

/** Two bots, and a wagered callout of the first that the second may accept. */
async function calledForMoney() {
  const [challenger, target] = [await inPit(), await inPit()];
  for (const { key } of [challenger, target]) await mutate(app.url, key, "claimFaucet", {});
  const input = { botId: challenger.id, targetId: target.id, wager: `50000${"0".repeat(18)}` };
  const made = await mutate(app.url, challenger.key, "createCallout", input, "callout { id }");
  const { id: calloutId } = made["callout"] as unknown as { id: string };
  const accept = async () => String((await mutate(app.url, target.key, "acceptCallout", { calloutId }))["__typename"]);
  const leave = async () => {
    const query = `mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename ... on Refusal { code } } }`;
    const { handle, token } = challenger;
    const own = { input: { handle, giveUpMoney: true } };
    const { data } = await ask(app.url, query, own, { authorization: `Bearer ${token}` });
    const { code, __typename } = (data as unknown as Deletion).deleteAccount;
    return code ?? __typename;
  };
  return { callout: { of: "callout WHERE id", id: uuidOf(calloutId) }, challenger, accept, leave };
}

test("an account whose wager is taken while it is deleted stays", async () => {
  const { callout, challenger, accept, leave } = await calledForMoney();
  const leaving: Promise<string>[] = [];
  const accepted = await afterRow(
    callout,
    1,
    () => [accept()],
    async () => {
      leaving.push(leave());
      await until(() => waitingFor(2), "the deletion at the callout");
    },
  );
  expect([...accepted, ...(await Promise.all(leaving))]).toEqual(["AcceptCalloutSuccess", "MONEY_IN_PLAY"]);
  const { data } = await ask(app.url, `query($h: String!) { user(handle: $h) { handle } }`, { h: challenger.handle });
  expect(data).toEqual({ user: { handle: challenger.handle } });
});

test("an account is deleted, or its wager is taken, never both", async () => {
  const rounds = await Promise.all(Array.from({ length: 12 }, () => calledForMoney()));
  const ended = await Promise.all(
    rounds.map(async ({ accept, leave }) => (await Promise.all([accept(), leave()])).join(" and ")),
  );
  const either = ["AcceptCalloutSuccess and MONEY_IN_PLAY", "CalloutClosedRefusal and DeleteAccountSuccess"];
  expect(ended.filter((each) => !either.includes(each))).toEqual([]);
});
