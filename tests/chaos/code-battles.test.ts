import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SLOTS } from "../../src/codebattles/adapter/slots.ts";
import { mutate, newPerson } from "../harness/agent.ts";
import {
  battleAt,
  battleOf,
  BROKEN,
  FIX,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
  startBattle,
} from "../harness/code-battle.ts";
import { freshDatabase } from "../harness/database.ts";
import { gitIn, startGitServer, type GitServer } from "../harness/git-server.ts";
import { familyOf, leftBy, socketFoldersOf, stillRunning, tracesLeft } from "../harness/leftovers.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { processesWith, tracesOf } from "../harness/sandboxes.ts";
import { until } from "../harness/until.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const FULL = process.env["AGON_CHAOS"] === "full";
/** So often a battle is begun again. */
const ATTEMPTS = 3;
const STAGES = ["SETUP", "RUNNING", "COLLECTING", "JUDGING"] as const;
/** How long after a stage has begun: in its fetch, its set-up, its first or its second sandbox, on its way to the next stage. */
const PAUSES_MS = [0, 100, 400, 900, 1_500, 2_200, 3_000];
type Killed = { stages: readonly (typeof STAGES)[number][]; pauseMs: number };
/** In the short form one battle goes through a kill in every stage; in the full one each kill has a battle of its own. */
const KILLED: Killed[] = FULL
  ? STAGES.flatMap((stage) => PAUSES_MS.map((pauseMs) => ({ stages: [stage], pauseMs })))
  : [{ stages: STAGES, pauseMs: 0 }];
const GONE_WITHIN_MS = FULL ? 30_000 : Infinity;
const TOKEN = "ghs_0123456789abcdefKILLED";
/** The token, and as it stands in a header. */
const SECRETS = [TOKEN, Buffer.from(`x-access-token:${TOKEN}`).toString("base64")];

/** A repository for each battle. */
const nameOf = ({ stages, pauseMs }: Killed) => `${stages.join("_")}_${pauseMs}`;
const NAMES = [...KILLED.map(nameOf), "PUSH", "DRAFT", ...STAGES.map((stage) => `AGAIN_${stage}`)];

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let pool: pg.Pool;
let git: GitServer;
let dataDir: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-code-"));
  git = await startGitServer(Object.fromEntries(NAMES.map((name) => [`${name}.git`, TOKEN])));
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

let battles = 0;
type Drafted = { key: string; plan: { repositoryId: string; prompt: string }; bots: string[]; mark: string };

/** What a battle of two gladiators needs who take their time, as all its stages do. */
async function prepared(name: string): Promise<Drafted> {
  const [{ key }, number] = [await newPerson(server.url), battles++];
  const slow = { ...BROKEN, "package.json": JSON.stringify({ scripts: { test: "sleep 1; node --test" } }) };
  const given = { url: repositoryWith(git, name, slow), token: TOKEN };
  const repositoryId = await reviewed(server.url, key, given, { setup: ["sleep 1", "echo made > made"] });
  const mark = `agon-kill-${name}`;
  const fix = `: ${mark}; sleep 2; ${FIX}`;
  const bots = await Promise.all(
    ["A", "B"].map((each) =>
      newGladiator(server.url, key, `Kill_${number}_${each}`, { kind: "COMMAND", command: ["sh", "-c", fix] }),
    ),
  );
  return { key, plan: { repositoryId, prompt: "Fix it." }, bots, mark };
}

/** Such a battle, started. */
async function begin(name: string): Promise<{ key: string; id: string; mark: string }> {
  const { key, plan, bots, mark } = await prepared(name);
  return { key, mark, id: await startBattle(server.url, key, plan, bots) };
}

/** Waits until the newest battle is in a stage, with something of its own to leave behind. */
async function reached(stage: string): Promise<void> {
  const pid = server.pid();
  await until(async () => {
    expect(SECRETS.flatMap(processesWith)).toEqual([]);
    const { rows } = await pool.query<{ phase: string }>("SELECT phase FROM code_battle ORDER BY id DESC LIMIT 1");
    return rows[0]?.phase === stage && (stage === "COLLECTING" || leftBy(pid).length > 0);
  }, stage);
}

/** Kills the server, starts it again, and waits until nothing is left of the one that was killed. */
async function killAndStart(): Promise<void> {
  const pid = server.pid();
  await server.signal("SIGSTOP");
  const family = familyOf(pid);
  const sandboxes = leftBy(pid);
  await server.signal("SIGKILL");
  const killed = performance.now();
  await server.start();
  await until(() => stillRunning(family).length === 0, `an end of ${family.map(({ line }) => line).join("; ")}`);
  await until(() => leftBy(pid).length === 0, "an empty arena");
  await until(() => socketFoldersOf(pid).length === 0, "an end of the sockets");
  const traces = (id: string) => tracesOf("bwrap", SLOTS, id);
  await until(async () => (await tracesLeft(sandboxes, traces)).length === 0, "an end of mounts and groups");
  expect(performance.now() - killed).toBeLessThan(GONE_WITHIN_MS);
}

