import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { isRetryable } from "./retryable.ts";
import type { Statement } from "./statement.ts";

/** What a statement takes, in order. */
export type Values = readonly unknown[];

/** A running transaction. Everything it writes is seen by others at once, after the commit, or never. */
export type Tx = {
  query<Row>(statement: Statement<Row>, values: Values): Promise<Row[]>;
  /** Sends the transaction's last statement and its COMMIT together: one round trip less. */
  finish<Row>(statement: Statement<Row>, values: Values): Promise<Row[]>;
  /** Runs after the commit, in order; never when the transaction is rolled back. */
  afterCommit(tell: () => void): void;
};

/** The same transaction for a part of its work: what finishes the part does not commit yet. */
export const continued = (tx: Tx): Tx => ({ ...tx, finish: tx.query });

/** The pool, typed statements and transactions on it. */
export type Database = {
  pool: pg.Pool;
  query<Row>(statement: Statement<Row>, values: Values): Promise<Row[]>;
  /** Runs `work` as one READ COMMITTED transaction; whole-transaction retry on 40001 and 40P01, at most 5 times. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

const ATTEMPTS_MAX = 5;
const ANSWER_MS = 30_000;
const CONNECT_MS = 10_000;
const BACKOFF_MS = 8;

/**
 * How every connection is opened. Sessions are UTC: the Prisma adapter drops time zone offsets otherwise. A connection
 * that dies without a word holds nothing for ever: here a query gives up, and the server finds out within half a minute
 * that whoever held its locks is gone.
 */
export const CONNECTION = {
  options: "-c TimeZone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
  keepAlive: true,
  connectionTimeoutMillis: CONNECT_MS,
  query_timeout: ANSWER_MS,
};

/** Opens the pool. */
export function openDatabase(url: string, connectionsMax = 16): Database {
  const pool = new pg.Pool({
    ...CONNECTION,
    connectionString: url,
    max: connectionsMax,
    pipeline: true,
  });
  // A connection that dies is replaced by the pool at the next use; its query, if any, is refused. Without a listener of
  // its own a connection that dies between two statements would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return {
    pool,
    query: (statement, values) => run(pool, statement, values),
    transact: (work) => retrying(() => once(pool, work)),
    close: () => pool.end(),
  };
}

type Queryable = { query(config: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }> };

async function run<Row>(on: Queryable, statement: Statement<Row>, values: Values): Promise<Row[]> {
  const { rows } = await on.query({ name: statement.name, text: statement.text, values: [...values] });
  return rows as Row[];
}

async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried === ATTEMPTS_MAX || !isRetryable(error)) throw error;
      await sleep(BACKOFF_MS * 2 ** tried * Math.random());
    }
  }
}

async function once<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const session = new Session(client);
  try {
    const result = await work(session.tx);
    await session.commit();
    client.release();
    session.tell();
    return result;
  } catch (error) {
    client.release(await session.rollback());
    throw error;
  }
}

/** BEGIN travels with the first statement and COMMIT with the last one, when the work says which is the last. */
class Session {
  readonly tx: Tx;
  private readonly client: pg.PoolClient;
  private readonly tellings: (() => void)[] = [];
  private begun: Promise<unknown> | null = null;
  private committed = false;

  constructor(client: pg.PoolClient) {
    this.client = client;
    this.tx = {
      query: (statement, values) => this.query(statement, values),
      finish: (statement, values) => this.finish(statement, values),
      afterCommit: (tell) => void this.tellings.push(tell),
    };
  }

  private async query<Row>(statement: Statement<Row>, values: Values): Promise<Row[]> {
    if (this.committed) throw new Error(`${statement.name} came after the transaction's last statement`);
    const begun = (this.begun ??= this.client.query("BEGIN"));
    const [rows] = await Promise.all([run(this.client, statement, values), begun]);
    return rows;
  }

  private async finish<Row>(statement: Statement<Row>, values: Values): Promise<Row[]> {
    const written = this.query(statement, values);
    this.committed = true;
    const ended = this.commitNow();
    await Promise.allSettled([written, ended]);
    // A failed statement fails its commit too, which may be heard first: only the statement's error names the conflict.
    const rows = await written;
    await ended;
    return rows;
  }

  async commit(): Promise<void> {
    if (this.begun && !this.committed) await this.commitNow();
  }

  private async commitNow(): Promise<void> {
    const { command } = await this.client.query("COMMIT");
    if (command !== "COMMIT") throw new Error("the transaction was rolled back: one of its statements failed");
  }

  tell(): void {
    for (const telling of this.tellings) telling();
  }

  /** True when the connection is of no more use. */
  async rollback(): Promise<boolean> {
    if (!this.begun || this.committed) return false;
    try {
      await this.client.query("ROLLBACK");
      return false;
    } catch {
      return true;
    }
  }
}
