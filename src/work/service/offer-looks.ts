import { Batching } from "../../platform/batching.ts";
import type { Database } from "../../platform/database.ts";
import type { Row } from "../../platform/statement.ts";
import { claimable, offered } from "../store/tasks.ts";

/** What a bot may claim of a scope, best first. */
type Waiting = readonly Row<typeof claimable>[];
type Look = { begunAtMs: number; rows: Promise<Waiting> };

/** How many tasks a bot is offered to claim. */
const OFFERED_MAX = 10;
const LOOKS_KEPT_MAX = 5_000;
const BOTS_PER_STATEMENT_MAX = 500;
const BOTS_WAITING_MAX = 100_000;

/**
 * What many offers have in common, so that a movement of a lane costs one look however many bots hear of it. Bots that can do
 * the same share a look at a scope that was begun after the movement; what bots are, and what was laid on them, is read of
 * many in one statement.
 */
export class OfferLooks {
  private readonly db: Pick<Database, "query">;
  private readonly looks = new Map<string, Look>();
  private readonly bots: Batching<string, Row<typeof offered> | null>;

  constructor(db: Pick<Database, "query">) {
    this.db = db;
    const limits = { itemsMax: BOTS_PER_STATEMENT_MAX, waitingMax: BOTS_WAITING_MAX };
    this.bots = new Batching((ids: readonly string[]) => this.read(ids), limits);
  }

  /** A bot as it is now; null when there is none. */
  bot(botId: string): Promise<Row<typeof offered> | null> {
    return this.bots.add(botId);
  }

  /** The best tasks in many scopes for who can do this, by looks that were begun after an instant of each scope. */
  async best(
    scopes: readonly string[],
    capabilities: readonly string[],
    sinceMs: (scope: string) => number,
  ): Promise<string[]> {
    const sorted = capabilities.toSorted();
    const found = await Promise.all(scopes.map((scope) => this.look(scope, sorted, sinceMs(scope))));
    return found
      .flat()
      .toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1))
      .slice(0, OFFERED_MAX)
      .map(({ id }) => id);
  }

  private look(scope: string, capabilities: readonly string[], sinceMs: number): Promise<Waiting> {
    const key = JSON.stringify([scope, ...capabilities]);
    const known = this.looks.get(key);
    if (known && known.begunAtMs > sinceMs) return known.rows;
    const rows = this.db.query(claimable, [scope, capabilities, OFFERED_MAX]);
    this.keep(key, { begunAtMs: performance.now(), rows });
    return rows;
  }

  private keep(key: string, look: Look): void {
    // What was looked at last stands last, so that the first is the oldest.
    this.looks.delete(key);
    this.looks.set(key, look);
    const [oldest] = this.looks.keys();
    if (oldest !== undefined && this.looks.size > LOOKS_KEPT_MAX) this.looks.delete(oldest);
    look.rows.catch(() => this.looks.delete(key));
  }

  private async read(ids: readonly string[]): Promise<(Row<typeof offered> | null)[]> {
    const rows = new Map((await this.db.query(offered, [ids])).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

const shared = new WeakMap<Database, OfferLooks>();

/** The looks that all offers of this process share. */
export function looksOf(db: Database): OfferLooks {
  const known = shared.get(db) ?? new OfferLooks(db);
  shared.set(db, known);
  return known;
}
