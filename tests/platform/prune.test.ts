import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openArena, type Arena } from "../harness/arena.ts";
import { prune } from "../../src/platform/prune.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena(new Date("2026-11-28T12:00:00Z"));
});
afterAll(() => arena.stop());
beforeEach(() => arena.rows("DELETE FROM engine_heartbeat"));

test.each([
  // The last beat of each node, and the nodes that are known afterwards.
  [
    "an engine that is gone for more than a day is forgotten",
    { gone: "2026-11-27T11:59:59Z", lately: "2026-11-27T12:00:00Z", here: "2026-11-28T12:00:00Z" },
    ["here", "lately"],
  ],
  [
    "the newest beat stays, however old: what follows it is an outage",
    { older: "2026-11-20T11:00:00Z", newest: "2026-11-20T12:00:00Z" },
    ["newest"],
  ],
  [
    "two that beat last at the same instant both stay",
    { one: "2026-11-20T12:00:00Z", two: "2026-11-20T12:00:00Z" },
    ["one", "two"],
  ],
])("%s", async (_sentence, beats, known) => {
  for (const beat of Object.entries(beats))
    await arena.rows("INSERT INTO engine_heartbeat (node, beat_at) VALUES ($1, $2)", beat);
  await prune(arena.platform);
  const rows = await arena.rows<{ node: string }>("SELECT node FROM engine_heartbeat ORDER BY node");
  expect(rows.map(({ node }) => node)).toEqual(known);
});
