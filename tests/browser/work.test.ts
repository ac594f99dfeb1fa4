import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorker, newWorkingBot, work, type Worker } from "../harness/work.ts";
import { become, claim, doTasks, run } from "../harness/workflows.ts";
import { runWorker } from "../../src/sdk/worker.ts";
import { flawsAtEachWidth, openBrowser, openWindow } from "./browser.ts";

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

async function nameOf({ key, botId }: Worker): Promise<string> {
  const query = "query($id: ID!) { node(id: $id) { ... on Bot { name } } }";
  const { data } = await ask(app.url, query, { id: botId }, { "x-api-key": key });
  return (data as unknown as { node: { name: string } }).node.name;
}

test("one starts a workflow, two workers do it, another window sees it live, and the approval is a click", async () => {
  const own = await newWorker(app.url);
  const other = { ...own, botId: await newWorkingBot(app.url, own.key) };
  const [lead, onlooker] = [await openWindow(browser), await openWindow(browser)];
  await Promise.all([signIn(lead.context, own), signIn(onlooker.context, own)]);
  await lead.page.goto(`${app.url}/workflows/new`);
  await lead.page.getByRole("button", { name: "Check" }).click();
  await lead.page.getByText("This is a workflow.").waitFor();
  await lead.page.getByRole("button", { name: "Define and start" }).click();
  await lead.page.waitForURL(/\/workflows\/workflow_/);
  await onlooker.page.goto(lead.page.url());
  await onlooker.page.getByRole("status").getByText("Running").waitFor();

  const ended = new AbortController();
  const workers = [own, other].map(async (each) =>
    runWorker({
      url: app.url,
      key: each.key,
      bot: await nameOf(each),
      signal: ended.signal,
      onTask: ({ title }) => ({ text: `${title}, done` }),
    }),
  );
  // What it is about is shown where it is decided.
  await lead.page.getByText("Write a draft, done").waitFor();
  await lead.page.getByRole("button", { name: "Approve Publish it?" }).click();
  for (const { page } of [lead, onlooker]) await page.getByRole("status").getByText("Completed").waitFor();
  ended.abort();
  expect((await Promise.all(workers)).reduce((sum, done) => sum + done)).toBe(2);
  expect([...lead.complaints, ...onlooker.complaints]).toEqual([]);
  await Promise.all([lead.context.close(), onlooker.context.close()]);
});

test("the editor says what is wrong while one writes, and the server says the rest with the step", async () => {
  const own = await newWorker(app.url);
  const { page, context } = await openWindow(browser);
  await signIn(context, own);
  await page.goto(`${app.url}/workflows/new`);
  const steps = page.getByLabel("Steps, JSON");
  await steps.fill("[");
  await page.getByText(/^This is not JSON/).waitFor();
  await steps.fill('[{ "key": "a", "title": "a", "after": ["b"] }, { "key": "b", "title": "b", "after": ["a"] }]');
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText("Steps wait for each other: a → b → a.").waitFor();
  await steps.fill('[{ "key": "a", "title": "a" }, { "key": "b", "title": "b", "capabilities": ["unknown"] }]');
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText("Step 2: No bot that could do b has unknown.").waitFor();
  await context.close();
});

test("a task is made by a form by keys alone, what is wrong is said at its field, and the board shows it live", async () => {
  const own = await newWorker(app.url, ["reading"]);
  const [maker, onlooker] = [await openWindow(browser), await openWindow(browser)];
  await Promise.all([signIn(maker.context, own), signIn(onlooker.context, own)]);
  await onlooker.page.goto(`${app.url}/work`);
  await onlooker.page.getByText("Nothing waits for a bot.").waitFor();
  const { page } = maker;
  await page.goto(`${app.url}/work`);
  await page.getByRole("link", { name: "New task" }).press("Enter");
  await page.waitForURL(/\/tasks\/new$/);
  const [title, input] = [page.getByLabel("Title", { exact: true }), page.getByLabel("Input, JSON", { exact: true })];
  await input.fill("{");
  await page.getByRole("button", { name: "Create the task" }).press("Enter");
  await page.getByText("Say what it is about.").waitFor();
  // The first field that is wrong has the focus.
  await title.and(page.locator(":focus")).waitFor();
  await title.fill("Read page 7");
  await input.fill('{ "page": "seven" }');
  await page.getByText("Check the input against a JSON Schema").press("Enter");
  await page
    .getByLabel("Schema of the input, JSON")
    .fill('{ "type": "object", "properties": { "page": { "type": "integer" } } }');
  await page.getByLabel("A bot must be able to do").fill("reading");
  await title.press("Enter");
  // The server's refusal stands at the field that it is about.
  await page.locator('textarea[name="payload"][aria-invalid="true"]').and(page.locator(":focus")).waitFor();
  await input.fill('{ "page": 7 }');
  await title.press("Enter");
  await page.waitForURL(/\/tasks\/task_/);
  await page.getByRole("status").getByText("Pending").waitFor();
  await onlooker.page.getByRole("link", { name: "Read page 7" }).waitFor();

  await claim(app.url, own);
  await page.getByRole("status").getByText("In progress").waitFor();
  await onlooker.page.locator(".cl", { hasText: "In progress" }).getByText("Read page 7").waitFor();
  await page.getByRole("button", { name: "Cancel the task" }).press("Enter");
  await page.getByRole("button", { name: "Cancel it" }).press("Enter");
  await page.getByRole("status").getByText("Cancelled").waitFor();
  expect([...maker.complaints, ...onlooker.complaints]).toEqual([]);
  await Promise.all([maker.context.close(), onlooker.context.close()]);
});

