import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBot } from "../../src/sdk/bot.ts";
import { connect } from "../../src/sdk/client.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { dice } from "../harness/dice.ts";
import { chainsAreWhole, everyFightEnded, movesAreLogged, ratingsSumToZero, type Taken } from "./record.ts";
import { watchFight } from "./watch.ts";

// The short form is part of every test run; AGON_CHAOS=full is what `npm run test:chaos` does.
const FULL = process.env["AGON_CHAOS"] === "full";
const KILLS = FULL ? 50 : 8;
// Agents think longer when more kills are to fall into their fights.
const THINKING_MAX_MS = KILLS * 50;
const BOTS = 40;
const SLOW_START_MS = 2_000;
const SEED = process.env["AGON_CHAOS_SEED"] ?? "agon";

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  server = serverProcess(await freePort(), database.url, {
    ...ROOMY,
    LIMIT_ROUND_PAUSE_MS: "300",
  });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await pool.end();
  await database.drop();
});

const rows = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await pool.query<Row>(text, values)).rows;

test(
  `the server is killed ${KILLS} times during twenty fights, and nothing is lost or counted twice`,
  async () => {
    const roll = dice(SEED);
    const owners = await Promise.all(Array.from({ length: 8 }, () => newPerson(server.url)));
    const bots = await Promise.all(
      Array.from({ length: BOTS }, async (_none, index) => {
        const { key } = owners[index % owners.length] ?? { key: "" };
        const name = `Chaos_${index}`;
        return { key, name, id: await newBot(server.url, key, name) };
      }),
    );
    const joined = await Promise.all(
      // Whoever meets one in four fights sealed.
      bots.map(({ key, id }, index) =>
        mutate(server.url, key, "joinQueue", { botId: id, ladder: "PIT", sealed: index % 4 === 0 }),
      ),
    );
    expect(joined.map((result) => result["__typename"])).toEqual(bots.map(() => "JoinQueueSuccess"));
    const ending = new AbortController();
    // What was acknowledged must be in the log: the agents write down each move that the server took.
    const taken: Taken[] = [];
    const agents = bots.map(({ key, name, id }) =>
      runBot({
        url: server.url,
        key,
        bot: name,
        contests: 1,
        signal: ending.signal,
        onMove: async ({ legalActions, fightId, round, exchange }) => {
          await sleep(roll(THINKING_MAX_MS));
          const action = legalActions[roll(legalActions.length)] ?? "RECOVER";
          taken.push({ botId: id, fightId, round, exchange, action });
          return action;
        },
      }),
    );
    const finished = Promise.allSettled(agents);
    const fights = await until(async () => {
      const found = await rows<{ id: string }>("SELECT id FROM fight");
      return found.length === BOTS / 2 && found.map(({ id }) => id);
    }, "twenty fights");
    const watchers = fights.map((id) => watchFight(connect({ url: server.url }), id, ending.signal));

    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(200 + roll(1_200));
      await server.signal("SIGKILL");
      const startedMs = Date.now();
      await server.start();
      // On a slow machine kills would else come faster than agents, who try for 30 s, come back.
      if (Date.now() - startedMs > SLOW_START_MS) await sleep(Date.now() - startedMs);
    }
    expect((await finished).filter(({ status }) => status === "rejected")).toEqual([]);
    const events = await Promise.all(watchers);
    ending.abort();

    await everyFightEnded(pool);
    expect((await rows("SELECT id FROM fight WHERE sealed")).length).toBeGreaterThan(0);
    expect((await rows("SELECT id FROM fight WHERE NOT sealed")).length).toBeGreaterThan(0);
    // None ends twice, and every spectator that resumed through the kills saw each event once, in order.
    for (const seen of events) {
      expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_event, index) => index + 1));
      expect(seen.filter(({ type }) => type === "FightEnded")).toHaveLength(1);
    }
    await chainsAreWhole(pool, fights);
    await ratingsSumToZero(pool);
    await movesAreLogged(pool, taken);
  },
  FULL ? 1_200_000 : 300_000,
);
