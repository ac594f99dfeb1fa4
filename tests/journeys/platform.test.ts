import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import WebSocket from "ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const post = (url: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

test("the limits in force and what an operation costs can be asked for", async () => {
  const { key } = await newPerson(app.url);
  const { data, extensions } = await ask(
    app.url,
    `{ limits { name value } rateLimit { cost limit available resetAt } bots(first: 10) { nodes { owner { handle } } } }`,
    {},
    { "x-api-key": key },
  );
  const { limits, rateLimit } = data as unknown as {
    limits: { name: string; value: number }[];
    rateLimit: Record<string, number>;
  };
  expect(limits).toContainEqual({ name: "actionTimeoutMs", value: 5_000 });
  expect(limits).toContainEqual({ name: "subscriptionsPerSocketMax", value: 128 });
  // limits 1, rateLimit 1, the page 1, ten bots, ten owners.
  expect(rateLimit).toMatchObject({ cost: 23, limit: 1_000_000 });
  expect(extensions?.["cost"]).toMatchObject({ requested: 23 });
});

test("an anonymous address has its points, and is told when there are new ones", async () => {
  const poor = await startTestApp({ LIMIT_COST_PER_MINUTE_ANONYMOUS: 1_000 });
  try {
    const query = `{ bots(first: 100) { nodes { owner { handle } } } }`;
    // 201 points each: the fifth is too much.
    const answers = [];
    for (let tried = 0; tried < 5; tried++) answers.push(await ask(poor.url, query));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions?.["code"])).toEqual([...Array(4), "RATE_LIMITED"]);
    expect(Number(answers[4]?.errors?.[0]?.extensions?.["retryAfterMs"])).toBeGreaterThan(0);
  } finally {
    await poor.stop();
  }
});

test("Prometheus reads the metrics from this machine, or with the token", async () => {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  expect(text).toMatch(/agon_operations_total\{type="query",outcome="ok"\} \d+/);
  expect(text).toMatch(/agon_database_connections\{state="idle"\} \d+/);
  const guarded = await startTestApp({}, {}, { METRICS_TOKEN: "a token of this test" });
  try {
    expect((await fetch(`${guarded.url}/metrics`)).status).toBe(403);
    const headers = { authorization: "Bearer a token of this test" };
    expect((await fetch(`${guarded.url}/metrics`, { headers })).status).toBe(200);
  } finally {
    await guarded.stop();
  }
});

describe("persisted operations", () => {
  const operations = JSON.parse(readFileSync("dist/web/operations.json", "utf8")) as Record<string, string>;

  test("are those of the front end, named by the SHA-256 of their text", () => {
    expect(Object.keys(operations).length).toBeGreaterThan(5);
    for (const [hash, text] of Object.entries(operations))
      expect(createHash("sha256").update(text).digest("hex")).toBe(hash);
  });

  test("cost a tenth of what the same text costs that somebody else sends", async () => {
    const [hash = "", query] = Object.entries(operations).find(([, text]) => text.includes("query PitPage")) ?? [];
    const costOf = async (sent: object) => {
      const { extensions } = (await (await post(app.url, sent)).json()) as {
        extensions: { cost: { requested: number } };
      };
      return extensions.cost.requested;
    };
    const persistedQuery = { version: 1, sha256Hash: hash };
    const full = await costOf({ query });
    expect(full).toBeGreaterThan(100);
    expect(await costOf({ query, extensions: { persistedQuery } })).toBe(Math.ceil(full / 10));
  });

  test("are served by their hash, and nothing else is where the operator wants it so", async () => {
    const strict = await startTestApp({}, {}, { GRAPHQL_PERSISTED_ONLY: "true" });
    try {
      const [hash = ""] = Object.entries(operations).find(([, text]) => text.includes("query Home ")) ?? [];
      const persistedQuery = { version: 1, sha256Hash: hash };
      const known = (await (await post(strict.url, { extensions: { persistedQuery } })).json()) as { data: object };
      expect(Object.keys(known.data)).toContain("arenaStats");
      const other = (await (await post(strict.url, { query: "{ arenaStats { bots } }" })).json()) as {
        errors: { extensions: { code: string } }[];
      };
      expect(other.errors[0]?.extensions.code).toBe("PERSISTED_OPERATIONS_ONLY");
      const none = { version: 1, sha256Hash: "0".repeat(64) };
      const missing = (await (await post(strict.url, { extensions: { persistedQuery: none } })).json()) as {
        errors: { extensions: { code: string } }[];
      };
      expect(missing.errors[0]?.extensions.code).toBe("PERSISTED_OPERATION_NOT_FOUND");
    } finally {
      await strict.stop();
    }
  });
});

test("every answer names its request, and a failure names it to the client too", async () => {
  const response = await post(app.url, { query: "{ __typename }" });
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f]{16}$/);
  await app.platform.db.pool.query("ALTER TABLE rating RENAME TO rating_away");
  try {
    const { key } = await newPerson(app.url);
    const failed = await post(app.url, { query: "{ ladder(kind: PIT) { newcomers { elo } } }" }, { "x-api-key": key });
    const { errors } = (await failed.json()) as { errors: { message: string; extensions: Record<string, unknown> }[] };
    expect(errors[0]?.extensions).toMatchObject({ code: "INTERNAL", requestId: failed.headers.get("x-request-id") });
    expect(JSON.stringify(errors)).not.toMatch(/rating|prisma|SELECT/i);
  } finally {
    await app.platform.db.pool.query("ALTER TABLE rating_away RENAME TO rating");
  }
});

test("a page whose origin is null may register without failing", async () => {
  const query = `mutation { registerUser(input: { handle: "sandboxed", email: "s@example.org", password: "correct horse battery" }) { __typename } }`;
  const { key } = await newPerson(app.url);
  const response = await post(app.url, { query }, { origin: "null", "x-api-key": key });
  expect(await response.json()).toMatchObject({ data: { registerUser: { __typename: "RegisterUserSuccess" } } });
  expect(response.headers.get("set-cookie")).toBeNull();
});

test("of 5,000 subscriptions on one socket 128 are served and the rest refused by name, and the server lives", async () => {
  const { key } = await newPerson(app.url);
  const socket = new WebSocket(`${app.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const refused: string[] = [];
  let closed = 0;
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as { type: string; payload?: { extensions?: { code?: string } }[] };
    if (message.type === "error") refused.push(message.payload?.[0]?.extensions?.code ?? "");
    if (message.type === "connection_ack")
      for (let id = 0; id < 5_000; id++)
        socket.send(
          JSON.stringify({
            id: String(id),
            type: "subscribe",
            payload: { query: "subscription { pitEvents { cursor } }" },
          }),
        );
  });
  socket.on("close", () => closed++);
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: key } }));
  while (refused.length < 5_000 - 128 && closed === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(closed).toBe(0);
  expect(refused).toHaveLength(5_000 - 128);
  expect(new Set(refused)).toEqual(new Set(["TOO_MANY_SUBSCRIPTIONS"]));
  socket.terminate();
  expect((await ask(app.url, "{ __typename }", {}, { "x-api-key": key })).data).toEqual({ __typename: "Query" });
});
