import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { until } from "../../../tests/harness/until.ts";
import { openPools } from "../../ladder/events.ts";
import type { MatchEvent } from "../rules/match-events.ts";
import { createMatches } from "./create.ts";
import { openKillFeed } from "./kill-feed.ts";
import { write } from "./steps.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
  openPools.bind(() => Promise.resolve(new Map()));
});
afterAll(() => arena.stop());

test("what died before a feed could look for matches is not told as new", async () => {
  const [killer, victim] = [await arena.newBot(), await arena.newBot()];
  const pairing = { ladder: "QUAKE", origin: "PRACTICE_QUEUE", rated: false, sealed: false, stakes: null } as const;
  const botIds = [killer.botId, victim.botId];
  const [id = ""] = await arena.platform.db.transact((tx) =>
    createMatches(tx, arena.platform, [{ ...pairing, botIds, entryIds: [] }]),
  );
  const tell = (event: MatchEvent) =>
    arena.platform.db.transact((tx) => write(tx, arena.platform, id, { phase: "LIVE", events: [event] }));
  let number = 0;
  const die = () => {
    const who = { killerBotId: killer.botId, victimBotId: victim.botId };
    return tell({ type: "MatchKill", number: ++number, ...who, means: 10, suicide: false, atMs: 1_000 * number });
  };
  await die();
  await arena.rows("ALTER TABLE quake_match RENAME TO out_of_sight");
  const feed = openKillFeed(arena.platform);
  let told = 0;
  const first = feed.next().then(({ value }) => (told = Number(value?.event.body["number"])));
  await sleep(300);
  await arena.rows("ALTER TABLE out_of_sight RENAME TO quake_match");
  await until(async () => {
    await die();
    return told > 0;
  }, "a death in the feed");
  await first;
  expect(told).toBeGreaterThan(1);
  await feed.return?.();
});
