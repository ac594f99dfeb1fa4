import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { somePort } from "../../../tests/harness/quake-game.ts";
import { openUdpLine, type UdpLine } from "../../../tests/harness/udp-line.ts";
import { hunt } from "../../../tests/harness/quake-hunter.ts";
import { SNAPSHOT_FLAG, type Snapshot } from "../protocol/snapshot.ts";
import { openLog } from "../../platform/logging.ts";
import { DEBIAN } from "../adapter/installation.ts";
import type { ConsoleLine } from "../rules/console.ts";
import type { Event } from "../rules/round.ts";
import type { StrategyView } from "../strategy/contract.ts";
import { Grounds } from "../strategy/grounds.ts";
import { Pilot } from "../strategy/pilot.ts";
import { openPool, type Pool } from "./pool.ts";
import { playRound, type Participant, type RoundOptions } from "./rounds.ts";
import { fromPool, type Ended, type Rent } from "./venue.ts";

// Whole rounds on a real OpenArena server, which npm run setup:quake installs, several times faster than real time.

const TIMESCALE = 5;
const ROUND_MIN = 1;
const LIVE_MS = (ROUND_MIN * 60_000) / TIMESCALE;
/** A means of death in the game's own numbers. */
const FALLING = 19;
let root: string;
let pool: Pool;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "agon-rounds-"));
  pool = openPool({
    installation: DEBIAN,
    root,
    servers: 2,
    firstPort: somePort(),
    timeLimit_min: ROUND_MIN,
    timescale: TIMESCALE,
    log: openLog("silent"),
  });
});

afterAll(async () => {
  await pool.stop();
  await rm(root, { recursive: true, force: true });
});

const bots = (...names: string[]): Participant[] =>
  names.map((name) => ({ botId: name, name, guid: randomUUID().replaceAll("-", "").toUpperCase() }));

function play(participants: readonly Participant[], given: Partial<RoundOptions> = {}) {
  const events: Event[] = [];
  const ended = playRound({
    rent: fromPool(pool),
    map: "aggressor",
    participants,
    limits: { liveMs: LIVE_MS, suddenDeathMs: 5_000 },
    timescale: TIMESCALE,
    log: openLog("silent"),
    think: (_botId, snapshot) => hunt(snapshot),
    findReplacement: () => Promise.resolve(null),
    ...given,
    tell: (event) => {
      events.push(event);
      given.tell?.(event);
    },
  });
  return { ended, events };
}

const resultsOf = (ended: Ended) => {
  if (ended.phase === "VOIDED") throw new Error(`void: ${ended.reason}`);
  return ended.results;
};

const ROUNDS_MAX = 6;
const ROUNDS_TIMEOUT_MS = ROUNDS_MAX * 40_000;

test("a bot for which there is no socket is absent, and the round ends", async () => {
  // An address of documentation: no machine has it.
  const rent: Rent = async (map) => {
    const venue = await fromPool(pool)(map);
    return typeof venue === "string" ? venue : { ...venue, from: () => "192.0.2.1" };
  };
  const { ended } = play(bots("ann", "bob"), { rent });
  expect(await ended).toMatchObject({ phase: "VOIDED", reason: "JOIN_FAILED" });
  expect(pool.states()).not.toContain("BUSY");
});

/** Counts what leaves a player's ammunition, as its own snapshots show it, since its map last began. */
function ammunition() {
  const spent = new Map<string, number[]>();
  const before = new Map<string, Snapshot>();
  const see = (botId: string, snapshot: Snapshot) => {
    const last = before.get(botId);
    before.set(botId, snapshot);
    if (!last || ((last.flags ^ snapshot.flags) & SNAPSHOT_FLAG.serverCount) !== 0) return void spent.set(botId, []);
    // Who comes back to life has new ammunition.
    if (last.player.persistent[SPAWNED] !== snapshot.player.persistent[SPAWNED]) return;
    const own = spent.get(botId) ?? [];
    for (const [weapon, rounds] of snapshot.player.ammo.entries())
      own[weapon] = (own[weapon] ?? 0) + Math.max(0, (last.player.ammo[weapon] ?? 0) - rounds);
    spent.set(botId, own);
  };
  return { see, spent };
}
const SPAWNED = 4;

