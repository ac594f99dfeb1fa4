import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { kill } from "node:process";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import {
  gameOfOneMap,
  gamePasswordOf,
  PASSWORD,
  RCON_PASSWORD,
  startElsewhere,
} from "../../../tests/harness/quake-game.ts";
import { hunt } from "../../../tests/harness/quake-hunter.ts";
import { until } from "../../../tests/harness/until.ts";
import { openLog } from "../../platform/logging.ts";
import type { GameServer } from "../adapter/game-server.ts";
import { openRcon } from "../adapter/rcon.ts";
import { outOfBand } from "../protocol/out-of-band.ts";
import type { MapName } from "../rules/commands.ts";
import type { Event } from "../rules/round.ts";
import { Elsewhere, type Claim } from "./elsewhere.ts";
import { startKeeper } from "./keeper.ts";
import { adoptConfigured } from "./remotes.ts";
import { playRound } from "./rounds.ts";
import { Ways } from "./ways.ts";

// Rounds on real OpenArena servers that are known by their address alone, several times faster than real time.

/** At more a busy machine shows its clients too little: nothing but they tell of deaths. */
const TIMESCALE = 2;
const ROUND_MIN = 1;
let arena: Arena;
let ways: Ways;
let node: string;
const running: GameServer[] = [];

beforeAll(async () => {
  arena = await openArena();
  ways = new Ways(arena.platform);
  node = arena.platform.random.id(arena.now);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await arena.rows("DELETE FROM game_server");
  ways.close();
});
afterAll(() => arena.stop());

const start = async (given: Parameters<typeof startElsewhere>[0] = {}): Promise<GameServer> => {
  const server = await startElsewhere({ timescale: TIMESCALE, timeLimit_min: 20, ...given });
  running.push(server);
  return server;
};

type Known = Pick<GameServer, "port">;
type Row = { state: string; answer: string | null; map: string | null; rests: boolean };
const rowOf = async ({ port }: Known): Promise<Row | undefined> =>
  (
    await arena.rows<Row>(
      "SELECT s.state, s.map, r.answer, r.rests_until IS NOT NULL AS rests FROM game_server s JOIN remote_server r ON r.id = s.id WHERE r.port = $1",
      [port],
    )
  )[0];

/** Makes servers known, and waits until they have been asked how they are. */
async function known(servers: readonly Known[], password = RCON_PASSWORD): Promise<void> {
  arena.platform.quake.servers = servers.map(({ port }) => ({ host: "127.0.0.1", port, password }));
  await adoptConfigured(arena.platform);
  await looked(async () => (await Promise.all(servers.map(rowOf))).every((row) => row?.answer != null));
}

/** Looks after the servers until something is so. */
async function looked(isSo: () => Promise<boolean>): Promise<void> {
  const keeper = startKeeper(arena.platform, node, ways);
  await until(isSo, "servers that are looked after");
  await keeper.stop();
}

/** Changes a server's RCON password at its own console, which is read after the network: returns when it holds. */
async function changeRconPassword(server: GameServer): Promise<void> {
  server.command("set", "rconpassword", "another");
  const rcon = await openRcon({ host: "127.0.0.1", port: server.port, password: RCON_PASSWORD });
  const refused = async () => {
    const answer = await rcon.command("g_password");
    return !answer.ok && answer.fault === "RCON_BAD_PASSWORD";
  };
  await until(refused, "the other password");
  rcon.close();
}

const claim = (): Promise<Claim | null> => new Elsewhere(arena.platform, node, ways, ROUND_MIN).claim();

async function claimed(): Promise<Claim> {
  const held = await claim();
  if (!held) throw new Error("no server is free");
  return held;
}

const NAMES = ["ann", "bob", "cid", "dee"];

function play({ rent }: Claim, map: MapName = "aggressor", tell: (event: Event) => void = () => undefined) {
  const events: Event[] = [];
  const ended = playRound({
    rent,
    map,
    participants: NAMES.map((name) => ({
      botId: name,
      name,
      guid: randomUUID().replaceAll("-", "").toUpperCase(),
    })),
    limits: { liveMs: (ROUND_MIN * 60_000) / TIMESCALE, suddenDeathMs: 40_000 },
    timescale: TIMESCALE,
    log: openLog("silent"),
    think: (_botId, snapshot) => hunt(snapshot),
    findReplacement: () => Promise.resolve(null),
    tell: (event) => {
      events.push(event);
      tell(event);
    },
  });
  return { ended, events };
}

/** What a server's own log says of deaths in its first round that came to an end: nobody but this test reads it. */
function logOf(server: GameServer): () => string[] {
  let deaths: string[] = [];
  let over: string[] | null = null;
  server.onLine((line) => {
    if (line.type === "GAME_BEGAN") deaths = [];
    if (line.type === "GAME_OVER") over ??= [...deaths];
    if (line.type === "KILLED") deaths.push(String(line.means));
  });
  return () => over ?? deaths;
}

