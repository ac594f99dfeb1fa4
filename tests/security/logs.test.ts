import { createConnection } from "node:net";
import pg from "pg";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { ask, mutate, socket } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

let database: { url: string; drop(): Promise<void> };
let admin: pg.Client;
let server: ServerProcess;
beforeAll(async () => {
  database = await freshDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  server = serverProcess(await freePort(), database.url, {
    LOG_LEVEL: "debug",
    AGON_SECRET: secret("the server's secret", "a1b2c3d4e5f60718293a4b5c6d7e8f90"),
    METRICS_TOKEN: secret("the token of the metrics", "metrics-token-0123456789"),
    LIMIT_CHAT_INTERVAL_MS: "0",
    LIMIT_SIGN_INS_PER_MINUTE: "1000",
    LIMIT_REGISTRATIONS_PER_HOUR: "1000",
  });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await admin.end();
  await database.drop();
});

/** What must never be written down, with what it is. */
const secrets = new Map<string, string>();
function secret(what: string, value: unknown): string {
  if (typeof value !== "string" || value.length < 8) throw new Error(`${what} is missing`);
  secrets.set(value, what);
  return value;
}

type Headers = Record<string, string>;
type Result = { [field: string]: unknown };
const call = async (headers: Headers, field: string, input: object, selection: string): Promise<Result> => {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ... on ${name}Success { ${selection} } ... on Refusal { code } } }`;
  const { data, errors } = await ask(server.url, query, { input }, headers);
  return data ? (data[field] as unknown as Result) : { failed: errors?.[0]?.extensions?.["code"] };
};
const PASSWORD = secret("a password", "correct horse battery staple");
const person = (handle: string) => ({
  handle,
  email: secret("an e-mail", `${handle}@secret.example`),
  password: PASSWORD,
});

async function signUp(): Promise<{ token: string; key: string; ticket: string }> {
  const registered = await call({}, "registerUser", person("Watched"), "token");
  secret("a token", registered["token"]);
  const wrong = { login: "Watched", password: secret("a wrong password", "wrong horse battery staple") };
  expect(await call({}, "signIn", wrong, "token")).toMatchObject({ code: "WRONG_LOGIN" });
  const short = { ...person("Shorter"), password: secret("a short password", "s3cr3tsq") };
  expect(await call({}, "registerUser", short, "token")).toMatchObject({ code: "PASSWORD_TOO_SHORT" });
  const signedIn = await call({}, "signIn", { login: "Watched", password: PASSWORD }, "token");
  const token = secret("a token", signedIn["token"]);
  const session = { authorization: `Bearer ${token}` };
  const made = await call(session, "createApiKey", { name: "one", scopes: ["PLAY", "READ"] }, "key apiKey { id }");
  secret("a key", made["key"]);
  const rotation = { apiKeyId: (made["apiKey"] as { id: string }).id, graceMs: 60_000, idempotencyKey: "rotate" };
  const key = secret("a key", (await call(session, "rotateApiKey", rotation, "key"))["key"]);
  expect(await call(session, "rotateApiKey", rotation, "key")).toMatchObject({ code: "ALREADY_DONE" });
  const ticket = secret("a ticket", (await call(session, "createSocketTicket", {}, "ticket"))["ticket"]);
  return { token, key, ticket };
}

async function signInByWallet(): Promise<void> {
  const account = privateKeyToAccount(secret("a private key", generatePrivateKey()) as `0x${string}`);
  const challenge = await call({}, "createSiweChallenge", { address: account.address }, "message");
  const message = String(challenge["message"]);
  const signature = secret("a signature", await account.signMessage({ message }));
  const bent = secret("a bent signature", `${signature.slice(0, -4)}0000`);
  expect(await call({}, "signInWithEthereum", { message, signature: bent }, "token")).toHaveProperty("code");
  const again = String((await call({}, "createSiweChallenge", { address: account.address }, "message"))["message"]);
  const proof = { message: again, signature: await account.signMessage({ message: again }) };
  secret("a signature", proof.signature);
  const signedIn = await call({}, "signInWithEthereum", proof, "token");
  if (signedIn["token"]) secret("a token of a wallet", signedIn["token"]);
}

/** Credentials that are wrong, in wrong places, or in documents that nobody can read. */
async function misuse(key: string, token: string): Promise<void> {
  const bad = secret("a bad key", `cq_${"0123456789".repeat(4)}`);
  const viewer = "{ viewer { user { handle } } }";
  const wrong: Headers[] = [{ "x-api-key": bad }, { authorization: `Bearer ${bad}` }];
  expect((await ask(server.url, viewer, {}, { cookie: `agon_session=${bad}` })).data).toEqual({ viewer: null });
  for (const headers of wrong) expect((await ask(server.url, viewer, {}, headers)).errors).toBeDefined();
  await ask(server.url, `{ viewer(key: "${key}") { id } }`);
  await ask(server.url, `{ bot(name: "${key}" `);
  await ask(server.url, `query($key: Int) { bot(name: $key) { id } }`, { key });
  await ask(server.url, `{ bot(id: "${token}") { id } }`, {}, { "x-api-key": key });
  for (const path of [`/graphql?query={__typename}&key=${key}`, `/replays/${key}.json?token=${token}`, `/${token}`])
    await fetch(`${server.url}${path}`, { headers: { "x-api-key": key } });
  await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  await fetch(`${server.url}/graphql`, {
    method: "POST",
    body: `{"query": "${key}`,
    headers: { "content-type": "application/json" },
  });
  await fetch(`${server.url}/graphql`, { method: "POST", body: `key=${key}` });
}