test(
  "the game tells of shots of each weapon whose ammunition fell, and of no more hits than shots",
  async () => {
    let shotsOfAll = 0;
    // On a slow machine hunters may see nobody to shoot at: such a round proves nothing.
    for (let round = 0; round < ROUNDS_MAX && shotsOfAll === 0; round++) {
      const { see, spent } = ammunition();
      let isAsked = false;
      const think: RoundOptions["think"] = (botId, snapshot) => {
        // Where two share the first place the game goes on after that.
        if (!isAsked) see(botId, snapshot);
        return hunt(snapshot);
      };
      const { ended } = play(bots("ida", "joe"), { think, tell: ({ type }) => void (isAsked ||= type === "ASK_AIM") });
      for (const { botId, aim } of resultsOf(await ended)) {
        expect(aim).not.toBeNull();
        for (const { shots, hits } of aim ?? []) expect(hits).toBeLessThanOrEqual(shots);
        // How many is another matter: rounds found between two snapshots hide shots, and of many in one moment not all leave.
        const fired = (spent.get(botId) ?? []).flatMap((fell, weapon) => (fell > 0 ? [weapon] : []));
        const told = (aim ?? []).filter(({ shots }) => shots > 0);
        expect(told.map(({ weapon }) => weapon)).toEqual(expect.arrayContaining(fired));
        shotsOfAll += told.reduce((sum, { shots }) => sum + shots, 0);
      }
    }
    expect(shotsOfAll).toBeGreaterThan(0);
  },
  ROUNDS_TIMEOUT_MS,
);

test("bots think from the first moment of the round on, and are shown what comes before it", async () => {
  const ground = await new Grounds(DEBIAN).of("aggressor");
  const pilots = new Map(["ida", "joe"].map((botId) => [botId, new Pilot(ground, ROUND_MIN * 60_000)]));
  const views: Record<string, StrategyView[]> = { ida: [], joe: [] };
  const shown: string[] = [];
  const { ended } = play(bots("ida", "joe"), {
    watch: (botId) => void (views[botId]?.length === 0 && shown.push(botId)),
    think: (botId, snapshot) => {
      views[botId]?.push(pilots.get(botId)!.see(snapshot));
      return hunt(snapshot);
    },
  });
  resultsOf(await ended);
  for (const [botId, own] of Object.entries(views)) {
    const times = own.map(({ nowMs }) => nowMs);
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBeGreaterThan(ROUND_MIN * 30_000);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(own.findIndex(({ facts }) => facts !== null)).toBe(0);
    // The last of these is shown before it is thought about.
    expect(shown.filter((one) => one === botId).length).toBeGreaterThan(1);
  }
}, 60_000);

/** A pool that tells which process a round was given. */
function spiedPool(): { rent: Rent; signal(name: NodeJS.Signals): void } {
  let pid = 0;
  const rent: Pool["rent"] = async (map) => {
    const rental = await pool.rent(map);
    pid = rental?.server.pid ?? 0;
    return rental;
  };
  return { rent: fromPool({ rent }), signal: (name) => void kill(pid, name) };
}

test("a server that stalls again and again hides deaths from its clients, and the log still counts", async () => {
  const spied = spiedPool();
  let stalls = setInterval(() => undefined, 1_000);
  const { ended, events } = play(bots("kim", "lou", "mia", "ned"), {
    rent: spied.rent,
    tell: ({ type }) => {
      if (type !== "STARTED") return;
      stalls = setInterval(() => {
        spied.signal("SIGSTOP");
        setTimeout(() => spied.signal("SIGCONT"), 200);
      }, 500);
    },
  });
  const over = await ended;
  clearInterval(stalls);
  const deaths = events.filter(({ type }) => type === "KILL").length;
  expect(resultsOf(over).reduce((sum, one) => sum + one.deaths, 0)).toBe(deaths);
});

