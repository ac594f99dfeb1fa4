import { PNG } from "pngjs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { startQuakeApp } from "../harness/quake-app.ts";
import { joinQuake, matches, matchIn, newEntrants, type Match } from "../harness/quake-arena.ts";
import { walkedReplay } from "../harness/walked-replay.ts";
import { until } from "../harness/until.ts";
import { flaws, flawsAtEachWidth, openBrowser, openWindow } from "./browser.ts";

// The viewer of Quake matches in a real browser: a match that was played on a real server, whose pictures are a walk on a
// real map, so that one knows who kills whom and when.

const SECONDS = 30;
const KILLS = 10;
/** Of them by nobody. */
const FALLS = 1;
/** A quarter of the points of a picture, all of which the processor draws. */
const COARSE = { scale: 0.5 };

/** Half a minute of pictures: even a busy machine shows some of them. */
const PACE = { AGON_QUAKE_ROUND_MIN: "3" };

let app: App;
let browser: Browser;
/** The match of the first two. */
let match: Match;
let replay: string;
/** The same from before it was looked at what is dropped, and from before items were looked at at all. */
let [withoutDrops, oldReplay]: string[] = [];
/** How many items are taken in the last frame. */
let takenAtTheEnd: number;
/** How many matches were begun: names are free for another try. */
let begun = 0;

/** Two bots meet; their match, when it is live. */
async function begin(): Promise<Match> {
  const names = [`LiveAnn${++begun}`, `LiveBob${begun}`];
  for (const entrant of await newEntrants(app.url, names)) await joinQuake(app.url, entrant);
  return matchIn(app.url, ["LIVE"]);
}

beforeAll(async () => {
  app = await startQuakeApp(1, {}, PACE);
  browser = await openBrowser({ webGl: true });
  match = await begin();
  const players = match.players.map(({ bot }, side) => ({ side, bot: bot.id, name: bot.name }));
  const walk = { match: match.id, map: "aggressor", players, seconds: SECONDS, chanceSeed: 4 };
  const walked = await walkedReplay(walk);
  const { items: _items, frames, ...rest } = walked;
  const { drops: _drops, ...undropped } = frames;
  const { items: turns = [], ...coded } = undropped;
  replay = JSON.stringify(walked);
  withoutDrops = JSON.stringify({ ...walked, frames: undropped });
  oldReplay = JSON.stringify({ ...rest, frames: coded });
  // Runs are there and taken in turns.
  takenAtTheEnd = turns.filter(({ runs }) => runs.length % 2 === 0).length;
}, 90_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
});

type Look = { width?: number; still?: boolean; theme?: "dark" | "light"; where?: Browser; shown?: string };

/** The page of the match with its replay, ready to be looked at. */
async function open({ where = browser, shown = replay, ...look }: Look = {}) {
  await matchIn(app.url, ["COMPLETED"], match.id);
  const opened = await openWindow(where, { ...COARSE, ...look });
  await opened.page.route("**/matches/*/replay", (route) =>
    route.fulfill({ contentType: "application/json", body: shown }),
  );
  await opened.page.goto(`${app.url}/matches/${match.id}`);
  await opened.page.locator('.qstage[data-state="READY"]').waitFor({ timeout: 30_000 });
  return opened;
}

const slider = (page: Page) => page.getByRole("slider", { name: "Time in the round" });
const seconds = async (page: Page) => Number(await slider(page).getAttribute("aria-valuenow"));

/** The pixels of the stage as a visitor sees them. */
async function pixels(page: Page): Promise<PNG> {
  return PNG.sync.read(await page.locator(".qstage").screenshot());
}

/** How many different colours a picture has, to sixteen steps of each light. */
function coloursOf({ data }: PNG): number {
  const colours = new Set<number>();
  for (let at = 0; at < data.length; at += 4)
    colours.add(((data[at]! >> 4) << 8) | ((data[at + 1]! >> 4) << 4) | (data[at + 2]! >> 4));
  return colours.size;
}

/** What share of two pictures differs. */
function difference(a: PNG, b: PNG): number {
  let different = 0;
  for (let at = 0; at < a.data.length; at += 4)
    if ([0, 1, 2].some((light) => Math.abs(a.data[at + light]! - b.data[at + light]!) > 24)) different++;
  return different / (a.data.length / 4);
}

