import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import {
  gameOfOneMap,
  gamePasswordOf,
  PASSWORD,
  RCON_PASSWORD,
  somePort,
  startElsewhere,
} from "../../../tests/harness/quake-game.ts";
import { until } from "../../../tests/harness/until.ts";
import { lockPool, openPools } from "../../ladder/events.ts";
import type { Lease } from "../../platform/leases.ts";
import { openLog } from "../../platform/logging.ts";
import type { GameServer } from "../adapter/game-server.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { startQuake } from "../jobs.ts";
import { guidOf } from "../rules/match.ts";
import type { MatchEvent } from "../rules/match-events.ts";
import { checkRecord, type RecordHeader } from "../rules/record.ts";
import { Grounds } from "../strategy/grounds.ts";
import { createMatches } from "./create.ts";
import { Elsewhere } from "./elsewhere.ts";
import { limitsOf, startHosting, type Hosting } from "./hosting.ts";
import { startKeeper } from "./keeper.ts";
import { openPool, type Pool, type Rental } from "./pool.ts";
import { adoptConfigured } from "./remotes.ts";
import { replaceMissing } from "./replace.ts";
import { sendQuakeAction } from "./remote-control.ts";
import { recordOf } from "./signed-record.ts";
import { matchLease } from "./steps.ts";
import { deactivateStrategy, uploadStrategy } from "./strategies.ts";
import { Ways } from "./ways.ts";

// Matches on a real OpenArena server, and what befalls those who play them.

const TIMESCALE = 8;
const grounds = new Grounds(DEBIAN);
let arena: Arena;
let pool: Pool;
let root: string;
/** What a test does to the server that a round gets; gives the way to stop. */
let meddle: (rental: Rental) => () => void;
let stopMeddling: () => void;
let hosting: Hosting;

beforeAll(async () => {
  arena = await openArena();
  openPools.bind(() => Promise.resolve(new Map()));
  lockPool.bind(() => Promise.resolve([]));
  root = mkdtempSync(join(tmpdir(), "agon-match-run-"));
  const places = { installation: DEBIAN, root, servers: 1, firstPort: somePort(), timeLimit_min: 1 };
  pool = openPool({ ...places, timescale: TIMESCALE, log: openLog("silent") });
});
afterAll(async () => {
  await pool.stop();
  await arena.stop();
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  meddle = () => () => undefined;
  stopMeddling = () => undefined;
});
afterEach(() => stopMeddling());

/** A pool that shows each rental before the round has it. */
const watched = (): Pool => ({
  ...pool,
  rent: async (map) => {
    const rental = await pool.rent(map);
    if (rental) stopMeddling = meddle(rental);
    return rental;
  },
});

async function host(places = watched()): Promise<void> {
  const limits = limitsOf(1, TIMESCALE);
  const node = arena.platform.random.id(new Date());
  hosting = startHosting(arena.platform, node, {
    pool: places,
    elsewhere: new Elsewhere(arena.platform, node, new Ways(arena.platform), 1),
    limits,
    timescale: TIMESCALE,
    grounds,
  });
}

/** A bot with a place in the queue since so many seconds. */
async function waiting(bot: ArenaBot, seconds: number): Promise<string> {
  const id = arena.platform.random.id(arena.now);
  await arena.rows(
    `INSERT INTO queue_entry (id, bot_id, ladder, mode, status, sealed, joined_at) VALUES ($1, $2, 'QUAKE', 'RATED', 'WAITING', false, $3)`,
    [id, bot.botId, new Date(arena.now.getTime() - seconds * 1_000)],
  );
  return id;
}

async function announce(bots: readonly ArenaBot[]): Promise<string> {
  const entryIds = await Promise.all(bots.map((bot, index) => waiting(bot, 30 + index)));
  const pairing = { ladder: "QUAKE", origin: "RATED_QUEUE", rated: true, sealed: false, stakes: null } as const;
  const [id] = await arena.platform.db.transact((tx) =>
    createMatches(tx, arena.platform, [{ ...pairing, botIds: bots.map(({ botId }) => botId), entryIds }]),
  );
  return id ?? "";
}

