import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GameServer } from "../../src/quake/adapter/game-server.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import {
  joinQuake,
  matches,
  matchIn,
  newEntrants,
  quakeNode,
  waitOf,
  type Entrant,
  type Match,
} from "../harness/quake-arena.ts";
import { gamePasswordOf, PASSWORD, RCON_PASSWORD, startElsewhere } from "../harness/quake-game.ts";
import { until } from "../harness/until.ts";
import { uuidOf } from "../chaos/record.ts";

// Nodes without a game server play on one that they know by its address alone; one of them is killed meanwhile.

/** At more a busy machine shows its clients too little: nothing but they tell of deaths. */
const TIMESCALE = 2;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: pg.Pool;
let game: GameServer;
let node: ServerProcess;
let successor: ServerProcess;
let admin: Record<string, string>;
const folders: string[] = [];

async function nodeElsewhere(): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), "agon-quake-elsewhere-"));
  folders.push(dataDir);
  return serverProcess(await freePort(), database.url, {
    ...ROOMY,
    ...quakeNode(0, dataDir),
    AGON_QUAKE_TIMESCALE: String(TIMESCALE),
    LIMIT_PRESENCE_MS: "3600000",
    AGON_QUAKE_REMOTE: `quake://:${RCON_PASSWORD}@127.0.0.1:${game.port}`,
  });
}

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  game = await startElsewhere({ timescale: TIMESCALE, timeLimit_min: 20 });
  [node, successor] = [await nodeElsewhere(), await nodeElsewhere()];
  await node.start();
  const { token } = await newPerson(node.url, "looks_on");
  admin = { authorization: `Bearer ${token}` };
  await pool.query("UPDATE app_user SET operator = true WHERE handle = 'looks_on'");
}, 60_000);
afterAll(async () => {
  await Promise.all([node.stop(), successor.stop(), game.stop()]);
  await pool.end();
  await database.drop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

type Shown = { state: string; answer: string; map: string | null };
async function server(url: string): Promise<Shown> {
  const { data } = await ask(url, "{ gameServers { state answer map } }", {}, admin);
  return (data as unknown as { gameServers: [Shown] }).gameServers[0];
}

/** The match of these bots, in one of these phases. */
async function matchOf(url: string, entrants: readonly Entrant[], phases: readonly string[]): Promise<Match> {
  const own = ({ participants, phase }: Match) =>
    phases.includes(phase) && entrants.every(({ botId }) => participants.some(({ bot }) => bot.id === botId));
  const look = async () => (await matches(url)).find(own);
  return until(look, `their match, ${phases.join(" or ")}`);
}

async function playedBy({ key, botId }: Entrant, name: string): Promise<void> {
  const { data } = await ask(node.url, `{ referenceStrategy(name: ${name}) }`);
  const source = data?.["referenceStrategy"] as unknown as string;
  await mutate(node.url, key, "uploadStrategy", { botId, source, activate: true }, "strategy { id }");
}

const BLIND_MAX = 2;
/** A match to its end. Where clients saw too little of it, which is void as it must be, the next one of those who wait on. */
async function completed(url: string, first: string): Promise<Match> {
  let match = await matchIn(url, ["COMPLETED", "VOIDED"], first);
  for (let blind = 0; match.voidReason === "SCORE_MISMATCH" && blind < BLIND_MAX; blind++) {
    const before = match.id;
    const isNext = ({ id, phase }: Match) => id !== before && phase === "LIVE";
    const { id } = await until(async () => (await matches(url)).find(isNext), "the next match");
    match = await matchIn(url, ["COMPLETED", "VOIDED"], id);
  }
  expect(match).toMatchObject({ phase: "COMPLETED" });
  return match;
}

const isFree = (url: string) => until(async () => (await server(url)).state === "FREE", "the server's return");

test("a ranked match is played there to its end: deaths are stored, ratings sum to zero, the server is as it was", async () => {
  const entrants = (await newEntrants(node.url, ["Far_Hunts", "Far_Competes"])) as [Entrant, Entrant];
  await playedBy(entrants[0], "hunter");
  await playedBy(entrants[1], "competition");
  for (const entrant of entrants) await joinQuake(node.url, entrant);
  const { id, map } = await matchOf(node.url, entrants, ["LIVE"]);
  expect(await server(node.url)).toEqual({ state: "BUSY", answer: "ANSWERS", map });
  const match = await completed(node.url, id);
  expect(match).toMatchObject({ rated: true, voidReason: null });
  const moves = match.participants.map(({ ratingBefore, ratingAfter }) => (ratingAfter ?? NaN) - (ratingBefore ?? NaN));
  expect(moves.reduce((sum, move) => sum + move, 0)).toBe(0);
  const { rows } = await pool.query<{ deaths: number }>(
    "SELECT count(*)::int AS deaths FROM quake_kill WHERE match_id = $1",
    [uuidOf(match.id)],
  );
  expect(rows[0]?.deaths).toBeGreaterThan(0);
  expect(match.players.reduce((sum, { deaths }) => sum + deaths, 0)).toBe(rows[0]?.deaths);
  await isFree(node.url);
  expect(await gamePasswordOf(game)).toBe(PASSWORD);
}, 240_000);

/** Kills the node that plays, and starts the other one, which is the node from then on. */
async function replaceNode(): Promise<void> {
  await node.signal("SIGKILL");
  [node, successor] = [successor, node];
  await node.start();
}

test.each(["JOINING", "COUNTDOWN"])(
  "a match whose node is killed while it is %s is begun anew by another and counts, and nothing is left behind",
  async (phase) => {
    const entrants = (await newEntrants(node.url, [`${phase}_A`, `${phase}_B`])) as [Entrant, Entrant];
    await playedBy(entrants[0], "hunter");
    for (const entrant of entrants) await joinQuake(node.url, entrant);
    const { id } = await matchOf(node.url, entrants, [phase]);
    await replaceNode();
    const { url } = node;
    await matchIn(url, ["LIVE", "COMPLETED"], id);
    const { rows } = await pool.query<{ attempts: number }>("SELECT attempts FROM quake_match WHERE id = $1", [
      uuidOf(id),
    ]);
    expect(rows).toEqual([{ attempts: 2 }]);
    await completed(url, id);
    expect(await Promise.all(entrants.map(({ botId }) => waitOf(url, botId)))).toEqual([null, null]);
    await isFree(url);
    expect(await gamePasswordOf(game)).toBe(PASSWORD);
    const held = () => pool.query("SELECT FROM lease WHERE name LIKE $1 AND expires_at > now()", [`%${uuidOf(id)}`]);
    await until(async () => (await held()).rowCount === 0, "the end of the match's lease");
  },
  300_000,
);

test("a node that is killed in the middle is followed by another, which makes the match void and the server ready", async () => {
  const entrants = (await newEntrants(node.url, ["Late_A", "Late_B"])) as [Entrant, Entrant];
  for (const entrant of entrants) await joinQuake(node.url, entrant);
  const joinedAt = await Promise.all(entrants.map(async ({ botId }) => (await waitOf(node.url, botId))?.joinedAt));
  const first = await matchOf(node.url, entrants, ["LIVE"]);
  await replaceNode();
  const { url } = node;
  expect(await matchIn(url, ["VOIDED"], first.id)).toMatchObject({ voidReason: "NODE_LOST" });
  const waits = await Promise.all(entrants.map(({ botId }) => waitOf(url, botId)));
  expect(waits.map((wait) => wait?.joinedAt)).toEqual(joinedAt);
  const second = await matchOf(url, entrants, ["LIVE"]);
  expect(second.id).not.toBe(first.id);
  await completed(url, second.id);
  await isFree(url);
  expect(await gamePasswordOf(game)).toBe(PASSWORD);
}, 300_000);
