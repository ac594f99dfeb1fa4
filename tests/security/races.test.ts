import { hash } from "@node-rs/argon2";
import type { PoolClient } from "pg";
import WebSocket from "ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_SOCKETS_PER_PRINCIPAL_MAX: 2 });
});
afterAll(() => app.stop());

/** Holds a table while `work` runs: what the server does with it stands still in the middle. */
async function whileHeld<T>(table: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await app.platform.db.pool.connect();
  try {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return await work(client);
  } finally {
    await client.query("COMMIT");
    client.release();
  }
}

const waitingFor = async (client: PoolClient, statements: number) => {
  const { rows } = await client.query<{ n: number }>(
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
  await until(() => waitingFor(client, 1), "the sign-in at its session");
  // What setPassword does, in one transaction.
  await client.query("UPDATE app_user SET password_hash = $2 WHERE handle = $1", [handle, changed]);
  await client.query("UPDATE session SET revoked_at = now() WHERE revoked_at IS NULL");
  await client.query("COMMIT");
  client.release();
  expect((await signing)["code"]).toBe("WRONG_LOGIN");
});

test("a socket that went away while its key was looked at takes no place of its principal", async () => {
  const { key } = await newPerson(app.url);
  await whileHeld("api_key", async (client) => {
    const sockets = [1, 2].map(() => new WebSocket(`${app.url.replace("http", "ws")}/graphql`, "graphql-transport-ws"));
    for (const socket of sockets)
      socket.once("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: key } })));
    await until(() => waitingFor(client, 2), "both keys being looked at");
    for (const socket of sockets) socket.terminate();
    const { pool } = app.platform.db;
    await until(async () => (await metric("agon_sockets")) === 0 && pool.totalCount > 0, "both sockets' ends");
  });
  expect((await ask(app.url, "{ viewer { operator } }", {}, { "x-api-key": key })).data).toBeTruthy();
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

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}