const phaseOf = async (id: string) =>
  (await arena.rows<{ phase: string }>("SELECT phase FROM quake_match WHERE id = $1", [id]))[0]?.phase ?? "";
const inPhase = (id: string, phase: string) => until(async () => (await phaseOf(id)) === phase, phase);
const statusOf = async (bot: ArenaBot) =>
  (
    await arena.rows<{ status: string; waited: number }>(
      "SELECT status, extract(epoch FROM $2::timestamptz - joined_at)::int AS waited FROM queue_entry WHERE bot_id = $1",
      [bot.botId, arena.now],
    )
  )[0];
const voidReasonOf = async (id: string) =>
  (await arena.rows<{ void_reason: string }>("SELECT void_reason FROM contest WHERE id = $1", [id]))[0]?.void_reason;
type Record = { contest: RecordHeader; events: string[] };
const attemptsIn = (events: readonly MatchEvent[]) =>
  events.flatMap((event) => (event.type === "MatchJoining" ? [event.attempt] : []));

test("one that vanishes in the middle makes the match void, and everybody waits again since they first joined", async () => {
  const bots = [await arena.newBot(), await arena.newBot()];
  let kick: () => unknown = () => undefined;
  meddle = ({ server }) => {
    kick = () => server.command("clientkick", "0");
    return () => undefined;
  };
  const id = await announce(bots);
  await host();
  await inPhase(id, "LIVE");
  kick();
  await inPhase(id, "VOIDED");
  await hosting.stop();
  expect(await voidReasonOf(id)).toBe("PLAYER_LOST");
  expect(await Promise.all(bots.map(statusOf))).toEqual([
    { status: "WAITING", waited: 30 },
    { status: "WAITING", waited: 31 },
  ]);
  expect(await arena.rows("SELECT FROM live_participation")).toEqual([]);
  await arena.rows("UPDATE queue_entry SET status = 'LEFT'");
});

test("one that cannot come is replaced by whoever waits longest, whose contest it then is", async () => {
  const [comes, absent] = [await arena.newBot(), await arena.newBot()];
  const [late, longest] = [await arena.newBot(), await arena.newBot()];
  await waiting(late, 3);
  await waiting(longest, 9);
  meddle = ({ server }) =>
    server.onLine((line) => {
      if (line.type === "IDENTIFIED" && line.guid === guidOf(absent.botId))
        server.command("clientkick", String(line.slot));
    });
  const id = await announce([comes, absent]);
  await host();
  await inPhase(id, "COUNTDOWN");
  await hosting.stop();
  expect(await inPhase(id, "ANNOUNCED")).toBe(true);
  const roster = await arena.rows<{ bot_id: string }>(
    "SELECT bot_id FROM quake_player WHERE match_id = $1 UNION ALL SELECT bot_id FROM contest_participant WHERE contest_id = $1 UNION ALL SELECT bot_id FROM live_participation WHERE contest_id = $1",
    [id],
  );
  const each = (bot: ArenaBot) => roster.filter(({ bot_id }) => bot_id === bot.botId).length;
  expect([comes, longest, absent, late].map(each)).toEqual([3, 3, 0, 0]);
  expect((await statusOf(absent))?.status).toBe("EXPIRED");
  expect((await statusOf(longest))?.status).toBe("MATCHED");
  expect((await statusOf(late))?.status).toBe("WAITING");
  await arena.rows("UPDATE quake_match SET phase = 'VOIDED' WHERE id = $1", [id]);
  await arena.rows("UPDATE queue_entry SET status = 'LEFT'");
  await arena.rows("DELETE FROM live_participation");
});

test("the record of a match that was handed back fits together once it has been played", async () => {
  const id = await announce([await arena.newBot(), await arena.newBot()]);
  await host();
  await inPhase(id, "COUNTDOWN");
  await hosting.stop();
  expect(await phaseOf(id)).toBe("ANNOUNCED");
  await host();
  await inPhase(id, "COMPLETED");
  await hosting.stop();
  const record = JSON.parse((await recordOf(arena.platform, (unsigned) => unsigned, id)) ?? "") as Record;
  const events = record.events.map((text) => JSON.parse(text) as MatchEvent);
  expect(attemptsIn(events)).toEqual([1, 1]);
  expect(checkRecord(record.contest, events)).toBeNull();
});

