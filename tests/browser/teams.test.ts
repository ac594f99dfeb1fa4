import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorkingBot, work } from "../harness/work.ts";
import { flaws, openBrowser, openWindow, WIDTHS } from "./browser.ts";

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

type Person = { handle: string; token: string; key: string };

async function person(): Promise<Person> {
  const made = await newPerson(app.url);
  return { ...made, key: await newKey(app.url, made.token, ["PLAY", "WORK"]) };
}

const signIn = (context: BrowserContext, { token }: Person) =>
  context.addCookies([{ name: "agon_session", value: token, url: app.url }]);

async function botName(key: string, id: string): Promise<string> {
  const { data } = await ask(
    app.url,
    "query($id: ID!) { node(id: $id) { ... on Bot { name } } }",
    { id },
    { "x-api-key": key },
  );
  return (data as unknown as { node: { name: string } }).node.name;
}

test("a team is founded, somebody is asked in, says yes and brings a bot, gets a role, and leaves", async () => {
  const [owner, mate] = [await person(), await person()];
  const bot = await botName(mate.key, await newWorkingBot(app.url, mate.key, ["reading"]));
  const [lead, other] = [await openWindow(browser), await openWindow(browser)];
  await Promise.all([signIn(lead.context, owner), signIn(other.context, mate)]);

  await lead.page.goto(`${app.url}/work`);
  await lead.page.getByRole("link", { name: "Teams" }).press("Enter");
  await lead.page.getByLabel("Name", { exact: true }).fill("two  blanks");
  await lead.page.getByRole("button", { name: "Found the team" }).click();
  await lead.page.getByRole("alert").getByText("This cannot be a team's name.").waitFor();
  await lead.page.getByLabel("Name", { exact: true }).fill("Readers");
  await lead.page.getByRole("button", { name: "Found the team" }).press("Enter");
  await lead.page.waitForURL(/\/teams\/team_/);
  await lead.page.getByRole("heading", { name: "Readers" }).waitFor();

  await lead.page.getByLabel("Invite by handle").fill("nobody_at_all");
  await lead.page.getByRole("button", { name: "Invite" }).click();
  await lead.page.getByRole("alert").waitFor();
  await lead.page.getByLabel("Invite by handle").fill(mate.handle);
  await lead.page.getByRole("button", { name: "Invite" }).click();
  const people = lead.page.getByRole("list", { name: "People" });
  await people.getByText("Invited", { exact: true }).waitFor();

  // Who is only invited reads the name, and can say yes; not who is in it.
  await other.page.goto(lead.page.url());
  await other.page.getByRole("button", { name: "Join Readers" }).waitFor();
  expect(await other.page.getByRole("list", { name: "People" }).count()).toBe(0);
  await other.page.goto(`${app.url}/teams`);
  await other.page.getByRole("button", { name: "Join Readers" }).click();
  await other.page.getByRole("link", { name: "Readers" }).click();
  await other.page.getByLabel("A bot of yours").selectOption({ label: bot });
  await other.page.getByRole("button", { name: "Bring it in" }).click();
  await other.page.getByRole("list", { name: "Bots" }).getByText(bot).waitFor();

  await lead.page.reload();
  await lead.page.getByLabel(`Role of ${mate.handle}`).selectOption("ADMIN");
  await other.page.reload();
  await other.page.getByLabel("Invite by handle").waitFor();
  await other.page.getByRole("button", { name: "Leave Readers" }).click();
  await other.page.getByRole("button", { name: "Leave the team" }).click();
  await other.page.waitForURL(/\/teams$/);
  await other.page.getByText("You are in none yet.").waitFor();
  await lead.page.reload();
  await lead.page.getByText("None yet. A bot in the team may take the team's tasks.").waitFor();
  expect([...lead.complaints, ...other.complaints]).toEqual([]);
  await Promise.all([lead.context.close(), other.context.close()]);
});