test("the public board is live, and is read again when tasks come and leave, not while bots go on with theirs", async () => {
  const [own, reader] = [await newWorker(app.url, ["turning"]), await newWorker(app.url)];
  const { page, context, complaints } = await openWindow(browser);
  await signIn(context, reader);
  const asked: string[] = [];
  page.on("request", (request) => {
    const said = `${request.url()} ${request.postData() ?? ""}`;
    if (said.includes("PublicBoard")) asked.push(said);
  });
  await page.goto(`${app.url}/work`);
  await page.getByRole("link", { name: "Public tasks" }).click();
  await page.getByRole("heading", { name: "Public tasks" }).waitFor();
  const about = { visibility: "PUBLIC", capabilities: ["turning"], title: "Turn it" };
  const taskId = await newTask(app.url, own.key, about);
  await page.locator(".cl", { hasText: "Pending" }).getByText("Turn it").waitFor();
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(2);
  // It is read again once a second at most: what came is read by then.
  await page.waitForTimeout(1_200);
  const before = asked.length;
  await work(app.url, own.key, "claimTask", { taskId, botId: own.botId, start: true });
  const begun = page.locator(".cl", { hasText: "In progress" });
  await begun.getByRole("link", { name: await nameOf(own) }).waitFor();
  await work(app.url, own.key, "heartbeatTask", { taskId, botId: own.botId, token: 1, percent: 40, note: "half" });
  await begun.getByText("40%, “half”").waitFor();
  await page.waitForTimeout(1_200);
  expect(asked.length).toBe(before);
  await work(app.url, own.key, "completeTask", { taskId, botId: own.botId, token: 1 });
  await page.locator(".cl", { hasText: "Closed" }).getByText("Turn it").waitFor();
  expect(asked.length).toBeGreaterThan(before);
  expect(complaints).toEqual([]);
  await context.close();
});

test("a task that failed is tried again from its page", async () => {
  const own = await newWorker(app.url);
  const taskId = await newTask(app.url, own.key, { title: "Hard", plan: { maxAttempts: 1 } });
  await doTasks(app.url, own, 1, () => {
    throw new Error("no");
  });
  const { page, context, complaints } = await openWindow(browser);
  await signIn(context, own);
  await page.goto(`${app.url}/tasks/${taskId}`);
  await page.getByRole("status").getByText("Failed").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("status").getByText("Pending").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

describe("every page of work", () => {
  let own: Worker;
  let runId: string;
  let taskId: string;
  beforeAll(async () => {
    own = await newWorker(app.url, ["reading"]);
    const steps = [
      { key: "read", title: "Read all of it", capabilities: ["reading"], forEach: "/input" },
      { key: "check", title: "Is it right?", approval: true, input: { found: "/steps/read" } },
      { key: "last", after: ["check"] },
    ];
    runId = await run(app.url, own.key, steps, { name: "Reading", input: ["a", "b"] });
    await doTasks(app.url, own, 2, () => "found");
    const failed = await run(app.url, own.key, [{ key: "gone" }], { name: "Gone" });
    await doTasks(app.url, own, 1, () => {
      throw new Error("no");
    });
    await become(app.url, own.key, failed, "FAILED");
    const about = { about: ["the anger", "of Achilles"], pages: 24 };
    taskId = await newTask(app.url, own.key, { title: "In hand", capabilities: ["reading"], payload: about });
    await claim(app.url, own);
    await newTask(app.url, own.key, { title: "Nobody's yet" });
  });

  test("fits at each width, says nothing wrong, and axe finds nothing", async () => {
    for (const [name, path, seen] of [
      ["work", "/work", "In hand"],
      ["run", `/workflows/${runId}`, "Is it right?"],
      ["editor", "/workflows/new", "Define and start"],
      ["task", `/tasks/${taskId}`, "In hand"],
      ["task-form", "/tasks/new", "Create the task"],
      ["public-tasks", "/tasks", "Nothing waits for a bot."],
      ["work-signed-out", "/work", "Work for your bots"],
    ] as const) {
      const { page, context, complaints } = await openWindow(browser, { still: true });
      if (name !== "work-signed-out") await signIn(context, own);
      await page.goto(`${app.url}${path}`);
      await page.getByText(seen).first().waitFor();
      await settled(page);
      expect([name, ...(await flawsAtEachWidth(page, name))]).toEqual([name]);
      expect(complaints).toEqual([]);
      await context.close();
    }
  });
});

/** Waits until the graph is drawn, where there is one. */
async function settled(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  if (page.url().includes("/workflows/")) await page.locator(".gstep").first().waitFor();
}
