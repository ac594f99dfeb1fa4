import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { flaws, flawsAtEachWidth, openBrowser, openWindow, WIDTHS } from "./browser.ts";

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

type Owner = { key: string; token: string; botId: string; name: string };
let owners = 0;
async function newOwner(): Promise<Owner> {
  const { key, token } = await newPerson(app.url);
  const name = `Coder_${owners++}`;
  return { key, token, name, botId: await newBot(app.url, key, name) };
}

/** A window of the owner on the strategies of the bot. */
async function workshop({ token, name }: Owner, width = 1440) {
  const opened = await openWindow(browser, { width, still: true });
  await opened.context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await opened.page.goto(`${app.url}/bots/${name}/strategies`);
  await source(opened.page).waitFor();
  return opened;
}

const source = (page: Page) => page.getByRole("textbox", { name: "Source of the strategy" });
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

async function write(page: Page, text: string): Promise<void> {
  await source(page).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

type Stored = { version: number; active: boolean; source: string };
async function stored({ key, botId }: Owner): Promise<Stored[]> {
  const query = `query($botId: ID!) { strategies(botId: $botId, first: 10) { nodes { version active source } } }`;
  const { data } = await ask(app.url, query, { botId }, { "x-api-key": key });
  return (data as unknown as { strategies: { nodes: Stored[] } }).strategies.nodes;
}

const GOOD = 'export function tick() {\n  console.log("I am here");\n  return { fire: true };\n}\n';

test("an owner comes from the bot's page, writes with what is offered, tries, uploads, activates and deactivates", async () => {
  const owner = await newOwner();
  const { page, context, complaints } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: owner.token, url: app.url }]);
  await page.goto(`${app.url}/bots/${owner.name}`);
  await page.getByRole("link", { name: "Its Quake strategies" }).click();
  await page.getByText("None is active.").waitFor();
  await write(page, "const me = ");
  await page.keyboard.type("view.self.he");
  const offer = page.getByRole("option", { name: /^health/ });
  await offer.waitFor();
  await page.getByText("0 to 200; what is above 100 runs off").waitFor();
  await page.screenshot({ path: "test-results/strategies-completion.png" });
  await page.keyboard.press("Enter");
  await page.getByText("const me = view.self.health").waitFor();
  await write(page, GOOD);
  await press(page, "Test run");
  await page.getByText("An action for each of 20 views.").waitFor();
  await page.getByLabel("What the strategy wrote").getByText("I am here").first().waitFor();
  expect(await stored(owner)).toEqual([]);
  await press(page, "Upload and activate");
  await page.getByText("Version 1 is stored and plays from the next round on.").waitFor();
  await page.getByText("Version 1 is active").waitFor();
  expect(await stored(owner)).toEqual([{ version: 1, active: true, source: GOOD }]);
  await press(page, "Start from hunter");
  await press(page, "Upload");
  await page.getByText("Version 2 is stored.").waitFor();
  await press(page, "Activate version 2");
  await page.getByText("Version 2 is active").waitFor();
  expect((await stored(owner)).map(({ version, active }) => [version, active])).toEqual([
    [2, true],
    [1, false],
  ]);
  await press(page, "Open version 1");
  await page.getByText("I am here").waitFor();
  await press(page, "Deactivate version 2");
  await page.getByText("None is active.").waitFor();
  expect((await stored(owner)).every(({ active }) => !active)).toBe(true);
  expect(complaints).toEqual([]);
});

test("what is wrong is said at its line: by reading, at the top and in a tick", async () => {
  const owner = await newOwner();
  const { page } = await workshop(owner);
  await write(page, "export function tick() {\n  let x: = 3;\n}");
  await press(page, "Upload");
  await page.getByRole("alert").getByText("Line 2:").waitFor();
  const marked = () => page.locator(".cm-lint-marker-error").count();
  await page.locator(".cm-lint-marker-error").waitFor();
  expect(await page.locator(".cm-lintRange-error").textContent()).toContain("let x: = 3;");
  await write(page, 'export function tick() {\n  console.log("before");\n\n  throw new Error("ouch");\n}');
  await press(page, "Test run");
  await page.getByText(/of 20 views without an action/).waitFor();
  expect(await page.locator(".cm-lintRange-error").textContent()).toContain('throw new Error("ouch")');
  expect(await marked()).toBe(1);
  await page.getByText("THREW: Line 4: Error: ouch").first().waitFor();
  await write(page, `${GOOD}//${"x".repeat(131_072)}`);
  await page.getByText(/13\d,\d{3} of 131,072 bytes/).waitFor();
  expect(await page.getByRole("button", { name: "Upload", exact: true }).isDisabled()).toBe(true);
  expect(await stored(owner)).toEqual([]);
});

test("what is not uploaded is asked about, is there again, and is replaced only after a second thought", async () => {
  const owner = await newOwner();
  const { page } = await workshop(owner);
  await write(page, "// half a thought");
  const asked = new Promise<string>((resolve) =>
    page.once("dialog", (dialog) => {
      resolve(dialog.type());
      void dialog.accept();
    }),
  );
  await page.reload();
  expect(await asked).toBe("beforeunload");
  await page.getByText("What you wrote and did not upload is here again.").waitFor();
  await page.getByText("// half a thought").waitFor();
  await press(page, "Start from random");
  await press(page, "Keep writing");
  await page.getByText("// half a thought").waitFor();
  await page.getByRole("link", { name: owner.name }).click();
  await page.getByRole("heading", { name: owner.name }).waitFor();
  await page.goBack();
  await page.getByText("// half a thought").waitFor();
  await press(page, "Discard it");
  await page.getByText("bestWeapon").first().waitFor();
});

