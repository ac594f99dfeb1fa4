import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, newBot, newPerson } from "../harness/agent.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, ROOMY, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { openBrowser, openWindow } from "./browser.ts";

// What the arena is for, with nothing of it in the test's own process: a server, an agent of each of two owners, and a browser.

const run = promisify(execFile);
const FIGHTS = 20;
/** Moments of a live fight at which both windows must have come to show what the log tells. */
const LOOKS = 3;

let database: { url: string; drop(): Promise<void> };
let server: ServerProcess;
let browser: Browser;
/** Names are free for another try. */
let tries = 0;
beforeAll(async () => {
  database = await freshDatabase();
  server = serverProcess(await freePort(), database.url, {
    ...ROOMY,
    LIMIT_ROUND_PAUSE_MS: "20",
    LIMIT_RATED_PER_PAIR_PER_DAY_MAX: "1000",
  });
  [browser] = await Promise.all([openBrowser(), server.start()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
  await database.drop();
});

/** An agent in a process of its own, with a key of an owner of its own; gives what it said. */
async function agent(bot: string): Promise<{ said: Promise<string[]> }> {
  const { key } = await newPerson(server.url);
  await newBot(server.url, key, bot);
  const env = { ...process.env, AGON_URL: server.url, AGON_KEY: key, AGON_BOT: bot, AGON_FIGHTS: String(FIGHTS) };
  const running = run("node", ["tests/harness/rated-agent.ts"], { env });
  return { said: running.then(({ stdout }) => stdout.trim().split("\n")) };
}

type Fight = { status: string; events: { nodes: { __typename: string }[] } };
async function exchangesOf(id: string): Promise<{ isOver: boolean; resolved: number }> {
  const query = `query($id: ID!) { fight(id: $id) { status events(first: 100) { nodes { __typename } } } }`;
  const { fight } = (await ask(server.url, query, { id })).data as unknown as { fight: Fight };
  const resolved = fight.events.nodes.filter((node) => node.__typename === "ExchangeResolved").length;
  return { isOver: fight.status === "COMPLETED", resolved };
}

const shownOn = (page: Page) => page.locator(".track button").count();

test(`two agents of different owners fight ${FIGHTS} rated fights over the network, two browsers see each exchange, and ratings sum to zero`, async () => {
  const names = [`Ferrum${++tries}`, `Cinis${tries}`] as const;
  const agents = [await agent(names[0]), await agent(names[1])];
  const id = await until(async () => {
    const { data } = await ask(server.url, `{ contests(first: 1) { nodes { id } } }`);
    return (data as unknown as { contests: { nodes: { id: string }[] } }).contests.nodes[0]?.id;
  }, "the first fight");
  const windows = await Promise.all([openWindow(browser), openWindow(browser, { width: 390, theme: "light" })]);
  await Promise.all(windows.map(({ page }) => page.goto(`${server.url}/fights/${id}`)));
  const seenLive = new Set<number>();
  const over = await until(async () => {
    const { isOver, resolved } = await exchangesOf(id);
    for (const { page } of windows)
      await until(async () => (await shownOn(page)) >= resolved, `exchange ${resolved} in a window`);
    if (!isOver) seenLive.add(resolved);
    return isOver && { resolved };
  }, "the end of the first fight");
  expect(seenLive.size).toBeGreaterThanOrEqual(LOOKS);
  for (const { page, context, complaints } of windows) {
    await page
      .getByText(/wins$|Draw/)
      .first()
      .waitFor();
    expect(await shownOn(page)).toBe(over.resolved);
    expect(complaints).toEqual([]);
    await context.close();
  }

  const [one, two] = await Promise.all(agents.map(({ said }) => server.whileItLives(said)));
  expect([one?.at(-1), two?.at(-1)]).toEqual([`${FIGHTS} fought`, `${FIGHTS} fought`]);
  const gained = (lines: string[] = []) =>
    lines.slice(0, -1).reduce((sum, line) => sum + Number(line.split(" ").at(1)), 0);
  expect(gained(one) + gained(two)).toBe(0);
  const { data } = await ask(
    server.url,
    `{ a: bot(name: "${names[0]}") { ratings { elo games } contests(first: 100) { nodes { rated status } } } b: bot(name: "${names[1]}") { ratings { elo games } } }`,
  );
  const { a, b } = data as unknown as Record<
    "a" | "b",
    { ratings: { elo: number; games: number }[]; contests?: { nodes: object[] } }
  >;
  expect(a.contests?.nodes).toEqual(Array.from({ length: FIGHTS }, () => ({ rated: true, status: "COMPLETED" })));
  expect([a.ratings[0]?.games, b.ratings[0]?.games]).toEqual([FIGHTS, FIGHTS]);
  expect((a.ratings[0]?.elo ?? 0) + (b.ratings[0]?.elo ?? 0)).toBe(2_000);
}, 240_000);
