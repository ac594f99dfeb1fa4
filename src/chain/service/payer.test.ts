import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { linkWallet, openBank, type Bank } from "../../../tests/harness/bank.ts";
import { openRpcLine } from "../../../tests/harness/rpc-line.ts";
import { available, move, platformAccount } from "../../ledger/rules.ts";
import { post } from "../../ledger/service/post.ts";
import { holdLease } from "../../platform/leases.ts";
import { north } from "../../platform/money.ts";
import { registerWallet, stopByOperator } from "./hot-wallet.ts";
import { PayerRound } from "./payer.ts";
import { requestWithdrawal } from "./withdrawals.ts";

let bank: Bank;
let arena: Arena;
beforeAll(async () => {
  [bank, arena] = await Promise.all([openBank(), openArena()]);
});
afterAll(async () => {
  await arena.stop();
  bank.stop();
});

const statuses = async () =>
  (await arena.rows<{ status: string }>("SELECT status FROM withdrawal")).map(({ status }) => status);

test("a payer that was taken over signs nothing, whatever it saw before", async () => {
  const { platform } = arena;
  const tokenAddress = bank.token.toLowerCase();
  const payer = { address: bank.hot.address.toLowerCase(), chainId: 31_337, tokenAddress };
  await arena.rows("INSERT INTO chain_identity VALUES (true, 31337, '0x' || repeat('b', 64), $1, now())", [
    tokenAddress,
  ]);
  await registerWallet(platform, bank.anvil.url, payer);
  const { ownerId: userId } = await arena.newBot();
  const { address } = await linkWallet(platform.db.pool, userId, 24 * 365);
  const grant = move(platformAccount("house:faucet"), available(userId), north(5_000));
  await platform.db.transact((tx) =>
    post(tx, platform, { kind: "FAUCET", reference: `User:${userId}`, key: "grant", postings: grant }),
  );
  const viewer = { kind: "session", principal: "session:1", userId, sessionId: "1", operator: false } as const;
  expect(await requestWithdrawal(platform, viewer, { to: address, amount: north(5_000) })).toMatchObject({ ok: true });

  const lease = `payer:${payer.address}`;
  const stale = await holdLease(platform.db, lease, "the old payer");
  await arena.rows("UPDATE lease SET expires_at = '-infinity' WHERE name = $1", [lease]);
  const fresh = await holdLease(platform.db, lease, "the new payer");
  if (!stale || !fresh) throw new Error("the lease was not taken over");
  const wallet = { ...payer, rpcUrl: bank.anvil.url, key: bank.key };
  await new PayerRound(platform, wallet).run(stale);
  expect(await statuses()).toEqual(["RESERVED"]);
  await new PayerRound(platform, wallet).run(fresh);
  expect(await statuses()).toEqual(["SENT"]);
  expect(await bank.paid(address)).toEqual({ payments: 1, amount: north(5_000) });
});

test("withdrawals that nobody but their owner can free stand in nobody's way", async () => {
  const { platform } = arena;
  const [{ user_id: userId, to_address: to } = { user_id: "", to_address: "" }] = await arena.rows<{
    user_id: string;
    to_address: string;
  }>("SELECT user_id, to_address FROM withdrawal");
  await arena.rows(
    `INSERT INTO withdrawal (id, user_id, to_address, amount, status, waiting_for, created_at, moved_at)
     SELECT ('00000000' || substr(md5(n::text), 9))::uuid, $1, '0x' || repeat('d', 40), 1, 'RESERVED', 'WALLET_UNLINKED', now(), now() FROM generate_series(1, 60) n`,
    [userId],
  );
  await arena.rows(
    `INSERT INTO withdrawal (id, user_id, to_address, amount, status, created_at, moved_at) VALUES ('ffffffff-0000-7000-8000-000000000000', $1, $2, 1, 'RESERVED', now(), now())`,
    [userId, to],
  );
  const payer = { address: bank.hot.address.toLowerCase(), chainId: 31_337, tokenAddress: bank.token.toLowerCase() };
  const lease = await holdLease(platform.db, `payer:${payer.address}`, "the new payer");
  if (!lease) throw new Error("the lease was lost");
  await new PayerRound(platform, { ...payer, rpcUrl: bank.anvil.url, key: bank.key }).run(lease);
  expect((await statuses()).filter((status) => status === "SENT")).toHaveLength(2);
});

test("a stop in the middle of a round holds back what that round has not sent yet", async () => {
  const { platform } = arena;
  const line = await openRpcLine(bank.anvil.url);
  platform.settings.withdrawalsPerHour = 100;
  const addresses: `0x${string}`[] = [];
  for (let asked = 0; asked < 12; asked++) {
    const { ownerId: userId } = await arena.newBot();
    const { address } = await linkWallet(platform.db.pool, userId, 24 * 365);
    const grant = move(platformAccount("house:faucet"), available(userId), north(5_000));
    await platform.db.transact((tx) =>
      post(tx, platform, { kind: "FAUCET", reference: `User:${userId}`, key: `grant ${asked}`, postings: grant }),
    );
    const viewer = { kind: "session", principal: "session:1", userId, sessionId: "1", operator: false } as const;
    expect(await requestWithdrawal(platform, viewer, { to: address, amount: north(5_000) })).toMatchObject({
      ok: true,
    });
    addresses.push(address);
  }
  const address = bank.hot.address.toLowerCase();
  const wallet = { address, chainId: 31_337, tokenAddress: bank.token.toLowerCase(), rpcUrl: line.url, key: bank.key };
  const lease = await holdLease(platform.db, `payer:${address}`, "the new payer");
  if (!lease) throw new Error("the lease was lost");
  const payer = new PayerRound(platform, wallet);
  line.refuse("eth_sendRawTransaction", "not now");
  await payer.run(lease);
  expect((await statuses()).filter((status) => status === "SIGNED")).toHaveLength(12);
  // It is time to offer them again, eight at once; the chain never hears of those, however late their calls are.
  const again = new Date(arena.now.getTime() + 10_000);
  arena.now = again;
  line.release();
  const met = line.hold("eth_sendRawTransaction", "before");
  const round = payer.run(lease);
  await met;
  const operator = { kind: "session", principal: "session:2", sessionId: "2", operator: true } as const;
  const { ownerId: userId } = await arena.newBot();
  expect(await stopByOperator(platform, { ...operator, userId }, { reason: "a drill" })).toMatchObject({ ok: true });
  await round;
  const attempts = await arena.rows<{ sent_at: Date }>(
    "SELECT a.sent_at FROM withdrawal_attempt a JOIN withdrawal w ON w.id = a.withdrawal_id WHERE w.to_address = ANY($1)",
    [addresses.map((each) => each.toLowerCase())],
  );
  expect(attempts).toHaveLength(12);
  const offered = attempts.filter(({ sent_at }) => sent_at.getTime() === again.getTime());
  expect(offered.length).toBeGreaterThan(0);
  expect(offered.length).toBeLessThanOrEqual(8);
  await line.stop();
}, 60_000);
