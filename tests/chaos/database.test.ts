import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBot } from "../../src/sdk/bot.ts";
import { ask, mutate, newBot, newPerson, socket } from "../harness/agent.ts";
import { dice } from "../harness/dice.ts";
import { ownPostgres, type OwnPostgres } from "../harness/postgres.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { chainsAreWhole, everyFightEnded, movesAreLogged, ratingsSumToZero, uuidOf, type Taken } from "./record.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const FULL = process.env["AGON_CHAOS"] === "full";
const STOPS = FULL ? 20 : 3;
const BOTS = FULL ? 40 : 12;
const THINKING_MAX_MS = FULL ? 1_500 : 200;
const SEED = process.env["AGON_CHAOS_SEED"] ?? "agon";

let postgres: OwnPostgres;
let server: ServerProcess;
let pool: pg.Pool;
beforeAll(async () => {
  postgres = await ownPostgres();
  pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  pool.on("error", () => undefined);
  server = serverProcess(await freePort(), postgres.url, {
    ...ROOMY,
    LIMIT_CHAT_INTERVAL_MS: "0",
    LIMIT_ROUND_PAUSE_MS: "300",
  });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await pool.end();
  await postgres.remove();
});

const ANSWER_MAX_MS = 35_000;
const inTime = <T>(answer: Promise<T>): Promise<T | null> =>
  Promise.race([answer, sleep(ANSWER_MAX_MS, null, { ref: false })]);

/** Talks in the Pit without end; gives what the server acknowledged, by its idempotency key. */
async function talk(key: string, botId: string, ending: AbortSignal): Promise<string[]> {
  const acknowledged: string[] = [];
  let refused: unknown = "nothing";
  const unanswered = (error: unknown) => {
    refused = error;
    return null;
  };
  for (let n = 0; !ending.aborted; n++) {
    const input = { botId, text: `Word ${n}`, idempotencyKey: `word ${n}` };
    // As any client does: what is not answered in time is asked again under its key.
    const said = () => inTime(mutate(server.url, key, "postMessage", input).catch(unanswered));
    const answer = await until(said, `an answer to word ${n}`).catch((error: unknown) => {
      throw new Error(`${String(error)}; the last one was ${String(refused)}. ${server.said().slice(-4_000)}`);
    });
    if (answer["__typename"] === "PostMessageSuccess") acknowledged.push(input.text);
    else if (answer["code"] !== ("NOT_IN_PIT" as never)) throw new Error(JSON.stringify(answer));
    // In the full form one sign of life does not last.
    if (FULL) await mutate(server.url, key, "heartbeat", { botId }).catch(() => undefined);
    await inTime(mutate(server.url, key, "enterPit", { botId }).catch(() => null));
  }
  return acknowledged;
}

/** What a socket is closed with, or the first answer on it. */
function firstWord(key: string): Promise<unknown> {
  const client = socket(server.url, key);
  return new Promise<unknown>((resolve) =>
    client.subscribe(
      { query: "{ viewer { user { handle } } }" },
      {
        next: resolve,
        error: (error) => resolve((error as { code?: number }).code ?? error),
        complete: () => undefined,
      },
    ),
  ).finally(() => void client.dispose());
}

test("while PostgreSQL is away, good credentials are not called bad, and afterwards they work", async () => {
  const { key, handle } = await newPerson(server.url);
  const known = { data: { viewer: { user: { handle } } } };
  expect(await firstWord(key)).toMatchObject(known);
  await postgres.stopAtOnce();
  const { errors } = await ask(server.url, "{ viewer { user { handle } } }", {}, { "x-api-key": key });
  expect(errors?.[0]?.extensions).toMatchObject({ code: "INTERNAL" });
  // What everybody may read is one statement, outside of any resolver: its failure is told as GraphQL too.
  const shared = await ask(server.url, `{ bot(name: "House_Random") { id } }`);
  expect(shared.errors?.[0]?.extensions).toMatchObject({ code: "INTERNAL", requestId: expect.any(String) });
  // 4403 would tell an agent that its key is revoked, and the agent would go home.
  expect(await firstWord(key)).toBe(1013);
  await postgres.startAgain();
  expect(
    await until(() => ask(server.url, "{ viewer { user { handle } } }", {}, { "x-api-key": key }), "an answer"),
  ).toMatchObject(known);
  expect(await firstWord(key)).toMatchObject(known);
  await server.signal("SIGTERM");
  await server.start();
  expect(await firstWord("cq_0000000000000000000000000000000000000000")).toBe(4403);
});

test(`PostgreSQL is stopped at once ${STOPS} times during fights, and what was acknowledged is there`, async () => {
  const roll = dice(SEED);
  const { key } = await newPerson(server.url);
  const owners = await Promise.all([newPerson(server.url), newPerson(server.url)]);
  const speaker = await newBot(server.url, key, "Speaker");
  const bots = await Promise.all(
    Array.from({ length: BOTS }, async (_none, index) => {
      const owner = owners[index % 2] ?? { key };
      return { key: owner.key, name: `Dry_${index}`, id: await newBot(server.url, owner.key, `Dry_${index}`) };
    }),
  );
  for (const { key: owner, id } of bots) {
    const joined = await mutate(server.url, owner, "joinQueue", { botId: id, ladder: "PIT" });
    expect(joined["__typename"]).toBe("JoinQueueSuccess");
  }
  const taken: Taken[] = [];
  const agents = bots.map((bot) =>
    runBot({
      url: server.url,
      key: bot.key,
      bot: bot.name,
      contests: 1,
      onMove: async ({ legalActions, fightId, round, exchange }) => {
        await sleep(roll(THINKING_MAX_MS));
        const action = legalActions[roll(legalActions.length)] ?? "RECOVER";
        taken.push({ botId: bot.id, fightId, round, exchange, action });
        return action;
      },
    }),
  );
  const finished = Promise.allSettled(agents);
  const silence = new AbortController();
  const words = talk(key, speaker, silence.signal);
  const fights = await until(
    async () => {
      const { rows } = await pool.query<{ id: string }>("SELECT id FROM fight");
      return rows.length === BOTS / 2 && rows.map(({ id }) => id);
    },
    `${BOTS / 2} fights`,
  );

  let inFights = 0;
  for (let stop = 0; stop < STOPS; stop++) {
    await sleep(300 + roll(900));
    inFights += (await pool.query("SELECT FROM live_participation LIMIT 1")).rowCount ?? 0;
    await postgres.stopAtOnce();
    await sleep(roll(1_500));
    await postgres.startAgain();
  }
  expect((await server.whileItLives(finished)).filter(({ status }) => status === "rejected")).toEqual([]);
  silence.abort();
  expect(inFights).toBeGreaterThan(STOPS / 2);
  const acknowledged = await words;

  await everyFightEnded(pool);
  await chainsAreWhole(pool, fights);
  await ratingsSumToZero(pool);
  await movesAreLogged(pool, taken);
  expect(acknowledged.length).toBeGreaterThan(STOPS * 10);
  const { rows: kept } = await pool.query<{ text: string }>(
    "SELECT text FROM pit_message WHERE bot_id = $1 ORDER BY id",
    [uuidOf(speaker)],
  );
  expect(kept.map(({ text }) => text)).toEqual(acknowledged);
  // It is the same process that lived through all of it, and it can still stop in order.
  expect(await server.signal("SIGTERM")).toBe(0);
}, 600_000);
