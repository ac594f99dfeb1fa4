// What one step of a workflow costs in a short run and in a long one, and what the server's memory is then: node bench/workflows.ts [short] [long]
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { temporaryDatabase } from "./database.ts";
import { fillBots, keyOf, withClient } from "./fill.ts";
import { cpuOf, cpuOfPostgres, postmasterOf, startAgon, type ServerProcess } from "./processes.ts";

const LENGTHS = [Number(process.argv[2] ?? 1_000), Number(process.argv[3] ?? 10_000)] as const;
const SAMPLE_MS = 50;
const GOALS = { cost: 1.3, memory: 1.3 };

const say = (text: string) => process.stdout.write(`${text}\n`);

/** One mutation of the bench's person. */
async function mutate(port: number, field: string, input: object, selection: string): Promise<Record<string, string>> {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Success { made: ${selection} } ... on Refusal { code message } } }`;
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": keyOf(1) },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as {
    data: Record<string, { made?: Record<string, string>; code?: string }> | null;
    errors?: unknown;
  };
  const made = data?.[field]?.made;
  if (!made) throw new Error(JSON.stringify(errors ?? data));
  return made;
}

/** Starts a run whose one step fans out to so many tasks. */
async function start(port: number, tasks: number): Promise<void> {
  const steps = [{ key: "each", title: "each", forEach: "/input", input: { n: "/item" } }];
  const { id: definitionId } = await mutate(port, "defineWorkflow", { name: "bench", steps }, "definition { id }");
  const input = Array.from({ length: tasks }, (_none, n) => n);
  await mutate(port, "startWorkflow", { definitionId, input }, "workflow { id }");
}

/** Workers that cost nothing: whatever waits is done. Gives whether the run is over. */
async function workOff(client: pg.Client): Promise<boolean> {
  await client.query(
    `UPDATE task SET state = 'COMPLETED', ready = false, ended_at = now(), result = '1' WHERE state = 'PENDING'`,
  );
  const { rows } = await client.query<{ open: number }>(
    "SELECT count(*)::int AS open FROM workflow WHERE ended_at IS NULL",
  );
  return rows[0]?.open === 0;
}

/** Megabytes that a process holds in memory. */
const memoryOf = ({ pid }: ServerProcess) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;

type Measured = { serverUs: number; databaseUs: number; peakMb: number; perSecond: number };

/** A run of a length on a server of its own. */
async function measure(url: string, postmaster: number, tasks: number): Promise<Measured> {
  const agon = await startAgon(url, { AGON_ROLES: "api,engine" });
  try {
    return await withClient(url, async (client) => {
      await start(agon.port, 100);
      while (!(await workOff(client))) await sleep(SAMPLE_MS);
      const before = { server: cpuOf(agon.pid), database: cpuOfPostgres(postmaster), atMs: performance.now() };
      await start(agon.port, tasks);
      let peakMb = 0;
      while (!(await workOff(client))) {
        peakMb = Math.max(peakMb, memoryOf(agon));
        await sleep(SAMPLE_MS);
      }
      return {
        serverUs: (cpuOf(agon.pid) - before.server) / tasks,
        databaseUs: (cpuOfPostgres(postmaster) - before.database) / tasks,
        peakMb,
        perSecond: (tasks * 1_000) / (performance.now() - before.atMs),
      };
    });
  } finally {
    await agon.stop();
  }
}

const database = await temporaryDatabase();
try {
  await fillBots(database.url, 1, 1);
  await withClient(database.url, (client) => client.query("UPDATE api_key SET scopes = '{PLAY,WORK}'"));
  const postmaster = await postmasterOf(database.url);
  const [short, long] = [
    await measure(database.url, postmaster, LENGTHS[0]),
    await measure(database.url, postmaster, LENGTHS[1]),
  ];
  for (const [tasks, { serverUs, databaseUs, peakMb, perSecond }] of [
    [LENGTHS[0], short],
    [LENGTHS[1], long],
  ] as const)
    say(
      `a run of ${tasks.toLocaleString("en")} tasks: ${serverUs.toFixed(0)} us of the server and ${databaseUs.toFixed(0)} us of the database a task, ${perSecond.toFixed(0)} tasks a second, at most ${peakMb.toFixed(0)} MB`,
    );
  const cost = long.serverUs / short.serverUs;
  say(
    `long beside short: cost a task ${cost.toFixed(2)} (goal at most ${GOALS.cost}), memory ${(long.peakMb / short.peakMb).toFixed(2)} (goal at most ${GOALS.memory})`,
  );
} finally {
  await database.stop();
}
