import { getIntrospectionQuery } from "graphql";
import { serverAudits } from "graphql-http";
import WebSocket from "ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const code = async (query: string, variables: object = {}, headers: Record<string, string> = {}) =>
  (await ask(app.url, query, variables, headers)).errors?.[0]?.extensions?.["code"];

/** A short text of which each fragment spreads the next one twice. */
function doubling(times: number): string {
  const fragments = Array.from(
    { length: times },
    (_none, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`,
  );
  return `{ ...F0 } ${fragments.join(" ")} fragment F${times} on Query { __typename }`;
}

const SAME = "viewer { user { id } } ";

test.each([
  [
    "a million rows by a variable",
    "query($n: Int!) { bots(first: $n) { nodes { id } } }",
    { n: 1_000_000 },
    "PAGE_TOO_LARGE",
  ],
  [
    "a million rows by a default",
    "query($n: Int = 1000000) { bots(first: $n) { nodes { id } } }",
    {},
    "PAGE_TOO_LARGE",
  ],
  [
    "more than it may cost",
    "{ bots(first: 100) { nodes { contests(first: 100) { nodes { participants { bot { owner { handle } } } } } } } }",
    {},
    "COST_EXCEEDED",
  ],
  [
    "the changes of a hundred battles",
    "{ codeBattles(first: 100) { nodes { entries { diff } } } }",
    {},
    "COST_EXCEEDED",
  ],
  [
    "all the tests of a hundred battles",
    "{ codeBattles(first: 100) { nodes { entries { tests { name } } } } }",
    {},
    "COST_EXCEEDED",
  ],
  ["a hundred ballots", "{ codeBattles(first: 100) { nodes { ballot { diff } } } }", {}, "COST_EXCEEDED"],
  [
    "sixteen aliases",
    `{ ${Array.from({ length: 16 }, (_none, index) => `a${index}: __typename`).join(" ")} }`,
    {},
    "TOO_MANY_ALIASES",
  ],
  ["nine directives", `{ ${"viewer @include(if: true) { operator } ".repeat(9)} }`, {}, "TOO_MANY_DIRECTIVES"],
  ["a page of no number of rows", "query($n: Int) { bots(first: $n) { nodes { id } } }", { n: "many" }, "BAD_INPUT"],
  ["fragments that double 24 times", doubling(24), {}, "TOO_LONG"],
  ["the same field 150 times, of which each pair is compared", `{ ${SAME.repeat(150)} }`, {}, "TOO_LONG"],
  [
    "400 times in one place of the answer, 20 in each of 20",
    `{ ${`viewer { ${"user { id } ".repeat(20)} } `.repeat(20)} }`,
    {},
    "TOO_LONG",
  ],
  ["the same by fragments", `{ ${"...F ".repeat(150)} } fragment F on Query { ${SAME} }`, {}, "TOO_LONG"],
  ["that, and a field that does not exist", `{ ${SAME.repeat(150)} nothing }`, {}, "TOO_LONG"],
  [
    "a million rows under 41 fragments",
    `{ ${"... { ".repeat(41)} bots(first: 100) { nodes { contests(first: 100) { nodes { participants { bot { owner { handle } } } } } } } ${"}".repeat(41)} }`,
    {},
    "COST_EXCEEDED",
  ],
  ["101 nodes by their ids", `{ nodes(ids: [${`"x" `.repeat(101)}]) { id } }`, {}, "PAGE_TOO_LARGE"],
  [
    "101 nodes by a variable",
    "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
    { ids: Array.from({ length: 101 }, () => "x") },
    "PAGE_TOO_LARGE",
  ],
  [
    "101 nodes by what a variable is when nothing is sent",
    `query($ids: [ID!]! = [${`"x" `.repeat(101)}]) { nodes(ids: $ids) { id } }`,
    {},
    "PAGE_TOO_LARGE",
  ],
  ["an id of another type", `{ fight(id: "bot_${"0".repeat(32)}") { id } }`, {}, "INVALID_ID"],
  ["an id that is none", `{ fight(id: "x") { id } }`, {}, "INVALID_ID"],
  [
    "600 kB of variables",
    "query($q: String!) { bot(name: $q) { id } }",
    { q: "x".repeat(600_000) },
    "VARIABLES_TOO_LARGE",
  ],
] as const)("%s is refused by name", async (_sentence, query, variables, expected) => {
  expect(await code(query, variables)).toBe(expected);
});

const priceOf = async (query: string, variables: object = {}) =>
  (await ask(app.url, query, variables)).extensions?.["cost"] as { requested: number } | undefined;

test.each([
  ["a plain field", "{ __typename }", 1],
  ["an object", "{ ladder(kind: PIT) { name } }", 1],
  // The page, ten bots and their ten owners.
  ["a page", "{ bots(first: 10) { nodes { owner { handle } } } }", 21],
  ["a page that does not say its size has twenty", "{ bots { nodes { id } } }", 21],
  // What is named: itself and its owner.
  ["what is asked for by ids", `{ nodes(ids: ["bot_${"0".repeat(32)}"]) { ... on Bot { owner { handle } } } }`, 2],
  ["a list without a page counts for the rows that it says", "{ ladders { name } }", 4],
  // The ladder, twenty that wait, their twenty bots.
  ["and so does what is beside its rows", "{ ladder(kind: PIT) { queue { bot { name } } } }", 41],
  // The Pit, six fights, two sides each, and the bots of these.
  ["a list that says nothing has two", "{ pit { fights { participants { bot { name } } } } }", 31],
  // The page, one battle, its four gladiators, and fifty for each of their changes.
  ["a large text has a price of its own", "{ codeBattles(first: 1) { nodes { entries { diff } } } }", 106],
  ["twice the same list is twice the price", "{ a: ladders { name } b: ladders { name } }", 8],
  ["fragments are written out", "{ ...F ... { ...F } } fragment F on Query { ladders { name } }", 8],
  ["one type of the schema is next to nothing", `{ __type(name: "Bot") { name fields { name } } }`, 1],
])("%s costs what is in it", async (_sentence, query, points) => {
  expect((await priceOf(query))?.requested).toBe(points);
});

test("the whole schema has a price, at which its tools can ask for it three times in an anonymous minute", async () => {
  const poor = await startTestApp({ LIMIT_COST_PER_MINUTE_ANONYMOUS: 1_000 });
  const costs = [];
  for (let asked = 0; asked < 3; asked++) {
    const { data, extensions } = await ask(poor.url, getIntrospectionQuery());
    expect(data).toHaveProperty("__schema");
    costs.push((extensions?.["cost"] as { requested: number } | undefined)?.requested ?? 0);
  }
  expect(Math.min(...costs)).toBeGreaterThan(200);
  await poor.stop();
});

test("thirteen levels are refused by name", async () => {
  const query =
    "{ contests(first: 1) { nodes { participants { bot { contests(first: 1) { nodes { participants { bot { contests(first: 1) { nodes { participants { bot { owner { handle } } } } } } } } } } } } } }";
  expect(await code(query)).toBe("TOO_DEEP");
});

test("what costs more than a minute has is told so, and takes nothing", async () => {
  const small = await startTestApp({ LIMIT_COST_PER_MINUTE_ANONYMOUS: 50 });
  const page = (first: number) => ask(small.url, `{ bots(first: ${first}) { nodes { id } } }`);
  expect((await page(100)).errors?.[0]?.extensions?.["code"]).toBe("COST_EXCEEDED");
  expect((await page(1)).errors).toBeUndefined();
  await small.stop();
});

test("a body of more than 800 KiB is refused with 413", async () => {
  const response = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ __typename }", variables: { x: "x".repeat(2_000_000) } }),
  }).catch(() => null);
  expect([413, undefined]).toContain(response?.status);
});

test("a form cannot send a mutation", async () => {
  const response = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: "http://evil.example" },
    body: new URLSearchParams({ query: "mutation { signOut(input: {}) { __typename } }" }),
  });
  expect(response.status).toBe(415);
});

test("a foreign page cannot open a socket with a visitor's cookie", async () => {
  const { token } = await newPerson(app.url);
  const socket = new WebSocket(`${app.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
    headers: { origin: "http://evil.example", cookie: `agon_session=${token}` },
  });
  const status = await new Promise((resolve) =>
    socket
      .once("unexpected-response", (_request, response) => resolve(response.statusCode))
      .once("error", () => undefined)
      .once("open", () => resolve("open")),
  );
  expect(status).toBe(403);
});