/** Waits until the picture stands still, as it does while paused. */
async function settled(page: Page): Promise<PNG> {
  // The page tells of a time before the canvas shows it.
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(null)))),
  );
  let last = await pixels(page);
  await until(async () => {
    const now = await pixels(page);
    const still = difference(last, now) === 0;
    last = now;
    return still;
  }, "a picture that stands still");
  return last;
}

test("a live round is shown as its frames come, later than they were", async () => {
  const isLive = (await matches(app.url)).some(({ id, phase }) => id === match.id && phase === "LIVE");
  const { id } = isLive ? match : await begin();
  const { page, context, complaints } = await openWindow(browser, { ...COARSE, width: 390 });
  await page.goto(`${app.url}/matches/${id}`);
  await page.getByText("so that nobody sees through walls by watching").waitFor();
  await page.locator('.qstage[data-state="READY"]').waitFor({ timeout: 30_000 });
  await until(async () => /LiveAnn\d+ (with \d+ health|is dead)/.test((await words(page)) ?? ""), "the first frame");
  const first = await seconds(page);
  await until(async () => (await seconds(page)) > first, "later frames");
  // Who is followed may stand before a plain wall for a while.
  await page.getByRole("button", { name: "Overview", exact: true }).click();
  await until(async () => coloursOf(await pixels(page)) > 150, "a picture of the map");
  expect(complaints).toEqual([]);
  await context.close();
}, 90_000);

test("a replay is shown on the real map, plays by itself, and pauses", async () => {
  const { page, context, complaints } = await open();
  await until(async () => (await seconds(page)) >= 1, "time that passes");
  await page.getByRole("button", { name: "Pause" }).click();
  const paused = await seconds(page);
  // The map's own pictures and light: a stage without them has some dozens of colours.
  expect(coloursOf(await settled(page))).toBeGreaterThan(150);
  expect(await seconds(page)).toBe(paused);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await until(async () => (await seconds(page)) > paused, "time that goes on");
  expect(complaints).toEqual([]);
  await context.close();
});

