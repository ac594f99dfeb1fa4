import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { until } from "../../../tests/harness/until.ts";
import { openPools } from "../../ladder/events.ts";
import type { Platform } from "../../platform/platform.ts";
import { MATCHES_TOPIC } from "../events.ts";
import type { MatchEvent } from "../rules/match-events.ts";
import { lockMatch, openMatches } from "../store.ts";
import { createMatches } from "./create.ts";
import { openKillFeed } from "./kill-feed.ts";
import { lockedOf, makeVoid, write } from "./steps.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
  openPools.bind(() => Promise.resolve(new Map()));
});
afterAll(() => arena.stop());

/** A match that is live, in which somebody dies when told, until it ends. */
async function liveMatch() {
  const { platform } = arena;
  const [killer, victim] = [await arena.newBot(), await arena.newBot()];
  const pairing = { ladder: "QUAKE", origin: "PRACTICE_QUEUE", rated: false, sealed: false, stakes: null } as const;
  const botIds = [killer.botId, victim.botId];
  const [id = ""] = await platform.db.transact((tx) =>
    createMatches(tx, platform, [{ ...pairing, botIds, entryIds: [] }]),
  );
  const tell = (event: MatchEvent) =>
    platform.db.transact((tx) => write(tx, platform, id, { phase: "LIVE", events: [event] }));
  let number = 0;
  const die = () => {
    const who = { killerBotId: killer.botId, victimBotId: victim.botId };
    return tell({ type: "MatchKill", number: ++number, ...who, means: 10, suicide: false, atMs: 1_000 * number });
  };
  const end = async () => {
    await platform.db.transact(async (tx) => {
      const [row] = await tx.query(lockMatch, [id]);
      if (row) await makeVoid(tx, platform, lockedOf(row), "SERVER_LOST", []);
    });
  };
  return { id, die, end };
}

/** A process whose next look for matches is answered late when that is asked for; it says how many streams it follows. */
function slowProcess() {
  const { db, hub } = arena.platform;
  const held: { read: () => void; goOn: Promise<void> }[] = [];
  let followed = 0;
  const query: typeof db.query = async (statement, values) => {
    const rows = await db.query(statement, values);
    const hold = statement.name === openMatches.name ? held.shift() : undefined;
    hold?.read();
    await hold?.goOn;
    return rows;
  };
  const follow: typeof hub.follow = (...given) => {
    const leave = hub.follow(...given);
    followed++;
    return () => {
      followed--;
      leave();
    };
  };
  const platform: Platform = { ...arena.platform, db: { ...db, query }, hub: { ...hub, follow } };
  /** Holds the next look back once it has read what it will be told, which is waited for; then it can be let go on. */
  const holdNext = () => {
    const [read, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    held.push({ read: read.resolve, goOn: goOn.promise });
    return { read: read.promise, goOn: goOn.resolve };
  };
  return { platform, holdNext, followed: () => followed };
}

/** The number of the first death that a feed tells, while somebody dies again and again. */
async function firstToldOf(feed: ReturnType<typeof openKillFeed>, die: () => Promise<void>) {
  let told: { matchId: string; number: number } | null = null;
  void feed.next().then(({ value }) => (told = { matchId: value.matchId, number: Number(value.event.body["number"]) }));
  return until(async () => {
    await die();
    return told;
  }, "a death in the feed");
}

test("what died before a feed could look for matches is not told as new", async () => {
  const { die, end } = await liveMatch();
  await die();
  await arena.rows("ALTER TABLE quake_match RENAME TO out_of_sight");
  const feed = openKillFeed(arena.platform);
  await sleep(300);
  await arena.rows("ALTER TABLE out_of_sight RENAME TO quake_match");
  expect((await firstToldOf(feed, die)).number).toBeGreaterThan(1);
  await feed.return?.();
  await end();
});

test("what died before one came is not told to it as new by a look of those who have left", async () => {
  const { platform, holdNext } = slowProcess();
  const look = holdNext();
  await openKillFeed(platform).return?.();
  await look.read;
  const { die, end } = await liveMatch();
  await die();
  const feed = openKillFeed(platform);
  look.goOn();
  expect((await firstToldOf(feed, die)).number).toBeGreaterThan(1);
  await feed.return?.();
  await end();
});

test("a match that ends while a feed looks for it is not followed for ever", async () => {
  const { platform, holdNext, followed } = slowProcess();
  const [ends, lasts] = [await liveMatch(), await liveMatch()];
  const look = holdNext();
  const feed = openKillFeed(platform);
  await look.read;
  await ends.end();
  look.goOn();
  expect((await firstToldOf(feed, lasts.die)).matchId).toBe(lasts.id);
  await until(() => followed() === 1, "the end of a match in the feed");
  await lasts.end();
  await until(() => followed() === 0, "the end of the other one");
  await feed.return?.();
});

test("a match that ends while it is looked for again is not told from its beginning", async () => {
  const { platform, holdNext, followed } = slowProcess();
  const [ends, lasts] = [await liveMatch(), await liveMatch()];
  await ends.die();
  const feed = openKillFeed(platform);
  await until(() => followed() === 2, "both matches");
  const look = holdNext();
  platform.hub.touch(MATCHES_TOPIC);
  await look.read;
  await ends.end();
  await until(() => followed() === 1, "the end of a match in the feed");
  look.goOn();
  expect((await firstToldOf(feed, lasts.die)).matchId).toBe(lasts.id);
  await feed.return?.();
  await lasts.end();
});
