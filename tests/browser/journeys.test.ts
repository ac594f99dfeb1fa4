import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { openBrowser, openWindow } from "./browser.ts";

let app: App;
let browser: Browser;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20, LIMIT_CALLOUT_INTERVAL_MS: 0 });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await app.stop();
});

async function fight(): Promise<{
  id: string;
  act: (round: number, exchange: number, actions: [string, string]) => Promise<void>;
  concede: () => Promise<unknown>;
}> {
  const people = [await newPerson(app.url), await newPerson(app.url)] as const;
  const suffix = Math.floor(Math.random() * 1e6);
  const bots = await Promise.all(people.map(({ key }, index) => newBot(app.url, key, `Live_${index}_${suffix}`)));
  const [one = "", two = ""] = bots;
  await mutate(app.url, people[0].key, "enterPit", { botId: one });
  await mutate(app.url, people[1].key, "enterPit", { botId: two });
  const made = await mutate(app.url, people[0].key, "createCallout", { botId: one, targetId: two }, "callout { id }");
  const calloutId = (made["callout"] as unknown as { id: string }).id;
  const met = await mutate(app.url, people[1].key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  const fightId = (met["callout"] as unknown as { fight: { id: string } }).fight.id;
  const submit = (index: 0 | 1, round: number, exchange: number, action: string) =>
    mutate(app.url, people[index].key, "submitFightAction", { botId: bots[index], fightId, round, exchange, action });
  return {
    id: fightId,
    act: async (round, exchange, [a, b]) => {
      await submit(0, round, exchange, a);
      await submit(1, round, exchange, b);
    },
    concede: () => mutate(app.url, people[1].key, "concedeFight", { botId: two, fightId }),
  };
}

const cards = (page: Page) => page.locator(".card .face strong").allTextContents();
const sealed = (page: Page) => page.locator(".card.sealed").count();

test("two browsers watch a live fight: both stay sealed until both moves are in, then both see them", async () => {
  const { id, act, concede } = await fight();
  const windows = await Promise.all([openWindow(browser), openWindow(browser, { width: 390, theme: "light" })]);
  for (const { page } of windows) {
    await page.goto(`${app.url}/fights/${id}`);
    await page.getByText("Both moves are awaited").first().waitFor();
    expect(await sealed(page)).toBe(2);
  }
  await act(1, 1, ["SWEEP_LOW", "GRAB"]);
  for (const { page } of windows) {
    await page
      .locator('.stage:is([data-phase="impact"], [data-phase="drain"], [data-phase="settle"], [data-phase="settled"])')
      .waitFor();
    expect(await cards(page)).toEqual(["Sweep low", "Grab"]);
    await page.locator(".rl2 tbody tr").first().waitFor();
    await countWithoutLog(page);
  }
  await act(1, 2, ["BLOCK_LOW", "KICK_LOW"]);
  for (const { page } of windows) {
    await page.locator(".rl2 tbody tr").nth(1).waitFor();
    expect(await page.evaluate("withoutLog")).toBe(0);
    expect(await cards(page)).toEqual(["Block low", "Kick low"]);
  }
  // Events that come at once are all there, whatever the page had time to draw.
  for (const exchange of [3, 4, 5, 6]) await act(1, exchange, ["RECOVER", "RECOVER"]);
  for (const { page } of windows) {
    await page.locator(".track button").nth(5).waitFor();
    expect(await page.locator(".track button").count()).toBe(6);
  }
  await concede();
  for (const { page, context, complaints } of windows) {
    await page.getByText(/wins$/).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  }
});

test("an ended fight is verified in the browser, and scrubbed with the keyboard", async () => {
  const { id, act, concede } = await fight();
  for (const exchange of [1, 2, 3]) await act(1, exchange, ["RECOVER", "BLOCK_HIGH"]);
  await concede();
  const { page, context, complaints } = await openWindow(browser);
  await page.goto(`${app.url}/fights/${id}`);
  await page.getByRole("button", { name: "Verify this fight" }).click();
  await page.getByText("verified here").waitFor();
  expect(await page.locator(".chain .ok").count()).toBe(5);
  await page.getByRole("button", { name: "Round 1, exchange 3" }).focus();
  await page.keyboard.press("Home");
  await page.getByText("R1 · 1").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByText("R1 · 2").waitFor();
  await page.keyboard.press("End");
  await page.getByText("R1 · 3").waitFor();
  // With nothing focused the arrows still move the fight, and Space plays it from the start without telling its end.
  await page.getByRole("button", { name: "Round 1, exchange 3" }).blur();
  await page.keyboard.press("ArrowLeft");
  await page.getByText("R1 · 2").waitFor();
  await page.locator(".result", { hasText: "wins" }).waitFor();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  expect(await page.locator(".result").getByText(/wins$/).count()).toBe(0);
  expect(complaints).toEqual([]);
  await context.close();
});

test("the Pit shows who comes and what is said as it happens, as text", async () => {
  const { page, context, complaints } = await openWindow(browser);
  await page.goto(`${app.url}/pit`);
  await page.getByText("House_Random").waitFor();
  const { key } = await newPerson(app.url);
  const botId = await newBot(app.url, key, "Talker");
  await mutate(app.url, key, "enterPit", { botId });
  await page.getByRole("link", { name: "Talker" }).first().waitFor();
  await mutate(app.url, key, "postMessage", { botId, text: "<img src=x onerror=alert(1)> hello" });
  await page.getByText("<img src=x onerror=alert(1)> hello").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("an owner speaks and calls out in the Pit with the bot of their choice, and answers", async () => {
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  const own = [await newBot(app.url, ann.key, "Ann_One"), await newBot(app.url, ann.key, "Ann_Two")];
  const other = await newBot(app.url, bob.key, "Bob_One");
  for (const botId of own) await mutate(app.url, ann.key, "enterPit", { botId });
  const { page, context, complaints } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: ann.token, url: app.url }]);
  await page.goto(`${app.url}/pit`);
  await page.getByLabel("Speak as").selectOption({ label: "Ann_Two" });
  await page.getByLabel("What Ann_Two says").fill("Who dares?");
  await page.getByRole("button", { name: "Say it" }).click();
  await page.locator(".chat li", { hasText: "Who dares?" }).getByRole("link", { name: "Ann_Two" }).waitFor();
  await mutate(app.url, bob.key, "enterPit", { botId: other });
  await page.locator(".here li", { hasText: "Bob_One" }).getByRole("button", { name: "Call out" }).click();
  await page.getByLabel("Challenger").selectOption({ label: "Ann_Two" });
  await page.getByLabel("Words, if any").fill("You there.");
  await page.getByRole("button", { name: "Ann_Two calls out Bob_One" }).click();
  const row = page.locator("li.call", { hasText: "You there." });
  await row.getByText(/open, 0:[0-5]\d/).waitFor();
  await row.getByRole("button", { name: "Take it back" }).click();
  await row.waitFor({ state: "detached" });
  await mutate(app.url, bob.key, "createCallout", { botId: other, targetId: own[0], ladder: "PIT_SLOW" });
  await page.getByRole("button", { name: "Accept" }).click();
  await page.locator(".bout", { hasText: "Bob_One" }).getByText("R1, exchange 1").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("an owner asks for a sealed fight, cannot do without one for a million, and its page says what it is", async () => {
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  const [one, two] = [await newBot(app.url, ann.key, "Seal_Ann"), await newBot(app.url, bob.key, "Seal_Bob")];
  await mutate(app.url, ann.key, "enterPit", { botId: one });
  await mutate(app.url, bob.key, "enterPit", { botId: two });
  const { page, context, complaints } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: ann.token, url: app.url }]);
  await page.goto(`${app.url}/pit`);
  await page.locator(".here li", { hasText: "Seal_Bob" }).getByRole("button", { name: "Call out" }).click();
  const tick = page.getByRole("checkbox", { name: /Sealed moves/ });
  expect([await tick.isChecked(), await tick.isDisabled()]).toEqual([false, false]);
  const wager = page.getByLabel("Wager, if any");
  await wager.fill("999,999");
  expect([await tick.isChecked(), await tick.isDisabled()]).toEqual([false, false]);
  await wager.fill("1,000,000");
  expect([await tick.isChecked(), await tick.isDisabled()]).toEqual([true, true]);
  await wager.fill("");
  await tick.check();
  await page.getByRole("button", { name: "Seal_Ann calls out Seal_Bob" }).click();
  await page.locator("li.call", { hasText: "Seal_Bob" }).getByText("Sealed").waitFor();
  const { data } = await ask(app.url, "{ pit { callouts(first: 1) { nodes { id sealed } } } }");
  const [callout] = (data as never as { pit: { callouts: { nodes: { id: string; sealed: boolean }[] } } }).pit.callouts
    .nodes;
  expect(callout?.sealed).toBe(true);
  const met = await mutate(app.url, bob.key, "acceptCallout", { calloutId: callout?.id }, "callout { fight { id } }");
  const fightId = (met["callout"] as unknown as { fight: { id: string } }).fight.id;
  await page.goto(`${app.url}/fights/${fightId}`);
  expect(await page.locator(".meta .tag", { hasText: "Sealed" }).getAttribute("title")).toContain("fingerprint");
  await mutate(app.url, bob.key, "concedeFight", { botId: two, fightId });
  expect(complaints).toEqual([]);
  await context.close();
});