/** A round by the only version of a bot is over. */
const ended = ({ botId }: Owner, ticks: number, log: string) =>
  app.platform.db.pool.query(
    `INSERT INTO strategy_run (id, strategy_id, ticks, misses, log, ended_at)
     SELECT uuidv7(), id, $2, 0, $3, now() FROM strategy WHERE bot_id = $1`,
    [botId.slice(-32), ticks, log],
  );

test("the log of the last round is that round's, also when another was looked at before", async () => {
  const owner = await newOwner();
  await mutate(app.url, owner.key, "uploadStrategy", { botId: owner.botId, source: GOOD });
  await ended(owner, 2_400, "of the first round");
  const { page } = await workshop(owner);
  await page.getByText("Last round: 2,400 views").click();
  await page.getByText("of the first round").waitFor();
  await ended(owner, 1_200, "of the second round");
  await press(page, "Activate version 1");
  await page.getByText("Last round: 1,200 views").waitFor();
  await page.getByText("of the second round").waitFor();
  expect(await page.getByText("of the first round").count()).toBe(0);
});

test("what cannot be read is said where it was asked for, loses nothing, and comes when the line is back", async () => {
  const owner = await newOwner();
  await mutate(app.url, owner.key, "uploadStrategy", { botId: owner.botId, source: GOOD });
  await ended(owner, 2_400, "of the first round");
  await mutate(app.url, owner.key, "uploadStrategy", { botId: owner.botId, source: `${GOOD}// the second` });
  const { page } = await workshop(owner);
  await write(page, "// half a thought");
  await page.route("**/graphql", (route) => route.abort());
  for (const asked of ["Open version 1", "Start from hunter"]) {
    await press(page, asked);
    await press(page, "Replace it");
    const row = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: asked }) });
    await row.getByText("The server cannot be reached. The editor is as it was.").waitFor();
  }
  await page.getByText("// half a thought").waitFor();
  await page.getByText("Last round: 2,400 views").click();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  expect(await flawsAtEachWidth(page, "strategies-unread")).toEqual([]);
  await page.unroute("**/graphql");
  await press(page, "Try again");
  await page.getByText("of the first round").waitFor();
  await press(page, "Open version 1");
  await press(page, "Replace it");
  await source(page).getByText("I am here").waitFor();
  await press(page, "Start from hunter");
  await page.getByRole("alert").first().waitFor({ state: "detached" });
});

test("nobody else sees the source, and a visitor is shown the door", async () => {
  const [owner, other] = [await newOwner(), await newOwner()];
  await mutate(app.url, owner.key, "uploadStrategy", { botId: owner.botId, source: GOOD });
  for (const token of [null, other.token]) {
    const { page, context } = await openWindow(browser);
    if (token) await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
    await page.goto(`${app.url}/bots/${owner.name}/strategies`);
    await page.getByRole("heading", { name: `The strategies of ${owner.name} are its owner's` }).waitFor();
    await page
      .getByRole("link", { name: token ? `See ${owner.name}` : "Sign in" })
      .first()
      .waitFor();
    expect(await page.getByText("I am here").count()).toBe(0);
    expect(await flaws(page, `strategies-${token ? "stranger" : "door"}`)).toEqual([]);
    await context.close();
  }
});

test("the types can be had as a file, and Manage leads here", async () => {
  const types = await fetch(`${app.url}/agon-quake.d.ts`);
  expect(types.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(await types.text()).toContain('declare module "agon:quake"');
  const owner = await newOwner();
  const { page, context } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: owner.token, url: app.url }]);
  await page.goto(`${app.url}/manage`);
  await page.getByRole("link", { name: `Strategies of ${owner.name}` }).click();
  await source(page).waitFor();
});

describe.each(WIDTHS)("at %i px", (width) => {
  test("the page fits and is accessible, also with a mistake and a test run", async () => {
    const owner = await newOwner();
    await mutate(app.url, owner.key, "uploadStrategy", { botId: owner.botId, source: GOOD, activate: true });
    await mutate(app.url, owner.key, "uploadStrategy", { botId: owner.botId, source: `${GOOD}// 2` });
    const { page, complaints } = await workshop(owner, width);
    await page.getByText("I am here").waitFor();
    await press(page, "Test run");
    await page.getByText("An action for each of 20 views.").waitFor();
    expect(await flaws(page, `strategies-${width}`)).toEqual([]);
    await write(page, 'export function tick() {\n  throw new Error("ouch");\n}');
    await press(page, "Test run");
    await page.getByText("THREW: Line 2: Error: ouch").first().waitFor();
    expect(await flaws(page, `strategies-mistake-${width}`)).toEqual([]);
    await page.keyboard.press("Control+a");
    expect(complaints).toEqual([]);
  });
});