/** Sockets that work, that are refused, that talk nonsense, and that are cut in the middle of a frame. */
async function sockets(key: string, ticket: string, botId: string): Promise<void> {
  const inbox = { query: "subscription($botId: ID!) { botEvents(botId: $botId) { cursor } }", variables: { botId } };
  for (const credentials of [key, ticket, secret("a bad ticket", `tk_${"b".repeat(43)}`)]) {
    const client = socket(server.url, credentials);
    const ended = new Promise<void>((resolve) =>
      client.subscribe(inbox, { next: () => resolve(), error: () => resolve(), complete: resolve }),
    );
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 300))]);
    await client.dispose();
  }
  for (const words of [
    `{"type":"connection_init","payload":{"apiKey":"${key}"`,
    key,
    `{"type":"${key}"}`,
    `{"type":"subscribe","id":"1","payload":{"query":"{ ${key}"}}`,
  ]) {
    const raw = new WebSocket(`${server.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await new Promise((resolve) => raw.once("open", resolve));
    raw.send(words);
    await new Promise((resolve) => raw.once("close", resolve));
  }
  await new Promise<void>((resolve) => {
    const { port } = new URL(server.url);
    const tcp = createConnection(Number(port), "127.0.0.1", () => {
      tcp.write(
        `GET /graphql HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: ${"A".repeat(22)}==\r\n\r\n`,
      );
      // A frame without a mask, holding the key, is a protocol error.
      tcp.write(Buffer.concat([Buffer.from([0x81, key.length]), Buffer.from(key)]));
    });
    tcp.resume();
    tcp.once("close", () => resolve());
    tcp.once("error", () => undefined);
  });
}

const CHAT = secret("chat", "the quick brown bot says hello");

async function chat(headers: Headers): Promise<string> {
  const registered = await call(headers, "registerBot", { name: "Watched_bot", skillsMarkdown: CHAT }, "bot { id }");
  const botId = (registered["bot"] as { id: string }).id;
  for (const field of ["heartbeat", "enterPit"]) await call(headers, field, { botId }, "bot { id }");
  expect(await call(headers, "postMessage", { botId, text: CHAT }, "said: message { id }")).toMatchObject({ said: {} });
  for (const text of [`${CHAT}\u202e`, CHAT.repeat(20)])
    expect(await call(headers, "postMessage", { botId, text }, "said: message { id }")).toHaveProperty("code");
  return botId;
}

/** Failures of our own: rows that the database refuses in its own words, with the row in them. */
async function failures(session: Headers, key: Headers, botId: string): Promise<void> {
  await admin.query(`
    ALTER TABLE pit_message ADD CONSTRAINT planted_message CHECK (false) NOT VALID;
    ALTER TABLE app_user ADD CONSTRAINT planted_user CHECK (false) NOT VALID;
    ALTER TABLE api_key ADD CONSTRAINT planted_key CHECK (false) NOT VALID;
    ALTER TABLE bot ADD CONSTRAINT planted_bot CHECK (name NOT LIKE 'Planted%') NOT VALID`);
  const failed = { failed: "INTERNAL" };
  expect(
    await call(key, "postMessage", { botId, text: CHAT, idempotencyKey: "fails" }, "said: message { id }"),
  ).toEqual(failed);
  expect(await call({}, "registerUser", person("Planted"), "token")).toEqual(failed);
  expect(await call(session, "createApiKey", { name: "planted", scopes: ["PLAY"] }, "key")).toEqual(failed);
  expect(await call(key, "registerBot", { name: "Planted", skillsMarkdown: CHAT }, "bot { id }")).toEqual(failed);
  await admin.query("ALTER TABLE pit_message RENAME TO pit_message_away; ALTER TABLE bot RENAME TO bot_away");
  await ask(server.url, "{ pit { messages(first: 5) { nodes { text } } } bots(first: 1) { nodes { id } } }", {}, key);
  await ask(server.url, `{ bot(name: "${CHAT.slice(0, 15)}") { id } }`, {}, key);
  await call(key, "postMessage", { botId, text: CHAT }, "said: message { id }");
  await admin.query("ALTER TABLE pit_message_away RENAME TO pit_message; ALTER TABLE bot_away RENAME TO bot");
}

/** Everything fails for a while: nobody may connect to the database. */
async function outage(key: string, token: string): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  const other = new URL(database.url);
  other.pathname = "/postgres";
  const outside = new pg.Client({ connectionString: other.href });
  await outside.connect();
  await outside.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await outside.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> $2", [
    name,
    (await admin.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid,
  ]);
  await ask(server.url, "{ viewer { user { handle } } }", {}, { "x-api-key": key });
  await ask(server.url, "{ viewer { user { handle } } }", {}, { authorization: `Bearer ${token}` });
  await mutate(server.url, null, "signIn", { login: "Watched", password: PASSWORD }).catch(() => undefined);
  const id = `fight_${"0".repeat(32)}`;
  expect((await fetch(`${server.url}/replays/${id}.json?key=${key}&token=${token}`)).status).toBe(500);
  const client = socket(server.url, key);
  await new Promise<void>((resolve) =>
    client.subscribe({ query: "{ __typename }" }, { next: () => resolve(), error: () => resolve(), complete: resolve }),
  );
  await client.dispose();
  await outside.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await outside.end();
  await until(
    async () => (await ask(server.url, "{ viewer { user { handle } } }", {}, { "x-api-key": key })).data?.["viewer"],
    "an answer",
  );
}

const line = (said: string, message: string) =>
  said.split("\n").filter((text) => text.startsWith("{") && (JSON.parse(text) as { msg?: string }).msg === message);

test("whatever happens, no key, token, password, signature, e-mail or chat is written to the log", async () => {
  const { token, key, ticket } = await signUp();
  const [session, play] = [{ authorization: `Bearer ${token}` }, { "x-api-key": key }];
  await signInByWallet();
  await misuse(key, token);
  const botId = await chat(play);
  await sockets(key, ticket, botId);
  await failures(session, play, botId);
  await outage(key, token);
  await call(session, "signOut", {}, "signedOut");
  expect(await server.signal("SIGTERM")).toBe(0);

  const said = server.said();
  const leaks = [...secrets].filter(([value]) => said.includes(value)).map(([, what]) => what);
  expect(leaks).toEqual([]);
  expect(said).not.toMatch(/\$argon2|secret_hash|[Bb]earer |agon_session=/);
  expect(secrets.size).toBeGreaterThanOrEqual(20);
  // The reading is not blind: the failures are there, each with its cause and the id that its request was given.
  const causes = line(said, "an operation failed").map(
    (text) => JSON.parse(text) as { requestId?: string; err?: { message?: string; code?: string } },
  );
  expect(causes.filter(({ err }) => err?.code === "23514").length).toBeGreaterThanOrEqual(4);
  for (const { err, requestId } of causes)
    expect([err?.message, requestId]).toEqual([expect.stringMatching(/./), expect.stringMatching(/^[0-9a-f]{16}$/)]);
  expect(line(said, "a request failed")).not.toEqual([]);
  expect(said).toContain('"level":20');
}, 120_000);
