// How late the deadlines of fights fire in which nobody moves, on two nodes and once one of them is killed: node bench/deadlines.ts [fights]
import { mutate, newBot, newPerson } from "../tests/harness/agent.ts";
import { until } from "../tests/harness/until.ts";
import { temporaryDatabase } from "./database.ts";
import { withClient } from "./fill.ts";
import { startAgon } from "./processes.ts";

const FIGHTS = Number(process.argv[2] ?? 100);
const GOAL_MS = 250;
const OWNERS = 20;
/** After this many exchanges that timed out in each fight a node is killed. */
const KILLED_AFTER = 1;
/** Silent fights end by themselves well within this. */
const LONGEST_MS = 180_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const variables = {
  AGON_ROLES: "api,engine",
  LIMIT_BOTS_PER_USER_MAX: "1000",
  LIMIT_PRESENCE_MS: "3600000",
};

type Late = { atMs: number; ms: number };
type Told = { stream: string; type: string; payload: string; at: Date };

/** By how much each exchange that timed out was resolved after the later of its two deadlines. */
const lateness = (url: string): Promise<Late[]> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<Told>(
      `SELECT stream, type, payload, at FROM stream_event
       WHERE stream LIKE 'fight:%' AND type IN ('ExchangeRequested', 'ExchangeResolved') ORDER BY stream, seq`,
    );
    const dueMs = new Map<string, number>();
    return rows.flatMap(({ stream, type, payload, at }) => {
      const told = JSON.parse(payload) as { fighters?: { deadlineAt: string }[]; sides?: { timedOut: boolean }[] };
      if (type === "ExchangeRequested") {
        dueMs.set(stream, Math.max(...(told.fighters ?? []).map(({ deadlineAt }) => Date.parse(deadlineAt))));
        return [];
      }
      const due = dueMs.get(stream);
      const isLate = due !== undefined && told.sides?.some(({ timedOut }) => timedOut);
      return isLate ? [{ atMs: at.getTime(), ms: at.getTime() - due }] : [];
    });
  });

const running = (url: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM fight WHERE deadline_at IS NOT NULL",
    );
    return rows[0]?.n ?? 0;
  });

/** So many fights between bots that never answer. */
async function begin(port: number, url: string, name: string): Promise<void> {
  const server = `http://127.0.0.1:${port}`;
  const people = await Promise.all(Array.from({ length: OWNERS }, () => newPerson(server)));
  for (let bot = 0; bot < 2 * FIGHTS; bot += OWNERS)
    await Promise.all(
      people.slice(0, 2 * FIGHTS - bot).map(async ({ key }, owner) => {
        const botId = await newBot(server, key, `${name}_${bot + owner}`);
        await mutate(server, key, "joinQueue", { botId, ladder: "PIT" });
      }),
    );
  await until(async () => (await running(url)) === FIGHTS, "the fights");
}

async function end(url: string): Promise<void> {
  const untilMs = performance.now() + LONGEST_MS;
  while ((await running(url)) > 0) {
    if (performance.now() > untilMs) throw new Error("silent fights do not end");
    await sleep(500);
  }
}

function report(what: string, late: readonly Late[]): void {
  const sorted = late.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const most = quantile(1);
  say(
    `${what}: ${sorted.length} deadlines of ${FIGHTS} fights, late by p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, at most ${most} ms; goal ${GOAL_MS} ms: ratio ${(GOAL_MS / Math.max(1, most)).toFixed(2)}`,
  );
}

const database = await temporaryDatabase();
const { url } = database;
const nodes = [await startAgon(url, variables), await startAgon(url, variables)] as const;
try {
  await begin(nodes[0].port, url, "Both");
  await end(url);
  const both = await lateness(url);
  report("two nodes", both);

  await begin(nodes[1].port, url, "One");
  await until(async () => (await lateness(url)).length >= both.length + FIGHTS * KILLED_AFTER, "the first deadlines");
  await nodes[0].stop();
  const killedMs = Date.now();
  await end(url);
  report(
    "one node, the other killed",
    (await lateness(url)).filter(({ atMs }) => atMs >= killedMs),
  );
} finally {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.stop();
}