/** Where a secret stands that should stand nowhere. */
async function exposed(): Promise<string[]> {
  const kept = spawnSync("grep", ["-rlaF", ...SECRETS.flatMap((secret) => ["-e", secret]), dataDir, SLOTS]);
  const { rows } = await pool.query<{ place: string }>(
    `SELECT 'events' AS place FROM stream_event, unnest($1::text[]) s WHERE strpos(payload, s) > 0
     UNION SELECT 'audit' FROM code_audit, unnest($1::text[]) s WHERE strpos(about, s) > 0
     UNION SELECT 'artifacts' FROM code_artifact, unnest($1::text[]) s WHERE position(convert_to(s, 'UTF8') IN bytes) > 0`,
    [SECRETS],
  );
  return [
    ...kept.stdout.toString().split("\n").filter(Boolean),
    ...rows.map(({ place }) => place),
    ...SECRETS.flatMap((secret) => (server.said().includes(secret) ? ["logs"] : [])),
    ...SECRETS.flatMap(processesWith),
  ];
}

test.each(KILLED)(
  "a server that is killed in $stages, $pauseMs ms after each began, leaves nothing, and the battle goes on",
  async (killed) => {
    const { key, id, mark } = await begin(nameOf(killed));
    for (const stage of killed.stages) {
      await reached(stage);
      await sleep(killed.pauseMs);
      await killAndStart();
    }
    const battle = await battleAt(server.url, key, id, OVER);
    expect([battle.phase, battle.status]).toEqual(["COMPLETED", "COMPLETED"]);
    expect(battle.entries.map(({ outcome, placement }) => `${outcome} ${placement}`).toSorted()[0]).toBe("JUDGED 1");
    expect([leftBy(server.pid()), processesWith(mark), await exposed()]).toEqual([[], [], []]);
  },
  300_000,
);

test("a server that is killed while a battle takes entries loses none of them", async () => {
  const { key, plan, bots } = await prepared("DRAFT");
  const made = await mutate(server.url, key, "createCodeBattle", plan, "battle { id }");
  const { id: battleId } = made["battle"] as unknown as { id: string };
  for (const botId of bots) await mutate(server.url, key, "inviteGladiator", { battleId, botId });
  await killAndStart();
  expect(await battleOf(server.url, key, battleId)).toMatchObject({ phase: "DRAFT", entries: [{}, {}] });
  const started = await mutate(server.url, key, "startCodeBattle", { battleId });
  expect(started["__typename"]).toBe("StartCodeBattleSuccess");
  expect(await exposed()).toEqual([]);
  await mutate(server.url, key, "cancelCodeBattle", { battleId });
}, 120_000);

test.each(FULL ? STAGES : [])(
  "a battle whose server is killed in %s again and again is void, and leaves nothing",
  async (stage) => {
    const { key, id, mark } = await begin(`AGAIN_${stage}`);
    for (let kill = 0; kill < ATTEMPTS; kill++) {
      await reached(stage);
      await killAndStart();
    }
    const battle = await battleAt(server.url, key, id, OVER);
    expect([battle.phase, battle.status, battle.failure]).toEqual(["FAILED", "VOIDED", "TOO_MANY_RESTARTS"]);
    expect(battle.entries.map(({ placement }) => placement)).toEqual([null, null]);
    expect([leftBy(server.pid()), processesWith(mark), await exposed()]).toEqual([[], [], []]);
  },
  240_000,
);

/** A server's hook that holds the first push until the test lets it go. */
const HOLD = `#!/bin/sh
[ -e pushing ] || { touch pushing; while [ ! -e go ] && [ -d . ]; do sleep 0.1; done; }
`;

test("a server that is killed during a push leaves nothing, and the branches are pushed", async () => {
  const { key, id } = await begin("PUSH");
  await battleAt(server.url, key, id, OVER);
  const bare = join(git.folder, "PUSH.git");
  writeFileSync(join(bare, "hooks", "pre-receive"), HOLD, { mode: 0o755 });
  const asked = await mutate(server.url, key, "pushCodeBattle", { battleId: id });
  expect(asked["__typename"]).toBe("PushCodeBattleSuccess");
  await until(() => existsSync(join(bare, "pushing")), "a push");
  expect(SECRETS.flatMap(processesWith)).toEqual([]);
  await killAndStart();
  const pushed = await until(async () => {
    const now = await battleOf(server.url, key, id);
    return now?.entries.every(({ push }) => push !== "REQUESTED") ? now : null;
  }, "the branches");
  writeFileSync(join(bare, "go"), "");
  expect(pushed.entries.map(({ push }) => push)).toEqual(["PUSHED", "PUSHED"]);
  for (const { branch } of pushed.entries) expect(gitIn(bare)("show", `${branch}:sums.js`)).toContain("a - b");
  expect(await exposed()).toEqual([]);
}, 120_000);
