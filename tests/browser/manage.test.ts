import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
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

/** Puts a wallet into the page that announces itself by EIP-6963 and signs with a key that the page never sees. */
async function injectWallet(page: Page, account: PrivateKeyAccount, name = "Hydria"): Promise<{ shown: string[] }> {
  const shown: string[] = [];
  await page.exposeFunction("walletRequest", async (method: string, params: string[] = []) => {
    if (method === "eth_requestAccounts") return [account.address];
    if (method !== "personal_sign") throw new Error(`${method} is not known`);
    const raw = params[0] as `0x${string}`;
    shown.push(Buffer.from(raw.slice(2), "hex").toString("utf8"));
    return account.signMessage({ message: { raw } });
  });
  await page.addInitScript((walletName) => {
    const { walletRequest } = globalThis as unknown as { walletRequest: (...call: unknown[]) => Promise<unknown> };
    const icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
    const info = { uuid: walletName, name: walletName, rdns: "com.hydria.wallet", icon };
    const provider = {
      request: ({ method, params }: { method: string; params?: unknown[] }) => walletRequest(method, params),
    };
    const announce = () =>
      dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
    addEventListener("eip6963:requestProvider", announce);
    announce();
  }, name);
  return { shown };
}

const viewer = async (page: Page, selection: string) =>
  page.evaluate(async (query) => {
    const headers = { "content-type": "application/json", "x-agon": "web" };
    const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query }) });
    return ((await answer.json()) as { data: { viewer: unknown } }).data.viewer;
  }, `{ viewer { ${selection} } }`);

