import type pg from "pg";
import { expect } from "vitest";
import { chainHash, genesisHash } from "../../src/platform/hash-chain.ts";

/** A move that an agent made: what was acknowledged must be in the log. */
export type Taken = { botId: string; fightId: string; round: number; exchange: number; action: string };

export const uuidOf = (id: string) => id.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** Every fight has ended and nobody is left in one or in a queue. */
export async function everyFightEnded(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ phase: string }>("SELECT phase FROM fight");
  expect(rows.map(({ phase }) => phase).filter((phase) => !["COMPLETED", "FORFEITED"].includes(phase))).toEqual([]);
  expect((await pool.query("SELECT * FROM live_participation")).rows).toEqual([]);
  expect((await pool.query("SELECT * FROM queue_entry WHERE status <> 'DONE'")).rows).toEqual([]);
}

/** No event of a fight is missing or changed. */
export async function chainsAreWhole(pool: pg.Pool, fights: readonly string[]): Promise<void> {
  for (const id of fights) {
    const { rows } = await pool.query<{ payload: string; hash: Buffer }>(
      "SELECT payload, hash FROM stream_event WHERE stream = $1 ORDER BY seq",
      [`fight:${id}`],
    );
    let hash = genesisHash(`fight:${id}`);
    for (const event of rows) {
      hash = chainHash(hash, event.payload);
      expect(event.hash.equals(hash)).toBe(true);
    }
  }
}

/** No rating is counted twice: one row for each contest and bot, and every contest sums to zero. */
export async function ratingsSumToZero(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ sum: number; rows: number }>(
    "SELECT sum(elo_after - elo_before)::int AS sum, count(*)::int AS rows FROM rating_history GROUP BY contest_id",
  );
  expect(rows.filter(({ sum, rows: count }) => sum !== 0 || count !== 2)).toEqual([]);
  expect((await pool.query("SELECT bot_id FROM rating WHERE games <> 1")).rows).toEqual([]);
}

/** A move that was played is the one that its agent sent, unless its time ran out while the server was away. */
export async function movesAreLogged(pool: pg.Pool, taken: readonly Taken[]): Promise<void> {
  const { rows } = await pool.query<{ stream: string; payload: string }>(
    "SELECT stream, payload FROM stream_event WHERE type = 'ExchangeResolved'",
  );
  type Resolved = { round: number; exchange: number; sides: { botId: string; action: string; timedOut: boolean }[] };
  const played = new Map(
    rows.flatMap(({ stream, payload }) => {
      const { round, exchange, sides } = JSON.parse(payload) as Resolved;
      return sides.map((side) => [`${stream} ${round} ${exchange} ${side.botId}`, side] as const);
    }),
  );
  let [matching, late] = [0, 0];
  for (const { fightId, botId, round, exchange, action } of taken) {
    const side = played.get(`fight:${uuidOf(fightId)} ${round} ${exchange} ${uuidOf(botId)}`);
    if (side?.timedOut) late++;
    else if (side?.action === action) matching++;
  }
  expect(matching + late).toBe(taken.length);
  expect(late).toBeLessThan(taken.length / 10);
}