test("a death in the last seconds counts though no client heard of the server any more", async () => {
  const [ann, bob, cid] = bots("ann", "bob", "cid");
  if (!ann || !bob || !cid) throw new Error("three bots");
  let line: UdpLine | null = null;
  let tellLine: (line: ConsoleLine) => void = () => undefined;
  let victim = -1;
  const rent: Rent = async (map) => {
    const venue = await fromPool(pool)(map);
    if (typeof venue === "string" || !venue.onLine) return venue;
    const { onLine } = venue;
    const between = await openUdpLine(venue.port);
    line = between;
    const onTold = (callback: typeof tellLine) => {
      tellLine = callback;
      return onLine((told) => {
        if (told.type === "IDENTIFIED" && told.guid === bob.guid) victim = told.slot;
        callback(told);
      });
    };
    return { ...venue, port: between.port, onLine: onTold };
  };
  const { ended, events } = play([ann, bob, cid], {
    rent,
    tell: ({ type }) => {
      if (type !== "STARTED") return;
      setTimeout(() => line?.deafen(), LIVE_MS * 0.7);
      setTimeout(() => tellLine({ type: "KILLED", killer: victim, victim, means: FALLING }), LIVE_MS * 0.8);
    },
  });
  const results = resultsOf(await ended);
  (line as UdpLine | null)?.close();
  const falls = events.filter((event) => event.type === "KILL" && event.kill.victim === "bob");
  expect(results.find(({ botId }) => botId === "bob")?.deaths).toBe(falls.length);
  expect(falls.length).toBeGreaterThan(0);
}, 60_000);

test("a server that is killed in the middle makes the round void, and both keep their place in the queue", async () => {
  const spied = spiedPool();
  const { ended } = play(bots("eve", "fay"), {
    rent: spied.rent,
    tell: ({ type }) => {
      if (type === "STARTED") spied.signal("SIGKILL");
    },
  });
  expect(await ended).toEqual({ phase: "VOIDED", reason: "SERVER_LOST", requeue: ["eve", "fay"] });
});

test("scores that do not agree make the round void, and operators get the evidence", async () => {
  const said: string[] = [];
  const rent: Rent = async (map) => {
    const venue = await fromPool(pool)(map);
    if (typeof venue === "string" || !venue.onLine) return venue;
    const { onLine } = venue;
    const wrong = (line: ConsoleLine) => (line.type === "FINAL_SCORE" ? { ...line, score: line.score + 50 } : line);
    return { ...venue, onLine: (callback) => onLine((line) => callback(wrong(line))) };
  };
  const log = pino({ level: "error" }, { write: (text) => said.push(text) });
  const end = () => play(bots("jan", "kit"), { rent, log }).ended;
  let ended = await end();
  // A round in which nobody scored is shared, and has no final scores that could disagree.
  for (let more = 3; more > 0 && ended.phase === "COMPLETED"; more--) ended = await end();
  expect(ended).toMatchObject({ phase: "VOIDED", reason: "SCORE_MISMATCH" });
  const [alarm] = said.map((text) => JSON.parse(text) as Record<string, unknown>);
  const list = expect.any(Array) as unknown[];
  expect(alarm).toMatchObject({ msg: expect.stringContaining("do not agree") as string, kills: list, finals: list });
}, 240_000);

test("a name that no server takes keeps its bot out, and nobody else in the queue makes the round void", async () => {
  const [ivy, bad] = bots("ivy", 'x" ; quit');
  if (!ivy || !bad) throw new Error("two bots");
  const { ended } = play([ivy, bad]);
  expect(await ended).toEqual({ phase: "VOIDED", reason: "JOIN_FAILED", requeue: ["ivy"] });
});

test("one whom the server refuses is replaced from the queue, and the round begins", async () => {
  const [gus, eva] = bots("gus", "eva");
  const [hal] = bots("hal");
  if (!gus || !eva || !hal) throw new Error("three bots");
  let started = (): void => undefined;
  const live = new Promise<void>((resolve) => (started = resolve));
  const { events } = play([gus, { ...eva, guid: "no guid" }], {
    findReplacement: () => Promise.resolve(hal),
    tell: ({ type }) => {
      if (type === "STARTED" || type === "VOIDED") started();
    },
  });
  await live;
  expect(events).toContainEqual({ type: "FIND_REPLACEMENT", for: "eva" });
  expect(events).toContainEqual({ type: "ROSTER_FROZEN", botIds: ["gus", "hal"] });
  expect(events.at(-1)).toEqual({ type: "STARTED" });
});
