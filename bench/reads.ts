// The two public reads, five ways, side by side on one database: node bench/reads.ts [rounds] [seconds] [connections]
import { deepStrictEqual } from "node:assert";
import { temporaryDatabase } from "./database.ts";
import { fillBoard, fillBots, fillPastFights, idOf, nodeIdOf } from "./fill.ts";
import { getRequest, graphqlRequest, sendLoad, type Measured, type Sent } from "./load/load.ts";
import { cpuOf, cpuOfPostgres, postmasterOf, startAgon, startProgram, type ServerProcess } from "./processes.ts";
import { FIGHT, LADDER, POSTGRAPHILE_FIGHT, POSTGRAPHILE_LADDER } from "./reads/queries.ts";

const ROUNDS = Number(process.argv[2] ?? 2);
const SECONDS = Number(process.argv[3] ?? 3);
const CONNECTIONS = Number(process.argv[4] ?? 16);
const [USERS, BOTS, FIGHTS] = [1_000, 10_000, 200_000];
const REQUESTS = 40_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** One side of one query: where its requests go, and what each right answer contains. */
type Side = { name: string; server: ServerProcess; requests: (round: number) => Sent[]; expected: string };
type Sample = Measured & { server_us: number; postgres_us: number };

/** Fights in an order without repetition: a prime step through all of them. */
const fightsOf = (round: number) =>
  Array.from({ length: REQUESTS }, (_none, index) => (((round * REQUESTS + index) * 7_919) % FIGHTS) + 1);

const repeated = (request: Sent) => () => [request];

/** The sides of the ladder page. A variable that the operation does not declare makes each request a new one to any cache. */
function ladderSides(agon: ServerProcess, plain: ServerProcess, peer: ServerProcess): Side[] {
  const fresh = (query: string) => (round: number) =>
    Array.from({ length: REQUESTS }, (_none, index) =>
      graphqlRequest(query, { first: 20, fresh: `${round}.${index}` }),
    );
  const asked = graphqlRequest(LADDER, { first: 20 });
  const expected = '"participants":[{';
  return [
    {
      name: "node:http + one statement",
      server: plain,
      requests: repeated(getRequest("/ladder/20")),
      expected: '"participants"',
    },
    { name: "Agon, each request new", server: agon, requests: fresh(LADDER), expected },
    { name: "PostGraphile 5", server: peer, requests: fresh(POSTGRAPHILE_LADDER), expected: '"side":1' },
    { name: "node:http, stored bytes", server: plain, requests: repeated(stored("ladder", asked)), expected },
    { name: "Agon, polled", server: agon, requests: repeated(asked), expected },
  ];
}

/** The sides of one fight: each request names another of the 200,000. */
function fightSides(agon: ServerProcess, plain: ServerProcess, peer: ServerProcess): Side[] {
  const asked = graphqlRequest(FIGHT, { id: nodeIdOf("contest", 1) });
  const expected = '"side":1';
  const each = (make: (fight: number) => Sent) => (round: number) => fightsOf(round).map(make);
  return [
    {
      name: "node:http + one statement",
      server: plain,
      requests: each((fight) => getRequest(`/fight/${idOf("contest", fight)}`)),
      expected: '"side" : 1',
    },
    {
      name: "Agon, each request new",
      server: agon,
      requests: each((fight) => graphqlRequest(FIGHT, { id: nodeIdOf("contest", fight) })),
      expected,
    },
    {
      name: "PostGraphile 5",
      server: peer,
      requests: each((fight) => graphqlRequest(POSTGRAPHILE_FIGHT, { id: idOf("contest", fight) })),
      expected,
    },
    { name: "node:http, stored bytes", server: plain, requests: repeated(stored("fight", asked)), expected },
    { name: "Agon, polled", server: agon, requests: repeated(asked), expected },
  ];
}

/** A request as long as the real one, which is answered with the bytes that Agon answered. */
const stored = (name: string, asked: Sent): Sent => ({
  ...asked,
  headers: asked.headers.replace("POST /graphql", `POST /bytes/${name}`),
});

/** What a server answers to one request. */
async function bodyOf({ server, requests, expected }: Side): Promise<string> {
  const load = {
    port: server.port,
    connections: 1,
    forMs: 5_000,
    lanes: [requests(0).slice(0, 1)],
    again: false,
    expected,
  };
  const { firstBody, wrong } = await sendLoad(load);
  if (wrong > 0) throw new Error(`a wrong answer: ${firstBody.slice(0, 2_000)}`);
  return firstBody;
}

