// Every page on fixed data at a fixed time, compared with what was agreed. To renew the pictures after a change that is
// meant: AGON_LOOKS=renew npx vitest run tests/browser/looks.test.ts, and look at each before committing it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import pixelmatch from "pixelmatch";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import sirv from "sirv";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, openWindow, THEMES, WIDTHS } from "./browser.ts";
import { LOOKS } from "./looks/answers.ts";
import { NOW } from "./looks/people.ts";

/** Of all pixels, as many may differ: edges of glyphs are drawn a little differently from build to build of Chromium. */
const DIFFERING_SHARE_MAX = 0.002;
const COLOUR_THRESHOLD = 0.15;
const SCALE = 0.5;
/** What the browser says of maps and replays, which are not here. */
const REFUSED_HERE = /responded with a status of (?:503|404)/;
const FOLDER = "tests/browser/looks";
const RENEW = process.env["AGON_LOOKS"] === "renew";

let server: Server;
let browser: Browser;
let url: string;
beforeAll(async () => {
  server = createServer(sirv("dist/web", { single: true }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await new Promise((resolve) => server.close(resolve));
});

/** Answers each operation from the fixed data; the socket stays open and says nothing. */
async function answer(page: Page, answers: Record<string, object>): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await page.route("**/graphql", async (route) => {
    const { operationName } = route.request().postDataJSON() as { operationName: string };
    const data = answers[operationName];
    await route.fulfill({ json: data ? { data } : { errors: [{ message: `no answer for ${operationName}` }] } });
  });
  // Maps and replays come from an installed game and its matches, of which there is none here.
  await page.route("**/quake/maps/*", (route) =>
    route.fulfill({
      status: 503,
      json: { errors: [{ message: "Maps are not shown because there is no game here." }] },
    }),
  );
  await page.route("**/matches/*/replay", (route) =>
    route.fulfill({ status: 404, json: { errors: [{ message: "This match has no replay." }] } }),
  );
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    socket.onMessage((text) => {
      if ((JSON.parse(String(text)) as { type: string }).type === "connection_init")
        socket.send(JSON.stringify({ type: "connection_ack" }));
    });
  });
}

async function open(name: string, width: number, theme: "dark" | "light") {
  const look = LOOKS[name];
  if (!look) throw new Error(`there is no look ${name}`);
  const { page, context, complaints } = await openWindow(browser, { width, theme, still: true, scale: SCALE });
  await answer(page, look.answers);
  await page.goto(`${url}${look.path}`);
  await page.locator("main h1").first().waitFor();
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
  return { page, context, complaints };
}

const SETTLED_MS = 150;

/** The page's height once it does not grow any more: parts of it are loaded after the network has been idle. */
async function settledHeight(page: Page): Promise<number> {
  const measure = () => page.evaluate(() => document.documentElement.scrollHeight);
  for (let [before, height] = [0, await measure()]; ; [before, height] = [height, await measure()]) {
    if (height === before) return height;
    await page.waitForTimeout(SETTLED_MS);
  }
}

const views = WIDTHS.flatMap((width) => THEMES.map((theme) => [width, theme] as const));

/** A page stays open while its window and theme change, as a visitor's does: it is loaded once for all its pictures. */
test.each(Object.keys(LOOKS))("%s looks as agreed at each width, dark and light", async (name) => {
  const { page, context, complaints } = await open(name, 1440, "dark");
  const differing: string[] = [];
  for (const [width, theme] of views) {
    const view = `${name}-${width}-${theme}`;
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    // The whole page in one window: what sticks to an edge of the window stands at the edge of the page.
    await page.setViewportSize({ width, height: await settledHeight(page) });
    const shot = await page.screenshot({ fullPage: true, animations: "disabled", caret: "hide" });
    const file = `${FOLDER}/${view}.png`;
    if (RENEW) writeFileSync(file, shot);
    expect(existsSync(file), `${file} is there`).toBe(true);
    const agreed = readFileSync(file);
    // Where the bytes are the same so are the pixels.
    if (!shot.equals(agreed) && differingShare(shot, agreed, view) > DIFFERING_SHARE_MAX) differing.push(view);
  }
  await context.close();
  expect(complaints.filter((text) => !REFUSED_HERE.test(text))).toEqual([]);
  expect(differing).toEqual([]);
});

