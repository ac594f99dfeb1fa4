import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { enqueue, migrateJobs, startJobs, type Task } from "../../src/platform/jobs.ts";
import { openDatabase, type Database } from "../../src/platform/database.ts";
import { ownPostgres, type OwnPostgres } from "../harness/postgres.ts";
import { until } from "../harness/until.ts";

const log = pino({ level: "silent" });

let postgres: OwnPostgres;
let db: Database;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  stops = [];
  postgres = await ownPostgres();
  await migrateJobs(postgres.url, log);
  db = openDatabase(postgres.url, 2);
});
afterEach(async () => {
  for (const stop of stops) await stop();
  await db.close();
  await postgres.remove();
});

async function start(run: Task): Promise<void> {
  stops.push((await startJobs(postgres.url, { work: run }, [], log)).stop);
}

const add = (name: string) => db.transact((tx) => enqueue(tx, [{ task: "work", payload: { name }, key: name }]));

const left = async () => {
  const { rows } = await db.pool.query<{ key: string }>("SELECT key FROM graphile_worker.jobs ORDER BY key");
  return rows.map(({ key }) => key);
};

// A rejection that nobody handles would end the server's process, and ends this test run as failed.
test.each(["succeeds", "fails"])("a job that %s while the database is away is written down later", async (how) => {
  const began: string[] = [];
  const away = Promise.withResolvers<void>();
  await start(async ({ name }) => {
    began.push(String(name));
    if (began.length > 1) return;
    await postgres.stopAtOnce();
    away.resolve();
    if (how === "fails") throw new Error("it needed the database");
  });
  await add("a");
  await away.promise;
  await postgres.startAgain();
  await until(async () => (await left()).length === 0, "the job's end");
  expect(began).toEqual(how === "fails" ? ["a", "a"] : ["a"]);
  await add("b");
  await until(() => began.includes("b"), "the next job");
});

test("what a node did when it was killed is done by another, and what a living one does is left to it", async () => {
  const ran: string[] = [];
  const finish = Promise.withResolvers<void>();
  await start(async ({ name }) => {
    ran.push(`first: ${String(name)}`);
    await finish.promise;
  });
  await add("long");
  await add("longer");
  await until(() => ran.length === 2, "the first node's jobs");
  // As a killed node leaves its work: its name is on it, and no connection of its own is left.
  await add("orphan");
  await db.pool.query(
    "UPDATE graphile_worker._private_jobs SET locked_by = 'gone', locked_at = now() WHERE key = 'orphan'",
  );
  await start(async ({ name }) => void ran.push(`second: ${String(name)}`));
  await until(() => ran.length === 3, "the orphan");
  finish.resolve();
  await until(async () => (await left()).length === 0, "the end of all");
  expect(ran).toEqual(["first: long", "first: longer", "second: orphan"]);
});
