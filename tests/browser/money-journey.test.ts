import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { NORTH, openBank, type Bank } from "../harness/bank.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { openBrowser, openWindow, overflow, violations } from "./browser.ts";
import { injectChainWallet, wanderOff } from "./chain-wallet.ts";

const PATIENCE = { timeout: 20_000 };

let bank: Bank;
let app: App;
let browser: Browser;
beforeAll(async () => {
  bank = await openBank(10_000_000n * NORTH);
  const limits = {
    LIMIT_POOL_OPEN_MS: 600_000,
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_WITHDRAWAL_WALLET_WAIT_MS: 0,
    LIMIT_WITHDRAWAL_WINNINGS_WAIT_MS: 0,
  };
  app = await startTestApp(limits, {}, { ...bank.depositing("safe"), AGON_ROLES: "api,engine,chain,web" });
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await app.stop();
  bank.stop();
});

type Fighter = { key: string; botId: string };
async function newFighter(name: string): Promise<Fighter> {
  const { key } = await newPerson(app.url);
  const botId = await newBot(app.url, key, name);
  await mutate(app.url, key, "enterPit", { botId });
  return { key, botId };
}

/** A fight by callout that begins once its pool closes. */
async function announce(one: Fighter, two: Fighter): Promise<string> {
  const asked = { botId: one.botId, targetId: two.botId };
  const made = await mutate(app.url, one.key, "createCallout", asked, "callout { id }");
  const calloutId = (made["callout"] as unknown as { id: string }).id;
  const met = await mutate(app.url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
}

/** Lets an announced fight begin now: its pool is open for as long as the bets take, however slow the machine is. */
async function beginPlay(): Promise<void> {
  const startsAtMs = "to_jsonb((extract(epoch FROM now()) * 1000)::int8)";
  await app.platform.db.pool.query(
    `UPDATE fight SET deadline_at = now(), state = jsonb_set(state, '{startsAtMs}', ${startsAtMs}) WHERE phase = 'ANNOUNCED'`,
  );
}

/** Somebody else who bets against, so that the pool has two sides. */
async function betAgainst(fightId: string, botName: string): Promise<void> {
  const { token } = await newPerson(app.url);
  const { page, context } = await openWindow(browser, { still: true });
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/wallet`);
  await page.getByRole("button", { name: "Take 1,000,000" }).click();
  await page.locator(".purseposter .disp", { hasText: "1,000,000" }).waitFor();
  await page.goto(`${app.url}/fights/${fightId}`);
  await page.locator(".pick").getByRole("button", { name: botName }).click();
  await page.getByRole("button", { name: `Bet 100,000 on ${botName}` }).click();
  await page.locator(".mine").getByText("Your bet").waitFor();
  await context.close();
}

const deposit = (page: Page, amount: string) => page.locator(".deposit .onway > li", { hasText: `+${amount}` });
const stands = (page: Page, amount: string, step: string) =>
  deposit(page, amount).locator('[aria-current="step"]', { hasText: step }).waitFor(PATIENCE);

test("a wallet signs in, deposits, bets on a live fight, is paid, and withdraws to the chain", async () => {
  const [, account = "0x"] = await bank.anvil.call<`0x${string}`[]>("eth_accounts", []);
  await bank.give(account, 600_000n * NORTH);
  const { page, context, complaints } = await openWindow(browser, { still: true });
  const wallet = await injectChainWallet(page, bank.anvil, account);
  await page.goto(`${app.url}/wallet`);
  await page.getByRole("button", { name: "Sign in with Hydria" }).click();
  await page.getByRole("button", { name: "Sign the text: sign in" }).click();
  expect(await page.getByLabel("Address").inputValue()).toBe(bank.master);

  await page.getByLabel("Send from your wallet").fill("500,000");
  wallet.refuses = true;
  await page.getByRole("button", { name: "Send 500,000 with Hydria" }).click();
  await page.getByText("The wallet did not sign. Nothing was changed.").waitFor();
  wallet.refuses = false;
  await page.getByRole("button", { name: "Send 500,000 with Hydria" }).click();
  await stands(page, "500,000", "Seen");
  expect(await bank.balance(bank.master)).toBe(500_000n * NORTH);
  expect(await violations(page)).toEqual([]);
  await bank.mine();
  await stands(page, "500,000", "Credited");
  await page.locator(".purseposter .disp", { hasText: "500,000" }).waitFor();
  await bank.mine();
  await stands(page, "500,000", "Final");
  await page.locator(".ledger tr", { hasText: "Deposit" }).getByText("+500,000").waitFor();

  const [ann, bob] = [await newFighter("Money_Ann"), await newFighter("Money_Bob")];
  const fightId = await announce(ann, bob);
  await page.goto(`${app.url}/fights/${fightId}`);
  await page.getByRole("button", { name: "Bet 100,000 on Money_Ann" }).click();
  await page.locator(".mine").getByText("Your bet").waitFor();
  await betAgainst(fightId, "Money_Bob");
  await beginPlay();
  await page.getByText("Closed at exchange 1").waitFor(PATIENCE);
  await mutate(app.url, bob.key, "concedeFight", { botId: bob.botId, fightId });
  await page.locator(".mine").getByText("Won: paid").waitFor(PATIENCE);

  await page.locator(".purse").click();
  await page.locator(".purseposter .disp", { hasText: "594,000" }).waitFor(PATIENCE);
  await page.getByLabel("Amount", { exact: true }).fill("594,000");
  await page.getByRole("button", { name: "Withdraw 594,000" }).click();
  const paid = page.locator(".withdraw .onway > li", { hasText: "−594,000" });
  await paid.locator('[aria-current="step"]', { hasText: "Sent" }).waitFor(PATIENCE);
  await bank.mine(3);
  await paid.locator('.done[aria-current="step"]', { hasText: "Confirmed" }).waitFor(PATIENCE);
  expect(await bank.paid(account)).toEqual({ payments: 1, amount: 594_000n * NORTH });
  expect(await bank.balance(account)).toBe(694_000n * NORTH);
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.setViewportSize({ width: 360, height: 800 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await context.close();
  const { connectionString = "" } = app.platform.db.pool.options as { connectionString?: string };
  expect(await ledgerCheck(connectionString)).toMatchObject({ code: 0 });
}, 120_000);

test("an account that is not linked is told so before anything is sent; without a wallet there is the address", async () => {
  const accounts = await bank.anvil.call<string[]>("eth_accounts", []);
  const { token } = await newPerson(app.url);
  const { page, context } = await openWindow(browser, { width: 390, still: true });
  await injectChainWallet(page, bank.anvil, accounts[3] ?? "");
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/wallet`);
  await page.getByText("Link the wallet that you send from first").waitFor();
  expect(await page.getByLabel("Send from your wallet").count()).toBe(0);
  await app.platform.db.pool.query(
    "INSERT INTO wallet (id, address, user_id, linked_at) SELECT gen_random_uuid(), lower($1), user_id, now() FROM session ORDER BY created_at DESC LIMIT 1",
    [accounts[4] ?? ""],
  );
  await page.reload();
  await page.getByLabel("Send from your wallet").fill("5");
  await page.getByRole("button", { name: "Send 5 with Hydria" }).click();
  await page.getByRole("alert").getByText("is not linked to your account").waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await context.close();
}, 60_000);

