import { run, runMigrations, Logger, type JobHelpers } from "graphile-worker";
import type { Tx } from "./database.ts";
import type { JsonObject } from "./canonical-json.ts";
import type { Logger as Log } from "./logging.ts";
import { statement } from "./statement.ts";

/** Work that must happen after a commit. The same `key` again replaces a job that has not run yet. */
export type Job = { task: string; payload: JsonObject; key: string };

/** What runs a job. It may run twice, so it must be idempotent. */
export type Task = (payload: JsonObject) => Promise<void>;

const JOBS_AT_ONCE = 2;

const addJobs = statement(
  "jobs.add",
  `SELECT (graphile_worker.add_job(j.task, j.payload, job_key := j.key)).id::text AS id
   FROM json_to_recordset($1::json) AS j(task text, payload json, key text)`,
  { id: "text" },
);

/** Enqueues jobs in the caller's transaction: they run after its commit, or never. */
export async function enqueue(tx: Pick<Tx, "query">, jobs: readonly Job[]): Promise<void> {
  if (jobs.length > 0) await tx.query(addJobs, [JSON.stringify(jobs)]);
}

/** Makes the tables that jobs wait in; nothing when they are there. */
export function migrateJobs(databaseUrl: string, log: Log): Promise<void> {
  return runMigrations({ connectionString: databaseUrl, logger: workerLogger(log) });
}

/** Runs jobs on this node until stopped; `daily` tasks run once a day at 03:00 UTC, on one node. */
export async function startJobs(
  databaseUrl: string,
  tasks: Readonly<Record<string, Task>>,
  daily: readonly string[],
  log: Log,
): Promise<{ stop(): Promise<void> }> {
  const runner = await run({
    connectionString: databaseUrl,
    concurrency: JOBS_AT_ONCE,
    noHandleSignals: true,
    logger: workerLogger(log),
    crontab: daily.map((task) => `0 3 * * * ${task}`).join("\n"),
    taskList: Object.fromEntries(
      Object.entries(tasks).map(([name, task]) => [
        name,
        (payload: unknown, _helpers: JobHelpers) => task((payload ?? {}) as JsonObject),
      ]),
    ),
  });
  return { stop: () => runner.stop() };
}

/** Only what needs a look is passed on: the worker says much at every start. */
function workerLogger(log: Log): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level === "error") log.error({ meta: String(meta?.["error"] ?? "") }, message);
    else if (level === "warning") log.warn(message);
    else log.debug(message);
  });
}
