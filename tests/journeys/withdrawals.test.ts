import { hashTypedData, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newPerson, socket } from "../harness/agent.ts";
import { contractWallet, startAnvil } from "../harness/anvil.ts";
import { startTestApp } from "../harness/app.ts";
import { linkWallet, newHolder, NORTH, openBank, type Bank, type Holder } from "../harness/bank.ts";
import { until } from "../harness/until.ts";

let bank: Bank;
let app: App;
let stopMining: () => void;
beforeAll(async () => {
  bank = await openBank();
  app = await startTestApp({ LIMIT_WITHDRAWALS_PER_HOUR: 100 }, {}, bank.variables());
  stopMining = bank.keepMining();
});
afterAll(async () => {
  stopMining();
  await app.stop();
  bank.stop();
});

type Withdrawal = { id: string; status: string; waitingFor: string | null; txHash: Hex | null; feeWei: string | null };
type Result = {
  __typename: string;
  code?: string;
  path?: string[];
  message?: string;
  retryAfterMs?: number;
  withdrawal?: Withdrawal;
};
const SHOWN = "id status waitingFor reason to amountFormatted txHash feeWei createdAt movedAt";
async function act(
  field: string,
  token: string,
  input: object,
  selection = `withdrawal { ${SHOWN} }`,
): Promise<Result> {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${name}Input!) { ${field}(input: $input) { __typename ... on ${name}Success { ${selection} } ... on Refusal { code path message retryAfterMs } } }`;
  const answer = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data[field] as unknown as Result;
}
const holder = (amount = 10_000_000n) => newHolder(app.url, app.platform.db.pool, amount * NORTH);
const withdraw = (by: Holder, north: bigint, input: object = {}) =>
  act("requestWithdrawal", by.token, { to: by.wallet.address, amount: String(north * NORTH), ...input });
const idOf = ({ withdrawal }: Result) => withdrawal?.id ?? "";
async function read(token: string, id: string): Promise<Withdrawal> {
  const query = `query($id: ID!) { node(id: $id) { ... on Withdrawal { ${SHOWN} } } }`;
  const { data } = await ask(app.url, query, { id }, { authorization: `Bearer ${token}` });
  return data?.["node"] as unknown as Withdrawal;
}
const reaches = (by: Holder, id: string, status: string) =>
  until(async () => {
    const found = await read(by.token, id);
    return found.status === status && found;
  }, `${status} of ${id}`);
async function balances(by: Holder): Promise<{ available: bigint; held: bigint; withdrawn: bigint }> {
  const query = "{ viewer { balance { available held withdrawn } } }";
  const { data } = await ask(app.url, query, {}, { authorization: `Bearer ${by.token}` });
  const { available, held, withdrawn } = (data as never as { viewer: { balance: Record<string, string> } }).viewer
    .balance;
  return {
    available: BigInt(available ?? 0) / NORTH,
    held: BigInt(held ?? 0) / NORTH,
    withdrawn: BigInt(withdrawn ?? 0) / NORTH,
  };
}

const DEADLINE_S = () => Math.floor(Date.now() / 1_000) + 600;
/** What a wallet signs, as the schema and docs/money.md say. */
const typedData = (to: string, north: bigint, idempotencyKey: string, deadline_s: number) =>
  ({
    domain: { name: "Agon", version: "1", chainId: 31_337, verifyingContract: bank.token },
    types: {
      Withdrawal: [
        { name: "to", type: "address" },
        { name: "amount", type: "uint256" },
        { name: "idempotencyKey", type: "string" },
        { name: "deadline", type: "uint256" },
      ],
    },
    primaryType: "Withdrawal",
    message: { to: to as Hex, amount: north * NORTH, idempotencyKey, deadline: BigInt(deadline_s) },
  }) as const;
const instant = (at_s: number) => new Date(at_s * 1_000).toISOString();
async function signed(
  by: PrivateKeyAccount,
  to: string,
  north: bigint,
  idempotencyKey: string,
  deadline_s = DEADLINE_S(),
) {
  const signature = await by.signTypedData(typedData(to, north, idempotencyKey, deadline_s));
  return { signature, deadline: instant(deadline_s), idempotencyKey, signer: by.address };
}

describe("a withdrawal", () => {
  test("is held at once, paid on the chain once, and told state by state", async () => {
    const ann = await holder();
    const told: string[] = [];
    const client = socket(app.url, ann.key);
    client.subscribe<{
      userEvents: { event: { status: string; waitingFor: string | null; withdrawal: { id: string } } };
    }>(
      {
        query:
          "subscription { userEvents { cursor event { ... on WithdrawalChanged { status waitingFor txHash withdrawal { id } } } } }",
      },
      {
        next: ({ data }) => void told.push(data?.userEvents.event.status ?? ""),
        error: () => undefined,
        complete: () => undefined,
      },
    );
    await until(() => app.platform.db.pool.query("SELECT 1").then(() => true), "the subscription");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const made = await withdraw(ann, 1_000_000n);
    expect(made).toMatchObject({
      __typename: "RequestWithdrawalSuccess",
      // Its status is that of the moment: a quick payer has signed it by now. The events below say that it was RESERVED first.
      withdrawal: { to: ann.wallet.address, amountFormatted: "1,000,000 NORTH" },
    });
    expect(await balances(ann)).toEqual({ available: 9_000_000n, held: 1_000_000n, withdrawn: 0n });
    const { txHash, feeWei } = await reaches(ann, idOf(made), "CONFIRMED");
    expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 1, amount: 1_000_000n * NORTH });
    const receipt = await bank.anvil.client.getTransactionReceipt({ hash: txHash ?? "0x" });
    expect(feeWei).toBe(String(receipt.gasUsed * receipt.effectiveGasPrice));
    expect(await balances(ann)).toEqual({ available: 9_000_000n, held: 0n, withdrawn: 1_000_000n });
    await until(() => told.length >= 4, "the events");
    expect(told).toEqual(["RESERVED", "SIGNED", "SENT", "CONFIRMED"]);
    await client.dispose();
  });

  test("stands in its owner's list, newest first, and in nobody else's", async () => {
    const [ann, bob] = [await holder(), await holder()];
    const [first, second] = [idOf(await withdraw(ann, 1_000n)), idOf(await withdraw(ann, 2_000n))];
    const list = async (token: string) => {
      const query = "{ viewer { withdrawals(first: 5) { nodes { id } } } }";
      const { data } = await ask(app.url, query, {}, { authorization: `Bearer ${token}` });
      return (data as never as { viewer: { withdrawals: { nodes: { id: string }[] } } }).viewer.withdrawals.nodes;
    };
    expect(await list(ann.token)).toEqual([{ id: second }, { id: first }]);
    expect(await list(bob.token)).toEqual([]);
    expect(await read(bob.token, first)).toBeNull();
  });

  test("for one key there is one, whichever sessions ask and however many at once", async () => {
    const ann = await holder();
    const answer = await ask(
      app.url,
      `mutation { signIn(input: { login: "${ann.handle}", password: "correct horse battery" }) { ... on SignInSuccess { token } } }`,
    );
    const { token } = (answer.data as never as { signIn: { token: string } }).signIn;
    const other = { ...ann, token };
    const asked = Array.from({ length: 6 }, (_none, index) =>
      withdraw(index % 2 === 0 ? ann : other, 5_000n, { idempotencyKey: "one" }),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect(await withdraw(other, 6_000n, { idempotencyKey: "one" })).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
    await reaches(ann, idOf(answers[0] as Result), "CONFIRMED");
    expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 1, amount: 5_000n * NORTH });
    expect(await balances(ann)).toEqual({ available: 9_995_000n, held: 0n, withdrawn: 5_000n });
  });

  test("of more than there is is refused, and of two that are too much together one is made", async () => {
    const ann = await holder(10_000n);
    expect(await withdraw(ann, 10_001n)).toMatchObject({ code: "INSUFFICIENT_FUNDS", path: ["input", "amount"] });
    const answers = await Promise.all([withdraw(ann, 6_000n), withdraw(ann, 6_000n)]);
    expect(answers.map(({ code }) => code ?? "DONE").toSorted()).toEqual(["DONE", "INSUFFICIENT_FUNDS"]);
    const { rows } = await app.platform.db.pool.query("SELECT id FROM withdrawal WHERE user_id = $1", [ann.userId]);
    expect(rows).toHaveLength(1);
  });

  test.each<[string, bigint, (by: Holder) => object | Promise<object>, string, string[]]>([
    ["to the token", 5_000n, () => ({ to: bank.token }), "DENIED_ADDRESS", ["input", "to"]],
    ["to the hot wallet", 5_000n, () => ({ to: bank.hot.address }), "DENIED_ADDRESS", ["input", "to"]],
    ["to the zero address", 5_000n, () => ({ to: `0x${"0".repeat(40)}` }), "DENIED_ADDRESS", ["input", "to"]],
    [
      "to another's wallet",
      5_000n,
      async () => ({ to: (await holder()).wallet.address }),
      "NOT_YOUR_WALLET",
      ["input", "to"],
    ],
    ["of less than the least", 999n, () => ({}), "AMOUNT_TOO_SMALL", ["input", "amount"]],
    ["of more than the most", 10_000_001n, () => ({}), "AMOUNT_TOO_LARGE", ["input", "amount"]],
    ["of more than a million unsigned", 1_000_001n, () => ({}), "SIGNATURE_NEEDED", ["input", "signature"]],
    [
      "with somebody's signature",
      5_000n,
      (by) => signed(privateKeyToAccount(generatePrivateKey()), by.wallet.address, 5_000n, "k"),
      "SIGNATURE_INVALID",
      ["input", "signature"],
    ],
    [
      "with a signature for another amount",
      6_000n,
      (by) => signed(by.wallet, by.wallet.address, 5_000n, "k"),
      "SIGNATURE_INVALID",
      ["input", "signature"],
    ],
    [
      "with a signature for another key",
      5_000n,
      async (by) => ({ ...(await signed(by.wallet, by.wallet.address, 5_000n, "k")), idempotencyKey: "l" }),
      "SIGNATURE_INVALID",
      ["input", "signature"],
    ],
    [
      "with a signature whose deadline has passed",
      5_000n,
      (by) => signed(by.wallet, by.wallet.address, 5_000n, "k", 1_700_000_000),
      "SIGNATURE_INVALID",
      ["input", "deadline"],
    ],
    [
      "with a signature for ever",
      5_000n,
      (by) => signed(by.wallet, by.wallet.address, 5_000n, "k", 4_000_000_000),
      "SIGNATURE_INVALID",
      ["input", "deadline"],
    ],
    ["with a signature and no deadline", 5_000n, () => ({ signature: "0x12" }), "BAD_INPUT", ["input", "deadline"]],
    [
      "with a signature and no key",
      5_000n,
      async (by) => ({ ...(await signed(by.wallet, by.wallet.address, 5_000n, "k")), idempotencyKey: null }),
      "BAD_INPUT",
      ["input", "idempotencyKey"],
    ],
    [
      "with a signature that is none",
      5_000n,
      () => ({ signature: "none", deadline: new Date(Date.now() + 60_000).toISOString(), idempotencyKey: "k" }),
      "SIGNATURE_INVALID",
      ["input", "signature"],
    ],
  ])("%s is refused by name, and nothing is held", async (_sentence, north, input, code, path) => {
    const ann = await holder(20_000_000n);
    expect(await withdraw(ann, north, await input(ann))).toMatchObject({ code, path });
    expect(await balances(ann)).toEqual({ available: 20_000_000n, held: 0n, withdrawn: 0n });
  });

  test("of more than a million is paid with a signature, which counts once", async () => {
    const ann = await holder(20_000_000n);
    const input = await signed(ann.wallet, ann.wallet.address, 2_000_000n, "large");
    const made = await withdraw(ann, 2_000_000n, input);
    expect(made.__typename).toBe("RequestWithdrawalSuccess");
    expect(idOf(await withdraw(ann, 2_000_000n, input))).toBe(idOf(made));
    expect(await withdraw(ann, 1_000n)).toMatchObject({ code: "SIGNATURE_NEEDED" });
    await reaches(ann, idOf(made), "CONFIRMED");
    expect(await bank.paid(ann.wallet.address)).toEqual({ payments: 1, amount: 2_000_000n * NORTH });
  });

  test("asked for again after its signature's deadline is still the one that was made", async () => {
    const ann = await holder(20_000_000n);
    const deadline_s = Math.floor(Date.now() / 1_000) + 3;
    const input = await signed(ann.wallet, ann.wallet.address, 2_000_000n, "answer lost", deadline_s);
    const made = await withdraw(ann, 2_000_000n, input);
    expect(made.__typename).toBe("RequestWithdrawalSuccess");
    await until(() => Promise.resolve(Date.now() > (deadline_s + 1) * 1_000), "the deadline");
    expect(idOf(await withdraw(ann, 2_000_000n, input))).toBe(idOf(made));
    expect(await withdraw(ann, 2_000_001n, input)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  });

  test("of more than a million is paid to a contract wallet that signs for it on the chain (EIP-1271), and for no more", async () => {
    const ann = await holder(20_000_000n);
    const to = await bank.anvil.nextContract();
    await app.platform.db.pool.query(
      `INSERT INTO wallet (id, address, user_id, linked_at) VALUES (gen_random_uuid(), lower($1), $2, now() - interval '2 days')`,
      [to, ann.userId],
    );
    const deadline_s = DEADLINE_S();
    await bank.anvil.deploy(contractWallet(hashTypedData(typedData(to, 2_000_000n, "contract", deadline_s))));
    const input = { to, signature: `0x${"ab".repeat(65)}`, deadline: instant(deadline_s), idempotencyKey: "contract" };
    expect(await withdraw(ann, 2_000_001n, input)).toMatchObject({ code: "SIGNATURE_INVALID" });
    await reaches(ann, idOf(await withdraw(ann, 2_000_000n, input)), "CONFIRMED");
    expect(await bank.paid(to)).toEqual({ payments: 1, amount: 2_000_000n * NORTH });
  });

  test("of more than a million is not taken by what a contract says on another chain of the same id", async () => {
    const ann = await holder(20_000_000n);
    const elsewhere = await startAnvil();
    const to = await elsewhere.nextContract();
    await app.platform.db.pool.query(
      `INSERT INTO wallet (id, address, user_id, linked_at) VALUES (gen_random_uuid(), lower($1), $2, now() - interval '2 days')`,
      [to, ann.userId],
    );
    const deadline_s = DEADLINE_S();
    await elsewhere.deploy(contractWallet(hashTypedData(typedData(to, 2_000_000n, "elsewhere", deadline_s))));
    const input = { to, signature: `0x${"ab".repeat(65)}`, deadline: instant(deadline_s), idempotencyKey: "elsewhere" };
    const ours = app.platform.chain;
    app.platform.chain = { ...ours, rpcUrl: elsewhere.url };
    expect(await withdraw(ann, 2_000_000n, input)).toMatchObject({ code: "CHAIN_UNAVAILABLE" });
    app.platform.chain = ours;
    elsewhere.stop();
  });

  test("to a wallet that was just linked waits a day, unless an older one signs", async () => {
    const ann = await holder();
    const fresh = await linkWallet(app.platform.db.pool, ann.userId, 0);
    const to = fresh.address;
    expect(await withdraw(ann, 5_000n, { to })).toMatchObject({ code: "WALLET_TOO_NEW", path: ["input", "to"] });
    expect(await withdraw(ann, 5_000n, { to, ...(await signed(fresh, to, 5_000n, "self")) })).toMatchObject({
      code: "WALLET_TOO_NEW",
    });
    const made = await withdraw(ann, 5_000n, { to, ...(await signed(ann.wallet, to, 5_000n, "older")) });
    await reaches(ann, idOf(made), "CONFIRMED");
    expect(await bank.paid(to)).toEqual({ payments: 1, amount: 5_000n * NORTH });
  });

  test("takes a key with the scope WITHDRAW", async () => {
    const ann = await holder();
    const keyWith = async (scopes: string[]) => {
      const query = `mutation { createApiKey(input: { name: "k", scopes: [${scopes.join()}] }) { ... on CreateApiKeySuccess { key } } }`;
      const { data } = await ask(app.url, query, {}, { authorization: `Bearer ${ann.token}` });
      return (data as never as { createApiKey: { key: string } }).createApiKey.key;
    };
    const asked = async (scopes: string[]) => withdraw({ ...ann, token: await keyWith(scopes) }, 5_000n);
    expect(await asked(["PLAY", "BET", "WORK"])).toMatchObject({ code: "MISSING_SCOPE" });
    expect((await asked(["WITHDRAW"])).__typename).toBe("RequestWithdrawalSuccess");
  });

  test("says its terms to everybody, the signing domain with them", async () => {
    const { data } = await ask(
      app.url,
      "{ withdrawalTerms { frozen minimum maximum perDay signatureAbove walletWaitMs winningsWaitMs perHour domain { name version chainId verifyingContract } } }",
    );
    expect(data?.["withdrawalTerms"]).toEqual({
      frozen: false,
      minimum: String(1_000n * NORTH),
      maximum: String(10_000_000n * NORTH),
      perDay: String(20_000_000n * NORTH),
      signatureAbove: String(1_000_000n * NORTH),
      walletWaitMs: 86_400_000,
      winningsWaitMs: 86_400_000,
      perHour: 100,
      domain: { name: "Agon", version: "1", chainId: 31_337, verifyingContract: bank.token },
    });
  });
});

describe("without a chain", () => {
  test("nothing can be withdrawn, and the terms say so", async () => {
    const dry = await startTestApp({}, {}, { AGON_ROLES: "api" });
    try {
      const { token } = await newPerson(dry.url);
      const to = privateKeyToAccount(generatePrivateKey()).address;
      const { data } = await ask(
        dry.url,
        `mutation { requestWithdrawal(input: { to: "${to}", amount: "1" }) { ... on Refusal { code } } }`,
        {},
        { authorization: `Bearer ${token}` },
      );
      expect(data).toEqual({ requestWithdrawal: { code: "NO_CHAIN" } });
      expect((await ask(dry.url, "{ withdrawalTerms { frozen } }")).data).toEqual({ withdrawalTerms: null });
    } finally {
      await dry.stop();
    }
  });
});

describe("an account with money", () => {
  const leave = (by: Holder, more: object = {}) =>
    act("deleteAccount", by.token, { handle: by.handle, ...more }, "deleted");

  test("is not deleted while a withdrawal is on its way, and of what is left only on purpose", async () => {
    const ann = await holder(10_000n);
    const made = await withdraw(ann, 4_000n);
    expect(await leave(ann, { giveUpMoney: true })).toMatchObject({ code: "MONEY_IN_PLAY" });
    await reaches(ann, idOf(made), "CONFIRMED");
    // The money of this chain is somebody's: it is no play money.
    app.platform.playMoney = false;
    expect(await leave(ann)).toMatchObject({ code: "MONEY_LEFT" });
    expect(await balances(ann)).toEqual({ available: 6_000n, held: 0n, withdrawn: 4_000n });
    expect((await leave(ann, { giveUpMoney: true })).__typename).toBe("DeleteAccountSuccess");
    app.platform.playMoney = true;
    const bob = await holder(10_000n);
    expect((await leave(bob)).__typename).toBe("DeleteAccountSuccess");
  });
});
