import { createHash } from "node:crypto";
import type pg from "pg";
import { Often, OFTEN_MAX } from "../often.ts";

/** A statement that a client's document was compiled to, under a name that is its text's alone. */
export type NamedRead = { name: string; text: string };

/** PostgreSQL forgets no prepared statement while its connection lives: one that holds so many is replaced. */
const PREPARED_PER_CONNECTION_MAX = 2 * OFTEN_MAX;

/** The name of a statement's text: the same text is never prepared twice on a connection. */
export const nameOfRead = (text: string): string => `read-${createHash("sha256").update(text).digest("base64url")}`;

/**
 * Runs statements that anybody may compose. What is asked for often is prepared, and what is prepared on each connection has
 * a bound.
 */
export class PreparedReads {
  private readonly often = new Often();
  private readonly preparedOn = new WeakMap<pg.PoolClient, Set<string>>();
  private readonly pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  /** The rows of a statement; a connection on which it failed is given up. */
  async query<Row extends pg.QueryResultRow>({ name, text }: NamedRead, values: unknown[]): Promise<Row[]> {
    const prepared = this.often.has(name);
    const client = await this.pool.connect();
    let spent = true;
    try {
      const { rows } = await client.query<Row>(prepared ? { name, text, values } : { text, values });
      spent = prepared && this.isSpent(client, name);
      return rows;
    } finally {
      client.release(spent);
    }
  }

  private isSpent(client: pg.PoolClient, name: string): boolean {
    const names = this.preparedOn.get(client) ?? new Set<string>();
    this.preparedOn.set(client, names.add(name));
    return names.size >= PREPARED_PER_CONNECTION_MAX;
  }
}
