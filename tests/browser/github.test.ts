import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { BROKEN, filesIn } from "../harness/code-battle.ts";
import { startGitHub, type GitHubServer } from "../harness/github.ts";
import { flaws, openBrowser, openWindow, WIDTHS } from "./browser.ts";
import { letFight, makeBattle } from "./code-page.ts";

let app: App;
let hub: GitHubServer;
let browser: Browser;
let dataDir: string;
let token: string;
let battle = "";
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-github-web-"));
  [hub, browser] = [await startGitHub(), await openBrowser()];
  app = await startTestApp({}, {}, { DATA_DIR: dataDir, ...hub.settings });
  const person = await newPerson(app.url, "octocoder");
  token = person.token;
  for (const name of ["Git_Scribe", "Git_Tinker"]) await newBot(app.url, person.key, name);
  hub.repository("acme/sums", filesIn(BROKEN));
  hub.repository("acme/others", filesIn(BROKEN), false);
  const octo = hub.person("octo");
  Object.assign(octo.may, { "acme/sums": "write", "acme/others": "read" });
}, 60_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
  await hub.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Sandboxes are many processes: on a busy machine a battle takes its time. */
const WAIT_MS = 180_000;

test("a person connects GitHub, picks a private repository, and opens a pull request of the winner", {
  timeout: 400_000,
}, async () => {
  const { page, context, complaints } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  const octo = hub.people.get("octo");
  if (!octo) throw new Error("octo is there");
  // The person says yes at GitHub, which sends the browser back.
  await page.route(`${hub.url}/github-apps/**`, (route) =>
    route.fulfill({
      status: 302,
      headers: { location: `${app.url}${hub.back(octo, route.request().url(), hub.installation("acme").id)}` },
    }),
  );
  await page.goto(`${app.url}/code`);
  await page.getByRole("button", { name: "Connect GitHub" }).click();
  await page.getByText("GitHub is connected.").waitFor();
  await page.getByRole("button", { name: "Battle on it: acme/sums" }).click();
  await makeBattle(page, "acme/sums");
  await letFight(page, "Git_Scribe", "Git_Tinker");
  await page.getByRole("heading", { name: "Result" }).waitFor({ timeout: WAIT_MS });
  await page.getByRole("button", { name: "Push the branches" }).click();
  await page.getByRole("button", { name: "Open a pull request of Git_Tinker" }).click({ timeout: WAIT_MS });
  await page.getByRole("link", { name: "pull request" }).waitFor();
  expect(hub.pulls).toMatchObject([{ repository: "acme/sums", base: "main" }]);
  expect(hub.wrong).toEqual([]);
  battle = new URL(page.url()).pathname;
  expect(complaints).toEqual([]);
  await context.close();
});

describe.each(WIDTHS)("at %i px", (width) => {
  test.each(["picker", "battle"])("the %s fits, says nothing wrong, and axe finds nothing", async (name) => {
    const { page, context, complaints } = await openWindow(browser, { width, still: true });
    await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
    await page.goto(`${app.url}${name === "battle" ? battle : "/code?github=CONNECTED"}`);
    await page.getByText(name === "battle" ? "Open a pull request of Git_Scribe" : "GitHub is connected.").waitFor();
    await page.waitForLoadState("networkidle");
    expect(await flaws(page, `github-${name}-${width}`)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
