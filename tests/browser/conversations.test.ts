import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { flaws, openBrowser, openWindow, WIDTHS } from "./browser.ts";

let app: App;
let browser: Browser;
let publisher: { handle: string; token: string; key: string };
let reader: { handle: string; token: string; key: string };
beforeAll(async () => {
  app = await startTestApp();
  browser = await openBrowser();
  [publisher, reader] = [await newPerson(app.url), await newPerson(app.url)];
  await newBot(app.url, publisher.key, "Talker");
}, 60_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
});

async function open(token: string, width: number, path: string) {
  const { page, context, complaints } = await openWindow(browser, { width, still: true });
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}${path}`);
  return { page, context, complaints };
}

const TRANSCRIPT = [
  { role: "user", text: "Mend **sum.js**" },
  {
    role: "assistant",
    text: "# It subtracts\n\n<img src=x onerror=alert(1)> [a link](javascript:alert(1))",
    toolCalls: [{ name: "edit", input: { path: "sum.js" }, output: "done" }],
  },
];
const lines = TRANSCRIPT.map((line) => JSON.stringify(line)).join("\n");

async function publish(page: Page, title: string): Promise<void> {
  await page.getByLabel("Title").fill(title);
  await page.getByRole("textbox", { name: "Tags" }).fill("mending review");
  await page.getByLabel("Bot", { exact: true }).selectOption({ label: "Talker" });
  await page.getByLabel("Who finds it").selectOption("PUBLIC");
  await page.getByLabel("or pasted here").fill(lines);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("heading", { name: title, level: 1 }).waitFor();
}

test.each(WIDTHS)(
  "at %i px somebody publishes, another comments, reacts and follows; nothing for axe to find, nothing cut off",
  async (width) => {
    const title = `<b>Mending</b> at ${width}`;
    const one = await open(publisher.token, width, "/");
    await one.page.locator("a[href='/conversations']:visible").first().click();
    await one.page.getByRole("heading", { name: "Conversations", level: 1 }).waitFor();
    expect(await flaws(one.page, `conversations-${width}`)).toEqual([]);
    await publish(one.page, title);
    const { pathname } = new URL(one.page.url());
    await one.page.getByText("edit", { exact: true }).click();
    await one.page.getByText('"path": "sum.js"').last().waitFor();
    expect(await one.page.locator(".turns img, .turns a[href^='javascript']").count()).toBe(0);
    expect(await flaws(one.page, `conversation-${width}`)).toEqual([]);

    const two = await open(reader.token, width, pathname);
    await two.page.getByLabel("Your comment").fill("Well done");
    await two.page.getByRole("button", { name: "Comment", exact: true }).click();
    // Told to the one who published, without reading the page again.
    await one.page.locator(".said", { hasText: "Well done" }).waitFor();
    const like = two.page
      .getByRole("group", { name: "Reactions to the conversation" })
      .getByRole("button", { name: "Like" });
    await like.click();
    await expect.poll(() => like.getAttribute("aria-pressed"), { timeout: 10_000 }).toBe("true");
    expect(await flaws(two.page, `conversation-read-${width}`)).toEqual([]);

    await two.page.locator("main").getByRole("link", { name: publisher.handle }).first().click();
    const [follow, following] = ["Follow", "Following"].map((word) =>
      two.page.getByRole("button", { name: `${word} ${publisher.handle}`, exact: true }),
    ) as [Locator, Locator];
    await follow.click();
    await following.waitFor();
    expect(await flaws(two.page, `person-${width}`)).toEqual([]);
    await two.page.goto(`${app.url}/bots/Talker`);
    await two.page.getByRole("button", { name: "Follow Talker" }).waitFor();
    await two.page.goto(`${app.url}/people/${publisher.handle}`);
    await two.page.getByRole("link", { name: /follower/ }).click();
    await two.page.getByRole("list", { name: "Followers" }).getByText(reader.handle).waitFor();
    expect(await flaws(two.page, `followers-${width}`)).toEqual([]);
    await two.page.getByRole("link", { name: reader.handle, exact: true }).click();
    await two.page.getByRole("link", { name: /follower/ }).click();
    await two.page.getByRole("list", { name: "Follows people" }).getByText(publisher.handle).waitFor();
    await two.page.goto(`${app.url}/`);
    await two.page.getByRole("heading", { name: "From those you follow" }).waitFor();
    await two.page.getByRole("link", { name: title }).waitFor();
    await two.page.goto(`${app.url}/people/${publisher.handle}`);
    await following.click();
    await follow.waitFor();
    expect([...one.complaints, ...two.complaints]).toEqual([]);
    await Promise.all([one.context.close(), two.context.close()]);
  },
  120_000,
);

test("comments are paged back from the newest", async () => {
  const input = { title: "Much said", transcript: lines, visibility: "PUBLIC" };
  const made = await mutate(app.url, publisher.key, "publishConversation", input, "conversation { id }");
  const { id } = made["conversation"] as unknown as { id: string };
  await app.platform.db.pool.query(
    `WITH said AS (
       INSERT INTO conversation_comment (id, conversation_id, author_id, text, created_at)
       SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, c.id, c.publisher_id, 'Words ' || n || '.', now()
       FROM conversation c, generate_series(1, 120) n WHERE c.title = 'Much said' RETURNING 1
     ) UPDATE conversation SET comments = (SELECT count(*) FROM said) WHERE title = 'Much said'`,
  );
  const { page, context } = await open(reader.token, 1440, `/conversations/${id}`);
  const said = page.getByRole("list", { name: "Comments" });
  await said.getByText("Words 71.").waitFor();
  expect(await said.getByText("Words 70.").count()).toBe(0);
  await page.getByRole("button", { name: "Earlier comments" }).click();
  await said.getByText("Words 21.").waitFor();
  await page.getByRole("button", { name: "Earlier comments" }).press("Enter");
  await said.getByText("Words 1.", { exact: true }).waitFor();
  expect(await said.locator("li .prewrap").allTextContents()).toEqual(
    Array.from({ length: 120 }, (_none, n) => `Words ${n + 1}.`),
  );
  await context.close();
});

test("a report reaches an operator, who hides it", async () => {
  const made = await mutate(
    app.url,
    publisher.key,
    "publishConversation",
    { title: "To be hidden", visibility: "PUBLIC", transcript: TRANSCRIPT },
    "conversation { id }",
  );
  const { id } = made["conversation"] as unknown as { id: string };
  const told = await open(reader.token, 1440, `/conversations/${id}`);
  await told.page.getByText("Report this conversation").click();
  await told.page.getByLabel("Why it should not be there").fill("It is spam");
  await told.page.getByRole("button", { name: "Report", exact: true }).click();
  await told.page.getByText("Reported. An operator will look at it.").waitFor();
  const operator = await newPerson(app.url);
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [operator.handle]);
  const { page, context } = await open(operator.token, 1440, "/conversations");
  await page.getByRole("link", { name: "Reports" }).click();
  await page.getByText("Because: It is spam").waitFor();
  expect(await flaws(page, "reports-1440")).toEqual([]);
  await page.getByLabel("Your reason").fill("Spam");
  await page.getByRole("button", { name: "Hide it" }).click();
  await page.getByText("Nothing is reported").waitFor();
  await told.page.reload();
  await told.page.getByRole("heading", { name: "There is no such conversation" }).waitFor();
  await Promise.all([context.close(), told.context.close()]);
}, 60_000);
