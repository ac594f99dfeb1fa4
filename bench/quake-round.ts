// What matches cost, all in, beside the goals: node bench/quake-round.ts [matches at once]
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLog } from "../src/platform/logging.ts";
import { DEBIAN } from "../src/quake/adapter/installation.ts";
import { MAPS } from "../src/quake/rules/commands.ts";
import { openPool, type Pool } from "../src/quake/service/pool.ts";
import { playRound } from "../src/quake/service/rounds.ts";
import { fromPool } from "../src/quake/service/venue.ts";
import { hunt } from "../tests/harness/quake-hunter.ts";

const PLAYERS = 4;
const ROUND_MIN = 1;
const FIRST_PORT = 29_500;
const GOAL_SHARE = 0.1;
const GOAL_ROSTER_MS = 3_000;
const TICKS_PER_SECOND = 100;

const say = (line: string) => process.stdout.write(`${line}\n`);
const matches = Number(process.argv[2] ?? 2);
const log = openLog("error");
const root = mkdtempSync(join(tmpdir(), "agon-quake-bench-"));
const terms = { installation: DEBIAN, root, servers: matches, firstPort: FIRST_PORT, timeLimit_min: ROUND_MIN };
const pool = openPool({ ...terms, timescale: 1, log });

/** Processor time of a process so far, in milliseconds. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

type Live = { pid: number; readyAtMs: number; rosterMs: number; startedAtMs: number; cpuMs: number; kills: number };

async function match(index: number): Promise<{ live: Live; elapsedMs: number; serverMs: number }> {
  const live: Live = { pid: 0, readyAtMs: 0, rosterMs: 0, startedAtMs: 0, cpuMs: 0, kills: 0 };
  let serverMs = 0;
  const spied: Pool = {
    ...pool,
    rent: async (map) => {
      const rental = await pool.rent(map);
      live.pid = rental?.server.pid ?? 0;
      live.readyAtMs = performance.now();
      return rental;
    },
  };
  const ended = await playRound({
    rent: fromPool(spied),
    map: MAPS[index % MAPS.length] ?? "aggressor",
    participants: Array.from({ length: PLAYERS }, (_none, seat) => ({
      botId: `${index}-${seat}`,
      name: `bench ${index} ${seat}`,
      guid: (index * PLAYERS + seat).toString(16).padStart(32, "A"),
    })),
    limits: { liveMs: ROUND_MIN * 60_000, suddenDeathMs: 30_000 },
    timescale: 1,
    log,
    think: (_botId, snapshot) => hunt(snapshot),
    findReplacement: () => Promise.resolve(null),
    tell: ({ type }) => {
      if (type === "ROSTER_FROZEN") live.rosterMs = performance.now() - live.readyAtMs;
      if (type === "STARTED") [live.startedAtMs, live.cpuMs] = [performance.now(), cpuOf(live.pid)];
      if (type === "KILL") live.kills++;
      if (type === "COMPLETED") serverMs = cpuOf(live.pid) - live.cpuMs;
    },
  });
  if (ended.phase === "VOIDED") throw new Error(`match ${index} is void: ${ended.reason}`);
  return { live, serverMs, elapsedMs: performance.now() - live.startedAtMs };
}

const before = process.cpuUsage();
const begunAtMs = performance.now();
const played = await Promise.all(Array.from({ length: matches }, (_none, index) => match(index)));
const own = process.cpuUsage(before);
const elapsedMs = performance.now() - begunAtMs;
await pool.stop();
rmSync(root, { recursive: true, force: true });

const ownShare = (own.user + own.system) / 1_000 / elapsedMs / matches;
const serverShare = played.reduce((sum, { serverMs, elapsedMs: ms }) => sum + serverMs / ms, 0) / matches;
const share = ownShare + serverShare;
const roster = Math.max(...played.map(({ live }) => live.rosterMs));
const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
say(
  `${matches} matches of ${PLAYERS} at once: ${percent(share)} of a core each (server ${percent(serverShare)}, clients ${percent(ownShare)}), goal ${percent(GOAL_SHARE)}: ratio ${(GOAL_SHARE / share).toFixed(2)}`,
);
say(
  `roster complete within ${Math.round(roster)} ms of a free server, goal ${GOAL_ROSTER_MS} ms: ratio ${(GOAL_ROSTER_MS / roster).toFixed(1)}`,
);
say(`${played.reduce((sum, { live }) => sum + live.kills, 0)} kills, all agreed by log, scores and clients`);
