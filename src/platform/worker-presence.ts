import type pg from "pg";
import type { Logger } from "./logging.ts";

const LOOK_MS = 2_000;

const lockOf = (id: string) => `hashtextextended('jobs of ' || ${id}, 0)`;
const SHOW = `SELECT pg_advisory_lock(${lockOf("$1::text")})`;
const TAKE_OVER = `
  WITH gone AS (
    SELECT locked_by FROM (SELECT DISTINCT locked_by FROM graphile_worker._private_jobs WHERE locked_by <> $1) AS other
    WHERE pg_try_advisory_xact_lock(${lockOf("locked_by")})
  )
  SELECT graphile_worker.force_unlock_workers(array_agg(locked_by)) FROM gone HAVING count(*) > 0`;

/**
 * Shows that a node's worker lives: a lock of the database that lasts as long as one connection. Jobs of those that show
 * none are free again at the next look; the worker by itself would leave them for four hours.
 */
export class WorkerPresence {
  private readonly pool: pg.Pool;
  private readonly log: Logger;
  private readonly looking: NodeJS.Timeout;
  private client: pg.PoolClient | null = null;
  private id: string | null = null;
  private look: Promise<void> | null = null;

  constructor(pool: pg.Pool, log: Logger) {
    this.pool = pool;
    this.log = log;
    this.looking = setInterval(() => this.wake(), LOOK_MS).unref();
  }

  /** From now on, the worker of this name is the one that lives here. */
  show(id: string): void {
    this.letGo();
    this.id = id;
    this.wake();
  }

  private wake(): void {
    this.look ??= this.lookOnce()
      .catch((error: unknown) => {
        this.letGo();
        this.log.warn({ error }, "a worker could not show that it lives; the next look tries again");
      })
      .finally(() => (this.look = null));
  }

  private async lookOnce(): Promise<void> {
    if (this.id === null) return;
    const client = this.client ?? (await this.connect(this.id));
    await client.query(TAKE_OVER, [this.id]);
  }

  private async connect(id: string): Promise<pg.PoolClient> {
    const client = await this.pool.connect();
    this.client = client;
    await client.query(SHOW, [id]);
    return client;
  }

  /** The lock goes with the connection. */
  private letGo(): void {
    this.client?.release(true);
    this.client = null;
  }

  async end(): Promise<void> {
    clearInterval(this.looking);
    await this.look;
    this.letGo();
  }
}
