import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate } from "../harness/agent.ts";
import { startQuakeApp } from "../harness/quake-app.ts";
import { joinQuake, matchIn, newEntrants, type Match } from "../harness/quake-arena.ts";
import { until } from "../harness/until.ts";
import { flaws, flawsAtEachWidth, openBrowser, openWindow, violations } from "./browser.ts";

// A Quake match as visitors see it, played on a real game server meanwhile.

let app: App;
let browser: Browser;
let match: Match;

beforeAll(async () => {
  app = await startQuakeApp(1);
  browser = await openBrowser();
  // Two who know how to play: there is a death to be seen.
  const source = readFileSync("src/quake/house/competition.ts", "utf8");
  for (const { key, botId } of await newEntrants(app.url, ["SeenAnn", "SeenBob"])) {
    await mutate(app.url, key, "uploadStrategy", { botId, source, activate: true });
    await joinQuake(app.url, { key, botId });
  }
  match = await matchIn(app.url, ["JOINING", "COUNTDOWN"]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
});

const scores = (page: Page) => page.locator(".scores tbody tr").allInnerTexts();

test("a page that is open sees the round begin, every death as it comes, and the result with its rating changes", async () => {
  const { page, context, complaints } = await openWindow(browser);
  await page.goto(`${app.url}/matches/${match.id}`);
  await page.locator(".tag.live, .live").first().waitFor({ timeout: 30_000 });
  await page.locator(".kf li").first().waitFor({ timeout: 30_000 });
  expect(await violations(page)).toEqual([]);
  const home = await openWindow(browser);
  await home.page.goto(app.url);
  await home.page.locator(`a[href="/matches/${match.id}"]`).first().waitFor();
  await home.context.close();

  match = await matchIn(app.url, ["COMPLETED", "VOIDED"], match.id);
  expect(match).toMatchObject({ phase: "COMPLETED", voidReason: null });
  const headline = page.getByRole("heading", { level: 1 });
  await until(async () => /wins|share/i.test(await headline.innerText()), "the result");
  const deaths = match.players.reduce((sum, { deaths: own }) => sum + own, 0);
  await until(async () => (await page.locator(".kf li").count()) === Math.min(40, deaths), "every death");
  const shown = await scores(page);
  match.players.forEach(({ bot, score, kills, deaths: died }, place) => {
    expect(shown[place]).toContain(bot.name);
    expect(
      shown[place]
        ?.split("\t")
        .slice(1, 4)
        .map((cell) => cell.trim()),
    ).toEqual([score, kills, died].map(String));
  });
  expect(shown.join(" ")).toMatch(/[+−]\d+|–/);
  expect(complaints).toEqual([]);
  await context.close();
}, 90_000);

test("at each width axe finds nothing on its page, and nothing sticks out", async () => {
  const { page, context, complaints } = await openWindow(browser, { still: true });
  await page.goto(`${app.url}/matches/${match.id}`);
  await page.locator(".scores").waitFor();
  expect(await flawsAtEachWidth(page, "match")).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test("its proof is checked in the browser, with the picture while that is kept", async () => {
  const { page, context, complaints } = await openWindow(browser, { still: true });
  await page.goto(`${app.url}/matches/${match.id}`);
  await page.getByRole("button", { name: "Verify this match" }).click();
  await page.getByText("verified here").waitFor();
  expect(await page.locator(".chain li .sr").allTextContents()).toEqual(Array.from({ length: 6 }, () => "passed"));
  expect(await page.locator(".chain").innerText()).toContain("The picture");
  expect(await flaws(page, "match-proof")).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();

  await app.platform.db.pool.query("UPDATE quake_replay SET document = NULL, pruned_at = '2026-11-20T00:00:00Z'");
  const later = await openWindow(browser, { still: true });
  await later.page.goto(`${app.url}/matches/${match.id}`);
  await later.page.getByText("is not kept any more since 2026-11-20").waitFor();
  await later.page.getByRole("button", { name: "Verify this match" }).click();
  await later.page.getByText("verified here").waitFor();
  expect(await later.page.locator(".chain li .sr").allTextContents()).toEqual(
    Array.from({ length: 5 }, () => "passed"),
  );
  await later.context.close();
});

test("a match that does not exist, and an id that is none, say so", async () => {
  const { page, context } = await openWindow(browser);
  await page.goto(`${app.url}/matches/quake_match_${"0".repeat(32)}`);
  await page.getByRole("heading", { name: "There is no such match" }).waitFor();
  await page.goto(`${app.url}/matches/nonsense`);
  await page.getByRole("alert").waitFor();
  await context.close();
});