const WRONG = "Hydria is on chain 1. NORTH is on the local chain (chain 31337).";

test("a wallet on another chain is told the right one, is taken there when asked, and signs and sends nothing", async () => {
  const account = (await bank.anvil.call<string[]>("eth_accounts", []))[5] ?? "";
  const { token } = await newPerson(app.url);
  await app.platform.db.pool.query(
    "INSERT INTO wallet (id, address, user_id, linked_at) SELECT gen_random_uuid(), lower($1), user_id, now() FROM session ORDER BY created_at DESC LIMIT 1",
    [account],
  );
  const fightId = await announce(await newFighter("Chain_Ann"), await newFighter("Chain_Bob"));
  const { page, context, complaints } = await openWindow(browser, { width: 390, still: true });
  const wallet = await injectChainWallet(page, bank.anvil, account);
  const told = wanderOff(wallet);
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);

  // Who has too little for a bet is told where to bring it from.
  await page.goto(`${app.url}/fights/${fightId}`);
  await page.getByText(WRONG).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "Bet 100,000 on Chain_Ann" }).click();
  await page.getByRole("alert").getByText("You have less than this takes.").waitFor();

  await page.locator(".bet").getByRole("link", { name: "wallet" }).click();
  await page.getByText(WRONG).waitFor();
  const goes = wallet.answers["wallet_switchEthereumChain"];
  wallet.answers["wallet_switchEthereumChain"] = { error: { code: 4001, message: "User rejected the request." } };
  await page.getByRole("button", { name: "Switch Hydria to the local chain" }).click();
  await page.getByText("nothing was signed or sent").waitFor();
  wallet.answers["wallet_switchEthereumChain"] = goes ?? {};
  await page.getByLabel("Send from your wallet").fill("5");
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "Switch Hydria to the local chain" }).click();
  await page.getByText(WRONG).waitFor({ state: "detached" });
  const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
  const rpcUrls = [`${bank.anvil.url}/`];
  expect(told).toEqual([{ chainId: "0x7a69", chainName: "the local chain", rpcUrls, nativeCurrency }]);

  // A bet is paid from what one has here: the wallet is not even asked.
  wanderOff(wallet);
  await page.getByRole("button", { name: "Take 1,000,000" }).click();
  await page.locator(".purseposter .disp", { hasText: "1,000,000" }).waitFor();
  await page.goto(`${app.url}/fights/${fightId}`);
  await page.getByRole("button", { name: "Bet 100,000 on Chain_Ann" }).click();
  await page.locator(".mine").getByText("Your bet").waitFor();
  expect(await page.getByText(WRONG).count()).toBe(0);
  const only = ["eth_chainId", "wallet_switchEthereumChain", "wallet_addEthereumChain"];
  expect(wallet.asked.filter((method) => !only.includes(method))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
}, 60_000);
