import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { freePort } from "../harness/process.ts";
import { openBrowser, openWindow, violations } from "./browser.ts";
import { openLine, type Line } from "../harness/line.ts";

let line: Line;
let app: App;
let server: string;
let browser: Browser;
beforeAll(async () => {
  line = await openLine();
  const limits = { LIMIT_CHAT_INTERVAL_MS: 0, LIMIT_CALLOUT_INTERVAL_MS: 0 };
  const port = await freePort();
  server = `http://127.0.0.1:${port}`;
  app = await startTestApp(limits, {}, { PUBLIC_ORIGIN: line.url, PORT: String(port) });
  line.lead(server);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await line.stop();
  await app.stop();
});

test("a page that is cut off keeps what it shows, says since when, and goes on without a gap or a repetition", async () => {
  const { key } = await newPerson(server);
  const botId = await newBot(server, key, "Talker");
  await mutate(server, key, "enterPit", { botId });
  const say = (text: string) => mutate(server, key, "postMessage", { botId, text });
  await say("before the cut");
  const { page, context } = await openWindow(browser);
  await page.goto(`${line.url}/pit`);
  await page.getByText("before the cut").waitFor();
  await say("just before the cut");
  await page.getByText("just before the cut", { exact: true }).waitFor();
  line.cut();
  await page.getByText(/Offline since \d\d:\d\d/).waitFor();
  expect(await page.getByText("before the cut", { exact: true }).isVisible()).toBe(true);
  for (const text of ["in the dark 1", "in the dark 2", "in the dark 3"]) await say(text);
  line.mend();
  await page.getByText("in the dark 3").waitFor();
  await page.getByText(/Offline since/).waitFor({ state: "detached" });
  await say("in the light");
  await page.getByText("in the light").waitFor();
  const said = await page.locator(".chat li p").allTextContents();
  expect(said).toEqual([
    "in the light",
    "in the dark 3",
    "in the dark 2",
    "in the dark 1",
    "just before the cut",
    "before the cut",
  ]);
  await context.close();
});

test("a page whose line falls silent without a word notices it, and goes on without a gap or a repetition", async () => {
  const { key } = await newPerson(server);
  const botId = await newBot(server, key, "Unheard");
  await mutate(server, key, "enterPit", { botId });
  const say = (text: string) => mutate(server, key, "postMessage", { botId, text });
  const { page, context } = await openWindow(browser);
  await page.goto(`${line.url}/pit`);
  await say("before the silence");
  await page.getByText("before the silence", { exact: true }).waitFor();
  // What a page asks again when it is looked at must not bring what its socket misses.
  await page.route("**/graphql", (route) => route.abort());
  line.hush();
  for (const text of ["into the silence 1", "into the silence 2"]) await say(text);
  await page.getByText("into the silence 2", { exact: true }).waitFor({ timeout: 50_000 });
  const said = await page.locator(".chat li p").allTextContents();
  expect(said.slice(0, 3)).toEqual(["into the silence 2", "into the silence 1", "before the silence"]);
  await context.close();
});

test("a live fight that was cut off shows when it was last seen, then every exchange that it missed", async () => {
  const people = [await newPerson(server), await newPerson(server)] as const;
  const bots = [await newBot(server, people[0].key, "Cut_A"), await newBot(server, people[1].key, "Cut_B")] as const;
  for (const side of [0, 1] as const) await mutate(server, people[side].key, "enterPit", { botId: bots[side] });
  const input = { botId: bots[0], targetId: bots[1], ladder: "PIT_SLOW" };
  const made = await mutate(server, people[0].key, "createCallout", input, "callout { id }");
  const calloutId = (made["callout"] as unknown as { id: string }).id;
  const met = await mutate(server, people[1].key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  const fightId = (met["callout"] as unknown as { fight: { id: string } }).fight.id;
  const act = async (exchange: number) => {
    for (const side of [0, 1] as const)
      await mutate(server, people[side].key, "submitFightAction", {
        ...{ botId: bots[side], fightId, round: 1, exchange, action: "RECOVER" },
      });
  };
  const { page, context } = await openWindow(browser, { still: true });
  await page.goto(`${line.url}/fights/${fightId}`);
  await page.getByText("Both moves are awaited").first().waitFor();
  await act(1);
  await page.locator(".track button").first().waitFor();
  line.cut();
  await page
    .getByText(/Last seen \d\d:\d\d/)
    .first()
    .waitFor();
  await page.getByText(/Offline since \d\d:\d\d/).waitFor();
  for (const exchange of [2, 3, 4]) await act(exchange);
  line.mend();
  await page.locator(".track button").nth(3).waitFor();
  expect(await page.locator(".track button").count()).toBe(4);
  await page.locator(".meta .tag.live").waitFor();
  await context.close();
});

test("an answer that fails names the request and is asked again", async () => {
  const { page, context } = await openWindow(browser);
  let broken = true;
  await page.route("**/graphql", (route) =>
    broken
      ? route.fulfill({ status: 503, headers: { "x-request-id": "7c1f" }, contentType: "text/plain", body: "no" })
      : route.continue(),
  );
  await page.goto(`${line.url}/pit`);
  await page.getByText("The server answered 503.").waitFor();
  await page.getByText("req 7c1f").waitFor();
  broken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("House_Random").waitFor();
  await context.close();
});

test("what a stream does not keep any more is a row of its own, and the present state stands beside it", async () => {
  const { key } = await newPerson(server);
  const botId = await newBot(server, key, "Gone_By");
  await mutate(server, key, "enterPit", { botId });
  const { page, context } = await openWindow(browser);
  // What the page reads first is as old as the test wants: a cursor of a database that was restored since.
  await page.route("**/graphql", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/(?<="cursor":")[^"]+/g, otherEpoch);
    await route.fulfill({ response: answer, body });
  });
  await page.goto(`${line.url}/pit`);
  await page.locator(".gaprow").waitFor();
  expect(await page.locator(".gaprow").textContent()).toMatch(/events? (is|are) not kept/);
  // A page polls on: what is asked while the window closes is nobody's any more.
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
});

/** The same place in the stream of a database that is not this one. */
function otherEpoch(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  return Buffer.from(text.replace(/^[0-9a-f]{8}/, "ffffffff")).toString("base64url");
}

test("a visitor whose address has used up its points sees for how long, and the page comes by itself", async () => {
  const { page, context } = await openWindow(browser);
  const spent = {
    message: "You have used up your points of this minute.",
    extensions: { code: "RATE_LIMITED", hint: "Wait retryAfterMs, then try again.", retryAfterMs: 3_000 },
  };
  let asked = 0;
  await page.route("**/graphql", async (route) => {
    const { operationName } = route.request().postDataJSON() as { operationName: string };
    if (operationName !== "LadderPage" || ++asked >= 3) return route.continue();
    return route.fulfill({ json: { errors: [spent] } });
  });
  await page.goto(`${line.url}/ladder`);
  await page.getByText(/This page comes by itself in \d s\./).waitFor();
  expect(await violations(page)).toEqual([]);
  await expect.poll(() => asked, { timeout: 15_000 }).toBe(3);
  await page.getByText("This page comes by itself").waitFor({ state: "detached" });
  await page.getByText("Nobody is ranked yet").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
  await context.close();
});
