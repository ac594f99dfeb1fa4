import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runWorker } from "../../src/sdk/worker.ts";
import { mutate } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTeam } from "../harness/teams.ts";
import { newWorker, type Worker } from "../harness/work.ts";
import { run } from "../harness/workflows.ts";
import { readNode } from "../harness/xp.ts";
import { openBrowser, openWindow } from "./browser.ts";

let app: App;
let browser: Browser;
beforeAll(async () => {
  app = await startTestApp();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await app.stop();
});

const signIn = (context: BrowserContext, { token }: Worker) =>
  context.addCookies([{ name: "agon_session", value: token, url: app.url }]);

test("who leads a team approves by a click what a mate's worker did, whose XP and achievement appear live in the mate's window", async () => {
  const [lead, mate] = [await newWorker(app.url, ["publishing"]), await newWorker(app.url, ["writing"])];
  const teamId = await newTeam(app.url, lead, mate);
  for (const { key, botId } of [lead, mate]) await mutate(app.url, key, "addTeamBot", { teamId, botId });
  const steps = [
    {
      key: "draft",
      title: "Write a draft",
      capabilities: ["writing"],
      forEach: "/input/chapters",
      input: { chapter: "/item" },
    },
    { key: "check", title: "Publish it?", approval: true, input: { drafts: "/steps/draft" } },
    { key: "publish", title: "Publish it", capabilities: ["publishing"], after: ["check"] },
  ];
  const runId = await run(app.url, lead.key, steps, { teamId, input: { chapters: ["one", "two"] } });
  const [leads, mates] = [await openWindow(browser), await openWindow(browser)];
  await Promise.all([signIn(leads.context, lead), signIn(mates.context, mate)]);
  await leads.page.goto(`${app.url}/workflows/${runId}`);
  await mates.page.goto(`${app.url}/xp`);
  await leads.page.getByRole("status").getByText("Running").waitFor();
  await mates.page.getByRole("heading", { level: 1 }).first().waitFor();

  // Who leads the team may end the run, a mate may watch it.
  await leads.page.getByRole("button", { name: "Pause" }).waitFor();
  const watching = await mates.context.newPage();
  await watching.goto(`${app.url}/workflows/${runId}`);
  await watching.getByRole("status").getByText("Running").waitFor();
  for (const name of ["Pause", "Cancel", "Approve Publish it?"])
    expect([name, await watching.getByRole("button", { name }).count()]).toEqual([name, 0]);
  await watching.close();

  const ended = new AbortController();
  const workers = [lead, mate].map(async ({ key, botId }) => {
    const { name } = await readNode<{ name: string }>(app.url, null, botId, "... on Bot { name }");
    const onTask = ({ title }: { title: string }) => ({ text: `${title}, done` });
    return runWorker({ url: app.url, key, bot: name, signal: ended.signal, onTask });
  });
  await leads.page.getByRole("button", { name: "Approve Publish it?" }).click();
  await leads.page.getByRole("status").getByText("Completed").waitFor();
  await mates.page.getByRole("status").getByText("Achievement unlocked: First Steps.").waitFor();
  await mates.page.locator(".ach .on", { hasText: "First Steps" }).waitFor();
  ended.abort();
  expect((await Promise.all(workers)).reduce((sum, done) => sum + done)).toBe(3);
  expect([...leads.complaints, ...mates.complaints]).toEqual([]);
  await Promise.all([leads.context.close(), mates.context.close()]);
});
