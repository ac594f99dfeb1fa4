import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { openBrowser, openWindow, overflow, violations } from "./browser.ts";

/** Long enough for several browsers to bet one after the other. */
const POOL_OPEN_MS = 20_000;
const PATIENCE = { timeout: 15_000 };

let app: App;
let browser: Browser;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_POOL_OPEN_MS: POOL_OPEN_MS, LIMIT_CALLOUT_INTERVAL_MS: 0 });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await app.stop();
});

type Fighter = { key: string; token: string; botId: string };

async function newFighter(name: string): Promise<Fighter> {
  const { key, token } = await newPerson(app.url);
  const botId = await newBot(app.url, key, name);
  await mutate(app.url, key, "enterPit", { botId });
  return { key, token, botId };
}

/** A fight by callout that begins once its pool closes. */
async function announce(one: Fighter, two: Fighter): Promise<string> {
  const made = await mutate(
    app.url,
    one.key,
    "createCallout",
    { botId: one.botId, targetId: two.botId },
    "callout { id }",
  );
  const calloutId = (made["callout"] as unknown as { id: string }).id;
  const met = await mutate(app.url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
}

async function watch(fightId: string, token: string | null, width = 1440): ReturnType<typeof openWindow> {
  const window = await openWindow(browser, { width, still: true });
  if (token) await window.context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await window.page.goto(`${app.url}/fights/${fightId}`);
  await window.page.locator(".bet .odds").waitFor();
  return window;
}

const bettor = async () => {
  const { key, token } = await newPerson(app.url);
  await mutate(app.url, key, "claimFaucet", {});
  return token;
};
const purse = (page: Page) => expect.poll(() => page.locator(".purse .num").textContent(), PATIENCE);

test("two people bet on an announced fight, see the odds move and the pool close, and one is paid at once", async () => {
  const [ann, bob] = [await newFighter("Bet_Ann"), await newFighter("Bet_Bob")];
  const [cid, dee] = [await bettor(), await bettor()];
  const fightId = await announce(ann, bob);
  const windows = await Promise.all([watch(fightId, cid), watch(fightId, dee, 390)]);
  const [one, two] = windows.map(({ page }) => page) as [Page, Page];
  await one.getByText("Exhibition", { exact: true }).waitFor();
  await one.getByText(/closes in 0:\d\d/).waitFor();

  await one.getByText("Pays about, your stake included").waitFor();
  await one.getByRole("button", { name: "Bet 100,000 on Bet_Ann" }).click();
  await one.locator(".mine").getByText("Your bet").waitFor();
  await purse(one).toBe("900,000");
  // With bets on one side only a stake comes back.
  expect(await one.locator(".mine").textContent()).toContain("Pays now if it wins100,000");

  // The other one reads what has been bet without asking, and what a bet against it would pay.
  await two.locator(".bet .kv", { hasText: "Pool" }).getByText("100,000").waitFor();
  await two.locator(".pick").getByRole("button", { name: "Bet_Bob" }).click();
  await two.locator(".betform").getByText("194,000").waitFor();
  // What sticks to the window's edge covers a part of what is scrolled under it.
  await two.evaluate(() => scrollTo(0, 0));
  expect(await violations(two)).toEqual([]);
  expect(await overflow(two)).toBeLessThanOrEqual(0);
  await two.getByRole("button", { name: "Bet 100,000 on Bet_Bob" }).click();
  await two.locator(".mine").getByText("194,000").waitFor();
  await one.locator(".mine").getByText("194,000").waitFor();
  expect(await one.locator(".odds .big").allTextContents()).toEqual(["1.94", "1.94"]);

  for (const page of [one, two]) await page.getByText("Closed at exchange 1").waitFor({ timeout: 30_000 });
  expect(await one.locator(".betform").count()).toBe(0);
  await mutate(app.url, bob.key, "concedeFight", { botId: bob.botId, fightId });
  await one.locator(".mine").getByText("Won: paid").waitFor();
  await one.locator(".mine").getByText("194,000").waitFor();
  await two.locator(".mine").getByText("Lost").waitFor();
  await purse(one).toBe("1,094,000");
  await purse(two).toBe("900,000");

  await one.locator(".purse").click();
  const bet = one.locator(".betrows li", { hasText: "Bet_Ann v Bet_Bob" });
  await bet.getByText("Won", { exact: true }).waitFor();
  await bet.getByText("+94,000").waitFor();
  await one.locator(".ledger tr", { hasText: "Bet won" }).getByText("+194,000").waitFor();
  expect(await violations(one)).toEqual([]);
  for (const { context, complaints } of windows) {
    expect(complaints).toEqual([]);
    await context.close();
  }
}, 90_000);

test("an owner of a fighter, a visitor and a bet that is too small read why there is no bet", async () => {
  const name = `Ann_${Date.now() % 1_000_000}`;
  const [ann, bob] = [await newFighter(name), await newFighter(`No_${name}`)];
  const poor = await bettor();
  const fightId = await announce(ann, bob);
  const [owner, visitor, small] = await Promise.all([
    watch(fightId, ann.token),
    watch(fightId, null),
    watch(fightId, poor),
  ]);
  await owner.page.getByText(`${name} is yours`).waitFor();
  expect(await owner.page.getByRole("button", { name: `Bet 100,000 on ${name}` }).isDisabled()).toBe(true);
  await visitor.page.getByRole("link", { name: "Sign in to bet" }).waitFor();
  await small.page.getByLabel("Stake").fill("1,000");
  await small.page.getByRole("button", { name: `Bet 1,000 on ${name}` }).click();
  await small.page.getByRole("alert").getByText("A bet is 50,000 NORTH at least.").waitFor();
  await small.page.getByLabel("Stake").fill("2m");
  await small.page.getByRole("button", { name: `Bet 2,000,000 on ${name}` }).click();
  await small.page.getByRole("alert").getByText("500,000 in an exhibition").waitFor();
  for (const { page, context } of [owner, visitor, small]) {
    expect(await violations(page)).toEqual([]);
    await context.close();
  }
}, 60_000);

test("practice against the house has no pool, and the page says so", async () => {
  const ann = await newFighter("Practises");
  await mutate(app.url, ann.key, "joinQueue", { botId: ann.botId, ladder: "PIT", mode: "PRACTICE" });
  const { page, context } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: ann.token, url: app.url }]);
  await page.goto(`${app.url}/manage`);
  await page.getByRole("link", { name: "Watch its fight" }).click(PATIENCE);
  await page.getByText("Nobody can bet on practice.").waitFor();
  await context.close();
}, 60_000);
