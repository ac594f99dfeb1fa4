import { Logger as WorkerLogger, run, runMigrations, type Runner } from "graphile-worker";
import type { JsonObject } from "./canonical-json.ts";
import type { Tx } from "./database.ts";
import type { Logger } from "./logging.ts";
import { statement } from "./statement.ts";

/** What a task does with its payload; throwing means a retry with back-off. */
export type Task = (payload: JsonObject) => Promise<void>;

/** A task and what it is told. `key` makes a later enqueue replace an earlier one that did not run yet. */
export type Job = { task: string; payload: JsonObject; key?: string; runAt?: Date };

const addJob = statement(
  "jobs.add",
  `SELECT id::text AS id FROM graphile_worker.add_job($1, $2::json, run_at => $3::timestamptz, job_key => $4)`,
  { id: "text" },
);

/** Enqueues work that must happen, in the transaction that makes it necessary. */
export async function enqueue(tx: Tx, { task, payload, key, runAt }: Job): Promise<void> {
  await tx.query(addJob, [task, JSON.stringify(payload), runAt ?? null, key ?? null]);
}

/** Runs the tasks of a node until it is stopped. */
export async function startJobs(connectionString: string, log: Logger, tasks: Record<string, Task>): Promise<Runner> {
  const logger = new WorkerLogger(() => (level, message) => {
    if (level === "error" || level === "warning") log.warn({ job: message }, "a job failed and will be tried again");
  });
  const taskList = Object.fromEntries(
    Object.entries(tasks).map(([name, task]) => [name, (payload: unknown) => task(payload as JsonObject)]),
  );
  return run({
    connectionString,
    maxPoolSize: 4,
    taskList,
    logger,
    concurrency: 4,
    noHandleSignals: true,
    pollInterval: 1_000,
  });
}

/** Brings the queue's own tables to this version. */
export async function migrateJobs(connectionString: string): Promise<void> {
  await runMigrations({ connectionString, logger: new WorkerLogger(() => () => undefined) });
}
