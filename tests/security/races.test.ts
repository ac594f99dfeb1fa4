import { hash } from "@node-rs/argon2";
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
