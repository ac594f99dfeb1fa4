import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPerson } from "../harness/agent.ts";
import { battleAt, BROKEN, newGladiator, OVER, repositoryWith, reviewed, startBattle } from "../harness/code-battle.ts";
import { freshDatabase } from "../harness/database.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { leftBy } from "../harness/leftovers.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { processesWith } from "../harness/sandboxes.ts";
import { until } from "../harness/until.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const STAGES = process.env["AGON_CHAOS"] === "full" ? ["SETUP", "RUNNING", "COLLECTING", "JUDGING"] : ["RUNNING"];
const TOKEN = "ghs_0123456789abcdefKILLED";

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let pool: pg.Pool;
let git: GitServer;
let dataDir: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-code-"));
  git = await startGitServer(Object.fromEntries(STAGES.map((stage) => [`${stage}.git`, TOKEN])));
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  server = serverProcess(await freePort(), database.url, { ...ROOMY, DATA_DIR: dataDir });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await pool.end();
  await database.drop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test.each(STAGES)(
  "a server that is killed during %s leaves nothing, and the battle goes on",
  async (stage) => {
    const { key } = await newPerson(server.url);
    const slow = { ...BROKEN, "package.json": JSON.stringify({ scripts: { test: "sleep 1; node --test" } }) };
    const url = repositoryWith(git, stage, slow);
    const repositoryId = await reviewed(server.url, key, { url, token: TOKEN });
    const mark = `agon-kill-${stage}`;
    const fix = `: ${mark}; sleep 2; sed -i 's/subtract = (a, b) => a + b/subtract = (a, b) => a - b/' sums.js`;
    const bots = await Promise.all(
      ["A", "B"].map((name) =>
        newGladiator(server.url, key, `${stage}_${name}`, { kind: "COMMAND", command: ["sh", "-c", fix] }),
      ),
    );
    const id = await startBattle(server.url, key, { repositoryId, prompt: "Fix it." }, bots);
    const pid = server.pid();
    await until(async () => {
      const { rows } = await pool.query<{ phase: string }>("SELECT phase FROM code_battle ORDER BY id DESC LIMIT 1");
      return rows[0]?.phase === stage && (stage === "COLLECTING" || leftBy(pid).length > 0);
    }, stage);
    await server.signal("SIGKILL");
    await until(() => processesWith(mark).length === 0, "an end of the gladiators");
    await server.start();
    await until(() => leftBy(pid).length === 0, "an empty arena");
    const battle = await battleAt(server.url, key, id, OVER);
    expect([battle.phase, battle.status]).toEqual(["COMPLETED", "COMPLETED"]);
    expect(battle.entries.map(({ outcome, placement }) => `${outcome} ${placement}`).toSorted()[0]).toBe("JUDGED 1");
    expect(leftBy(server.pid())).toEqual([]);
    expect(server.said()).not.toContain(TOKEN);
    const { rows } = await pool.query<{ found: number }>(
      "SELECT count(*)::int AS found FROM stream_event WHERE strpos(payload, $1) > 0",
      [TOKEN],
    );
    expect(rows[0]?.found).toBe(0);
  },
  120_000,
);
