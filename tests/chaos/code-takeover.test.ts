import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPerson } from "../harness/agent.ts";
import {
  battleAt,
  BROKEN,
  FIX,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
  startBattle,
} from "../harness/code-battle.ts";
import { freshDatabase } from "../harness/database.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { leftBy } from "../harness/leftovers.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { processesWith } from "../harness/sandboxes.ts";
import { until } from "../harness/until.ts";

let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
let git: GitServer;
const nodes: ServerProcess[] = [];
let folders: string[];
beforeAll(async () => {
  git = await startGitServer();
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  folders = ["one", "two"].map((name) => mkdtempSync(join(tmpdir(), `agon-takeover-${name}-`)));
  // Each node has a disk of its own, as machines have.
  for (const folder of folders)
    nodes.push(serverProcess(await freePort(), database.url, { ...ROOMY, DATA_DIR: folder }));
  for (const node of nodes) await node.start();
}, 120_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await pool.end();
  await database.drop();
  await git.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const MARK = "agon-takeover-mark";
const SLOW_FIX = `: ${MARK}; sleep 3; ${FIX}`;
const column = async (text: string, values: unknown[] = []) =>
  (await pool.query<{ n: string }>(text, values)).rows.map(({ n }) => n);

test.each(["RUNNING", "JUDGING"])(
  "a node that sleeps past its lease in %s writes nothing when it wakes: another one has fought the battle, once",
  async (stage) => {
    const [one, two] = nodes;
    if (!one || !two) throw new Error("two nodes were started");
    const { key } = await newPerson(one.url);
    const slow = { ...BROKEN, "package.json": JSON.stringify({ scripts: { test: "sleep 1; node --test" } }) };
    const repositoryId = await reviewed(one.url, key, { url: repositoryWith(git, stage.toLowerCase(), slow) });
    const bots = [];
    for (const name of ["A", "B"])
      bots.push(
        await newGladiator(one.url, key, `Take_${stage}_${name}`, { kind: "COMMAND", command: ["sh", "-c", SLOW_FIX] }),
      );
    const id = await startBattle(one.url, key, { repositoryId, prompt: "Fix it." }, bots);
    const stream = `battle:${id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
    const holder = await until(async () => {
      const phase = await column("SELECT phase AS n FROM code_battle ORDER BY id DESC LIMIT 1");
      const busy = nodes.find((node) => leftBy(node.pid()).length > 0);
      return phase[0] === stage ? busy : undefined;
    }, stage);
    await holder.signal("SIGSTOP");
    const other = nodes.find((node) => node !== holder) ?? two;
    const fence = await column("SELECT fence AS n FROM code_battle ORDER BY id DESC LIMIT 1");
    await until(async () => {
      const now = await column("SELECT fence AS n FROM code_battle WHERE fence IS NOT NULL ORDER BY id DESC LIMIT 1");
      return now.length > 0 && now[0] !== fence[0];
    }, "a take-over");
    await until(() => leftBy(other.pid()).length > 0, "the other one's sandboxes");
    // It wakes while the other one is at work: what both would write is the same.
    await holder.signal("SIGCONT");
    const battle = await battleAt(other.url, key, id, OVER);
    expect([battle.phase, battle.status]).toEqual(["COMPLETED", "COMPLETED"]);
    expect(battle.entries.map(({ outcome, placement }) => `${outcome} ${placement}`)).toEqual(["JUDGED 1", "JUDGED 1"]);
    await until(() => nodes.every((node) => leftBy(node.pid()).length === 0), "empty arenas");
    await sleep(1_500); // what a renewal or a flush of the woken one would write
    const told = await column("SELECT type AS n FROM stream_event WHERE stream = $1 ORDER BY seq", [stream]);
    expect(told.filter((type) => type === "BattleEnded")).toHaveLength(1);
    expect(told.at(-1)).toBe("BattleEnded");
    const count = (type: string) => told.filter((each) => each === type).length;
    // The first run's beginnings are there, and of each end exactly one of each gladiator.
    expect([count("EntryCollected"), count("EntryJudged")]).toEqual([2, 2]);
    expect(await column("SELECT seq::text AS n FROM stream_event WHERE stream = $1 ORDER BY seq", [stream])).toEqual(
      told.map((_type, index) => String(index + 1)),
    );
    expect(
      await column(
        "SELECT games::text AS n FROM rating r JOIN bot b ON b.id = r.bot_id WHERE b.name LIKE $1 AND r.ladder = 'CODE'",
        [`Take_${stage}%`],
      ),
    ).toEqual(["1", "1"]);
    expect(processesWith(MARK)).toEqual([]);
    for (const node of nodes)
      expect(await node.whileItLives(fetch(`${node.url}/ready`).then(({ ok }) => ok))).toBe(true);
  },
  240_000,
);
