import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";

let app: App;
beforeAll(async () => {
  // No engine: nothing but the test uses the connections.
  app = await startTestApp({}, {}, { AGON_ROLES: "api" });
});
afterAll(() => app.stop());

const AT_ONCE = 8;
const JUNK = 450;
/** What one connection may hold of what clients composed. */
const PREPARED_PER_CONNECTION_MAX = 400;

let asked = 0;
/** Asks what no cache can know: a variable that the operation does not declare is part of what was asked. */
async function read(query: string): Promise<unknown> {
  const { data } = await ask(app.url, query, { asked: asked++ });
  return data;
}
const readAll = async (queries: readonly string[], atOnce = AT_ONCE) => {
  for (let at = 0; at < queries.length; at += atOnce) await Promise.all(queries.slice(at, at + atOnce).map(read));
};
const junk = (label: string) =>
  Array.from({ length: JUNK }, (_none, n) => `{ bot(name: "House_Random") { ${label}${n}: name } }`);

/** What each of the server's connections has prepared. */
async function prepared(): Promise<string[][]> {
  const { pool } = app.platform.db;
  const clients: pg.PoolClient[] = [];
  for (let each = pool.totalCount; each > 0; each--) clients.push(await pool.connect());
  const statements = await Promise.all(
    clients.map((client) => client.query<{ statement: string }>("SELECT statement FROM pg_prepared_statements")),
  );
  for (const client of clients) client.release();
  return statements.map(({ rows }) => rows.map(({ statement }) => statement));
}
const preparedWith = async (alias: string) =>
  (await prepared()).flat().filter((statement) => statement.includes(`"${alias}"`)).length;

test("a document that is asked once is not prepared, and one that is asked again is", async () => {
  const query = `{ bot(name: "House_Random") { seldom: name } }`;
  expect(await read(query)).toEqual({ bot: { seldom: "House_Random" } });
  expect(await preparedWith("seldom")).toBe(0);
  for (let time = 0; time < 2; time++) expect(await read(query)).toEqual({ bot: { seldom: "House_Random" } });
  expect(await preparedWith("seldom")).toBeGreaterThan(0);
});

test("after a flood of documents, once and twice, an honest one is prepared as ever", async () => {
  await readAll(junk("once"));
  await readAll(junk("twice"));
  await readAll(junk("twice"));
  const query = `{ bot(name: "House_Random") { honest: name } }`;
  for (let time = 0; time < 3; time++) expect(await read(query)).toEqual({ bot: { honest: "House_Random" } });
  expect(await preparedWith("honest")).toBeGreaterThan(0);
});

test("what a flood leaves prepared on a connection is bounded", async () => {
  // One after the other they all come to the same connection.
  await readAll([...junk("again"), ...junk("again")], 1);
  const composed = (await prepared()).map((all) =>
    all.filter((text) => text.startsWith("SELECT row_to_json(o)::text")),
  );
  for (const texts of composed) expect(texts.length).toBeLessThanOrEqual(PREPARED_PER_CONNECTION_MAX);
});

/** What no single statement answers, since it asks for the viewer too; each number makes another statement of Prisma's. */
const nested = (n: number): string =>
  n === 0
    ? "name"
    : `${n & 1 ? "owner { handle }" : ""} ${n & 2 ? "lastSeenAt" : ""} ratings { bot { ${nested(n >> 2)} } }`;
const viewed = Array.from(
  { length: JUNK },
  (_none, n) => `{ viewer { operator } bot(name: "House_Random") { ${nested(n)} } }`,
);

test("what a flood leaves prepared on a connection of Prisma's is bounded too, and an honest document is prepared", async () => {
  await readAll(viewed);
  // One after the other they all come to the same connection.
  await readAll(viewed, 1);
  const query = `{ viewer { operator } bot(name: "House_Random") { owner { handle } } }`;
  for (let time = 0; time < 3; time++)
    expect(await read(query)).toEqual({ viewer: null, bot: { owner: { handle: "house" } } });
  const rows = await app.platform.prisma.$queryRaw<
    { statement: string }[]
  >`SELECT statement FROM pg_prepared_statements`;
  const texts = rows.map(({ statement }) => statement);
  expect(texts.length).toBeLessThanOrEqual(PREPARED_PER_CONNECTION_MAX);
  expect(texts.filter((text) => text.includes("Bot_owner") && !text.includes("Bot_ratings"))).toHaveLength(1);
}, 120_000);
