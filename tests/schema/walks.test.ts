import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorker, type Worker } from "../harness/work.ts";
import { define } from "../harness/workflows.ts";

const CROWD = 3_000;
/** How many rows a statement may look at for nothing. */
const LOOKED_AT_MAX = 100;

type Asked = { text: string; values: unknown[] };
const query = pg.Client.prototype.query;
let app: App;
let own: Worker;
let asked: Asked[] = [];

const multiply = (table: string, id: string, other: string) =>
  app.platform.db.pool.query(
    `INSERT INTO ${table} SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), ${other}))).*
     FROM ${table} r, generate_series(2, $2::int4) n WHERE r.id = $1::uuid`,
    [id.slice(-32), CROWD],
  );

beforeAll(async () => {
  app = await startTestApp({ LIMIT_PRESENCE_MS: 600_000 }, {}, { AGON_ROLES: "api" });
  const crowd = await newWorker(app.url, ["common"]);
  own = await newWorker(app.url, ["rare"]);
  const [done, asks] = [
    await newTask(app.url, crowd.key, { visibility: "PUBLIC" }),
    await newTask(app.url, crowd.key, { approval: true }),
  ];
  await multiply("task", done, "'state', 'COMPLETED', 'ready', false, 'ended_at', now()");
  await multiply("task", asks, "'state', 'AWAITING_APPROVAL'");
  await multiply("bot", crowd.botId, "'name', 'Crowd_' || n");
  await app.platform.db.pool.query("ANALYZE task, bot");
  pg.Client.prototype.query = function heard(this: pg.Client, ...given: never[]) {
    const [first, values = []] = given as unknown as [string | { text?: string; values?: unknown[] }, unknown[]?];
    asked.push(
      typeof first === "string" ? { text: first, values } : { text: first.text ?? "", values: first.values ?? [] },
    );
    return (query as (...each: never[]) => never).apply(this, given);
  };
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await app.stop();
});

type Plan = { [name: string]: unknown; Plans?: Plan[] };

/** How many rows a plan looked at: those that it gave, and those that it threw away. */
function lookedAt(plan: Plan): number {
  const each = [
    "Actual Rows",
    "Rows Removed by Filter",
    "Rows Removed by Index Recheck",
    "Rows Removed by Join Filter",
  ];
  const rows = each.reduce((sum, name) => sum + Number(plan[name] ?? 0), 0) * Number(plan["Actual Loops"] ?? 1);
  return (plan.Plans ?? []).reduce((sum, beneath) => sum + lookedAt(beneath), rows);
}

/** What a request asked of one table, and how many rows were looked at for it. */
async function costOf(table: string, request: () => Promise<unknown>): Promise<{ statements: number; rows: number }> {
  asked = [];
  await request();
  const from = new RegExp(`\\bFROM\\s+("public"\\.)?"?${table}\\b`);
  const statements = asked.filter(({ text }) => from.test(text));
  let rows = 0;
  for (const { text, values } of statements) {
    const explained = await app.platform.db.pool.query<{ "QUERY PLAN": { Plan: Plan }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    rows += lookedAt(explained.rows[0]?.["QUERY PLAN"][0]?.Plan ?? {});
  }
  return { statements: statements.length, rows };
}

const list = async (text: string) => {
  const { data, errors } = await ask(app.url, text, {}, { "x-api-key": own.key });
  expect(errors).toBeUndefined();
  return data;
};

test.each([
  "{ states: [BLOCKED] }",
  "{ states: [PENDING, ASSIGNED], failure: ATTEMPTS_EXHAUSTED }",
  "{ states: [COMPLETED], failure: REJECTED }",
  "{ failure: REJECTED }",
  "{ states: [FAILED, CANCELLED] }",
])("public tasks that are %s are looked for without walking all others", async (filterBy) => {
  const look = () => list(`{ tasks(first: 1, filterBy: ${filterBy}) { nodes { id } } }`);
  expect(await look()).toEqual({ tasks: { nodes: [] } });
  const { statements, rows } = await costOf("task", look);
  expect(statements).toBeLessThanOrEqual(1);
  expect(rows).toBeLessThan(LOOKED_AT_MAX);
});

test("what waits for a person's yes is looked for without walking what waits for others'", async () => {
  const id = await newTask(app.url, own.key, { approval: true });
  const look = () => list("{ viewer { approvals(first: 1) { nodes { id } } } }");
  expect(await look()).toEqual({ viewer: { approvals: { nodes: [{ id }] } } });
  const { statements, rows } = await costOf("task", look);
  expect(statements).toBe(1);
  expect(rows).toBeLessThan(LOOKED_AT_MAX);
});

test("which capabilities are known is asked of one's own bots, not of all", async () => {
  const steps = (capability: string) => [{ key: "a", capabilities: [capability] }];
  const check = (capability: string) => define(app.url, own.key, steps(capability), { checkOnly: true });
  expect(await check("rare")).toMatchObject({ __typename: "DefineWorkflowSuccess" });
  // A stranger's bots are none of these.
  expect(await check("common")).toMatchObject({ code: "UNKNOWN_CAPABILITY" });
  const { statements, rows } = await costOf("bot", () => check("nobody-can"));
  expect(statements).toBeGreaterThan(0);
  expect(rows).toBeLessThan(LOOKED_AT_MAX);
});
