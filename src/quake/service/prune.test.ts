import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { pruneFrames } from "./prune.ts";
import { storedReplay } from "./spectating.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena(new Date("2026-11-28T12:00:00Z"));
});
afterAll(() => arena.stop());

/** So many matches whose frames were stored then; gives the id of one of them. */
async function matchesOf(storedAt: string, count: number): Promise<string> {
  const rows = await arena.rows<{ id: string }>(
    `WITH made AS (
       INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
       SELECT gen_random_uuid(), 'QUAKE', 'COMPLETED', 'RATED_QUEUE', true, sha256('x'), 'x', $1, $1, $1 FROM generate_series(1, $2) RETURNING id
     ), matches AS (
       INSERT INTO quake_match (id, map, phase, starts_at) SELECT id, 'fan', 'COMPLETED', $1 FROM made RETURNING id
     )
     INSERT INTO quake_replay (match_id, frames, length_ms, bytes, document, stored_at)
     SELECT id, 1, 100, 4, 'gzip', $1 FROM matches RETURNING match_id AS id`,
    [storedAt, count],
  );
  return rows[0]?.id ?? "";
}

const documents = async () => {
  const [row] = await arena.rows<{ kept: string }>(`SELECT count(document) AS kept FROM quake_replay`);
  return Number(row?.kept);
};

test("what was stored 90 days ago and before is forgotten, however much it is, and nothing else", async () => {
  const old = await matchesOf("2026-08-30T11:59:59Z", 205);
  const young = await matchesOf("2026-08-30T12:00:00Z", 3);
  expect(await pruneFrames(arena.platform)).toBe(205);
  expect(await documents()).toBe(3);
  expect(await storedReplay(arena.platform, young)).toMatchObject({ ok: true });
  expect(await storedReplay(arena.platform, old)).toEqual({
    ok: false,
    code: "REPLAY_PRUNED",
    message: "What this match looked like was kept for 90 days, and is not kept any more since 2026-11-28.",
  });
  expect(await pruneFrames(arena.platform)).toBe(0);
});
