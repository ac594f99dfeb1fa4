import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { BROKEN, FIX, newGladiator, repositoryWith, reviewed, startBattle } from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { flawsAtEachWidth, openBrowser, openWindow } from "./browser.ts";
import { letFight, makeBattle } from "./code-page.ts";

let app: App;
let git: GitServer;
let browser: Browser;
let dataDir: string;
let token: string;
let battle = "";
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-code-"));
  [git, browser] = [await startGitServer(), await openBrowser()];
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
  const person = await newPerson(app.url, "coder");
  token = person.token;
  for (const name of ["Web_Scribe", "Web_Tinker"]) await newBot(app.url, person.key, name);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const WAIT_MS = 90_000;

test("a person adds a repository, looks at its set-up, lets two gladiators fight and sees who wins", {
  timeout: 150_000,
}, async () => {
  const { page, context, complaints } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/code`);
  await page.getByLabel("Repository").fill(repositoryWith(git, "sums", BROKEN));
  await page.getByRole("button", { name: "Add the repository" }).click();
  expect(await page.getByLabel("Test command").inputValue()).toBe("npm test");
  await makeBattle(page, "sums");
  await letFight(page, "Web_Scribe", "Web_Tinker");
  await page.getByText("I replaced").first().waitFor({ timeout: WAIT_MS });
  await page.getByRole("heading", { name: "Result" }).waitFor({ timeout: WAIT_MS });
  const winner = page.getByRole("row", { name: /^1 Web_Tinker/ });
  await winner.waitFor();
  await page.getByRole("row", { name: /finds the larger one failed passed failed/ }).waitFor();
  const changes = page.locator("section").filter({ has: page.getByRole("heading", { name: "Changes" }) });
  await changes.getByText("(a > b ? a : b)").waitFor();
  const moment = page.getByRole("slider", { name: "Moment of the battle" });
  await moment.focus();
  await page.keyboard.press("Home");
  await page.getByText("I replaced").first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByText("I replaced").first().waitFor();
  await page.getByRole("button", { name: "Push the branches" }).click();
  await page.getByText("agon branch").first().waitFor({ timeout: WAIT_MS });
  battle = new URL(page.url()).pathname;
  expect(complaints).toEqual([]);
  await context.close();
});

test("an invitation is answered on the page of battles", { timeout: 60_000 }, async () => {
  const inviter = await newPerson(app.url, "inviter");
  const url = repositoryWith(git, "guests", BROKEN);
  const repositoryId = await reviewed(app.url, inviter.key, { url, private: true });
  const plan = { repositoryId, prompt: "p" };
  const made = await mutate(app.url, inviter.key, "createCodeBattle", plan, "battle { id }");
  const { id: battleId } = made["battle"] as unknown as { id: string };
  const { data } = await ask(app.url, `{ bot(name: "Web_Scribe") { id } }`);
  const { id: botId } = (data as unknown as { bot: { id: string } }).bot;
  await mutate(app.url, inviter.key, "inviteGladiator", { battleId, botId });
  const { page, context, complaints } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/code`);
  const row = page.getByRole("listitem").filter({ hasText: "Web_Scribe by inviter" });
  await row.getByText("guests").waitFor();
  await row.getByRole("button", { name: "Accept" }).click();
  await row.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "guests" }).click();
  await page.getByRole("heading", { level: 1, name: "guests" }).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("a person votes on changes by letter, then sees whose they are, and who won when the votes have been taken", {
  timeout: 150_000,
}, async () => {
  const maker = await newPerson(app.url, "maker");
  const repositoryId = await reviewed(app.url, maker.key, { url: repositoryWith(git, "voted", BROKEN) });
  const shell = (text: string) => ({ kind: "COMMAND", command: ["sh", "-c", text] });
  const bots = [
    await newGladiator(app.url, maker.key, "Blind_Fixer", shell(FIX)),
    await newGladiator(app.url, maker.key, "Blind_Other", shell("echo // other >> sums.js")),
  ];
  const plan = { repositoryId, prompt: "p", votes: true, votesMs: 3_600_000 };
  const id = await startBattle(app.url, maker.key, plan, bots);
  const { page, context, complaints } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/code/${id}`);
  const ballot = page.locator("section.ballot");
  await ballot.getByText("Entry B").first().waitFor({ timeout: WAIT_MS });
  await ballot.getByText("(a, b) => a - b").first().waitFor();
  const told = await ballot.innerText();
  expect([told.includes("Blind_"), await page.getByRole("heading", { name: "Changes" }).count()]).toEqual([false, 0]);
  expect(await flawsAtEachWidth(page, "code-ballot")).toEqual([]);
  await ballot.getByRole("button", { name: "Vote for A" }).click();
  await ballot.getByText("You have voted.").waitFor();
  await page.getByRole("heading", { name: "Changes" }).waitFor();
  expect(await page.getByRole("heading", { name: "Result" }).count()).toBe(0);
  await app.platform.db.pool.query("UPDATE code_battle SET votes_until = now() WHERE votes_until > now()");
  await page.getByRole("row", { name: /^1 Blind_Fixer/ }).waitFor({ timeout: WAIT_MS });
  await page.getByRole("columnheader", { name: "Votes" }).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test.each(["battles", "battle"])("the page of %s fits at each width, and axe finds nothing", async (name) => {
  const { page, context, complaints } = await openWindow(browser, { still: true });
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}${name === "battle" ? battle : "/code"}`);
  await page.locator("main h2").first().waitFor();
  await page.waitForLoadState("networkidle");
  expect(await flawsAtEachWidth(page, `code-${name}`)).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});
