import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type pg from "pg";

/** A statement that a client's document was compiled to, under a name that is its text's alone. */
export type NamedRead = { name: string; text: string };

const PREPARED_MAX = 200;
const SEEN_ONCE_MAX = 2_000;
/** PostgreSQL forgets no prepared statement while its connection lives: one that holds so many is replaced. */
const PREPARED_PER_CONNECTION_MAX = 2 * PREPARED_MAX;

/** The name of a statement's text: the same text is never prepared twice on a connection. */
export const nameOfRead = (text: string): string => `read-${createHash("sha256").update(text).digest("base64url")}`;

/**
 * Runs statements that anybody may compose. What was used last, and more than once, is prepared: a flood of new documents
 * takes nobody's place for longer than it lasts, and what is prepared on each connection has a bound.
 */
export class PreparedReads {
  private readonly seenOnce = new LRUCache<string, true>({ max: SEEN_ONCE_MAX });
  private readonly often = new LRUCache<string, true>({ max: PREPARED_MAX });
  private readonly preparedOn = new WeakMap<pg.PoolClient, Set<string>>();
  private readonly pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  /** The rows of a statement; a connection on which it failed is given up. */
  async query<Row extends pg.QueryResultRow>({ name, text }: NamedRead, values: unknown[]): Promise<Row[]> {
    const prepared = this.isOften(name);
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

  private isOften(name: string): boolean {
    if (this.often.get(name)) return true;
    const again = this.seenOnce.delete(name);
    (again ? this.often : this.seenOnce).set(name, true);
    return again;
  }

  private isSpent(client: pg.PoolClient, name: string): boolean {
    const names = this.preparedOn.get(client) ?? new Set<string>();
    this.preparedOn.set(client, names.add(name));
    return names.size >= PREPARED_PER_CONNECTION_MAX;
  }
}
