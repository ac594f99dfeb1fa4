import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorker } from "../harness/work.ts";

let app: App;
let url: string;
/** The statements that were sent, by name, since they were counted last. */
const sent: string[] = [];
const query = pg.Client.prototype.query;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_COST_PER_MINUTE_SIGNED_IN: 150 });
  url = app.url;
  pg.Client.prototype.query = function counted(this: pg.Client, ...given: never[]) {
    const [first] = given as unknown as [{ name?: string }];
    sent.push(first?.name ?? "");
    return (query as (...each: never[]) => never).apply(this, given);
  };
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await app.stop();
});
const count = (name: string) => sent.filter((each) => each === name).length;

type Left = { rateLimit: { available: number } };
type Offers = { data: { taskOffers: { claimable: { id: string }[] } } };
const OFFERS = "subscription($botId: ID!) { taskOffers(botId: $botId) { claimable { id } } }";

test("what moves in the public lanes costs one look for all whose bots can do the same, however many they are", async () => {
  const workers = await Promise.all(Array.from({ length: 12 }, () => newWorker(url, ["shared", "looks"])));
  const other = await newWorker(url, ["looks"]);
  const opened = [...workers, other].map(({ key, botId }) => {
    const client = socket(url, key);
    return { client, feed: client.iterate<Offers["data"]>({ query: OFFERS, variables: { botId } }) };
  });
  const offered = async () =>
    (await Promise.all(opened.map(async ({ feed }) => feed.next()))).map((told) =>
      (told.value as Offers).data.taskOffers.claimable.map(({ id }) => id),
    );
  const about = { visibility: "PUBLIC", capabilities: ["looks"] };
  const maker = await newWorker(url);
  const first = await newTask(url, maker.key, about);
  expect(await offered()).toEqual(opened.map(() => [first]));
  sent.length = 0;
  const second = await newTask(url, maker.key, { ...about, priority: 5 });
  expect(await offered()).toEqual(opened.map(() => [second, first]));
  // Twelve can do the same, one can do less.
  expect(count("work.claimable")).toBe(2);
  expect(count("work.offered")).toBeLessThanOrEqual(opened.length);
  await Promise.all(opened.map(async ({ client }) => client.dispose()));
});

test("a board that moves costs its reader points, and rests when none are left", async () => {
  const [maker, reader, other] = [await newWorker(url, ["priced"]), await newWorker(url), await newWorker(url)];
  const leftOf = async ({ key }: typeof reader) =>
    ((await ask(url, "{ rateLimit { available } }", {}, { "x-api-key": key })).data as unknown as Left).rateLimit
      .available;
  const board = `subscription { taskBoardEvents(public: true, filterBy: { capability: "priced" }) { tasks { id } changes { task { id } } } }`;
  // What it costs to look once is what somebody has less who has looked; the question itself is one point.
  const before = await leftOf(other);
  const looked = socket(url, other.key);
  await looked.iterate({ query: board }).next();
  const price = before - (await leftOf(other)) - 1;
  await looked.dispose();
  expect(price).toBeGreaterThan(1);
  const asked = { "x-api-key": reader.key };
  // Enough for three looks, and not for four.
  while ((await leftOf(reader)) > 4 * price - 1);
  const client = socket(url, reader.key);
  const looks: unknown[] = [];
  client.subscribe(
    { query: board },
    { next: (look) => looks.push(look), error: () => undefined, complete: () => undefined },
  );
  await expect.poll(() => looks.length).toBe(1);
  for (const told of [2, 3]) {
    await newTask(url, maker.key, { visibility: "PUBLIC", capabilities: ["priced"] });
    await expect.poll(() => looks.length).toBe(told);
  }
  await newTask(url, maker.key, { visibility: "PUBLIC", capabilities: ["priced"] });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(looks).toHaveLength(3);
  const refused = await ask(url, "{ rateLimit { available } }", {}, asked);
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED" });
  await client.dispose();
});
