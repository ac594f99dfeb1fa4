// Sandboxes and streams of code battles: node bench/code-battles.ts [sandboxes] [gladiators]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApp } from "../src/app.ts";
import { bwrapDriver } from "../src/codebattles/adapter/bwrap.ts";
import { SLOTS } from "../src/codebattles/adapter/slots.ts";
import { LIMITS } from "../src/codebattles/rules/sandbox.ts";
import { readConfig } from "../src/config.ts";
import { newPerson, socket } from "../tests/harness/agent.ts";
import {
  battleAt,
  BROKEN,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
  startBattle,
} from "../tests/harness/code-battle.ts";
import { startGitServer } from "../tests/harness/git-server.ts";
import { runIn } from "../tests/harness/sandboxes.ts";
import { temporaryDatabase, unlimited } from "./database.ts";

const SANDBOXES = Number(process.argv[2] ?? 40);
const GLADIATORS = Number(process.argv[3] ?? 3);
const GOALS = { start_ms: 100, told_ms: 500 };
/** Says what time it is, five times a second for ten seconds: its clock is this machine's. */
const TELLER = `for n in $(seq 50); do date +%s%3N; sleep 0.2; done; echo // >> sums.js`;

const say = (line: string) => process.stdout.write(`${line}\n`);

function compare(what: string, took_ms: readonly number[], goal_ms: number): void {
  const sorted = took_ms.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
  const ratio = (goal_ms / at(0.5)).toFixed(2);
  const words = `median ${at(0.5).toFixed(0)} ms, p95 ${at(0.95).toFixed(0)} ms of ${sorted.length}`;
  say(`${what}: ${words}; goal ${goal_ms} ms: ratio ${ratio}`);
}

/** From nothing to the end of a program that does nothing, and what of it bubblewrap and its limits are. */
async function startSandboxes(): Promise<void> {
  const driver = bwrapDriver(SLOTS);
  const [whole, programs]: [number[], number[]] = [[], []];
  for (let number = 0; number < SANDBOXES; number++) {
    const began = performance.now();
    const sandbox = await driver.create({ limits: LIMITS, mounts: [] });
    const made = performance.now();
    try {
      const { exitCode } = await runIn(sandbox, ["true"]);
      if (exitCode !== 0) throw new Error(`the program ended with ${exitCode}`);
      whole.push(performance.now() - began);
      programs.push(performance.now() - made);
    } finally {
      await sandbox.destroy();
    }
  }
  compare("a sandbox, made and its first program run", whole, GOALS.start_ms);
  compare("a program in a sandbox that is there", programs, GOALS.start_ms);
}

const EVENTS = `subscription($id: ID!) { battleEvents(battleId: $id) { event { ... on Output { text } } } }`;
type Heard = { battleEvents: { event: { text?: string } } };

/** A battle whose gladiators say what time it is; how long each line took to a subscriber's socket. */
async function hearGladiators(url: string, gitUrl: string): Promise<void> {
  const { key } = await newPerson(url);
  const repositoryId = await reviewed(url, key, { url: gitUrl });
  const program = { kind: "COMMAND", command: ["sh", "-c", TELLER] };
  const bots: string[] = [];
  for (let seat = 0; seat < GLADIATORS; seat++) bots.push(await newGladiator(url, key, `Bench_${seat}`, program));
  const began = performance.now();
  const plan = { repositoryId, prompt: "Say what time it is.", gladiatorsMax: Math.max(2, GLADIATORS) };
  const id = await startBattle(url, key, plan, bots);
  const took_ms: number[] = [];
  const client = socket(url, key);
  client.subscribe<Heard>(
    { query: EVENTS, variables: { id } },
    {
      next: ({ data }) => {
        for (const line of data?.battleEvents.event.text?.split("\n") ?? []) took_ms.push(Date.now() - Number(line));
      },
      error: (error) => say(`the subscription failed: ${JSON.stringify(error)}`),
      complete: () => undefined,
    },
  );
  const { phase } = await battleAt(url, key, id, OVER);
  say(
    `${GLADIATORS} gladiators of ten seconds each: ${phase} after ${((performance.now() - began) / 1_000).toFixed(1)} s`,
  );
  compare(`a line of one of ${GLADIATORS} gladiators to a subscriber's socket`, took_ms, GOALS.told_ms);
  await client.dispose();
}

const folder = mkdtempSync(join(tmpdir(), "agon-code-bench-"));
const [database, git] = [await temporaryDatabase(), await startGitServer()];
const variables = { AGON_ROLES: "api,engine,code", AGON_QUAKE_SERVERS: "0", DATA_DIR: folder };
const app = await startApp(readConfig({ ...unlimited(database.url), ...variables }));
try {
  await startSandboxes();
  await hearGladiators(app.url, repositoryWith(git, "bench", BROKEN));
} finally {
  await app.stop();
  await git.stop();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}