/** The share of pixels that differ; a picture of them is left in test-results. */
function differingShare(shot: Buffer, agreed: Buffer, name: string): number {
  const [now, then] = [PNG.sync.read(shot), PNG.sync.read(agreed)];
  expect([now.width, now.height], `size of ${name}`).toEqual([then.width, then.height]);
  const { width, height } = now;
  const difference = new PNG({ width, height });
  const count = pixelmatch(now.data, then.data, difference.data, width, height, { threshold: COLOUR_THRESHOLD });
  if (count / (width * height) > DIFFERING_SHARE_MAX) {
    mkdirSync("test-results", { recursive: true });
    writeFileSync(`test-results/${name}-now.png`, shot);
    writeFileSync(`test-results/${name}-difference.png`, PNG.sync.write(difference));
  }
  return count / (width * height);
}

/** The inks, faces and rules of the look, by theme: selector, property, and the value that begins what is computed. */
const DRAWN = [
  // selector, property, dark, light
  ["html", "background-color", "rgb(24, 18, 25)", "rgb(246, 242, 245)"],
  ["html", "color", "rgb(246, 242, 245)", "rgb(24, 18, 25)"],
  [".stage .fa", "background-color", "rgb(242, 89, 45)", "rgb(242, 89, 45)"],
  [".stage .fb", "background-color", "rgb(127, 185, 247)", "rgb(127, 185, 247)"],
  [".stage", "color", "rgb(24, 18, 25)", "rgb(24, 18, 25)"],
  [".side-a .hpn", "color", "rgb(255, 122, 80)", "rgb(184, 50, 9)"],
  [".side-b .hpn", "color", "rgb(140, 193, 250)", "rgb(23, 91, 168)"],
  [".head", "border-top-width", "3px", "3px"],
  [".head", "border-top-color", "rgb(246, 242, 245)", "rgb(24, 18, 25)"],
  [".tag", "border-radius", "2px", "2px"],
  ["body", "font-family", '"Schibsted Grotesk Variable"', '"Schibsted Grotesk Variable"'],
  [".cs h2", "font-family", '"Anybody Variable"', '"Anybody Variable"'],
  [".cs h2", "font-weight", "850", "850"],
  [".cs h2", "font-stretch", "62%", "62%"],
  [".kv .num", "font-family", '"Martian Mono Variable"', '"Martian Mono Variable"'],
  [".kv .num", "font-stretch", "75%", "75%"],
] as const;

test.each(THEMES)("a page has the inks, faces and rules of the look, %s", async (theme) => {
  const { page, context } = await open("fight-live", 1440, theme);
  const wanted = DRAWN.map(([selector, property, dark, light]) => ({
    selector,
    property,
    value: theme === "dark" ? dark : light,
  }));
  const found = await page.evaluate(
    (all) =>
      all.map(({ selector, property, value }) => {
        const element = document.querySelector(selector);
        const computed = element ? getComputedStyle(element).getPropertyValue(property) : "nothing";
        // Behind a face stand its substitutes.
        return { selector, property, value: computed.slice(0, value.length) };
      }),
    wanted,
  );
  await context.close();
  expect(found).toEqual(wanted);
});

test("the three faces are loaded, not replaced", async () => {
  const { page, context } = await open("fight-live", 1440, "dark");
  const loaded = await page.evaluate(() =>
    [...document.fonts].filter(({ status }) => status === "loaded").map(({ family }) => family),
  );
  await context.close();
  const families = new Set(loaded.map((family) => family.replaceAll('"', "")));
  for (const face of ["Anybody Variable", "Schibsted Grotesk Variable", "Martian Mono Variable"])
    expect(families).toContain(face);
});
