import { createServer, connect as openTcp, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runBot, type Ended, type Move, type RunBot } from "../../src/sdk/bot.ts";
import { AgonError, connect } from "../../src/sdk/client.ts";
import { TypedDocumentString } from "../../src/sdk/generated/operations.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20, LIMIT_CHAT_INTERVAL_MS: 1_500 });
});
afterAll(() => app.stop());

type Input = { input: Record<string, unknown> };
type Posted = { postMessage: { __typename: "PostMessageSuccess"; posted: { at: string } } };
const REFUSED = "... on Refusal { code message hint retryAfterMs path }";
const POST = new TypedDocumentString<Posted, Input>(
  `mutation($input: PostMessageInput!) { postMessage(input: $input) { __typename ... on PostMessageSuccess { posted: message { at } } ${REFUSED} } }`,
);
const REGISTER = new TypedDocumentString<{ registerBot: { __typename: "RegisterBotSuccess" } }, Input>(
  `mutation($input: RegisterBotInput!) { registerBot(input: $input) { __typename ${REFUSED} } }`,
);

const strongest = ({ legalActions }: Move) =>
  (["SPECIAL", "JAB_HIGH"] as const).find((action) => legalActions.includes(action)) ?? "RECOVER";

async function player(name: string, options: Partial<RunBot>): Promise<RunBot> {
  const { key } = await newPerson(app.url);
  await newBot(app.url, key, name);
  return { url: app.url, key, bot: name, onMove: () => "RECOVER", ...options };
}

test("both players of a rated fight hear how it ended for them, and Elo moves from one to the other", async () => {
  const heard: Ended[] = [];
  const options = { queue: { ladder: "PIT", mode: "RATED" }, contests: 1 } as const;
  const onEnd = (ended: Ended) => void heard.push(ended);
  const one = await player("SdkWins", { ...options, onEnd, onMove: strongest });
  const two = await player("SdkRests", { ...options, onEnd });
  expect(await Promise.all([runBot(one), runBot(two)])).toEqual([1, 1]);
  expect(heard.map(({ result }) => result).toSorted()).toEqual(["LOST", "WON"]);
  const gained = (result: string) => heard.find((ended) => ended.result === result)?.eloGained;
  expect(gained("WON")).toBeGreaterThan(0);
  expect(gained("LOST")).toBe(-(gained("WON") ?? 0));
});

const waiting = async (name: string) =>
  (
    (await ask(app.url, `query($name: String!) { bot(name: $name) { queueEntry { status } } }`, { name }))
      .data as never as {
      bot: { queueEntry: { status: string } | null };
    }
  ).bot.queueEntry;

test("a run that is stopped while it waits gives how many contests ended and leaves the queue", async () => {
  const stopping = new AbortController();
  const queue = { ladder: "PIT_SLOW", mode: "RATED" } as const;
  const run = runBot(await player("SdkStops", { queue, signal: stopping.signal }));
  await until(() => waiting("SdkStops"), "the wait");
  stopping.abort();
  expect(await run).toBe(0);
  expect(await waiting("SdkStops")).toBeNull();
});

test("a run that was stopped before it began asks for nothing", async () => {
  expect(
    await runBot({ url: "http://127.0.0.1:1", bot: "x", onMove: () => "RECOVER", signal: AbortSignal.abort() }),
  ).toBe(0);
});

test("a run is stopped although its own code still thinks about a move", async () => {
  const stopping = new AbortController();
  const onMove = () => {
    stopping.abort();
    return new Promise<never>(() => undefined);
  };
  const queue = { ladder: "PIT", mode: "PRACTICE" } as const;
  expect(await runBot(await player("SdkThinks", { queue, onMove, signal: stopping.signal }))).toBe(0);
});

test("what the bot's own code throws ends the run with it", async () => {
  const onMove = () => {
    throw new Error("no idea");
  };
  const queue = { ladder: "PIT", mode: "PRACTICE" } as const;
  await expect(runBot(await player("SdkThrows", { queue, onMove }))).rejects.toThrow("no idea");
});