const dataOf = (body: string): unknown => (JSON.parse(body) as { data: unknown }).data;

const participantsIn = (body: string): number => body.split('"ratingBefore"').length - 1;

/** Agon must answer what the hand-written statement does; its bytes are then what node:http answers from memory. */
async function prepare(name: string, [hand, fresh, peer, , polled]: Side[], plain: ServerProcess): Promise<void> {
  if (!hand || !fresh || !peer || !polled) throw new Error("a side is missing");
  const answered = await bodyOf(fresh);
  deepStrictEqual(dataOf(answered), dataOf(await bodyOf(hand)));
  deepStrictEqual(participantsIn(await bodyOf(peer)), participantsIn(answered));
  await fetch(`http://127.0.0.1:${plain.port}/bytes/${name}`, { method: "PUT", body: await bodyOf(polled) });
}

async function measure(side: Side, round: number, postmaster: number): Promise<Sample> {
  const lanes = side.requests(round).map((request) => [request]);
  const load = { port: side.server.port, connections: CONNECTIONS, lanes, again: true, expected: side.expected };
  await sendLoad({ ...load, lanes: lanes.slice(-2_000), forMs: 500 });
  const before = { server: cpuOf(side.server.pid), postgres: cpuOfPostgres(postmaster) };
  const measured = await sendLoad({ ...load, forMs: SECONDS * 1_000 });
  if (measured.wrong > 0)
    throw new Error(`${side.name}: ${measured.wrong} wrong answers: ${measured.firstBody.slice(0, 2_000)}`);
  const each = (after: number, then: number) => (after - then) / measured.done;
  return {
    ...measured,
    server_us: each(cpuOf(side.server.pid), before.server),
    postgres_us: each(cpuOfPostgres(postmaster), before.postgres),
  };
}

const mean = (samples: readonly Sample[], key: "perSecond" | "p50Ms" | "p99Ms" | "server_us" | "postgres_us") =>
  samples.reduce((sum, sample) => sum + sample[key], 0) / samples.length;

function report(title: string, sides: readonly Side[], samples: readonly Sample[][]): void {
  const rates = samples.map((each) => mean(each, "perSecond"));
  say(`\n${title}, ${CONNECTIONS} connections, mean of ${ROUNDS} rounds of ${SECONDS} s`);
  say(
    "side                       req/s  ratio to one statement  ratio to bytes   p50 / p99 ms   server us  postgres us",
  );
  for (const [index, { name }] of sides.entries()) {
    const [own = [], rate = 0] = [samples[index], rates[index]];
    const ratio = (to: number | undefined) => (rate / (to ?? 1)).toFixed(2);
    say(
      `${name.padEnd(26)} ${rate.toFixed(0).padStart(6)} ${ratio(rates[0]).padStart(17)} ${ratio(rates[3]).padStart(20)} ${`${mean(own, "p50Ms").toFixed(1)} / ${mean(own, "p99Ms").toFixed(1)}`.padStart(16)} ${mean(own, "server_us").toFixed(0).padStart(9)} ${mean(own, "postgres_us").toFixed(0).padStart(12)}`,
    );
  }
}

async function compare(
  title: string,
  name: string,
  sides: Side[],
  plain: ServerProcess,
  postmaster: number,
): Promise<void> {
  await prepare(name, sides, plain);
  const samples: Sample[][] = sides.map(() => []);
  for (let round = 1; round <= ROUNDS; round++)
    for (const [index, side] of sides.entries()) samples[index]?.push(await measure(side, round, postmaster));
  report(title, sides, samples);
}

const database = await temporaryDatabase();
const running: ServerProcess[] = [];
try {
  await fillBots(database.url, USERS, BOTS);
  await fillBoard(database.url, BOTS);
  await fillPastFights(database.url, BOTS, FIGHTS);
  say(`${USERS} users, ${BOTS} bots, ${FIGHTS} fights; filled`);
  const [agon, plain, peer] = [
    await startAgon(database.url),
    await startProgram("reads/plain.ts", [database.url]),
    await startProgram("peers/postgraphile.mjs", [database.url]),
  ];
  running.push(agon, plain, peer);
  const postmaster = await postmasterOf(database.url);
  await compare(
    "Ladder page: 20 bots, owner, last 3 contests each with participants",
    "ladder",
    ladderSides(agon, plain, peer),
    plain,
    postmaster,
  );
  await compare(
    "One fight with participants, bots and owners",
    "fight",
    fightSides(agon, plain, peer),
    plain,
    postmaster,
  );
} finally {
  for (const server of running) await server.stop();
  await database.stop();
}
