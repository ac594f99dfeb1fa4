import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, socket } from "../harness/agent.ts";
import { startQuakeApp } from "../harness/quake-app.ts";
import { joinQuake, matches, matchIn, newEntrants, type Entrant, type Match } from "../harness/quake-arena.ts";
import { until } from "../harness/until.ts";

// Who plays for a bot on a real OpenArena server: code that was uploaded, the house's, or somebody from afar.

let app: App;
beforeAll(async () => {
  app = await startQuakeApp(2, { LIMIT_POOL_OPEN_MS: 0 });
}, 60_000);
afterAll(() => app.stop());

async function reference(name: string): Promise<string> {
  const { data } = await ask(app.url, `{ referenceStrategy(name: ${name}) }`);
  return data?.["referenceStrategy"] as unknown as string;
}

const upload = ({ key, botId }: Entrant, source: string) =>
  mutate(app.url, key, "uploadStrategy", { botId, source, activate: true }, "strategy { id }");

type Run = { ticks: number; misses: number; forfeit: string | null; log: string };
type Version = { version: number; runs: { nodes: Run[] } };
async function versionsOf({ key, botId }: Entrant): Promise<Version[]> {
  const query = `query($botId: ID!) { strategies(botId: $botId, first: 10) { nodes { version runs(first: 5) {
    nodes { ticks misses forfeit log } } } } }`;
  const { data, errors } = await ask(app.url, query, { botId }, { "x-api-key": key });
  if (!data) throw new Error(JSON.stringify(errors));
  return (data["strategies"] as unknown as { nodes: Version[] }).nodes;
}

/** Waits until the match of these bots stands so. */
async function matchOf(entrants: readonly Entrant[], phases: readonly string[]): Promise<Match> {
  const own = ({ participants }: Match) =>
    entrants.every(({ botId }) => participants.some(({ bot }) => bot.id === botId));
  const { id } = await until(async () => (await matches(app.url)).find(own), "their match");
  return matchIn(app.url, phases, id);
}