test.each([
  ["a bot that there is not", { bot: "SdkNobody" }, "NOT_FOUND"],
  ["a bot of somebody else", { bot: "House_Drill" }, "NOT_YOUR_BOT"],
  ["a key that is none", { key: `cq_${"0".repeat(40)}` }, "BAD_CREDENTIALS"],
])("%s ends the run with a named error", async (_sentence, options, code) => {
  const own = await player(`Sdk${code.slice(0, 9)}`, {});
  await expect(runBot({ ...own, ...options })).rejects.toMatchObject({
    name: "AgonError",
    code,
    hint: expect.any(String),
  });
});

test("a refusal is thrown with its name, hint and path", async () => {
  const { url, key } = await player("SdkTaken", {});
  const refused = connect({ url, key }).mutate(REGISTER, { input: { name: "sdktaken" } });
  await expect(refused).rejects.toBeInstanceOf(AgonError);
  await expect(refused).rejects.toMatchObject({ code: "NAME_TAKEN", path: ["input", "name"], retryAfterMs: null });
});

test("a refusal that says when to come again is tried again then, and not before", async () => {
  const { url, key } = await player("SdkTalks", {});
  const { data } = await ask(url, `{ bot(name: "SdkTalks") { id } }`);
  const botId = (data as never as { bot: { id: string } }).bot.id;
  await mutate(url, key ?? null, "enterPit", { botId });
  const agon = connect({ url, key });
  const first = await agon.mutate(POST, { input: { botId, text: "one" } });
  const second = await agon.mutate(POST, { input: { botId, text: "two" } });
  expect(Date.parse(second.posted.at) - Date.parse(first.posted.at)).toBeGreaterThanOrEqual(1_500);
});

test("who asks a port where nobody listens waits until told to stop, and is told why", async () => {
  const reason = new Error("enough");
  const stopping = new AbortController();
  const asked = connect({ url: "http://127.0.0.1:1", signal: stopping.signal }).mutate(REGISTER, { input: {} });
  setTimeout(() => stopping.abort(reason), 50);
  await expect(asked).rejects.toBe(reason);
});

/** A way to the server that cuts what it carries. */
async function cuttable(): Promise<{ url: string; cut(): number; close(): void }> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = openTcp(app.port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("error", () => undefined).on("close", () => (open.delete(from), to.destroy()));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => [...open].map((socket) => socket.destroy()).length;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close: () => (cut(), server.close()),
  };
}

test("a bot whose connections are cut all the time is asked for each exchange once and fights to the end", async () => {
  const way = await cuttable();
  const asked: string[] = [];
  let cuts = 0;
  const onMove = (move: Move) => {
    asked.push(`${move.round}:${move.exchange}`);
    if (asked.length % 2 === 0) cuts += way.cut();
    return strongest(move);
  };
  const queue = { ladder: "PIT", mode: "PRACTICE" } as const;
  const ended: Ended[] = [];
  const own = await player("SdkCut", { queue, onMove, contests: 1, onEnd: (each) => void ended.push(each) });
  expect(await runBot({ ...own, url: way.url })).toBe(1);
  way.close();
  expect(cuts).toBeGreaterThan(5);
  expect(new Set(asked).size).toBe(asked.length);
  expect(ended.map(({ contest }) => contest.status)).toEqual(["COMPLETED"]);
});

test("a bot that is started again in the middle of an exchange, and would move otherwise now, fights on", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const queue = { ladder: "PIT_SLOW", mode: "RATED" } as const;
  const slow = await player("SdkSlow", { queue, onMove: () => held.then(() => "RECOVER" as const), contests: 1 });
  const quick = await player("SdkQuick", { queue });
  const [stopFirst, exchanges] = [new AbortController(), [] as string[]];
  const opponent = runBot(slow);
  await runBot({
    ...quick,
    signal: stopFirst.signal,
    onMove: () => (setTimeout(() => stopFirst.abort(), 300), "JAB_HIGH"),
  });
  const again = runBot({
    ...quick,
    contests: 1,
    onMove: (move) => {
      exchanges.push(`${move.round}:${move.exchange}`);
      setTimeout(release, 300);
      return strongest(move);
    },
  });
  expect(await Promise.all([again, opponent])).toEqual([1, 1]);
  expect(exchanges.slice(0, 2)).toEqual(["1:1", "1:2"]);
});
