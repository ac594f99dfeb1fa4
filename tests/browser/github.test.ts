import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { BROKEN, filesIn, newGladiator } from "../harness/code-battle.ts";
import { added, connect } from "../harness/github-app.ts";
import { startGitHub, type GitHubServer } from "../harness/github.ts";
import { flawsAtEachWidth, openBrowser, openWindow } from "./browser.ts";
import { letFight, makeBattle } from "./code-page.ts";

type Person = Awaited<ReturnType<typeof newPerson>>;
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

test("a battle that is hidden goes from the page of who watches, and stays on the page of who has entered meanwhile", {
  timeout: 120_000,
}, async () => {
  const people = await Promise.all(["host", "guest", "other", "stranger"].map(() => newPerson(app.url)));
  const [host, guest, other, stranger] = people as [Person, Person, Person, Person];
  const repository = hub.repository("globex/open", filesIn(BROKEN), false);
  const installation = hub.installation("globex");
  const as = hub.person("globex-owner");
  as.may["globex/open"] = "admin";
  expect(await connect(app.url, host, { hub, as, installation: installation.id })).toBe("CONNECTED");
  const { id: repositoryId } = await added(app.url, host, "globex/open");
  const made = await mutate(
    app.url,
    host.key,
    "createCodeBattle",
    { repositoryId, prompt: "Fix it.", open: true },
    "battle { id }",
  );
  const { id: battleId } = made["battle"] as unknown as { id: string };
  const watching = await Promise.all(
    [guest, stranger].map(async (who) => {
      const { page, context } = await openWindow(browser);
      await context.addCookies([{ name: "agon_session", value: who.token, url: app.url }]);
      await page.goto(`${app.url}/code/${battleId}`);
      await page.getByText("Nobody has entered.").waitFor();
      return { page, context };
    }),
  );
  const [inside, outside] = watching.map(({ page }) => page) as [Page, Page];
  const enter = async (who: Person, name: string) => {
    const botId = await newGladiator(app.url, who.key, name, { kind: "HOUSE", skill: "SCRIBE" });
    expect(await mutate(app.url, who.key, "enterCodeBattle", { battleId, botId })).toMatchObject({
      __typename: "EnterCodeBattleSuccess",
    });
  };
  await enter(guest, "Late_Guest");
  await enter(other, "Late_Other");
  for (const page of [inside, outside]) await page.getByText("Late_Other").first().waitFor();

  repository.private = true;
  const told = {
    action: "privatized",
    installation: { id: installation.id },
    repository: hub.repositoryOf(repository),
  };
  expect(await hub.deliver(app.url, "repository", told)).toBe(204);
  await outside.getByText("There is no such battle").waitFor();
  await inside.getByText("Private", { exact: true }).waitFor();
  await mutate(app.url, host.key, "cancelCodeBattle", { battleId });
  await inside.getByText("Cancelled", { exact: true }).waitFor();
  await Promise.all(watching.map(({ context }) => context.close()));
});

test.each(["picker", "battle"])(
  "the %s fits at each width, says nothing wrong, and axe finds nothing",
  async (name) => {
    const { page, context, complaints } = await openWindow(browser, { still: true });
    await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
    await page.goto(`${app.url}${name === "battle" ? battle : "/code?github=CONNECTED"}`);
    await page.getByText(name === "battle" ? "Open a pull request of Git_Scribe" : "GitHub is connected.").waitFor();
    await page.waitForLoadState("networkidle");
    expect(await flawsAtEachWidth(page, `github-${name}`)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  },
);