test("two owners' uploaded strategies play a ranked round; their logs are kept, and ratings move", async () => {
  const entrants = (await newEntrants(app.url, ["Hunts", "Competes"])) as [Entrant, Entrant];
  await upload(entrants[0], `${await reference("hunter")}\nconsole.log("hunting");`);
  await upload(entrants[1], await reference("competition"));
  for (const entrant of entrants) await joinQuake(app.url, entrant);
  await matchOf(entrants, ["LIVE"]);
  // What is activated while the round runs plays from the next one on.
  await upload(entrants[0], "export function tick() { return {}; }");
  const match = await matchOf(entrants, ["COMPLETED", "VOIDED"]);
  expect(match).toMatchObject({ phase: "COMPLETED", rated: true, voidReason: null });
  const [late, hunter] = await versionsOf(entrants[0]);
  const [competitor] = await versionsOf(entrants[1]);
  expect(late?.runs.nodes).toEqual([]);
  for (const version of [hunter, competitor]) {
    expect(version?.runs.nodes).toHaveLength(1);
    expect(version?.runs.nodes[0]).toMatchObject({ forfeit: null });
    expect(version?.runs.nodes[0]?.ticks).toBeGreaterThan(100);
  }
  expect(hunter?.runs.nodes[0]?.log).toMatch(/^hunting\n/);
  const moves = match.participants.map(({ ratingBefore, ratingAfter }) => (ratingAfter ?? NaN) - (ratingBefore ?? NaN));
  expect(moves.reduce((sum, move) => sum + move, 0)).toBe(0);
  expect(match.players.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(0);
}, 90_000);

const run = promisify(execFile);
const example = async ({ key, botId }: Entrant, way: string): Promise<string[]> => {
  const env = { ...process.env, AGON_URL: app.url, AGON_KEY: key, AGON_BOT: botId };
  const { stdout } = await run("node", ["examples/quake-bot.ts", way], { env, timeout: 80_000 });
  return stdout.trim().split("\n");
};

const act = (key: string, botId: string, matchId: string, action: unknown = { fire: true }) =>
  mutate(app.url, key, "sendQuakeAction", { botId, matchId, action });

const VIEWS = `subscription($botId: ID!, $matchId: ID!, $perSecond: Int) { quakeView(botId: $botId, matchId: $matchId, perSecond: $perSecond) { nowMs view } }`;

/** Looks on with a bot's eyes until it is called. */
async function onlooker(key: string, botId: string, matchId: string): Promise<() => void> {
  const client = socket(app.url, key);
  await client.iterate({ query: VIEWS, variables: { botId, matchId } }).next();
  return () => void client.dispose();
}

/** How an attempt to look on with a bot's eyes ends: the first view, or the refusal's code. */
async function look(key: string, botId: string, matchId: string, perSecond = 10): Promise<unknown> {
  const client = socket(app.url, key);
  try {
    for await (const { data, errors } of client.iterate({ query: VIEWS, variables: { botId, matchId, perSecond } }))
      return data?.["quakeView"] ?? errors?.[0]?.extensions?.["code"];
    return "COMPLETE";
  } catch (error) {
    return (error as { extensions?: { code?: string } }[])[0]?.extensions?.code ?? error;
  } finally {
    await client.dispose();
  }
}

test("one bot's code runs here and another's from afar: they meet in practice, and neither is anybody else's to play", async () => {
  const entrants = (await newEntrants(app.url, ["Runs_Here", "From_Afar"])) as [Entrant, Entrant];
  const [coded, remote] = entrants;
  const played = Promise.all([example(coded, "strategy"), example(remote, "remote")]);
  const { id } = await matchOf(entrants, ["LIVE"]);
  expect(await act(coded.key, remote.botId, id)).toMatchObject({ code: "NOT_YOUR_BOT" });
  expect(await act(coded.key, coded.botId, id)).toMatchObject({ code: "PLAYED_BY_STRATEGY" });
  expect(await act(remote.key, remote.botId, id, { jump: "high" })).toMatchObject({
    code: "INVALID_ACTION",
    path: ["input", "action"],
  });
  expect(await look(coded.key, remote.botId, id)).toBe("NOT_YOUR_BOT");
  expect(await look(coded.key, coded.botId, id)).toBe("PLAYED_BY_STRATEGY");
  expect(await look(remote.key, remote.botId, id, 21)).toBe("BAD_INPUT");
  expect(await look(remote.key, remote.botId, id)).toMatchObject({
    view: { self: { alive: expect.any(Boolean) as boolean }, facts: { roundMs: 60_000 } },
  });
  const leave = await Promise.all([1, 2, 3, 4].map(() => onlooker(remote.key, remote.botId, id)));
  expect(await look(remote.key, remote.botId, id)).toBe("TOO_MANY_VIEWS");
  for (const each of leave) each();
  const [here, afar] = await played;
  expect(here[0]).toBe("UploadStrategySuccess");
  expect(here.at(-1)).toMatch(/^COMPLETED .*Runs_Here -?\d+/);
  expect(Number(afar[0]?.split(" ")[0])).toBeGreaterThan(50);
  expect(afar.at(-1)).toBe(here.at(-1));
  expect((await versionsOf(coded))[0]?.runs.nodes).toMatchObject([{ forfeit: null }]);
  expect(await act(remote.key, remote.botId, id)).toMatchObject({ code: "MATCH_NOT_LIVE" });
  expect(await look(remote.key, remote.botId, id)).toBe("MATCH_NOT_LIVE");
  const [stranger] = (await newEntrants(app.url, ["Stranger"])) as [Entrant];
  expect(await act(stranger.key, stranger.botId, id)).toMatchObject({ code: "NOT_IN_MATCH" });
}, 120_000);

/** What the example says when it gives up. */
const failure = ({ key, botId }: Entrant, way: string): Promise<{ code: number; stderr: string }> =>
  example({ key, botId }, way).then(
    (lines) => Promise.reject(new Error(`It did not fail: ${lines.join()}`)),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );

test.each([
  ["a wrong key", `cq_${"0".repeat(40)}`, "BAD_CREDENTIALS"],
  ["no key", "", "AGON_KEY is needed"],
])(
  "the example says that it has %s, whichever way it is to play",
  async (_what, key, words) => {
    const [{ botId }] = (await newEntrants(app.url, [`Keyless_${words.length}`])) as [Entrant];
    for (const way of ["strategy", "remote"])
      expect(await failure({ key, botId }, way)).toEqual({ code: 1, stderr: expect.stringContaining(words) as string });
  },
  60_000,
);

test("the example says when a strategy plays the bot that it was to play from afar, and what to do", async () => {
  const [entrant] = (await newEntrants(app.url, ["Both_Ways"])) as [Entrant];
  await upload(entrant, "export function tick() { return {}; }");
  const { code, stderr } = await failure(entrant, "remote");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^PLAYED_BY_STRATEGY .*deactivateStrategy/)]);
}, 60_000);

test("who waits alone for practice meets a bot of the house", async () => {
  const [alone] = (await newEntrants(app.url, ["All_Alone"])) as [Entrant];
  await mutate(app.url, alone.key, "joinQueue", { botId: alone.botId, ladder: "QUAKE", mode: "PRACTICE" });
  const { players } = await matchOf([alone], ["LIVE"]);
  expect(players.map(({ bot }) => bot.name).toSorted()).toEqual(["All_Alone", expect.stringMatching(/^House_/)]);
}, 60_000);
