import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { NORTH, openBank, type Bank } from "../harness/bank.ts";
import { openBrowser, openWindow, overflow, violations } from "./browser.ts";
import { injectChainWallet } from "./chain-wallet.ts";

const HOT_HAS = 2_000_000n * NORTH;

let bank: Bank;
let app: App;
let browser: Browser;
let stopMining: () => void;
beforeAll(async () => {
  bank = await openBank(HOT_HAS);
  const limits = {
    LIMIT_FAUCET_NORTH_PER_DAY: 3_000_000,
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_WITHDRAWALS_PER_HOUR: 100,
    // The hot wallet alone does not cover all that is granted here.
    LIMIT_SOLVENCY_CHECK_MS: 600_000,
  };
  app = await startTestApp(limits, {}, { ...bank.variables(), AGON_ROLES: "api,engine,chain,web" });
  stopMining = bank.keepMining();
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
  stopMining();
  await app.stop();
  bank.stop();
});

/** The second account of the chain, which has gas and no NORTH. */
const accountOf = async () => (await bank.anvil.call<`0x${string}`[]>("eth_accounts", []))[1] ?? "0x";

const purse = (page: Page) => page.locator(".purse .num");
const withdrawal = (page: Page, amount: string) => page.locator(".onway > li", { hasText: `−${amount}` });

async function withdraw(page: Page, amount: string): Promise<void> {
  await page.getByLabel("Amount", { exact: true }).fill(amount);
  await page.getByRole("button", { name: `Withdraw ${amount}` }).click();
}