test("whoever has just been given a place waits again when the match is void before the round hears of it", async () => {
  const [comes, absent, next] = [await arena.newBot(), await arena.newBot(), await arena.newBot()];
  await waiting(next, 9);
  const rented = new Promise<Rental>((resolve) => {
    meddle = (rental) => {
      resolve(rental);
      return () => undefined;
    };
  });
  const id = await announce([comes, absent]);
  await host();
  const { server } = await rented;
  const [lease] = await arena.rows<Lease>("SELECT name, holder, fence::text FROM lease WHERE name = $1", [
    matchLease(id),
  ]);
  if (!lease) throw new Error("nobody runs the match");
  expect(await replaceMissing(arena.platform, { id, lease }, absent.botId)).toMatchObject({ botId: next.botId });
  kill(server.pid, "SIGKILL");
  await inPhase(id, "VOIDED");
  await hosting.stop();
  expect(await Promise.all([comes, absent, next].map(statusOf))).toEqual([
    { status: "WAITING", waited: 30 },
    expect.objectContaining({ status: "EXPIRED" }),
    { status: "WAITING", waited: 9 },
  ]);
  await arena.rows("UPDATE queue_entry SET status = 'LEFT'");
});

test("who plays a bot is settled when it is seated, whatever is activated before the round is live", async () => {
  const [bare, coded] = [await arena.newBot(), await arena.newBot()];
  const signedIn = (userId: string) =>
    ({ kind: "session", principal: `session:${userId}`, userId, sessionId: userId, operator: false }) as const;
  const upload = async ({ botId, ownerId }: ArenaBot) => {
    const input = { botId, source: "export const tick = () => ({});", activate: true };
    const uploaded = await uploadStrategy(arena.platform, signedIn(ownerId), input);
    return uploaded.ok ? uploaded.strategyId : uploaded.code;
  };
  const strategyId = await upload(coded);
  const matchId = await announce([bare, coded]);
  await host();
  await inPhase(matchId, "COUNTDOWN");
  await upload(bare);
  await deactivateStrategy(arena.platform, signedIn(coded.ownerId), { strategyId });
  await inPhase(matchId, "LIVE");
  const act = ({ botId, ownerId }: ArenaBot) =>
    sendQuakeAction(arena.platform, signedIn(ownerId), { matchId, botId, action: { fire: true } });
  expect(await act(bare)).toMatchObject({ ok: true });
  expect(await act(coded)).toMatchObject({ ok: false, code: "PLAYED_BY_STRATEGY" });
  await hosting.stop();
  await arena.rows("UPDATE queue_entry SET status = 'LEFT'");
});

test("a node that has lost its lease writes nothing more and gives its server back", async () => {
  const bots = [await arena.newBot(), await arena.newBot()];
  const id = await announce(bots);
  await host();
  await inPhase(id, "LIVE");
  await arena.rows("UPDATE lease SET fence = fence + 1, holder = 'another' WHERE name = $1", [`match:${id}`]);
  const events = async () =>
    (
      await arena.rows<{ n: number }>("SELECT count(*)::int AS n FROM stream_event WHERE stream = $1", [`match:${id}`])
    )[0]?.n;
  const told = await events();
  await until(() => hosting.running() === 0 && pool.states()[0] === "FREE", "the server's return");
  expect(await phaseOf(id)).toBe("LIVE");
  expect(await events()).toBe(told);
  await hosting.stop();
});

type Row = { state: string; answer: string };
const serverAt = async ({ port }: GameServer) =>
  (
    await arena.rows<Row>(
      "SELECT s.state, r.answer FROM game_server s JOIN remote_server r ON r.id = s.id WHERE r.port = $1",
      [port],
    )
  )[0];

/** Servers elsewhere that have been asked how they are. */
async function elsewhere(...given: Parameters<typeof startElsewhere>): Promise<GameServer> {
  const server = await startElsewhere({ timescale: TIMESCALE, timeLimit_min: 20, ...given[0] });
  arena.platform.quake.servers = [{ host: "127.0.0.1", port: server.port, password: RCON_PASSWORD }];
  await adoptConfigured(arena.platform);
  const ways = new Ways(arena.platform);
  const keeper = startKeeper(arena.platform, arena.platform.random.id(new Date()), ways);
  await until(async () => (await serverAt(server))?.answer === "ANSWERS", "an answer");
  await keeper.stop();
  ways.close();
  return server;
}

