import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate } from "../harness/agent.ts";
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
