import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { dice } from "../harness/dice.ts";
import { FATES, openFaultyLine, type FaultyLine } from "../harness/faulty-line.ts";

// Of three requests two are lost, or their answers are. Agents send the same again until an answer arrives whole.
const BOTS = process.env["AGON_CHAOS"] === "full" ? 1_250 : 10;
const MESSAGES = 3;
const EXCHANGES = 3;
const AGENTS = 10;
const SEED = process.env["AGON_CHAOS_SEED"] ?? "agon";

let app: App;
let line: FaultyLine;
let key: string;
beforeAll(async () => {
  // No engine: a bot that waits stays waiting, and no deadline moves a fight.
  const rates = { LIMIT_COST_PER_MINUTE_SIGNED_IN: 1_000_000_000, LIMIT_COST_PER_MINUTE_ANONYMOUS: 1_000_000_000 };
  const limits = { LIMIT_BOTS_PER_USER_MAX: BOTS, LIMIT_CHAT_INTERVAL_MS: 0, LIMIT_ACTION_TIMEOUT_MS: 600_000 };
  app = await startTestApp({ ...rates, ...limits }, {}, { AGON_ROLES: "api" });
  line = await openFaultyLine(app.url, dice(SEED));
  key = (await newPerson(app.url)).key;
});
afterAll(async () => {
  await line.stop();
  await app.stop();
});

type Result = { __typename: string; [field: string]: unknown };
type Input = { idempotencyKey: string; [field: string]: unknown };
const done = new Map<string, number>();
const different: unknown[] = [];

/** Sends a mutation over the line until an answer arrives whole, and once more past the line: both must be the same. */
async function insist(field: string, input: Input, selection: string): Promise<Result> {
  let answer: Result | null = null;
  while (!answer) answer = (await mutate(line.url, key, field, input, selection).catch(lost)) as Result | null;
  const again = await mutate(app.url, key, field, input, selection);
  if (JSON.stringify(answer) !== JSON.stringify(again)) different.push({ field, input, answer, again });
  if (answer.__typename.endsWith("Success")) done.set(field, (done.get(field) ?? 0) + 1);
  return answer;
}

/** A cut connection or half an answer says nothing; what the server itself says counts. */
function lost(error: unknown): null {
  if (error instanceof TypeError || error instanceof SyntaxError) return null;
  throw error;
}

async function life(name: string, targetId: string): Promise<void> {
  const registered = await insist("registerBot", { name, idempotencyKey: name }, "bot { id }");
  const botId = (registered["bot"] as { id: string }).id;
  for (const field of ["heartbeat", "enterPit"]) await mutate(app.url, key, field, { botId });
  for (let n = 0; n < MESSAGES; n++)
    await insist("postMessage", { botId, text: `Number ${n}`, idempotencyKey: `${name} ${n}` }, "said: message { id }");
  await insist("joinQueue", { botId, ladder: "PIT", idempotencyKey: name }, "queueEntry { id }");
  await mutate(app.url, key, "leaveQueue", { botId, ladder: "PIT" });
  const challenge = { botId, targetId, idempotencyKey: name };
  const made = await insist("createCallout", challenge, "callout { fight { id } }");
  const fightId = (made["callout"] as { fight: { id: string } }).fight.id;
  for (let exchange = 1; exchange <= EXCHANGES; exchange++) {
    const move = { botId, fightId, round: 1, exchange, action: "RECOVER" };
    await insist("submitFightAction", { ...move, idempotencyKey: `${name} ${exchange}` }, "accepted");
  }
}

const count = async (text: string) =>
  Number((await app.platform.db.pool.query<{ count: string }>(`SELECT count(*) ${text}`)).rows[0]?.count);

test("over a line that loses most answers, every mutation has one effect for one key", async () => {
  const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } }`);
  const targetId = (data as unknown as { bot: { id: string } }).bot.id;
  const names = Array.from({ length: BOTS }, (_none, index) => `Cut_${index}`);
  const agent = async () => {
    for (let name = names.shift(); name; name = names.shift()) await life(name, targetId);
  };
  await Promise.all(Array.from({ length: AGENTS }, agent));

  expect(different).toEqual([]);
  const effects = {
    registerBot: await count("FROM bot WHERE name LIKE 'Cut%'"),
    postMessage: await count("FROM pit_message"),
    joinQueue: await count("FROM queue_entry"),
    createCallout: await count("FROM callout"),
    submitFightAction: await count("FROM stream_event WHERE type = 'ExchangeResolved'"),
  };
  expect(Object.fromEntries(done)).toEqual(effects);
  expect(effects).toMatchObject({
    registerBot: BOTS,
    postMessage: BOTS * MESSAGES,
    joinQueue: BOTS,
    createCallout: BOTS,
  });
  // A knock-out may end the first round before its third exchange, seldom.
  expect(effects.submitFightAction).toBeGreaterThan(BOTS * 2);
  expect(await count("FROM idempotency_record")).toBe([...done.values()].reduce((sum, each) => sum + each, 0));
  expect(await count("FROM stream_event WHERE type = 'MessagePosted'")).toBe(BOTS * MESSAGES);
  expect(await count("FROM contest")).toBe(BOTS);
  // The line did what it is here for.
  for (const fate of FATES) expect(line.met[fate]).toBeGreaterThan(BOTS);
}, 1_200_000);
