import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { startTestApp } from "../harness/app.ts";
import { newWorker } from "../harness/work.ts";
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

/** The editor in a window of somebody who is signed in, its graph drawn. */
async function openEditor() {
  const { token } = await newWorker(app.url);
  const opened = await openWindow(browser);
  await opened.context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await opened.page.goto(`${app.url}/workflows/new`);
  await opened.page.locator(".gstep").first().waitFor();
  return opened;
}
type Step = { key: string; title: string; after?: string[]; input?: Record<string, unknown> };
const written = async (page: Page) =>
  JSON.parse(await page.getByLabel("Steps, JSON").inputValue()) as (Step & Record<string, unknown>)[];
const steps = (page: Page) => page.getByRole("region", { name: "Steps" });
const stepForm = (page: Page, number: number) => page.getByRole("form", { name: `Step ${number}` });
const edges = (page: Page) => page.locator(".react-flow__edge");

test("a workflow is built by keys alone, and text, list and graph say the same at each step", async () => {
  const { page, context, complaints } = await openEditor();
  expect(await edges(page).count()).toBe(3);
  await steps(page).getByRole("button", { name: "Publish it", exact: false }).last().press("Enter");
  await steps(page).getByRole("button", { name: "Add a step" }).press("Enter");
  // The new step stands behind the chosen one, and its title is what one types next.
  await page.locator('.stepform input[name="title"]:focus').waitFor();
  await page.keyboard.type("Tell the readers");
  expect((await written(page)).at(3)).toEqual({ key: "step-4", title: "Tell the readers", after: ["publish"] });
  const form = stepForm(page, 4);
  await form.getByLabel("Key").fill("publish");
  await form.getByText("Another step is called publish.").waitFor();
  expect((await written(page)).at(3)?.key).toBe("step-4");
  await form.getByLabel("Key").fill("tell");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await written(page)).at(3)?.key).toBe("tell");

  await form.getByLabel("Write a draft").press("Space");
  await expect.poll(async () => (await written(page)).at(3)?.after).toEqual(["publish", "write"]);
  await expect.poll(() => edges(page).count()).toBe(5);
  await form.getByLabel("Write a draft").press("Space");
  await form.getByRole("button", { name: "Give something" }).press("Enter");
  await form.getByLabel("Name").fill("text");
  await form.getByLabel("From").fill("/steps/publish");
  await page.keyboard.press("Enter");
  const given = { key: "tell", title: "Tell the readers", after: ["publish"], input: { text: "/steps/publish" } };
  await expect.poll(async () => (await written(page)).at(3)).toEqual(given);
  await form.getByLabel("Who does it").selectOption("person");
  await expect.poll(async () => (await written(page)).at(3)).toEqual({ ...given, approval: true });

  // Another name is another name wherever it is named.
  await steps(page).getByRole("button", { name: "Write a draft" }).press("Enter");
  await stepForm(page, 1).getByLabel("Key").fill("draft");
  await page.keyboard.press("Tab");
  await expect
    .poll(async () => (await written(page)).map(({ input }) => input))
    .toEqual([
      { about: "/input/about" },
      { draft: "/steps/draft" },
      { draft: "/steps/draft" },
      { text: "/steps/publish" },
    ]);

  await stepForm(page, 1).getByRole("button", { name: "Remove this step" }).press("Enter");
  // What is left wrong is said at each step that it is about, and the focus stays in the list.
  await page.locator('.steplist [aria-current="true"]:focus').waitFor();
  expect(await steps(page).getByText("It needs draft, which is no step.").count()).toBe(2);
  await expect.poll(() => page.locator(".gstep.failed").count()).toBe(2);
  expect((await written(page)).map(({ key }) => key)).toEqual(["check", "publish", "tell"]);
  expect(complaints).toEqual([]);
  await context.close();
});

test("steps are joined by a line in the graph and chosen by a press; what is typed as text is there as well", async () => {
  const { page, context, complaints } = await openEditor();
  await page.getByLabel("Steps, JSON").fill('[{ "key": "a", "title": "Alpha" }, { "key": "b", "title": "Beta" }]');
  await expect.poll(() => page.locator(".gstep").count()).toBe(2);
  expect(await edges(page).count()).toBe(0);
  await page
    .locator(".react-flow__node", { hasText: "Alpha" })
    .locator(".source")
    .dragTo(page.locator(".react-flow__node", { hasText: "Beta" }).locator(".target"));
  await expect
    .poll(() => written(page))
    .toEqual([
      { key: "a", title: "Alpha" },
      { key: "b", title: "Beta", after: ["a"] },
    ]);
  await page.locator(".gstep", { hasText: "Beta" }).click();
  await stepForm(page, 2).getByLabel("Begins after").or(stepForm(page, 2).getByLabel("Alpha")).first().waitFor();
  expect(await stepForm(page, 2).getByLabel("Alpha").isChecked()).toBe(true);
  await page.getByLabel("Steps, JSON").fill("[");
  await page.getByText("The steps are shown here again once their text can be read").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("what the server refuses is said at the step, until it is mended; then the workflow runs", async () => {
  const { page, context, complaints } = await openEditor();
  await steps(page).getByRole("button", { name: "Publish it?" }).click();
  await stepForm(page, 2).getByLabel("Who does it").selectOption("bot");
  await stepForm(page, 2).getByLabel("A bot must be able to do").fill("mind-reading");
  await page.getByRole("button", { name: "Check" }).click();
  const fault = steps(page).getByText("No bot that could do check has mind-reading.");
  await fault.waitFor();
  await page.locator(".gstep.failed", { hasText: "Publish it?" }).waitFor();
  await stepForm(page, 2).getByLabel("A bot must be able to do").fill("");
  await page.keyboard.press("Enter");
  await fault.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Define and start" }).click();
  await page.waitForURL(/\/workflows\/workflow_/);
  expect(complaints).toEqual([]);
  await context.close();
});
