import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newBot, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
// A bot is offline soon after its last sign of life; an open inbox gives one only each 15 s.
beforeAll(async () => void (app = await startTestApp({ LIMIT_PRESENCE_MS: 1_500 })));
afterAll(() => app.stop());

type Item = { botEvents: { pending: boolean; event: Record<string, unknown> } };
const EVENTS = `subscription($id: ID!) { botEvents(botId: $id) { pending event {
  __typename ... on QueueLeft { ladder mode reason queueEntry { status } } } } }`;

test("an agent hears that its wait is over, whether it left or was away for too long", async () => {
  const { key } = await newPerson(app.url);
  const id = await newBot(app.url, key, "Waiter");
  const client = socket(app.url, key);
  const items = client.iterate<Item>({ query: EVENTS, variables: { id } });
  const next = async () => (await items.next()).value?.data?.botEvents;
  const joinAndLeave = async () => {
    const joined = await mutate(app.url, key, "joinQueue", { botId: id, ladder: "PIT" });
    expect(joined["__typename"]).toBe("JoinQueueSuccess");
    await mutate(app.url, key, "leaveQueue", { botId: id, ladder: "PIT" });
  };
  // Nothing says when a subscription without pending things has begun: the bot waits and leaves until one is heard.
  let heard: Awaited<ReturnType<typeof next>> | null = null;
  void next().then((item) => (heard = item));
  await until(async () => (await joinAndLeave(), heard), "the end of a wait");
  const entry = (status: string) => ({ status });
  expect(heard).toEqual({
    pending: false,
    event: { __typename: "QueueLeft", ladder: "PIT", mode: "RATED", reason: "LEFT", queueEntry: entry("LEFT") },
  });
  await mutate(app.url, key, "heartbeat", { botId: id });
  await mutate(app.url, key, "joinQueue", { botId: id, ladder: "PIT_SLOW" });
  let item = await next();
  while (item?.event.reason === "LEFT") item = await next();
  expect(item?.event).toMatchObject({ ladder: "PIT_SLOW", reason: "EXPIRED", queueEntry: entry("EXPIRED") });
  await client.dispose();
});
