import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";

const AHEAD_MS = 60_000;
/** Sets a process's clock, as a machine's may be set wrong. */
const AHEAD = `const Right = Date; globalThis.Date = class extends Right {
  constructor(...given) { if (given.length === 0) super(Right.now() + ${AHEAD_MS}); else super(...given); }
  static now() { return Right.now() + ${AHEAD_MS}; }
};`;

let database: { url: string; drop(): Promise<void> };
let right: ServerProcess;
let ahead: ServerProcess;

beforeAll(async () => {
  database = await freshDatabase();
  right = serverProcess(await freePort(), database.url, { ...ROOMY, AGON_ROLES: "api" });
  ahead = serverProcess(await freePort(), database.url, {
    ...ROOMY,
    AGON_ROLES: "api,engine",
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(AHEAD)}`,
  });
  await right.start();
  await ahead.start();
});
afterAll(async () => {
  await Promise.all([right.stop(), ahead.stop()]);
  await database.drop();
});

test("a node whose clock is a minute ahead fires no deadline early, and refuses no move that comes in time", async () => {
  const bots = await Promise.all(
    ["Clock_one", "Clock_two"].map(async (name) => {
      const { key } = await newPerson(right.url);
      const botId = await newBot(right.url, key, name);
      expect((await mutate(right.url, key, "enterPit", { botId }))["__typename"]).toBe("EnterPitSuccess");
      return { key, botId };
    }),
  );
  const [one, two] = bots as [(typeof bots)[number], (typeof bots)[number]];
  const callout = { botId: one.botId, targetId: two.botId };
  const called = await mutate(right.url, one.key, "createCallout", callout, "callout { id }");
  const { id: calloutId } = called["callout"] as unknown as { id: string };
  const accepted = await mutate(right.url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  const fightId = (accepted["callout"] as unknown as { fight: { id: string } }).fight.id;
  // The node that is ahead looks ten times a second for deadlines that have passed.
  await sleep(1_500);
  const submit = async (url: string, { key, botId }: typeof one) => {
    const move = { botId, fightId, round: 1, exchange: 1, action: "RECOVER" };
    const result = await mutate(url, key, "submitFightAction", move);
    return result["code"] ?? result["__typename"];
  };
  expect(await submit(ahead.url, one)).toBe("SubmitFightActionSuccess");
  expect(await submit(right.url, two)).toBe("SubmitFightActionSuccess");
  const query = `{ fight(id: "${fightId}") { exchanges { sides { action timedOut } } } }`;
  expect((await ask(right.url, query)).data).toEqual({
    fight: {
      exchanges: [
        {
          sides: [
            { action: "RECOVER", timedOut: false },
            { action: "RECOVER", timedOut: false },
          ],
        },
      ],
    },
  });
});