test("the timeline goes by keys, by a click and from kill to kill; score and kill feed follow the picture", async () => {
  const { page, context, complaints } = await open({ still: true });
  expect(await seconds(page)).toBe(0);
  expect(await page.getByRole("button", { name: "Play", exact: true }).isVisible()).toBe(true);
  await slider(page).focus();
  const at = async (key: string) => {
    await page.keyboard.press(key);
    return seconds(page);
  };
  expect([await at("PageDown"), await at("ArrowRight"), await at("PageUp"), await at("End")]).toEqual([
    10,
    11,
    1,
    SECONDS,
  ]);
  expect(await slider(page).getAttribute("aria-valuetext")).toBe("0:30 of 0:30");
  const scores = () => page.locator(".qscore .fr").allInnerTexts();
  await until(async () => (await scores()).join() === `${KILLS / 2},${KILLS / 2}`, "the last score");
  expect(await at("Home")).toBe(0);
  await until(async () => (await scores()).join() === "0,0", "the first score");
  expect(await page.locator(".qtrack .kill").count()).toBe(KILLS - FALLS);
  expect(await page.locator(".qtrack .death").count()).toBe(KILLS);

  await page.getByRole("button", { name: "Next kill" }).click();
  expect(await slider(page).getAttribute("aria-valuetext")).toMatch(/^0:01 /);
  await page.keyboard.press("Tab");
  await slider(page).click({ position: { x: 2, y: 8 } });
  expect(await seconds(page)).toBe(0);
  const box = await slider(page).boundingBox();
  await slider(page).click({ position: { x: (box?.width ?? 0) / 2, y: 8 } });
  expect(await seconds(page)).toBe(SECONDS / 2);
  await page.locator(".qkills li").first().waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("each camera shows another picture, and each bot can be watched", async () => {
  const { page, context, complaints } = await open({ still: true });
  await slider(page).focus();
  await page.keyboard.press("PageDown");
  const shown: PNG[] = [];
  for (const name of ["Overview", "Follow", "Eyes", "Free"]) {
    const camera = page.getByRole("button", { name, exact: true });
    await camera.click();
    expect(await camera.getAttribute("aria-pressed")).toBe("true");
    shown.push(await settled(page));
    await page.screenshot({ path: `test-results/viewer-${name.toLowerCase()}.png` });
  }
  expect(shown.filter((picture) => coloursOf(picture) <= 60)).toEqual([]);
  const changes = shown.slice(1).map((picture, index) => difference(picture, shown[index]!));
  expect(Math.min(...changes)).toBeGreaterThan(0.1);
  const head = page.locator(".eyes-head b");
  const [first, second] = match.players.toSorted((a, b) => sideOf(a) - sideOf(b));
  await page.getByRole("button", { name: `Watch ${second?.bot.name}` }).click();
  expect(await head.innerText()).toBe(second?.bot.name);
  await slider(page).focus();
  await page.keyboard.press("1");
  expect(await head.innerText()).toBe(first?.bot.name);

  const before = await settled(page);
  await page.locator(".qstage").focus();
  await page.keyboard.press("w");
  await page.keyboard.press("d");
  expect(difference(before, await settled(page))).toBeGreaterThan(0.01);
  expect(complaints).toEqual([]);
  await context.close();
});

/** A name's number on the page is its place in the roster. */
const sideOf = ({ bot }: Match["players"][number]) => match.participants.findIndex((each) => each.bot.id === bot.id);

const words = (page: Page) => page.locator(".qstage canvas").getAttribute("aria-label");

test.each(["with", "without"])(
  "%s WebGL, items that are taken are not where they lay, what is dropped lies there; old replays play without",
  async (webGl) => {
    const where = webGl === "with" ? browser : await openBrowser();
    const pictures: PNG[] = [];
    for (const [shown, taken, dropped] of [
      [replay, true, true],
      [withoutDrops, true, false],
      [oldReplay, false, false],
    ] as [string, boolean, boolean][]) {
      const { page, context, complaints } = await open({ where, still: true, shown });
      const legend = page.getByRole("list", { name: "What lies on the map" });
      const inks = ["Health", "Armour", "Weapon", "Ammo", "Power-up", "Taken"];
      expect(await legend.locator("li").allInnerTexts()).toEqual(inks);
      await slider(page).focus();
      await page.keyboard.press("End");
      const last = taken ? `${takenAtTheEnd} of what lies there are taken` : "health and";
      await until(async () => (await words(page))?.includes(last), "the last frame in words");
      expect((await words(page))?.includes("taken")).toBe(taken);
      expect((await words(page))?.includes("2 weapons lie dropped")).toBe(dropped);
      pictures.push(await settled(page));
      await page.screenshot({ path: `test-results/viewer-items-${webGl}-${pictures.length}.png` });
      expect(complaints).toEqual([]);
      await context.close();
    }
    for (const [index, picture] of pictures.slice(1).entries())
      expect(difference(pictures[index]!, picture)).toBeGreaterThan(0);
    if (where !== browser) await where.close();
  },
);

test("without WebGL the same round is shown from above", async () => {
  const plain = await openBrowser();
  const { page, context, complaints } = await open({ where: plain, still: true });
  await page.getByText("this browser shows no 3-D").waitFor();
  expect(await page.getByRole("button", { name: "Eyes", exact: true }).count()).toBe(0);
  const first = await settled(page);
  expect(coloursOf(first)).toBeGreaterThan(12);
  await slider(page).focus();
  await page.keyboard.press("PageDown");
  expect(difference(first, await settled(page))).toBeGreaterThan(0.001);
  expect(await flaws(page, "viewer-flat")).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
  await plain.close();
});

test("where the map does not come the page says why, and tries again", async () => {
  const { page, context } = await openWindow(browser, { still: true });
  await page.route("**/matches/*/replay", (route) => route.fulfill({ contentType: "application/json", body: replay }));
  await page.route("**/quake/maps/*", (route) => route.abort());
  await page.goto(`${app.url}/matches/${match.id}`);
  await page.getByText("The map did not load.").waitFor();
  await page.unroute("**/quake/maps/*");
  await page.locator(".qwait").getByRole("button", { name: "Try again" }).click();
  await page.locator('.qstage[data-state="READY"]').waitFor();
  await context.close();
});

test("a page that is left gives back what it drew with, and draws anew when one comes back", async () => {
  await matchIn(app.url, ["COMPLETED"], match.id);
  const { page, context, complaints } = await openWindow(browser, { ...COARSE, still: true });
  await page.addInitScript(remember);
  await page.route("**/matches/*/replay", (route) => route.fulfill({ contentType: "application/json", body: replay }));
  await page.goto(`${app.url}/matches/${match.id}`);
  for (let visit = 1; visit <= 3; visit++) {
    await page.locator('.qstage[data-state="READY"]').waitFor({ timeout: 30_000 });
    await page.locator(".meta a").click();
    await page.waitForURL("**/ladder");
    await until(async () => (await kept(page)) === "0 contexts, 0 pictures", "nothing that is kept");
    await page.goBack();
  }
  await page.locator('.qstage[data-state="READY"]').waitFor({ timeout: 30_000 });
  expect(coloursOf(await settled(page))).toBeGreaterThan(150);
  expect(complaints).toEqual([]);
  await context.close();
}, 90_000);

type Taken = { contexts: WebGL2RenderingContext[]; pictures: ImageBitmap[] };

/** Holds fast all that a page takes from the graphics card and of decoded pictures, so that nothing is just swept up. */
function remember(): void {
  const taken: Taken = Object.assign(globalThis, { contexts: [], pictures: [] });
  const [newContext, decode] = [HTMLCanvasElement.prototype.getContext, globalThis.createImageBitmap];
  Object.assign(HTMLCanvasElement.prototype, {
    getContext(this: HTMLCanvasElement, ...wanted: Parameters<typeof newContext>) {
      const context = newContext.apply(this, wanted);
      if (context instanceof WebGL2RenderingContext) taken.contexts.push(context);
      return context;
    },
  });
  Object.assign(globalThis, {
    async createImageBitmap(...wanted: Parameters<typeof decode>) {
      const picture = await decode(...wanted);
      taken.pictures.push(picture);
      return picture;
    },
  });
}

/** How much of that was not given back. A picture that is closed has no width. */
const kept = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { contexts, pictures } = globalThis as unknown as Taken;
    const held = contexts.filter((context) => !context.isContextLost());
    return `${held.length} contexts, ${pictures.filter(({ width }) => width > 0).length} pictures`;
  });

