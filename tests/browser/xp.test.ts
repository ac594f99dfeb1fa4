import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, work } from "../harness/work.ts";
import { newReporter, readNode, report, type Reporter } from "../harness/xp.ts";
import { flaws, openBrowser, openWindow, violations, WIDTHS } from "./browser.ts";

let app: App;
let browser: Browser;
let who: Reporter;
let name: string;
beforeAll(async () => {
  app = await startTestApp();
  browser = await openBrowser();
  who = await newReporter(app);
  ({ name } = await readNode<{ name: string }>(app.url, null, who.botId, "... on Bot { name }"));
  await mutate(app.url, who.key, "updateBot", { botId: who.botId, capabilities: ["code-review"] });
  const founding = `mutation { foundTeam(input: { name: "Night Shift" }) { ... on FoundTeamSuccess { team { id } } } }`;
  const { data } = await ask(app.url, founding, {}, { authorization: `Bearer ${who.token}` });
  const teamId = (data as unknown as { foundTeam: { team: { id: string } } }).foundTeam.team.id;
  await mutate(app.url, who.report, "addTeamBot", { teamId, botId: who.botId });
  for (let day = 20; day >= 1; day--) {
    const occurredAt = new Date(Date.now() - day * 86_400_000).toISOString();
    const quality = 0.7 + (day % 4) / 10;
    const facts = { occurredAt, durationMs: 20_000 + 3_000 * day, skills: ["code-review"], responseQuality: quality };
    await report(app.url, who, { ...facts, complexity: "COMPLEX", success: day % 6 !== 0 });
  }
}, 60_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
});

test.each(WIDTHS)(
  "the dashboard at %i px: level, chart, forecast, achievements; nothing for axe to find, nothing cut off",
  async (width) => {
    const { page, context, complaints } = await openWindow(browser, { width, still: true });
    await context.addCookies([{ name: "agon_session", value: who.token, url: app.url }]);
    await page.goto(`${app.url}/xp`);
    await page.getByRole("heading", { name: /^\d+ XP$/ }).waitFor();
    await page.getByText(/XP to go, level \d+ about \d+ \w+/).waitFor();
    await page.locator(".chart canvas").waitFor();
    await page.locator(".ach .on", { hasText: "First Steps" }).waitFor();
    const team = page.getByRole("region", { name: "Board of Night Shift" });
    await team.getByRole("row", { name: new RegExp(name) }).waitFor();
    await page.getByRole("group", { name: "Order of Night Shift" }).getByRole("button", { name: "7 days" }).click();
    // On small screens the account is among the tabs.
    await page.locator(".acct").waitFor({ state: "attached" });
    expect(await flaws(page, `xp-${width}`)).toEqual([]);
    await page.getByRole("button", { name, exact: true }).click();
    await page.locator(".facts", { hasText: "of 20 tasks" }).waitFor();
    await page.locator(".xpskills", { hasText: "code-review" }).waitFor();
    expect(await flaws(page, `xp-bot-${width}`)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  },
  60_000,
);

test("XP and an achievement appear live when a worker is done", async () => {
  const { page, context } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: who.token, url: app.url }]);
  await page.goto(`${app.url}/xp`);
  const heading = page.getByRole("heading", { name: /^\d+ XP$/ });
  await heading.waitFor();
  const before = Number.parseInt((await heading.textContent()) ?? "", 10);
  await app.platform.db.pool.query(`UPDATE xp_user SET counters = counters || '{"fast": 9}' WHERE user_id = $1::uuid`, [
    who.userId.slice(-32),
  ]);
  const key = await newKey(app.url, who.token, ["WORK"]);
  const taskId = await newTask(app.url, key);
  const { task } = await work(app.url, key, "claimTask", { botId: who.botId, taskId, start: true });
  await work(app.url, key, "completeTask", { botId: who.botId, taskId, token: task.lease?.token });
  await page.getByRole("status").getByText("Achievement unlocked: Speed Demon.").waitFor();
  await expect
    .poll(async () => Number.parseInt((await heading.textContent()) ?? "", 10), { timeout: 10_000 })
    .toBe(before + 20);
  await page.locator(".ach .on", { hasText: "Speed Demon" }).waitFor();
  await context.close();
});

test("a bot is recommended for a task told in words, and privacy is set by a choice", async () => {
  const { page, context } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: who.token, url: app.url }]);
  await page.goto(`${app.url}/xp`);
  await page.getByLabel("The task in words").fill("A code review, please");
  await page.getByRole("button", { name: "Recommend bots" }).click();
  await page.locator(".rec", { hasText: name }).getByText("did this often, and well").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("Levels and boards").selectOption("PRIVATE");
  await expect
    .poll(() => readNode(app.url, null, who.botId, "... on Bot { xp { total } }"), { timeout: 10_000 })
    .toEqual({ xp: null });
  const visitor = await openWindow(browser);
  await visitor.page.goto(`${app.url}/xp/${name}`);
  await visitor.page.getByRole("heading", { name: `${name} shows no XP` }).waitFor();
  await page.getByLabel("Levels and boards").selectOption("PUBLIC");
  await expect
    .poll(() => readNode(app.url, null, who.botId, "... on Bot { xp { shown } }"), { timeout: 10_000 })
    .toEqual({ xp: { shown: "PUBLIC" } });
  await visitor.page.goto(`${app.url}/bots/${name}`);
  await visitor.page.getByRole("link", { name: /^Level \d+, / }).click();
  await visitor.page.getByRole("heading", { name: /^\d+ XP$/ }).waitFor();
  expect(await violations(visitor.page)).toEqual([]);
  await Promise.all([context.close(), visitor.context.close()]);
});
