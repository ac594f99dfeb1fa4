import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

const OUTAGE_S = 60;
const FIGHTS = 3;

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3 });
  server = serverProcess(await freePort(), database.url, ROOMY);
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await pool.end();
  await database.drop();
});

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await pool.query<Row>(text, values)).rows;

async function fights(): Promise<string[]> {
  const bots = await Promise.all(
    Array.from({ length: 2 * FIGHTS }, async (_none, index) => {
      const { key } = await newPerson(server.url);
      return { key, botId: await newBot(server.url, key, `Outlived_${index}`) };
    }),
  );
  for (const { key, botId } of bots) await mutate(server.url, key, "joinQueue", { botId, ladder: "PIT" });
  return until(async () => {
    const begun = await rows<{ id: string }>("SELECT id FROM fight");
    return begun.length === FIGHTS && begun.map(({ id }) => id);
  }, "the fights");
}

/** By how much each fight's deadlines were moved, in milliseconds, and how many of its moves timed out. */
async function extensions(): Promise<{ byMs: number; timeouts: number }[]> {
  return rows(`SELECT (SELECT COALESCE(sum((payload::json->>'byMs')::int), 0)::int FROM stream_event
      WHERE stream = 'fight:' || f.id AND type = 'DeadlineExtended') AS "byMs",
    (SELECT count(*)::int FROM stream_event
      WHERE stream = 'fight:' || f.id AND type = 'ExchangeResolved' AND payload LIKE '%"timedOut":true%') AS timeouts
    FROM fight f`);
}

test("a server that is killed while it mends an outage has mended every fight once after its next start", async () => {
  const ids = await fights();
  await server.signal("SIGKILL");
  await pool.query("UPDATE engine_heartbeat SET beat_at = beat_at - $1 * interval '1 second'", [OUTAGE_S]);
  // Whoever tells a fight's stream that its deadlines move must wait.
  const client = await pool.connect();
  await client.query("BEGIN");
  const held = await client.query("SELECT FROM stream_head WHERE stream = ANY($1) FOR UPDATE", [
    ids.map((id) => `fight:${id}`),
  ]);
  expect(held.rowCount).toBe(FIGHTS);
  await server.start();
  await until(async () => {
    const [waiting] = await rows<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    return (waiting?.n ?? 0) > 0;
  }, "the server in the middle of it");
  await server.signal("SIGKILL");
  await client.query("COMMIT");
  client.release();
  await server.start();
  await until(async () => (await extensions()).every(({ byMs }) => byMs > 0), "every fight's later deadlines");
  for (const { byMs, timeouts } of await extensions()) {
    expect(timeouts).toBe(0);
    expect(byMs).toBeGreaterThanOrEqual(OUTAGE_S * 1_000);
    expect(byMs).toBeLessThan(2 * OUTAGE_S * 1_000);
  }
});

test("a move counts also where the outage before it is not mended yet, and what ten minutes were away for is void", async () => {
  // Without an engine nothing mends.
  const app = await startTestApp({ LIMIT_ACTION_TIMEOUT_MS: 200, LIMIT_TIME_BANK_MS: 0 }, {}, { AGON_ROLES: "api" });
  const [one, two] = await Promise.all(
    ["Early_one", "Early_two"].map(async (name) => {
      const { key } = await newPerson(app.url);
      const botId = await newBot(app.url, key, name);
      await mutate(app.url, key, "enterPit", { botId });
      return { key, botId };
    }),
  );
  const callout = { botId: one?.botId, targetId: two?.botId };
  const called = await mutate(app.url, one?.key ?? "", "createCallout", callout, "callout { id }");
  const { id: calloutId } = called["callout"] as unknown as { id: string };
  const accepted = await mutate(app.url, two?.key ?? "", "acceptCallout", { calloutId }, "callout { fight { id } }");
  const fightId = (accepted["callout"] as unknown as { fight: { id: string } }).fight.id;
  const submit = async (action: string) => {
    const move = { botId: one?.botId, fightId, round: 1, exchange: 1, action };
    const result = await mutate(app.url, one?.key ?? "", "submitFightAction", move);
    return result["code"] ?? result["__typename"];
  };
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await submit("RECOVER")).toBe("EXCHANGE_CLOSED");
  const owe = (ms: number) => app.platform.db.pool.query("UPDATE fight SET outage_ms = $1", [ms]);
  await owe(599_999);
  expect(await submit("RECOVER")).toBe("SubmitFightActionSuccess");
  const { data } = await ask(app.url, `{ fight(id: "${fightId}") { events(first: 10) { nodes { __typename } } } }`);
  const told = (data as unknown as { fight: { events: { nodes: { __typename: string }[] } } }).fight.events.nodes;
  expect(told.map(({ __typename }) => __typename)).toEqual(["FightStarted", "ExchangeRequested", "DeadlineExtended"]);
  expect(await submit("RECOVER")).toBe("ALREADY_SUBMITTED");
  await owe(600_000);
  expect(await submit("RECOVER")).toBe("FIGHT_OVER");
  await app.stop();
});

test("who catches up with deadlines for longer than an outage takes it for none", async () => {
  const app = await startTestApp({ LIMIT_ACTION_TIMEOUT_MS: 300, LIMIT_TIME_BANK_MS: 0, LIMIT_CALLOUT_INTERVAL_MS: 0 });
  const { pool: inside } = app.platform.db;
  // Each fight takes the database so long that the next deadlines are due before the last ones are done.
  await inside.query(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.25); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE UPDATE ON fight FOR EACH ROW EXECUTE FUNCTION slow()`);
  const people = await Promise.all(
    ["Slow_a", "Slow_b", "Slow_c", "Slow_d", "Slow_e", "Slow_f", "Slow_g", "Slow_h"].map(async (name) => {
      const { key } = await newPerson(app.url);
      return { key, botId: await newBot(app.url, key, name) };
    }),
  );
  const join = ({ key, botId }: (typeof people)[number], ladder: string) =>
    mutate(app.url, key, "joinQueue", { botId, ladder });
  // One fight that outlives the others.
  for (const each of people.slice(0, 2)) await join(each, "PIT_SLOW");
  for (const each of people) await join(each, "PIT");
  await until(async () => {
    const { rows: found } = await inside.query("SELECT FROM fight WHERE deadline_at IS NULL");
    return found.length === people.length / 2;
  }, "the ends of the fights");
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const { rows: moved } = await inside.query("SELECT FROM stream_event WHERE type = 'DeadlineExtended'");
  expect(moved).toEqual([]);
  await app.stop();
});
