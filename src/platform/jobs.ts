import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  run,
  runMigrations,
  Logger,
  type JobHelpers,
  type Runner,
  type RunnerOptions,
  type WorkerEvents,
} from "graphile-worker";
import type { Tx } from "./database.ts";
import type { JsonObject } from "./canonical-json.ts";
import { openJobConnections } from "./job-connections.ts";
import type { Logger as Log } from "./logging.ts";
import { statement } from "./statement.ts";
import { WorkerPresence } from "./worker-presence.ts";

/** Work that must happen after a commit. The same `key` again replaces a job that has not run yet. */
export type Job = { task: string; payload: JsonObject; key: string };

/** What runs a job. It may run twice, so it must be idempotent. */
export type Task = (payload: JsonObject) => Promise<void>;

const JOBS_AT_ONCE = 2;
/** Each worker's own, one that listens, one that shows that this node lives. */
const CONNECTIONS_MAX = JOBS_AT_ONCE + 2;
const RESTART_MS = 1_000;

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

/**
 * Runs jobs on this node until stopped; `daily` tasks run once a day at 03:00 UTC, on one node. What a node was doing when
 * it was killed is done by another one, or by itself, a few seconds after.
 */
export async function startJobs(
  databaseUrl: string,
  tasks: Readonly<Record<string, Task>>,
  daily: readonly string[],
  log: Log,
): Promise<{ stop(): Promise<void> }> {
  const pgPool = openJobConnections(databaseUrl, CONNECTIONS_MAX);
  const presence = new WorkerPresence(pgPool, log);
  const events: WorkerEvents = new EventEmitter();
  events.on("pool:create", ({ workerPool }) => presence.show(workerPool.id));
  const options: RunnerOptions = {
    pgPool,
    events,
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
  };
  const running = await keepRunning(options, log);
  return {
    stop: async () => {
      await running.stop();
      await presence.end();
      await pgPool.end();
    },
  };
}

/** A runner that ends by itself, because the database was away for too long, is started again. */
async function keepRunning(options: RunnerOptions, log: Log): Promise<{ stop(): Promise<void> }> {
  let runner: Runner | null = await run(options);
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      await runner?.promise.catch((error: unknown) => log.error({ err: error }, "the jobs failed"));
      if (stopped) return;
      log.error("the jobs stopped by themselves and are started again");
      await sleep(RESTART_MS);
      runner = await run(options).catch((error: unknown) => {
        log.error({ err: error }, "the jobs could not be started; they are tried again");
        return null;
      });
      if (stopped) await runner?.stop();
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopped = true;
      // One that has just ended by itself refuses to be stopped.
      await runner?.stop().catch((error: unknown) => log.debug({ err: error }, "the jobs had stopped"));
      await looping;
    },
  };
}

/** Only what needs a look is passed on: the worker says much at every start. */
function workerLogger(log: Log): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level === "error") log.error({ meta: String(meta?.["error"] ?? "") }, message);
    else if (level === "warning") log.warn(message);
    else log.debug(message);
  });
}
