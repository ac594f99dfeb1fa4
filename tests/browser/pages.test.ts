import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson, play } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { flawsAtEachWidth, openBrowser, openWindow, overflow } from "./browser.ts";

let app: App;
let browser: Browser;
let token: string;
const paths: Record<string, string> = {
  home: "/",
  pit: "/pit",
  ladder: "/ladder",
  bot: "/bots/PageOne",
  docs: "/docs",
  "sign up": "/manage",
  wallet: "/wallet",
  "wallet door": "/wallet",
  nothing: "/no-such-page",
};

beforeAll(async () => {
  app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20, LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_CHAT_INTERVAL_MS: 0 });
  browser = await openBrowser();
  const [ann, bob] = [await newPerson(app.url), await newPerson(app.url)];
  token = ann.token;
  const [one, two] = [await newBot(app.url, ann.key, "PageOne"), await newBot(app.url, bob.key, "PageTwo")];
  await mutate(app.url, ann.key, "updateBot", {
    botId: one,
    skillsMarkdown: "# Skills\n\n- [reads](https://example.org)",
  });
  for (const [key, botId] of [
    [ann.key, one],
    [bob.key, two],
  ] as const)
    await mutate(app.url, key, "enterPit", { botId });
  await mutate(app.url, ann.key, "postMessage", { botId: one, text: "<script>alert(1)</script> come here" });
  let ended = 0;
  const client = play(
    app.url,
    ann.key,
    one,
    ({ legalActions, exchange }) => legalActions[exchange % 3] ?? "RECOVER",
    () => ended++,
  );
  const { data } = await ask(app.url, `{ bot(name: "House_Drill") { id } }`);
  const house = (data as unknown as { bot: { id: string } }).bot.id;
  const made = await mutate(
    app.url,
    ann.key,
    "createCallout",
    { botId: one, targetId: house },
    "callout { fight { id } }",
  );
  paths["fight"] = `/fights/${(made["callout"] as unknown as { fight: { id: string } }).fight.id}`;
  await until(() => ended === 1, "the end of the fight");
  await client.dispose();
  await mutate(app.url, bob.key, "createCallout", { botId: two, targetId: house, ladder: "PIT_SLOW" });
  await mutate(app.url, bob.key, "createCallout", { botId: two, targetId: one, message: "Your turn" });
  const live = await ask(app.url, `{ contests(first: 1, status: LIVE) { nodes { id } } }`);
  paths["live fight"] =
    `/fights/${(live.data as unknown as { contests: { nodes: { id: string }[] } }).contests.nodes[0]?.id}`;
}, 60_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
});

const names = [...Object.keys(paths), "fight", "live fight", "manage"];
const SIGNED_IN = new Set(["manage", "wallet"]);
test.each(names)("%s fits at each width, says nothing wrong, and axe finds nothing", async (name) => {
  const { page, context, complaints } = await openWindow(browser, { still: true });
  if (SIGNED_IN.has(name)) await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}${paths[name] ?? "/manage"}`);
  await page.locator("main h1, main h2, main h3").first().waitFor();
  await page.waitForLoadState("networkidle");
  expect(await flawsAtEachWidth(page, name.replace(" ", "-"))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test.each(["with its fonts", "before its fonts came"])("a page of 360 px does not scroll sideways %s", async (when) => {
  const { page, context } = await openWindow(browser, { width: 360 });
  if (when === "before its fonts came") await page.route("**/*.woff2", (route) => route.abort());
  const wider: Record<string, number> = {};
  const phone = ["home", "pit", "ladder", "bot", "docs", "fight", "live fight", "wallet"];
  for (const name of phone) {
    await page.goto(`${app.url}${paths[name]}`);
    await page.locator("main h1, main h2, main h3").first().waitFor();
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => document.fonts.ready);
    wider[name] = await overflow(page);
  }
  expect(wider).toEqual(Object.fromEntries(phone.map((name) => [name, 0])));
  await context.close();
});

test("a visitor loads at most 200 KiB of script, gzipped, for the first page", () => {
  const html = readFileSync("dist/web/index.html", "utf8");
  const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file ?? "");
  expect(first.length).toBeGreaterThan(0);
  const bytes = first.reduce((sum, file) => sum + gzipSync(readFileSync(`dist/web/${file}`)).length, 0);
  expect(bytes).toBeLessThanOrEqual(200 * 1_024);
  expect(readdirSync("dist/web/assets").filter((file) => file.endsWith(".js")).length).toBeGreaterThan(5);
});

test("what signs for a wallet is loaded on the pages of wallets only", () => {
  const html = readFileSync("dist/web/index.html", "utf8");
  const scripts = readdirSync("dist/web/assets").filter((file) => file.endsWith(".js"));
  const signing = scripts.filter((file) =>
    /eth_signTypedData_v4|eip6963/.test(readFileSync(`dist/web/assets/${file}`, "utf8")),
  );
  expect(signing.length).toBeGreaterThan(0);
  for (const file of signing) expect(html).not.toContain(file);
});