test("four hunters play to the end where nobody reads the log, which has each death that was told; nobody else gets the server meanwhile", async () => {
  const server = await start({ map: "fan" });
  await known([server]);
  expect(await rowOf(server)).toMatchObject({ state: "FREE", answer: "ANSWERS", map: "fan" });
  const log = logOf(server);
  const held = await claimed();
  expect(await claim()).toBeNull();
  const during = Promise.withResolvers<[Row | undefined, string | null, Claim | null]>();
  const { ended, events } = play(held, "aggressor", ({ type }) => {
    if (type === "STARTED") during.resolve(Promise.all([rowOf(server), gamePasswordOf(server), claim()]));
  });
  const end = await ended;
  expect(end).toMatchObject({ phase: "COMPLETED" });
  expect(await during.promise).toEqual([
    { state: "BUSY", answer: "ANSWERS", map: "aggressor", rests: false },
    expect.stringMatching(/^[0-9a-f]{24}$/),
    null,
  ]);
  const kills = events.flatMap((event) => (event.type === "KILL" ? [event.kill] : []));
  // A restart by RCON is said there and not in the log, which thus has the deaths of the countdown, too.
  const logged = log();
  for (const { means } of kills) {
    expect(logged).toContain(String(means));
    logged.splice(logged.indexOf(String(means)), 1);
  }
  const results = end.phase === "COMPLETED" ? end.results : [];
  expect(results.map(({ botId }) => botId).toSorted()).toEqual(NAMES);
  expect(results.reduce((sum, { deaths }) => sum + deaths, 0)).toBe(kills.length);
  for (const { botId, kills: own, aim } of results) {
    expect(own).toBe(kills.filter(({ killer, suicide }) => killer === botId && !suicide).length);
    expect(aim).not.toBeNull();
  }
  expect(await rowOf(server)).toMatchObject({ state: "FREE", answer: "ANSWERS" });
  expect(await gamePasswordOf(server)).toBe(PASSWORD);
  await (await claimed()).giveUp();
  expect(await rowOf(server)).toMatchObject({ state: "FREE", answer: "ANSWERS" });
}, 120_000);

test("a server that dies in the middle makes the round void, and is down", async () => {
  const server = await start();
  await known([server]);
  const { ended } = play(await claimed(), "aggressor", ({ type }) => {
    if (type === "STARTED") kill(server.pid, "SIGKILL");
  });
  expect(await ended).toEqual({ phase: "VOIDED", reason: "SERVER_LOST", requeue: NAMES });
  expect(await rowOf(server)).toMatchObject({ state: "DOWN", answer: "SILENT" });
  expect(await claim()).toBeNull();
}, 60_000);

test("a server that was ready only when the round had waited too long for it rests, and is as it was", async () => {
  const server = await start();
  await known([server]);
  const venue = await (await claimed()).rent("aggressor");
  if (typeof venue === "string") throw new Error(venue);
  await venue.release({ phase: "VOIDED", reason: "NO_SERVER", requeue: NAMES });
  expect(await rowOf(server)).toMatchObject({ state: "FREE", answer: "ROUND_FAILED", rests: true });
  expect(await gamePasswordOf(server)).toBe(PASSWORD);
  expect(await claim()).toBeNull();
}, 60_000);

test("a server without the map is named so, keeps its own password, and rests; the match waits for another", async () => {
  const installation = await gameOfOneMap();
  const server = await start({ installation });
  await known([server]);
  const { ended, events } = play(await claimed(), "fan");
  expect(await ended).toMatchObject({ phase: "VOIDED", reason: "STOPPED" });
  expect(events.map(({ type }) => type)).toEqual(["VOIDED"]);
  expect(await rowOf(server)).toMatchObject({ answer: "MAP_MISSING", rests: true });
  expect(await gamePasswordOf(server)).toBe(PASSWORD);
  expect(await claim()).toBeNull();
  await installation.remove();
}, 60_000);

test("a server whose RCON password was changed says so, and the match waits for another", async () => {
  const server = await start();
  await known([server]);
  await changeRconPassword(server);
  const { ended } = play(await claimed());
  expect(await ended).toMatchObject({ phase: "VOIDED", reason: "STOPPED" });
  expect(await rowOf(server)).toMatchObject({ state: "DOWN", answer: "BAD_PASSWORD" });
}, 60_000);

/** What calls itself a server of OpenArena, and says this of its map. */
async function pretender(map: string): Promise<{ port: number; close(): void }> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const status = `statusResponse\n\\gamename\\baseoa\\sv_maxclients\\8\\com_protocol\\71\\mapname\\${map}\n`;
  const answers: Record<string, string> = {
    getstatus: status,
    [`rcon "${RCON_PASSWORD}" com_legacyprotocol`]: 'print\n"com_legacyprotocol" is:"0^7"\n',
    [`rcon "${RCON_PASSWORD}" g_password`]: 'print\n"g_password" is:"^7"\n',
  };
  socket.on("message", (asked, { port, address }) =>
    socket.send(outOfBand(answers[asked.toString("latin1", 4)] ?? ""), port, address),
  );
  return { port: socket.address().port, close: () => socket.close() };
}

test.each([
  ["which no text of the database has", "agg\0ressor"],
  ["without end", "a".repeat(10_000)],
  ["of signs that no map's name has", "<b>fan</b>"],
])("a server that names a map %s is one that does not say which it runs", async (_how, map) => {
  const server = await pretender(map);
  await known([server]);
  expect(await rowOf(server)).toMatchObject({ state: "FREE", answer: "ANSWERS", map: null });
  server.close();
});

test("who has lost its lease plays there no more and changes nothing; what was left behind is made ready again", async () => {
  const server = await start();
  await known([server]);
  const { ended } = play(await claimed(), "aggressor", ({ type }) => {
    if (type === "STARTED")
      void arena.rows(
        "UPDATE lease SET fence = fence + 1, holder = 'another', expires_at = now() WHERE name LIKE 'game_server:%'",
      );
  });
  expect(await ended).toEqual({ phase: "VOIDED", reason: "SERVER_LOST", requeue: NAMES });
  expect(await rowOf(server)).toMatchObject({ state: "BUSY" });
  expect(await gamePasswordOf(server)).toMatch(/^[0-9a-f]{24}$/);
  await looked(async () => (await rowOf(server))?.state === "FREE");
  expect(await gamePasswordOf(server)).toBe(PASSWORD);
}, 60_000);
