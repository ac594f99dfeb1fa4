import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson, socket, type Answer } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
let nowMs = Date.now();
beforeAll(async () => {
  app = await startTestApp({}, { clock: { now: () => new Date(nowMs) } });
});
afterAll(() => app.stop());

type Told = Answer & { status: number; cookie: string | null };

/** What a page of a browser asks, with the cookie that it has. */
async function browse(query: string, cookie: string, headers: Record<string, string> = {}): Promise<Told> {
  const response = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: app.url, cookie: `agon_session=${cookie}`, ...headers },
    body: JSON.stringify({ query }),
  });
  return {
    ...((await response.json()) as Answer),
    status: response.status,
    cookie: response.headers.get("set-cookie"),
  };
}

const STALE = "x".repeat(43);
const HOUSE = `user(handle: "house") { handle }`;
const house = { user: { handle: "house" } };

describe("a browser with a cookie that does not hold any more", () => {
  test.each([
    ["what everybody sees", `{ ${HOUSE} }`, house],
    ["what is the asker's own", `{ viewer { operator } ${HOUSE} }`, { viewer: null, ...house }],
    ["the schema", `{ __type(name: "User") { name } }`, { __type: { name: "User" } }],
    [
      "what the full pipeline answers",
      `{ viewer { operator } ${HOUSE} }`,
      { viewer: null, ...house },
      "multipart/mixed",
    ],
  ])("reads %s like anybody, and the cookie is taken away", async (_sentence, query, data, accept = "*/*") => {
    const told = await browse(query, STALE, { accept: `${accept}, application/json` });
    expect(told.data).toEqual(data);
    expect(told.cookie).toMatch(/^agon_session=; Path=\/; HttpOnly; SameSite=Lax; Expires=Thu, 01 Jan 1970/);
  });

  test("signs in again", async () => {
    const { handle } = await newPerson(app.url);
    const input = `{ login: "${handle}", password: "correct horse battery" }`;
    const told = await browse(`mutation { signIn(input: ${input}) { __typename } }`, STALE);
    expect(told.data).toEqual({ signIn: { __typename: "SignInSuccess" } });
    expect(told.cookie).toMatch(/^agon_session=[\w-]{43};/);
  });

  test("is told that it is not signed in where one must be", async () => {
    const made = `createApiKey(input: { name: "x", scopes: [PLAY] }) { ... on Refusal { code } }`;
    expect((await browse(`mutation { ${made} }`, STALE)).data).toEqual({ createApiKey: { code: "NOT_AUTHENTICATED" } });
  });

  test("reads by a link too, whose answer a cache may keep: nobody's cookie is in it", async () => {
    const link = `${app.url}/graphql?query=${encodeURIComponent(`{ ${HOUSE} }`)}`;
    const response = await fetch(link, { headers: { cookie: `agon_session=${STALE}`, "x-agon": "1" } });
    expect(await response.json()).toMatchObject({ data: house });
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  test("opens a socket like anybody", async () => {
    class WithCookie extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { headers: { cookie: `agon_session=${STALE}`, origin: app.url } });
      }
    }
    const client = createClient({
      url: `${app.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WithCookie,
      retryAttempts: 0,
    });
    const answers = client.iterate({ query: `{ ${HOUSE} }` });
    expect((await answers.next()).value).toMatchObject({ data: house });
    await client.dispose();
  });

  test("a program's token that does not hold is refused: it must not go on as somebody else", async () => {
    const { errors } = await ask(app.url, `{ ${HOUSE} }`, {}, { authorization: `Bearer ${STALE}` });
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_CREDENTIALS");
  });
});

describe("a cookie is a session's token", () => {
  test("a key in it is nobody's, and is taken away", async () => {
    const { key } = await newPerson(app.url);
    const told = await browse(`{ viewer { user { handle } } ${HOUSE} }`, key);
    expect(told.data).toEqual({ viewer: null, ...house });
    expect(told.cookie).toMatch(/^agon_session=; /);
    const made = `registerBot(input: { name: "By_Cookie" }) { ... on Refusal { code } }`;
    expect((await browse(`mutation { ${made} }`, key)).data).toEqual({ registerBot: { code: "NOT_AUTHENTICATED" } });
  });

  test("a ticket in it is not used up", async () => {
    const { token, handle } = await newPerson(app.url);
    const bearer = { authorization: `Bearer ${token}` };
    const made = `mutation { createSocketTicket(input: {}) { ... on CreateSocketTicketSuccess { ticket } } }`;
    const { data } = await ask(app.url, made, {}, bearer);
    const { ticket } = (data as unknown as { createSocketTicket: { ticket: string } }).createSocketTicket;
    expect((await browse(`{ viewer { operator } }`, ticket)).data).toEqual({ viewer: null });
    const client = socket(app.url, ticket);
    const { value } = await client.iterate({ query: `{ viewer { user { handle } } }` }).next();
    expect(value).toMatchObject({ data: { viewer: { user: { handle } } } });
    await client.dispose();
  });
});

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const usedAt = async (handle: string) =>
  (
    await app.platform.db.pool.query<{ last_used_at: Date }>(
      "SELECT s.last_used_at FROM session s JOIN app_user u ON u.id = s.user_id WHERE u.handle = $1",
      [handle],
    )
  ).rows[0]?.last_used_at.getTime();

test("a session lives on while it is used, and its cookie with it; not each use is written", async () => {
  const { token, handle } = await newPerson(app.url);
  const begun = nowMs;
  const query = `{ viewer { user { handle } } }`;
  const mine = { viewer: { user: { handle } } };
  nowMs += 4 * MINUTE_MS;
  expect(await browse(query, token)).toMatchObject({ data: mine, cookie: null });
  expect(await usedAt(handle)).toBe(begun);
  nowMs += 2 * MINUTE_MS;
  const moved = await browse(query, token);
  expect(moved.data).toEqual(mine);
  const until30 = new Date(nowMs + 30 * DAY_MS).toUTCString();
  expect(moved.cookie).toBe(`agon_session=${token}; Path=/; HttpOnly; SameSite=Lax; Expires=${until30}`);
  expect(await usedAt(handle)).toBe(nowMs);
  nowMs += 29 * DAY_MS;
  expect((await browse(`{ ${HOUSE} }`, token)).cookie).toContain(token);
  nowMs += 29 * DAY_MS;
  expect((await browse(query, token)).data).toEqual(mine);
  nowMs += 31 * DAY_MS;
  expect(await browse(query, token)).toMatchObject({ data: { viewer: null }, cookie: expect.stringMatching(/=; /) });
});

test("a session that only an open socket uses lives on, and nobody is thrown out of what they watch", async () => {
  const { token, handle } = await newPerson(app.url);
  const client = socket(app.url, token);
  const closed: unknown[] = [];
  client.on("closed", (event) => closed.push(event));
  const watching = client.iterate({ query: `subscription { userEvents { cursor } }` });
  void watching.next().catch(() => undefined);
  const asked = async () => (await client.iterate({ query: `{ viewer { user { handle } } }` }).next()).value as unknown;
  const mine = { data: { viewer: { user: { handle } } } };
  expect(await asked()).toMatchObject(mine);
  for (let month = 0; month < 2; month++) {
    nowMs += 29 * DAY_MS;
    await until(async () => (await usedAt(handle)) === nowMs, "a session that is used");
  }
  expect(await asked()).toMatchObject(mine);
  expect(closed).toEqual([]);
  await client.dispose();
});

test("the fifty-first session ends the one that was used least lately, and no other", async () => {
  const { token, handle } = await newPerson(app.url);
  await app.platform.db.pool.query(
    `INSERT INTO session (id, user_id, token_hash, device, created_at, last_used_at, expires_at)
     SELECT gen_random_uuid(), u.id, sha256((u.id::text || n)::bytea), 'device ' || n, $2, $2::timestamptz - n * interval '1 minute', $2::timestamptz + interval '1 day'
     FROM app_user u, generate_series(1, 49) n WHERE u.handle = $1`,
    [handle, new Date(nowMs)],
  );
  const devices = async () => {
    const { data } = await browse("{ viewer { sessions { device } } }", token);
    return (data as unknown as { viewer: { sessions: { device: string }[] } }).viewer.sessions.map(
      (each) => each.device,
    );
  };
  const before = await devices();
  expect(before).toHaveLength(50);
  const signedIn = await mutate(app.url, null, "signIn", { login: handle, password: "correct horse battery" });
  expect(signedIn["__typename"]).toBe("SignInSuccess");
  const after = await devices();
  expect(after).toHaveLength(50);
  expect(before.filter((device) => !after.includes(device))).toEqual(["device 49"]);
});

test("a socket whose session has expired is closed by name", async () => {
  const { token, handle } = await newPerson(app.url);
  const client = socket(app.url, token);
  const closed = new Promise((resolve) => client.on("closed", resolve));
  const watching = client.iterate({ query: `subscription { userEvents { cursor } }` });
  void watching.next().catch(() => undefined);
  await until(async () => (await client.iterate({ query: `{ ${HOUSE} }` }).next()).value, "an open socket");
  await app.platform.db.pool.query(
    "UPDATE session SET expires_at = $2 WHERE user_id = (SELECT id FROM app_user WHERE handle = $1)",
    [handle, new Date(nowMs - 1)],
  );
  expect(await closed).toMatchObject({ code: 4403, reason: expect.stringContaining("has expired") });
});

test("passwords are not guessed on in an open session", async () => {
  const strict = await startTestApp({ LIMIT_SIGN_INS_PER_MINUTE: 3 });
  const { token } = await newPerson(strict.url);
  const tried = async (current: string) => {
    const query = `mutation($input: SetPasswordInput!) { setPassword(input: $input) { ... on Refusal { code retryAfterMs } } }`;
    const input = { current, password: "another four words" };
    const { data } = await ask(strict.url, query, { input }, { authorization: `Bearer ${token}` });
    return data?.["setPassword"] as unknown as { code: string; retryAfterMs: number | null };
  };
  for (let time = 0; time < 3; time++) expect((await tried(`guess ${time}`)).code).toBe("WRONG_PASSWORD");
  const refused = await tried("correct horse battery");
  expect(refused.code).toBe("RATE_LIMITED");
  expect(refused.retryAfterMs).toBeGreaterThan(0);
  await strict.stop();
});

test("who is an operator no more is none on an open socket either", async () => {
  const person = await newPerson(app.url);
  const grant = (operator: boolean) =>
    app.platform.db.pool.query("UPDATE app_user SET operator = $2 WHERE handle = $1", [person.handle, operator]);
  await grant(true);
  const client = socket(app.url, person.token);
  const closed = new Promise<number>((resolve) =>
    client.on("closed", (event) => resolve((event as { code: number }).code)),
  );
  const bot = await newBot(app.url, person.key, "Demoted");
  const events = client.iterate({ query: `subscription { botEvents(botId: "${bot}") { at } }` });
  void events.next().catch(() => undefined);
  const log = client.iterate({ query: `{ auditLog(first: 1) { nodes { action } } }` });
  expect((await log.next()).value).toMatchObject({ data: { auditLog: { nodes: [{}] } } });
  await grant(false);
  expect(await closed).toBe(4403);
  expect((await mutate(app.url, person.key, "heartbeat", { botId: bot }))["__typename"]).toBe("HeartbeatSuccess");
});