test("a connection_init of 50 MB closes the socket", async () => {
  const socket = new WebSocket(`${app.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("open", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.send(JSON.stringify({ type: "connection_init", payload: { x: "x".repeat(50_000_000) } }), () => undefined);
  expect([1006, 1009]).toContain(await closed);
  expect((await ask(app.url, "{ __typename }")).data).toEqual({ __typename: "Query" });
});

test("a wrong key is told so, and a revoked one stops working", async () => {
  expect(await code("{ viewer { operator } }", {}, { "x-api-key": `cq_${"0".repeat(40)}` })).toBe("BAD_CREDENTIALS");
  const { token, key } = await newPerson(app.url);
  const { data } = await ask(app.url, "{ viewer { apiKeys { id } } }", {}, { authorization: `Bearer ${token}` });
  const id = (data as unknown as { viewer: { apiKeys: { id: string }[] } }).viewer.apiKeys[0]?.id;
  expect((await ask(app.url, "{ viewer { operator } }", {}, { "x-api-key": key })).data).toEqual({
    viewer: { operator: false },
  });
  await ask(
    app.url,
    "mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename } }",
    { input: { apiKeyId: id } },
    { authorization: `Bearer ${token}` },
  );
  expect(await code("{ viewer { operator } }", {}, { "x-api-key": key })).toBe("BAD_CREDENTIALS");
});

test("another's bot is NOT_YOUR_BOT, and a name is taken also at the same instant", async () => {
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  const both = await Promise.all(
    [ann, bob].map(({ key }) => mutate(app.url, key, "registerBot", { name: "SameName" }, "bot { id }")),
  );
  expect(both.map((result) => result["code"] ?? "made").toSorted()).toEqual(["NAME_TAKEN", "made"]);
  const winner = both.findIndex((result) => result["bot"]);
  const botId = (both[winner]?.["bot"] as unknown as { id: string } | undefined)?.id;
  expect((await mutate(app.url, [bob, ann][winner]?.key ?? "", "joinQueue", { botId, ladder: "PIT" }))["code"]).toBe(
    "NOT_YOUR_BOT",
  );
  expect((await mutate(app.url, [ann, bob][winner]?.key ?? "", "joinQueue", { botId, ladder: "PIT" }))["code"]).toBe(
    "BOT_OFFLINE",
  );
  expect((await mutate(app.url, [ann, bob][winner]?.key ?? "", "joinQueue", { botId, ladder: "CODE" }))["code"]).toBe(
    "LADDER_CLOSED",
  );
});

test.each([
  ["{ ladde(kind: PIT) { open } }", 'Cannot query field "ladde" on type "Query".'],
  ["query($a: BotFilte) { bots(filterBy: $a) { nodes { id } } }", 'Unknown type "BotFilte".'],
])("in production %s is told of no names that are like it", async (query, message) => {
  const { suggestions } = app.platform.settings;
  app.platform.settings.suggestions = false;
  const { errors } = await ask(app.url, query);
  app.platform.settings.suggestions = suggestions;
  expect(errors?.map((error) => error.message)).toContain(message);
  expect(JSON.stringify(errors)).not.toContain("Did you mean");
});

test("graphql-http's audit finds no error", async () => {
  const audits = serverAudits({
    url: `${app.url}/graphql`,
    fetchFn: (input: string, init: RequestInit) =>
      fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), "x-agon": "audit" } }),
  });
  const failed: string[] = [];
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status === "error") failed.push(`${audit.name}: ${result.reason}`);
  }
  expect(audits.length).toBeGreaterThan(50);
  expect(failed).toEqual([]);
});

test("whoever ends each key at once still makes and rotates only so many an hour, and others are free", async () => {
  const few = await startTestApp({ LIMIT_KEYS_PER_HOUR: 3 });
  try {
    const [{ key, token }, other] = [await newPerson(few.url), await newPerson(few.url)];
    const made = async (by: string) =>
      (await mutate(
        few.url,
        by,
        "createApiKey",
        { name: "spent", scopes: ["PLAY"] },
        "key apiKey { id }",
      )) as never as {
        code?: string;
        retryAfterMs?: number;
        key: string;
        apiKey: { id: string };
      };
    const rotated = (apiKeyId: string) =>
      mutate(few.url, key, "rotateApiKey", { apiKeyId, graceMs: 0 }, "apiKey { id }");
    const first = await made(key);
    expect((await mutate(few.url, key, "revokeApiKey", { apiKeyId: first.apiKey.id }))["code"]).toBeUndefined();
    const second = await made(key);
    const third = (await rotated(second.apiKey.id)) as never as { apiKey: { id: string } };
    for (const refused of [await made(key), await rotated(third.apiKey.id)]) {
      expect(refused).toMatchObject({ code: "RATE_LIMITED" });
      expect(Number(refused["retryAfterMs"])).toBeGreaterThan(3_000_000);
    }
    expect((await made(other.key)).key).toMatch(/^cq_/);
    // A key that was stolen keeps nobody from making another: what sessions make is counted apart.
    expect(await newKey(few.url, token, ["PLAY"])).toMatch(/^cq_/);
    const { data } = await ask(few.url, "{ limits { name value } }");
    expect((data as never as { limits: object[] }).limits).toContainEqual({ name: "keysPerHour", value: 3 });
  } finally {
    await few.stop();
  }
});
