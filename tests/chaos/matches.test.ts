import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { joinQuake, matches, matchIn, newEntrants, quakeNode, waitOf, type Match } from "../harness/quake-arena.ts";
import { until } from "../harness/until.ts";

// Matches on real game servers, whose processes and nodes are killed. AGON_CHAOS=full plays eight matches at once, too.

const FULL = process.env["AGON_CHAOS"] === "full";

let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
/** The one that plays, and one that only serves and sweeps. */
let host: ServerProcess;
let other: ServerProcess;
const folders: string[] = [];

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "agon-chaos-quake-"));
  folders.push(made);
  return made;
};

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  const variables = { ...ROOMY, LIMIT_PRESENCE_MS: "3600000", LIMIT_RATED_PER_PAIR_PER_DAY_MAX: "1000" };
  host = serverProcess(await freePort(), database.url, { ...variables, ...quakeNode(FULL ? 4 : 1, folder()) });
  other = serverProcess(await freePort(), database.url, { ...variables, AGON_ROLES: "api,engine" });
  await Promise.all([host.start(), other.start()]);
}, 60_000);
afterAll(async () => {
  await host.stop();
  await other.stop();
  for (const pid of gameServers()) kill(pid, "SIGKILL");
  await pool.end();
  await database.drop();
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

/** The game servers of this test, by the folder in their command. */
function gameServers(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return folders.some((each) => readFileSync(`/proc/${name}/cmdline`, "utf8").includes(each));
      } catch {
        return false;
      }
    })
    .filter((name) => readFileSync(`/proc/${name}/cmdline`, "utf8").includes("fs_homepath"))
    .map(Number);
}

const rows = async (text: string) => (await pool.query(text)).rows;

/** The match that comes after one, in one of these phases. */
async function nextIn(before: Match, phases: readonly string[]): Promise<Match> {
  const found = await until(async () => {
    const [newest] = await matches(other.url);
    return newest && newest.id !== before.id && newest;
  }, "another match");
  return matchIn(other.url, phases, found.id);
}

async function nothingIsLeft(): Promise<void> {
  expect(await rows("SELECT * FROM live_participation")).toEqual([]);
  expect(await rows("SELECT * FROM lease WHERE name LIKE 'match:%'")).toEqual([]);
  expect(await rows("SELECT * FROM queue_entry WHERE status IN ('MATCHED', 'PLAYING')")).toEqual([]);
  const twice =
    "SELECT contest_id FROM rating_history GROUP BY contest_id HAVING sum(elo_after - elo_before) <> 0 OR count(*) > 4";
  expect(await rows(twice)).toEqual([]);
}

test("what dies in a match makes it void or hands it on, and nobody loses a place", async () => {
  const entrants = await newEntrants(other.url, ["Chaos_A", "Chaos_B"]);
  for (const entrant of entrants) await joinQuake(other.url, entrant);
  const joinedAt = await Promise.all(entrants.map(async ({ botId }) => (await waitOf(other.url, botId))?.joinedAt));

  const first = await matchIn(other.url, ["LIVE"]);
  const [server] = gameServers();
  kill(server ?? 0, "SIGKILL");
  expect(await matchIn(other.url, ["VOIDED"], first.id)).toMatchObject({ status: "VOIDED", voidReason: "SERVER_LOST" });

  const second = await nextIn(first, ["LIVE"]);
  expect(second.players.map(({ bot }) => bot.id).toSorted()).toEqual(entrants.map(({ botId }) => botId).toSorted());
  await host.signal("SIGKILL");
  expect(await matchIn(other.url, ["VOIDED"], second.id)).toMatchObject({ voidReason: "NODE_LOST" });

  const orphans = gameServers();
  await host.start();
  await until(() => gameServers().every((pid) => !orphans.includes(pid)), "the end of the orphans");
  const third = await nextIn(second, ["COUNTDOWN"]);
  await host.signal("SIGKILL");
  await matchIn(other.url, ["ANNOUNCED"], third.id);
  await host.start();
  await matchIn(other.url, ["LIVE"], third.id);
  const joinings = "SELECT FROM stream_event WHERE stream LIKE 'match:%' AND type = 'MatchJoining'";
  expect(await rows(joinings)).toHaveLength(4);
  expect(await rows(joinings.replace("Joining", "Postponed"))).toHaveLength(1);

  expect(await host.signal("SIGTERM")).toBe(0);
  expect(gameServers()).toEqual([]);
  expect(await matchIn(other.url, ["VOIDED"], third.id)).toMatchObject({ voidReason: "STOPPED" });
  const waits = await Promise.all(entrants.map(({ botId }) => waitOf(other.url, botId)));
  expect(waits.map((wait) => wait?.joinedAt)).toEqual(joinedAt);

  expect(await rows("SELECT FROM rating_history")).toEqual([]);
}, 180_000);

test.each(FULL ? [4] : [])(
  "eight matches share %i servers: those that wait are played in turn, each once",
  async (servers) => {
    await host.start();
    const names = Array.from({ length: 32 }, (_none, index) => `Many_${index}`);
    await Promise.all((await newEntrants(other.url, names)).map((entrant) => joinQuake(other.url, entrant)));
    const done = async () => {
      const [counted] = await rows("SELECT count(*)::int AS done FROM quake_match WHERE phase = 'COMPLETED'");
      expect(gameServers().length).toBeLessThanOrEqual(servers);
      // The match of those two whose others were void is played, too.
      return (counted as { done: number }).done >= 9;
    };
    await until(done, "eight matches").catch(() => until(done, "eight matches"));
    const all = await rows("SELECT match_id, count(*)::int AS players FROM quake_player GROUP BY match_id");
    expect(all.filter(({ players }) => players === 4)).toHaveLength(8);
    await nothingIsLeft();
  },
  240_000,
);
