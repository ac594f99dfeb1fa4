import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import type { QueueMode } from "../rules/ladders.ts";
import { openContests } from "./contests.ts";
import { estimatesOf, longestWaiting, positionsOf, waitingCounts } from "./waits.ts";

const NOW = new Date("2026-11-24T12:00:00Z");

let arena: Arena;
beforeAll(async () => {
  arena = await openArena(NOW);
});
afterAll(() => arena.stop());
beforeEach(async () => {
  arena.now = NOW;
  await arena.rows("DELETE FROM queue_entry");
});

/** A bot that joins a queue of PIT now; gives its entry's id and its own. */
async function join(mode: QueueMode = "RATED", ladder = "PIT"): Promise<{ entryId: string; botId: string }> {
  const { botId } = await arena.newBot();
  const entryId = arena.platform.random.id(arena.now);
  await arena.rows("INSERT INTO queue_entry (id, bot_id, ladder, mode, joined_at) VALUES ($1, $2, $3, $4, $5)", [
    entryId,
    botId,
    ladder,
    mode,
    arena.now,
  ]);
  return { entryId, botId };
}
const pass = (ms: number) => (arena.now = new Date(arena.now.getTime() + ms));

test("each queue is counted by itself, from the longest wait; who left has no place", async () => {
  const first = await join();
  pass(1_000);
  const practice = await join("PRACTICE");
  const second = await join();
  pass(1_000);
  const third = await join();
  const slow = await join("RATED", "PIT_SLOW");
  const all = [first, practice, second, third, slow].map(({ entryId }) => entryId);
  expect(await positionsOf(arena.platform, all)).toEqual([1, 1, 2, 3, 1]);
  await arena.rows("UPDATE queue_entry SET status = 'LEFT', ended_at = $2 WHERE id = $1", [first.entryId, arena.now]);
  expect(await positionsOf(arena.platform, all)).toEqual([null, 1, 1, 2, 1]);
  expect(await positionsOf(arena.platform, [third.entryId])).toEqual([2]);
  expect(await waitingCounts(arena.platform, ["QUAKE", "PIT_SLOW", "PIT"])).toEqual([0, 1, 3]);
  const [pit] = await longestWaiting(arena.platform, ["PIT"]);
  expect(new Set(pit?.slice(0, 2))).toEqual(new Set([practice.entryId, second.entryId]));
  expect(pit?.[2]).toBe(third.entryId);
});

test("an estimate is the median of what the newest matched have waited, of each queue by itself", async () => {
  const asked = [
    { ladder: "PIT", mode: "RATED" },
    { ladder: "PIT", mode: "PRACTICE" },
  ];
  expect(await estimatesOf(arena.platform, asked)).toEqual([null, null]);
  for (const waitedMs of [2_000, 90_000, 6_000]) {
    const [one, other] = [await join(), await join()];
    pass(waitedMs);
    const { random, db } = arena.platform;
    const pairing = { ladder: "PIT", origin: "RATED_QUEUE", rated: true, sealed: false } as const;
    const seats = { botIds: [one.botId, other.botId], entryIds: [one.entryId, other.entryId] } as const;
    const made = { ...pairing, ...seats, id: random.id(arena.now), seed: random.bytes(32), characters: [] };
    await db.transact((tx) => openContests(tx, [made], arena.now));
  }
  expect(await estimatesOf(arena.platform, asked)).toEqual([6_000, null]);
});