/** A mutation in a session. */
async function change(
  { token }: Person,
  field: string,
  input: object,
  selection: string,
): Promise<Record<string, { id: string }>> {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Success { ${selection} } ... on Refusal { code } } }`;
  const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  return (data as unknown as Record<string, Record<string, { id: string }>>)[field] ?? {};
}

test("a team's page at every width fits, and axe finds nothing; its board moves with its tasks", async () => {
  const [owner, mate, asked] = [await person(), await person(), await person()];
  const { team } = await change(
    owner,
    "foundTeam",
    { name: "Night Readers", description: "Reads what nobody has time for." },
    "team { id }",
  );
  const teamId = team?.id ?? "";
  const { invitation } = await change(owner, "inviteToTeam", { teamId, handle: mate.handle }, "invitation { id }");
  await change(mate, "acceptTeamInvitation", { invitationId: invitation?.id }, "team { id }");
  await change(owner, "inviteToTeam", { teamId, handle: asked.handle }, "invitation { id }");
  for (const { key, token, handle } of [owner, mate]) {
    const botId = await newWorkingBot(app.url, key, ["reading"]);
    await change({ key, token, handle }, "addTeamBot", { teamId, botId }, "team { id }");
  }
  await newTask(app.url, owner.key, { title: "Read page 7", teamId, capabilities: ["writing"] });
  const { project } = await change(
    owner,
    "foundProject",
    { teamId, name: "Page turners", description: "Turns what was read." },
    "project { id }",
  );
  const projectId = project?.id ?? "";
  const botId = await newWorkingBot(app.url, owner.key, ["turning"]);
  await change(owner, "addTeamBot", { teamId, botId }, "team { id }");
  const about = { teamId, projectId, capabilities: ["turning"] };
  const done = await newTask(app.url, owner.key, { title: "Turn page 6", ...about });
  await work(app.url, owner.key, "claimTask", { taskId: done, botId, start: true });
  await work(app.url, owner.key, "completeTask", { taskId: done, botId, token: 1 });
  await newTask(app.url, owner.key, { title: "Turn page 7", ...about });
  for (const width of WIDTHS) {
    const { page, context, complaints } = await openWindow(browser, { width, still: true });
    await signIn(context, owner);
    await page.goto(`${app.url}/teams/${teamId}`);
    await page.getByRole("link", { name: "Read page 7" }).waitFor();
    await page.getByRole("list", { name: "What it lacks" }).getByText("no bot has it").waitFor();
    await page.getByRole("list", { name: "What several know" }).getByText("reading").waitFor();
    expect(await flaws(page, `team-${width}`)).toEqual([]);
    await newTask(app.url, mate.key, { title: `Seen at ${width}`, teamId });
    await page.getByRole("link", { name: `Seen at ${width}` }).waitFor();
    await page.goto(`${app.url}/projects/${projectId}`);
    await page.getByRole("region", { name: "Board of Page turners" }).getByText("1 of 1").waitFor();
    await page.getByRole("link", { name: "Turn page 7" }).waitFor();
    expect(await flaws(page, `project-${width}`)).toEqual([]);
    await page.goto(`${app.url}/teams`);
    await page.getByRole("link", { name: "Night Readers" }).waitFor();
    expect(await flaws(page, `teams-${width}`)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  }
});

test("a project is founded on the team's page, gets a task by the form, is renamed, archived and opened again", async () => {
  const [owner, mate] = [await person(), await person()];
  const { team } = await change(owner, "foundTeam", { name: "Turners" }, "team { id }");
  const teamId = team?.id ?? "";
  const { invitation } = await change(owner, "inviteToTeam", { teamId, handle: mate.handle }, "invitation { id }");
  await change(mate, "acceptTeamInvitation", { invitationId: invitation?.id }, "team { id }");
  const [lead, other] = [await openWindow(browser), await openWindow(browser)];
  await Promise.all([signIn(lead.context, owner), signIn(other.context, mate)]);

  await lead.page.goto(`${app.url}/teams/${teamId}`);
  await lead.page.getByLabel("A new project").fill("two  blanks");
  await lead.page.getByRole("button", { name: "Found it" }).click();
  await lead.page.getByRole("alert").getByText("This cannot be a project's name.").waitFor();
  await lead.page.getByLabel("A new project").fill("Page seven");
  await lead.page.getByLabel("What it is about").fill("All of it.");
  await lead.page.getByRole("button", { name: "Found it" }).press("Enter");
  await lead.page.waitForURL(/\/projects\/project_/);
  const address = lead.page.url();
  await lead.page.getByText("No bot has ended a task of it yet.").waitFor();

  // A member makes tasks for it, and does not lead it.
  await other.page.goto(address);
  await other.page.getByRole("heading", { name: "Page seven" }).waitFor();
  expect(await other.page.getByRole("button", { name: "Archive it" }).count()).toBe(0);
  await other.page.goto(`${app.url}/tasks/new`);
  expect(await other.page.getByLabel("Project").count()).toBe(0);
  await other.page.getByLabel("Who may see and take it").selectOption({ label: "Team Turners" });
  await other.page.getByLabel("Project").selectOption({ label: "Page seven" });
  await other.page.getByLabel("Title").fill("Turn it");
  await other.page.getByRole("button", { name: "Create the task" }).click();
  await other.page.getByRole("link", { name: "Page seven" }).waitFor();
  await lead.page.getByRole("link", { name: "Turn it" }).waitFor();

  await lead.page.getByLabel("Name", { exact: true }).fill("Page eight");
  await lead.page.getByRole("button", { name: "Save" }).click();
  await lead.page.getByRole("heading", { name: "Page eight" }).waitFor();
  await lead.page.getByRole("button", { name: "Archive it" }).click();
  await lead.page.getByText("No new task names it.").waitFor();
  expect(await lead.page.getByRole("link", { name: "New task" }).count()).toBe(0);
  await lead.page.getByRole("button", { name: "Open it again" }).click();
  await lead.page.getByRole("link", { name: "New task" }).click();
  await lead.page.getByLabel("Project").waitFor();
  expect(await lead.page.getByLabel("Project").locator("option:checked").textContent()).toBe("Page eight");
  expect([...lead.complaints, ...other.complaints]).toEqual([]);
  await Promise.all([lead.context.close(), other.context.close()]);
});

test("what waits for a yes shows the buttons to those who may say it, and to the others who that is", async () => {
  const [owner, admin, mate] = [await person(), await person(), await person()];
  const { team } = await change(owner, "foundTeam", { name: "Deciders" }, "team { id }");
  const teamId = team?.id ?? "";
  for (const [each, role] of [
    [admin, "ADMIN"],
    [mate, "MEMBER"],
  ] as const) {
    const asked = { teamId, handle: each.handle, role };
    const { invitation } = await change(owner, "inviteToTeam", asked, "invitation { id }");
    await change(each, "acceptTeamInvitation", { invitationId: invitation?.id }, "team { id }");
  }
  const taskId = await newTask(app.url, owner.key, { title: "Print it?", teamId, approval: true });
  const [lead, other] = [await openWindow(browser), await openWindow(browser)];
  await Promise.all([signIn(lead.context, admin), signIn(other.context, mate)]);
  for (const path of [`/teams/${teamId}`, `/tasks/${taskId}`]) {
    await other.page.goto(`${app.url}${path}`);
    await other.page.getByText(`${owner.handle} decides, or who leads Deciders.`).waitFor();
    expect(await other.page.getByRole("button", { name: /Approve|Reject|Cancel the task/ }).count()).toBe(0);
    await lead.page.goto(`${app.url}${path}`);
    await lead.page.getByRole("button", { name: "Reject Print it?" }).waitFor();
  }
  await lead.page.getByRole("button", { name: "Cancel the task" }).waitFor();
  await lead.page.getByRole("button", { name: "Approve Print it?" }).click();
  for (const { page } of [lead, other]) await page.getByRole("status").getByText("Completed").waitFor();
  expect([...lead.complaints, ...other.complaints]).toEqual([]);
  await Promise.all([lead.context.close(), other.context.close()]);
});