test("what finds no place here is played elsewhere, and a node that stops gives that back as it was", async () => {
  const server = await elsewhere();
  const bots = [await arena.newBot(), await arena.newBot(), await arena.newBot(), await arena.newBot()];
  const [first, second] = [await announce(bots.slice(0, 2)), await announce(bots.slice(2))];
  await host();
  await until(
    async () => (await phaseOf(first)) === "LIVE" && (await phaseOf(second)) === "LIVE",
    "both matches at once",
  );
  expect(pool.states()).toEqual(["BUSY"]);
  expect(await serverAt(server)).toEqual({ state: "BUSY", answer: "ANSWERS" });
  await hosting.stop();
  expect(await voidReasonOf(second)).toBe("STOPPED");
  expect(await serverAt(server)).toEqual({ state: "FREE", answer: "ANSWERS" });
  expect(await gamePasswordOf(server)).toBe(PASSWORD);
  await server.stop();
  await arena.rows("DELETE FROM game_server");
  await arena.rows("UPDATE queue_entry SET status = 'LEFT'");
});

test("a server here comes first", async () => {
  const server = await elsewhere();
  const id = await announce([await arena.newBot(), await arena.newBot()]);
  await host();
  await inPhase(id, "LIVE");
  expect(pool.states()).toEqual(["BUSY"]);
  expect(await serverAt(server)).toEqual({ state: "FREE", answer: "ANSWERS" });
  await hosting.stop();
  await server.stop();
  await arena.rows("DELETE FROM game_server");
  await arena.rows("UPDATE queue_entry SET status = 'LEFT'");
});

test("a match whose map a server elsewhere lacks is played on another, and operators are told which lacks it", async () => {
  const installation = await gameOfOneMap();
  const poor = await elsewhere({ installation });
  const rich = await elsewhere();
  await arena.rows("UPDATE remote_server SET answered_in_ms = CASE port WHEN $1 THEN 0 ELSE 1 END", [poor.port]);
  const id = await announce([await arena.newBot(), await arena.newBot()]);
  await arena.rows("UPDATE quake_match SET map = 'fan' WHERE id = $1", [id]);
  await host({ ...pool, room: () => 0 });
  await inPhase(id, "LIVE");
  expect((await serverAt(poor))?.answer).toBe("MAP_MISSING");
  expect(await serverAt(rich)).toEqual({ state: "BUSY", answer: "ANSWERS" });
  const told = await arena.rows<{ type: string }>(
    "SELECT type FROM stream_event WHERE stream = $1 ORDER BY seq LIMIT 4",
    [`match:${id}`],
  );
  expect(told.map(({ type }) => type)).toEqual(["MatchAnnounced", "MatchJoining", "MatchPostponed", "MatchJoining"]);
  expect(await arena.rows("SELECT attempts FROM quake_match WHERE id = $1", [id])).toEqual([{ attempts: 1 }]);
  await hosting.stop();
  await Promise.all([poor.stop(), rich.stop(), installation.remove()]);
});

test("a node that has the game's archives and not its engine plays on servers elsewhere", async () => {
  const server = await elsewhere();
  const id = await announce([await arena.newBot(), await arena.newBot()]);
  const places = { servers: 2, firstPort: somePort(), root: join(root, "no-engine") };
  const stops = await startQuake(arena.platform, arena.platform.random.id(new Date()), {
    ...places,
    installation: { ...DEBIAN, engine: "/nowhere/ioq3ded" },
    round_min: 1,
    timescale: TIMESCALE,
  });
  await inPhase(id, "LIVE");
  expect(await serverAt(server)).toEqual({ state: "BUSY", answer: "ANSWERS" });
  for (const stop of stops) await stop();
  await server.stop();
  await arena.rows("DELETE FROM game_server");
  await arena.rows("UPDATE queue_entry SET status = 'LEFT'");
});