test("a wallet signs in, takes play money, and withdraws it to the chain, signed where it is much", async () => {
  const account = await accountOf();
  const { page, context, complaints } = await openWindow(browser);
  const wallet = await injectChainWallet(page, bank.anvil, account);
  await page.goto(`${app.url}/wallet`);
  await page.getByRole("button", { name: "Sign in with Hydria" }).click();
  await page.getByRole("button", { name: "Sign the text: sign in" }).click();
  await page.getByRole("button", { name: "Take 3,000,000" }).click();
  await page.locator(".purseposter .disp", { hasText: "3,000,000" }).waitFor();
  await expect.poll(() => purse(page).textContent(), { timeout: 10_000 }).toBe("3,000,000");
  await page.getByText(/again in (\d+ h )?\d+ min/).waitFor();
  expect(await page.getByRole("button", { name: "Take 3,000,000" }).isDisabled()).toBe(true);
  await page.locator(".ledger tr", { hasText: "Faucet" }).getByText("+3,000,000").waitFor();

  await withdraw(page, "5,000");
  await withdrawal(page, "5,000").locator('.done[aria-current="step"]', { hasText: "Confirmed" }).waitFor();
  expect(await bank.balance(account)).toBe(5_000n * NORTH);

  await withdraw(page, "1,500,000");
  wallet.refuses = true;
  await page.getByRole("button", { name: "Sign with Hydria" }).click();
  await page.getByText("The wallet did not sign. Nothing was changed.").waitFor();
  expect(await withdrawal(page, "1,500,000").count()).toBe(0);
  wallet.refuses = false;
  await page.getByRole("button", { name: "Sign with Hydria" }).click();
  await withdrawal(page, "1,500,000").locator('.done[aria-current="step"]', { hasText: "Confirmed" }).waitFor();
  expect(wallet.asked).toContain("eth_signTypedData_v4");
  expect(await bank.paid(account)).toEqual({ payments: 2, amount: 1_505_000n * NORTH });
  await expect.poll(() => purse(page).textContent(), { timeout: 10_000 }).toBe("1,495,000");

  // The arena's wallet has not so much left: the withdrawal waits, and is taken back.
  await page.getByRole("button", { name: "Sign with Hydria" }).waitFor({ state: "detached" });
  await withdraw(page, "600,000");
  await page.getByRole("button", { name: "Sign with Hydria" }).click();
  const waiting = withdrawal(page, "600,000");
  await waiting.getByText("must be topped up by an operator").waitFor();
  expect(await violations(page)).toEqual([]);
  await waiting.getByRole("button", { name: "Cancel it" }).click();
  await waiting.getByText("Cancelled").waitFor();
  await expect.poll(() => purse(page).textContent(), { timeout: 10_000 }).toBe("1,495,000");
  expect(complaints).toEqual([]);

  await page.setViewportSize({ width: 360, height: 800 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await context.close();
}, 60_000);

test("what is too much is refused with its reason, and nothing is taken", async () => {
  const { token } = await newPerson(app.url);
  const { page, context } = await openWindow(browser);
  await injectChainWallet(page, bank.anvil, (await bank.anvil.call<string[]>("eth_accounts", []))[2] ?? "");
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/wallet`);
  await page.getByText("Link a wallet first").waitFor();
  await page.getByText("Nothing has moved yet").waitFor();
  await page.getByRole("button", { name: "Link with Hydria" }).click();
  await page.getByRole("button", { name: "Sign the text: link" }).click();
  await page.getByRole("button", { name: "Unlink" }).waitFor();
  // A wallet that was linked just now has to wait, and no signature of its own helps it.
  await withdraw(page, "5,000");
  await page.getByRole("button", { name: "Sign with Hydria" }).click();
  await page.getByText("This wallet was linked less than 24 hours ago.").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Keep my money here" }).click();
  await app.platform.db.pool.query("UPDATE wallet SET linked_at = now() - interval '2 days'");
  await withdraw(page, "5,000");
  await page.getByRole("alert").getByText("You have less than this takes.").waitFor();
  await page.getByLabel("Amount", { exact: true }).fill("1e5");
  await page.getByText("Digits, such as 50,000, 50k or 0.5").waitFor();
  expect(await page.getByRole("button", { name: "Withdraw" }).isDisabled()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await context.close();
});

test("a wallet that is locked, elsewhere, or shows another account is told apart, and signs nothing", async () => {
  const [, , , mine = "", other = ""] = await bank.anvil.call<string[]>("eth_accounts", []);
  const { token, handle } = await newPerson(app.url);
  await app.platform.db.pool.query(
    "INSERT INTO wallet (id, address, user_id, linked_at) SELECT gen_random_uuid(), lower($1), id, now() - interval '2 days' FROM app_user WHERE handle = $2",
    [mine, handle],
  );
  const { page, context } = await openWindow(browser);
  const wallet = await injectChainWallet(page, bank.anvil, mine);
  await context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await page.goto(`${app.url}/wallet`);
  await page.getByRole("button", { name: "Take 3,000,000" }).click();
  await withdraw(page, "1,500,000");
  const sign = async (says: string) => {
    await page.getByRole("button", { name: "Sign with Hydria" }).click();
    await page.getByRole("alert").getByText(says).waitFor();
  };
  wallet.shows = other;
  await sign("is not linked to your account");
  wallet.shows = mine;
  wallet.answers["eth_requestAccounts"] = { error: { code: -32_002, message: "Request already pending." } };
  await sign("waits for your answer already");
  wallet.answers["eth_requestAccounts"] = { result: [] };
  await sign("showed no account");
  delete wallet.answers["eth_requestAccounts"];
  wallet.answers["eth_chainId"] = { result: "0x1" };
  wallet.answers["wallet_switchEthereumChain"] = { error: { code: 4001, message: "User rejected the request." } };
  await sign("nothing was signed or sent. Switch it to the local chain (chain 31337).");
  wallet.answers["wallet_switchEthereumChain"] = { result: null };
  await sign("on another chain. Switch it to the local chain (chain 31337).");
  expect(wallet.asked).not.toContain("eth_signTypedData_v4");
  expect(await violations(page)).toEqual([]);
  wallet.answers = {};
  await page.getByRole("button", { name: "Sign with Hydria" }).click();
  await withdrawal(page, "1,500,000").waitFor();
  await context.close();
}, 60_000);

type Player = { key: string; token: string; botId: string; name: string };

async function newPlayer(name: string): Promise<Player> {
  const { key, token } = await newPerson(app.url);
  await mutate(app.url, key, "claimFaucet", {});
  const botId = await newBot(app.url, key, name);
  await mutate(app.url, key, "enterPit", { botId });
  return { key, token, botId, name };
}

async function inPit({ token }: Player): ReturnType<typeof openWindow> {
  const window = await openWindow(browser);
  await window.context.addCookies([{ name: "agon_session", value: token, url: app.url }]);
  await window.page.goto(`${app.url}/pit`);
  await window.page.locator(".purse").waitFor();
  return window;
}

test("two owners stake on a callout: both see what the winner takes, and the winner has it at once", async () => {
  const [ann, bob] = [await newPlayer("Stake_Ann"), await newPlayer("Stake_Bob")];
  const [one, two] = [await inPit(ann), await inPit(bob)];
  await one.page.locator(".here li", { hasText: "Stake_Bob" }).getByRole("button", { name: "Call out" }).click();
  await one.page.getByRole("button", { name: "100k", exact: true }).click();
  await one.page.locator(".dialog").getByText("194,000").waitFor();
  expect(await violations(one.page)).toEqual([]);
  await one.page.getByRole("button", { name: "Stake_Ann calls out Stake_Bob for 100,000" }).click();
  await expect.poll(() => purse(one.page).textContent(), { timeout: 10_000 }).toBe("2,900,000");
  await two.page.locator("li.call").getByText("194,000").waitFor();
  await two.page.getByRole("button", { name: "Accept: stake 100,000" }).click();
  await expect.poll(() => purse(two.page).textContent(), { timeout: 10_000 }).toBe("2,900,000");
  const bout = two.page.locator(".bout", { hasText: "Stake_Ann" });
  await bout.getByText("194k").waitFor();
  await bout.getByRole("link").click();
  await two.page.locator(".kv", { hasText: "Winner takes" }).getByText("194,000").waitFor();
  await two.page.getByRole("button", { name: "Concede with Stake_Bob" }).click();
  await two.page.getByRole("button", { name: "Concede", exact: true }).click();
  await two.page.locator(".kv", { hasText: "Stake_Ann took" }).getByText("194,000").waitFor();
  await expect.poll(() => purse(one.page).textContent(), { timeout: 10_000 }).toBe("3,094,000");
  await one.page.locator(".purse").click();
  const won = one.page.locator(".ledger tr", { hasText: "Wager won" });
  await won.getByText("+194,000").waitFor();
  await won.getByRole("link", { name: "Stake_Ann v Stake_Bob" }).first().click();
  await one.page.locator(".kv", { hasText: "Stake_Ann took" }).waitFor();
  for (const { context, complaints } of [one, two]) {
    expect(complaints).toEqual([]);
    await context.close();
  }
});

test("the ledger is paged, at 360 px too, and counts every entry once", async () => {
  const player = await newPlayer("Paged");
  const target = await newPlayer("Paged_Other");
  const callout = { botId: player.botId, targetId: target.botId, wager: String(50_000n * NORTH) };
  const key = await newKey(app.url, player.token, ["PLAY", "BET"]);
  const stakeAndTakeBack = async () => {
    const made = await mutate(app.url, key, "createCallout", callout, "callout { id }");
    const calloutId = (made["callout"] as unknown as { id: string }).id;
    await mutate(app.url, key, "cancelCallout", { calloutId });
  };
  for (let round = 0; round < 11; round++) await stakeAndTakeBack();
  const { page, context } = await openWindow(browser, { width: 360 });
  await context.addCookies([{ name: "agon_session", value: player.token, url: app.url }]);
  await page.goto(`${app.url}/wallet`);
  const rows = page.locator(".ledger tbody tr");
  await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(20);
  await page.getByRole("button", { name: "Earlier entries" }).click();
  // 11 stakes, 11 times given back, and the faucet.
  await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(23);
  await page.getByRole("button", { name: "Earlier entries" }).waitFor({ state: "detached" });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await violations(page)).toEqual([]);
  await stakeAndTakeBack();
  await page.reload();
  await page.getByRole("button", { name: "Earlier entries" }).click();
  await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(25);
  await context.close();
});

/** Spends somebody's points of this minute until so many are left at most. */
async function spendPoints(url: string, token: string, left: number): Promise<void> {
  for (const first of [50, 5, 1]) {
    for (let available = Infinity; available > left + first; ) {
      const answer = await ask(
        url,
        `{ bots(first: ${first}) { nodes { id } } }`,
        {},
        { authorization: `Bearer ${token}` },
      );
      available = (answer as { extensions?: { cost: { available: number } } }).extensions?.cost.available ?? 0;
    }
  }
}

test("a wallet page stays when the points of the minute are used up, and does not read bets again for other money", async () => {
  const poor = await startTestApp({ LIMIT_COST_PER_MINUTE_SIGNED_IN: 500 });
  const { token } = await newPerson(poor.url);
  const { page, context } = await openWindow(browser);
  await context.addCookies([{ name: "agon_session", value: token, url: poor.url }]);
  await page.goto(`${poor.url}/wallet`);
  await page.getByText("No bet yet").waitFor();
  // Enough to take play money, and too little for the page, which asks again then.
  await spendPoints(poor.url, token, 3);
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(request.postData() ?? ""));
  const again = page.waitForResponse((response) => response.request().postData()?.includes("WalletPage") ?? false);
  await page.getByRole("button", { name: /^Take/ }).click();
  expect(await (await again).text()).toContain("RATE_LIMITED");
  await page.getByText("No bet yet").waitFor();
  expect(await page.getByText("used up your points").count()).toBe(0);
  expect(asked.join()).not.toContain("MyBets");
  await context.close();
  await poor.stop();
});
