import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { until } from "../../../tests/harness/until.ts";
import { lockPool, openPools } from "../../ladder/events.ts";
import { holdLease } from "../../platform/leases.ts";
import { NO_AWARDS } from "../rules/aim.ts";
import type { MatchEvent } from "../rules/match-events.ts";
import { checkRecord, type RecordHeader } from "../rules/record.ts";
import type { Event } from "../rules/round.ts";
import type { Result } from "../rules/score.ts";
import { createMatches } from "./create.ts";
import { MatchWriter } from "./match-writer.ts";
import { recordOf } from "./signed-record.ts";
import { matchLease, write } from "./steps.ts";

// What is written of a round while the answers of commits are lost.

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
  openPools.bind(() => Promise.resolve(new Map()));
  lockPool.bind(() => Promise.resolve([]));
});
afterAll(() => arena.stop());

let id: string;
let ann: string;
let bob: string;
let writer: MatchWriter;
let isLost: boolean;
/** How many answers were lost; the next one is, once this is told. */
let lost: number;
let losesNext: boolean;

beforeEach(async () => {
  const { platform } = arena;
  [ann, bob] = [(await arena.newBot()).botId, (await arena.newBot()).botId];
  const pairing = { ladder: "QUAKE", origin: "RATED_QUEUE", rated: true, sealed: false, stakes: null } as const;
  [id = ""] = await platform.db.transact((tx) =>
    createMatches(tx, platform, [{ ...pairing, botIds: [ann, bob], entryIds: [] }]),
  );
  const lease = await holdLease(platform.db, matchLease(id), "a node");
  if (!lease) throw new Error("the match is another's");
  const joining = { type: "MatchJoining", attempt: 1 } as const;
  await platform.db.transact((tx) => write(tx, platform, id, { phase: "JOINING", attempts: 1, events: [joining] }));
  [isLost, lost, losesNext] = [false, 0, false];
  const finish = async () => ({ framesSha256: null, write: async () => undefined });
  writer = new MatchWriter(losing(platform), { matchId: id, lease, liveMs: 60_000, finish }, () => (isLost = true));
});

/** A database that commits, and is not heard any more. */
function losing({ db, ...rest }: Arena["platform"]): Arena["platform"] {
  const transact: typeof db.transact = async (work) => {
    const result = await db.transact(work);
    if (!losesNext) return result;
    losesNext = false;
    lost++;
    throw new Error("Connection terminated unexpectedly");
  };
  return { ...rest, db: { ...db, transact } };
}

const kill = (killer: string, victim: string): Event => ({
  type: "KILL",
  kill: { killer, victim, means: 7, suicide: false, atMs: 1_000 },
});

/** Tells the writer of something whose answer is lost, and of the rest before it tries again. */
async function hear(first: Event, ...rest: Event[]): Promise<void> {
  const before = lost;
  losesNext = true;
  writer.hear(first);
  await until(() => lost > before, "a lost answer");
  for (const event of rest) writer.hear(event);
  await writer.settled();
}

type Record = { contest: RecordHeader; events: string[] };

test("what was committed though nobody heard it is not written again, and the match has its result", async () => {
  const result = (botId: string, placement: number, kills: number, deaths: number): Result => ({
    ...{ botId, placement, score: kills, kills, deaths, aim: null, awards: NO_AWARDS },
  });
  await hear({ type: "ROSTER_FROZEN", botIds: [ann, bob] });
  await hear({ type: "STARTED" });
  await hear(kill(ann, bob), { type: "SCORE", botId: ann, score: 1 }, kill(bob, ann));
  await hear({ type: "SCORE", botId: bob, score: 1 }, kill(ann, bob), { type: "SCORE", botId: ann, score: 2 });
  expect(isLost).toBe(false);
  await hear({ type: "COMPLETED", results: [result(ann, 1, 2, 1), result(bob, 2, 1, 2)] });
  const record = JSON.parse((await recordOf(arena.platform, (unsigned) => unsigned, id)) ?? "") as Record;
  const events = record.events.map((text) => JSON.parse(text) as MatchEvent);
  expect(checkRecord(record.contest, events)).toBeNull();
  expect(record.contest.status).toBe("COMPLETED");
  expect(await arena.rows("SELECT last_seq FROM quake_match WHERE id = $1", [id])).toEqual([
    { last_seq: events.length },
  ]);
});

test("what was handed back though nobody heard it is handed back once", async () => {
  await hear({ type: "VOIDED", reason: "STOPPED", absent: [] });
  expect(await arena.rows("SELECT phase, attempts FROM quake_match WHERE id = $1", [id])).toEqual([
    { phase: "ANNOUNCED", attempts: 0 },
  ]);
  const told = await arena.rows<{ type: string }>("SELECT type FROM stream_event WHERE stream = $1 ORDER BY seq", [
    `match:${id}`,
  ]);
  expect(told.map(({ type }) => type)).toEqual(["MatchAnnounced", "MatchJoining", "MatchPostponed"]);
});