test("where the replay does not come the page says why, and tries again; where there is none it does not", async () => {
  await matchIn(app.url, ["COMPLETED"], match.id);
  const { page, context } = await openWindow(browser, { still: true });
  const answers = [
    { status: 503, body: "<h1>Bad gateway</h1>" },
    {
      status: 500,
      body: JSON.stringify({ errors: [{ message: "It went wrong.", extensions: { code: "INTERNAL" } }] }),
    },
    { status: 200, body: replay },
  ];
  await page.route("**/matches/*/replay", (route) => route.fulfill({ contentType: "text/html", ...answers.shift() }));
  await page.goto(`${app.url}/matches/${match.id}`);
  const failed = page.getByRole("alert");
  await failed.getByText("The replay did not load.").waitFor();
  expect(await flawsAtEachWidth(page, "viewer-no-replay")).toEqual([]);
  await failed.getByRole("button", { name: "Try again" }).click();
  await failed.getByText("It went wrong.").waitFor();
  await failed.getByRole("button", { name: "Try again" }).click();
  await page.locator('.qstage[data-state="READY"]').waitFor();

  const none = JSON.stringify({ errors: [{ message: "This match has no replay." }] });
  await page.unroute("**/matches/*/replay");
  await page.route("**/matches/*/replay", (route) => route.fulfill({ status: 404, body: none }));
  await page.reload();
  await page.getByText("This match has no replay.").waitFor();
  expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
  await context.close();
});

test("at each width axe finds nothing, and nothing sticks out", async () => {
  const { page, context, complaints } = await open({ still: true });
  await slider(page).focus();
  await page.keyboard.press("PageDown");
  expect(await flawsAtEachWidth(page, "viewer")).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});