/** Opens Manage as somebody who is signed in. */
async function signedIn(page: Page, token: string): Promise<void> {
  await page.context().addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/manage`);
}

test("a newcomer signs up, registers a bot, copies its key once, queues it, and signs in again", async () => {
  const { page, context } = await openWindow(browser);
  await page.goto(`${app.url}/manage`);
  await page.getByLabel("Handle").fill("newcomer");
  await page.getByLabel("E-mail").fill("newcomer@example.org");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("alert").getByText("12 to 256 characters").waitFor();
  await page.getByLabel("Password").fill("four random words here");
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: "newcomer" }).waitFor();
  await page.waitForLoadState("networkidle");
  await page.getByLabel("New bot").fill("Fresh_Bot");
  await page.getByText("Phantom", { exact: true }).click();
  await page.getByRole("button", { name: "Register bot" }).click();
  await page.getByRole("link", { name: "Fresh_Bot", exact: true }).waitFor();
  await page.getByText("phantom, offline").waitFor();
  await page.getByRole("button", { name: "Make a key" }).click();
  const key = (await page.locator("[data-key]").textContent())?.trim() ?? "";
  expect(key).toMatch(/^cq_[0-9a-f]{40}$/);
  await page.getByText(`AGON_URL=${app.url} AGON_KEY=${key} AGON_BOT=Fresh_Bot`).waitFor();
  const { data } = await ask(app.url, `{ bot(name: "Fresh_Bot") { id } }`);
  await mutate(app.url, key, "heartbeat", { botId: (data as unknown as { bot: { id: string } }).bot.id });
  await page.reload();
  await page.getByRole("heading", { name: "newcomer" }).waitFor();
  expect(await page.getByText(key).count()).toBe(0);
  await page.getByRole("button", { name: "Rated" }).click();
  await page.getByRole("button", { name: "Leave the queue" }).click();
  await page.getByRole("button", { name: "Practice" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("tab", { name: "Sign in" }).click();
  await page.getByLabel("Handle or e-mail").fill("newcomer");
  await page.getByLabel("Password").fill("four random words here");
  await page.locator("main").getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "newcomer" }).waitFor();
  await context.close();
});

test("a wallet signs in after its text was shown on the page, and the same wallet is the same person", async () => {
  const account = privateKeyToAccount(generatePrivateKey());
  const { page, context, complaints } = await openWindow(browser);
  const { shown } = await injectWallet(page, account);
  await page.goto(`${app.url}/manage`);
  await page.getByRole("button", { name: "Sign in with Hydria" }).click();
  const text = (await page.locator(".tosign pre").textContent()) ?? "";
  expect(text).toContain(account.address);
  expect(shown).toEqual([]);
  await page.getByRole("button", { name: "Sign the text: sign in" }).click();
  await page.getByRole("heading", { name: "Bots" }).waitFor();
  expect(shown).toEqual([text]);
  const first = await viewer(page, "user { id } wallets { address }");
  expect(first).toMatchObject({ wallets: [{ address: account.address }] });
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in with Hydria" }).click();
  await page.getByRole("button", { name: "Sign the text: sign in" }).click();
  await page.getByRole("heading", { name: "Bots" }).waitFor();
  expect(await viewer(page, "user { id } wallets { address }")).toEqual(first);
  // The last way in stays, and the page says why.
  await page.getByRole("button", { name: "Unlink" }).click();
  await page.getByRole("alert").first().waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("a wallet is linked, sets a lost password anew, and is unlinked", async () => {
  const account = privateKeyToAccount(generatePrivateKey());
  const person = await newPerson(app.url);
  const { page, context } = await openWindow(browser);
  await injectWallet(page, account);
  await signedIn(page, person.token);
  await page.getByRole("button", { name: "Link with Hydria" }).click();
  await page.getByRole("button", { name: "Sign the text: link" }).click();
  await page.getByRole("button", { name: "Unlink" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("tab", { name: "Lost password" }).click();
  await page.getByLabel("New password").fill("another four words");
  await page.getByRole("button", { name: "Set it with Hydria" }).click();
  await page.getByRole("button", { name: "Sign the text: set it" }).click();
  await page.getByRole("heading", { name: person.handle }).waitFor();
  const signIn = await mutate(app.url, null, "signIn", { login: person.handle, password: "another four words" });
  expect(signIn["__typename"]).toBe("SignInSuccess");
  await page.getByRole("button", { name: "Unlink" }).click();
  await page.getByText("none linked").waitFor();
  await context.close();
});

test("a key is made for one bot and some days, rotated with its scopes, and revoked", async () => {
  const person = await newPerson(app.url);
  await mutate(app.url, person.key, "registerBot", { name: "Bound_Bot" });
  const { page, context } = await openWindow(browser);
  await signedIn(page, person.token);
  await page.getByRole("button", { name: "Make another key" }).click();
  await page.getByLabel("New key").fill("laptop");
  await page.getByLabel("Acts for").selectOption({ label: "Bound_Bot" });
  await page.getByLabel("Lives").selectOption({ label: "30 days" });
  await page.getByRole("button", { name: "Make a key" }).click();
  const first = (await page.locator("[data-key]").textContent())?.trim() ?? "";
  const row = page.locator("li.key", { hasText: "laptop" });
  await row.waitFor();
  expect(await row.textContent()).toContain("play");
  await row.getByRole("button", { name: "Rotate" }).click();
  await expect.poll(() => page.locator("[data-key]").textContent()).not.toBe(first);
  const second = (await page.locator("[data-key]").textContent())?.trim() ?? "";
  const alive = async (key: string) => !(await ask(app.url, "{ viewer { email } }", {}, { "x-api-key": key })).errors;
  expect(await alive(second)).toBe(true);
  const live = page.locator("li.key", { hasText: second.slice(0, 12) });
  await live.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke it" }).click();
  await live.waitFor({ state: "detached" });
  expect(await alive(second)).toBe(false);
  await context.close();
});

test("a bot's character and skills are edited, sessions ended, the password changed, and the account deleted", async () => {
  const person = await newPerson(app.url);
  await mutate(app.url, person.key, "registerBot", { name: "Edited_Bot" });
  const other = await mutate(
    app.url,
    null,
    "signIn",
    { login: person.handle, password: "correct horse battery" },
    "token",
  );
  const { page, context } = await openWindow(browser);
  await signedIn(page, person.token);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Skills, in Markdown").fill("# Sweeps");
  await page.locator(".editor").getByText("Knight", { exact: true }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("knight, offline").waitFor();
  await page.getByRole("button", { name: "End it" }).click();
  await page.getByRole("button", { name: "End it" }).waitFor({ state: "detached" });
  const bearer = { authorization: `Bearer ${String(other["token"])}` };
  expect((await ask(app.url, "{ viewer { email } }", {}, bearer)).errors?.[0]?.extensions?.["code"]).toBe(
    "BAD_CREDENTIALS",
  );
  await page.locator("summary", { hasText: "Password" }).click();
  await page.getByLabel("Password now").fill("not the password");
  await page.getByLabel("New password").fill("a whole new password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByRole("alert").getByText("current password is wrong").waitFor();
  await page.getByLabel("Password now").fill("correct horse battery");
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByText("The password is changed.").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download everything that is stored" }).click();
  expect((await download).suggestedFilename()).toBe(`agon-${person.handle}.json`);
  await page.getByRole("button", { name: "Delete the account" }).click();
  await page.getByLabel(`Type ${person.handle} to delete`).fill(person.handle);
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByRole("heading", { name: "Enter the arena" }).waitFor();
  expect((await ask(app.url, `{ user(handle: "${person.handle}") { id } }`)).data).toEqual({ user: null });
  await context.close();
});
