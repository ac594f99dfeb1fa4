import { createServer, connect as openTcp, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { App } from "../../src/app.ts";
import { runBot, type Ended, type Move, type RunBot } from "../../src/sdk/bot.ts";
import { AgonError, connect } from "../../src/sdk/client.ts";
import { TypedDocumentString } from "../../src/sdk/generated/operations.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { openLine } from "../harness/line.ts";
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
const PIT = new TypedDocumentString<unknown, { after?: string | null }>(
  "subscription($after: String) { pitEvents(after: $after) { cursor } }",
);

type Entered = { pitEvents: { cursor: string; event: { bot?: { name: string } } } };
const ENTERED = new TypedDocumentString<Entered, { after?: string | null }>(
  "subscription($after: Cursor) { pitEvents(after: $after) { cursor event { ... on AgentEntered { bot { name } } } } }",
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

test.each([
  ["an open", false],
  ["a sealed", true],
])(
  "a bot whose connections are cut all the time is asked for each exchange once and fights %s fight to the end",
  async (_kind, sealed) => {
    const way = await cuttable();
    const asked: string[] = [];
    let cuts = 0;
    const onMove = (move: Move) => {
      asked.push(`${move.round}:${move.exchange}`);
      if (asked.length % 2 === 0) cuts += way.cut();
      return strongest(move);
    };
    const queue = { ladder: "PIT", mode: "PRACTICE", sealed } as const;
    const ended: Ended[] = [];
    const own = await player(sealed ? "SdkCutSealed" : "SdkCut", {
      queue,
      onMove,
      contests: 1,
      onEnd: (each) => void ended.push(each),
    });
    expect(await runBot({ ...own, url: way.url })).toBe(1);
    way.close();
    expect(cuts).toBeGreaterThan(5);
    expect(new Set(asked).size).toBe(asked.length);
    expect(ended.map(({ contest }) => contest.status)).toEqual(["COMPLETED"]);
  },
);

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

const idOf = async (name: string) =>
  ((await ask(app.url, `{ bot(name: "${name}") { id } }`)).data as never as { bot: { id: string } }).bot.id;
const query = async (text: string, values: unknown[]) =>
  (await app.platform.db.pool.query<Record<string, string>>(text, values)).rows;
const waitsOf = async (name: string) =>
  (
    await query("SELECT status FROM queue_entry q JOIN bot b ON b.id = q.bot_id WHERE name = $1 ORDER BY q.id", [name])
  ).map(({ status }) => status);
const silence = (name: string) =>
  query(
    "UPDATE bot_presence SET last_seen_at = last_seen_at - interval '1 hour' WHERE bot_id = (SELECT id FROM bot WHERE name = $1)",
    [name],
  );

test("a wait that expired begins again at once: no time has to pass before it is asked for", async () => {
  const [stopping, own] = [new AbortController(), await player("SdkSilent", {})];
  const queue = { ladder: "PIT_SLOW", mode: "RATED" } as const;
  const run = runBot({ ...own, queue, signal: stopping.signal });
  await until(() => waiting("SdkSilent"), "the wait");
  await silence("SdkSilent");
  await until(async () => (await waitsOf("SdkSilent"))[0] === "EXPIRED", "its end");
  // Only now: a matchmaker whose clock stands still loses its lease.
  const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
  await mutate(app.url, own.key ?? null, "heartbeat", { botId: await idOf("SdkSilent") });
  await until(() => waiting("SdkSilent"), "the next wait");
  expect(await waitsOf("SdkSilent")).toEqual(["EXPIRED", "WAITING"]);
  clock.mockRestore();
  stopping.abort();
  expect(await run).toBe(0);
});

test("a bot that its owner took out of the queue stays out, however long it runs", async () => {
  const [stopping, own, caller] = [new AbortController(), await player("SdkOut", {}), await player("SdkCalls", {})];
  const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
  const [asked, called] = [vi.spyOn(globalThis, "fetch"), [] as string[]];
  const sent = (field: string) =>
    asked.mock.calls.filter(([, init]) => String(init?.body).includes(`${field}(input`)).length;
  const queue = { ladder: "PIT_SLOW", mode: "RATED" } as const;
  const onCallout = ({ id }: { id: string }) => (called.push(id), false);
  const run = runBot({ ...own, queue, onCallout, signal: stopping.signal });
  await until(() => waiting("SdkOut"), "the wait");
  const [botId, targetId] = [await idOf("SdkCalls"), await idOf("SdkOut")];
  await mutate(app.url, own.key ?? null, "leaveQueue", { botId: targetId, ladder: "PIT_SLOW" });
  // What the inbox tells is in order: who heard the callout has heard the end of the wait.
  await mutate(app.url, caller.key ?? null, "enterPit", { botId });
  await mutate(app.url, caller.key ?? null, "createCallout", { botId, targetId });
  await until(async () => called.length === 1, "the callout");
  const looked = sent("enterPit");
  const later = () => clock.mockReturnValue(Date.now() + 60_000);
  await until(() => (later(), sent("enterPit") > looked + 1), "two more looks at where it should be");
  expect(sent("joinQueue")).toBe(1);
  expect(await waitsOf("SdkOut")).toEqual(["LEFT"]);
  for (const spy of [clock, asked]) spy.mockRestore();
  stopping.abort();
  expect(await run).toBe(0);
});

type Resolved = { round: number; exchange: number; sides: { botId: string; action: string; timedOut: boolean }[] };

test("an illegal action costs a move, not the run: RECOVER is played for it, and onError hears why", async () => {
  const heard: [AgonError, Move][] = [];
  let fightId = "";
  // A special costs more stamina than a fight can pay for in every exchange.
  const onMove = (move: Move) => ((fightId = move.fightId), "SPECIAL" as const);
  const onError = (error: AgonError, move: Move) => void heard.push([error, move]);
  const queue = { ladder: "PIT", mode: "PRACTICE" } as const;
  expect(await runBot(await player("SdkIllegal", { queue, contests: 1, onMove, onError }))).toBe(1);
  expect(heard.length).toBeGreaterThan(0);
  for (const [error, move] of heard) {
    expect(error).toMatchObject({ name: "AgonError", code: "ILLEGAL_ACTION", hint: expect.any(String) });
    expect(move.legalActions).not.toContain("SPECIAL");
  }
  const stream = `fight:${fightId.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
  const stored = await query("SELECT payload FROM stream_event WHERE stream = $1 AND type = 'ExchangeResolved'", [
    stream,
  ]);
  const exchanges = stored.map(({ payload = "" }) => JSON.parse(payload) as Resolved);
  const played = heard.map(([, { round, exchange, you }]) =>
    exchanges
      .find((each) => each.round === round && each.exchange === exchange)
      ?.sides.find(({ botId }) => botId.replaceAll("-", "") === you.botId.slice(-32)),
  );
  expect(played).toEqual(heard.map(() => expect.objectContaining({ action: "RECOVER", timedOut: false })));
});

test("without onError an illegal action is a warning of the process", async () => {
  const warned: unknown[] = [];
  const hear = (warning: unknown) => void warned.push(warning);
  process.on("warning", hear);
  const onMove = () => "NONSENSE" as never;
  const queue = { ladder: "PIT", mode: "PRACTICE" } as const;
  expect(await runBot(await player("SdkNonsense", { queue, contests: 1, onMove }))).toBe(1);
  process.off("warning", hear);
  expect(warned[0]).toMatchObject({ code: "ILLEGAL_ACTION" });
});

test("what onError throws ends the run with it", async () => {
  const onError = () => {
    throw new Error("never again");
  };
  const queue = { ladder: "PIT", mode: "PRACTICE" } as const;
  const run = runBot(await player("SdkStrict", { queue, onMove: () => "NONSENSE" as never, onError }));
  await expect(run).rejects.toThrow("never again");
});

test("a stream that is left while its socket is being opened leaves nothing behind that fails", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const failed: unknown[] = [];
  const onFailed = (error: unknown) => void failed.push(error);
  process.on("unhandledRejection", onFailed);
  const leaving = new AbortController();
  const events = connect({ url: `http://127.0.0.1:${port}`, signal: leaving.signal }).follow(PIT, {}, () => "");
  const ended = events.next();
  await until(() => sockets.length > 0, "the socket");
  leaving.abort();
  for (const socket of sockets) socket.destroy();
  expect(await ended).toEqual({ done: true, value: undefined });
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("unhandledRejection", onFailed);
  await new Promise((resolve) => silent.close(resolve));
  expect(failed).toEqual([]);
});

test("a stream whose line falls silent without a word goes on over another one, without gap or repetition", async () => {
  const { url, key } = await player("SdkHeard", {});
  const [line, leaving] = [await openLine(), new AbortController()];
  line.lead(app.url);
  const botId = await idOf("SdkHeard");
  await mutate(app.url, key ?? null, "enterPit", { botId });
  const enters = async (name: string) => {
    const other = await player(name, {});
    await mutate(url, other.key ?? null, "enterPit", { botId: await idOf(name) });
  };
  const { data } = await ask(app.url, "{ pit { cursor } }");
  const from = (data as never as { pit: { cursor: string } }).pit.cursor;
  const heard: string[] = [];
  const listening = (async () => {
    const agon = connect({ url: line.url, key, signal: leaving.signal });
    for await (const { pitEvents } of agon.follow(ENTERED, { after: from }, (item) => item.pitEvents.cursor))
      if (pitEvents.event.bot) heard.push(pitEvents.event.bot.name);
  })();
  await enters("SdkBefore");
  await until(() => heard.length === 1, "what was said before");
  // The next connection is taken, and then nobody answers there either.
  line.hush(1);
  await enters("SdkMeanwhile");
  await until(() => heard.length === 2, "what was said meanwhile");
  await enters("SdkAfter");
  await until(() => heard.length === 3, "what was said after");
  expect(heard).toEqual(["SdkBefore", "SdkMeanwhile", "SdkAfter"]);
  leaving.abort();
  await listening;
  await line.stop();
});