test("the home page's poster and rows follow a live fight exchange by exchange", async () => {
  const { id, act, concede } = await fight();
  const { page, context, complaints } = await openWindow(browser);
  await page.goto(app.url);
  const row = page.locator(".rows .bout").filter({ has: page.locator(`a[href="/fights/${id}"]`) });
  await row.getByText("R1, exchange 1").waitFor();
  await page.locator(".poster").getByText("Round 1, exchange 1.").waitFor();
  await act(1, 1, ["SWEEP_LOW", "GRAB"]);
  await row.getByText("R1, exchange 2").waitFor();
  await page.locator(".poster").getByText("Sweep low").waitFor();
  expect(await page.locator(".poster .hn.b .hb i").getAttribute("style")).toBe("width: 80%;");
  await concede();
  await row.waitFor({ state: "detached", timeout: 20_000 });
  await page.locator(".res li").first().waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("GraphiQL opens without a network, with operations that the schema knows, and runs one", async () => {
  const { page, context, complaints } = await openWindow(browser);
  const outside: string[] = [];
  page.on(
    "request",
    (request) =>
      void (/^(?:blob|data):/.test(request.url()) || request.url().startsWith(app.url) || outside.push(request.url())),
  );
  await page.goto(`${app.url}/graphiql`);
  await page.getByText("query Live").first().waitFor();
  const source = await page.evaluate(() => document.documentElement.outerHTML);
  expect(source).toContain("LobbyEvents");
  await page.getByRole("button", { name: /execute/i }).click();
  await page.getByRole("menuitem", { name: "Live" }).click();
  await page.locator(".result-window").getByText("arenaStats").waitFor();
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

/** Counts in `withoutLog` how often the page was drawn without the log that it has now. */
const countWithoutLog = (page: Page) =>
  page.evaluate(() => {
    const counted = globalThis as unknown as { withoutLog: number };
    counted.withoutLog = 0;
    new MutationObserver(() => {
      if (!document.querySelector(".rl2")) counted.withoutLog += 1;
    }).observe(document.body, { childList: true, subtree: true });
  });
