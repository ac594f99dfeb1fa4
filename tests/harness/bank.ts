import { randomBytes } from "node:crypto";
import type { Pool } from "pg";
import {
  createPublicClient,
  encodeFunctionData,
  erc20Abi,
  http,
  parseEther,
  toHex,
  type Address,
  type Hex,
} from "viem";
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { northToken } from "../../contracts/north-token.ts";
import { deployToken } from "../../src/chain/adapter/token.ts";
import { newPerson } from "./agent.ts";
import { startAnvil, type Anvil } from "./anvil.ts";

export const NORTH = 10n ** 18n;
/** Holds the whole supply of a test's chain, and its node signs for it. */
const DISTRIBUTOR: Address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/** A transfer in a block, and its signed bytes, which may be mined anew after a reorganisation. */
export type Sent = { txHash: Hex; raw: Hex; height: number };

/** A chain of the test's own with the token on it, and a hot wallet that has gas and tokens. */
export type Bank = {
  anvil: Anvil;
  token: Address;
  key: Hex;
  hot: PrivateKeyAccount;
  /** The variables of .env.example that let a server pay from this hot wallet. */
  variables(rpcUrl?: string): Record<string, string>;
  /** Where deposits go to; nobody has its key. */
  master: Address;
  /** The same, and to take deposits, credited as CREDIT_TAG says. */
  depositing(creditTag: string, rpcUrl?: string): Record<string, string>;
  /** Sends tokens from a wallet, which is given gas and just as many; to the master unless told otherwise. */
  send(from: PrivateKeyAccount, tokens: bigint, to?: Address): Promise<Sent>;
  /** What an address has. */
  balance(of: Address): Promise<bigint>;
  /** How often an address was paid by the hot wallet, and how much in all. */
  paid(to: Address): Promise<{ payments: number; amount: bigint }>;
  /** Gives an address tokens out of the distributor's supply. */
  give(to: Address, tokens: bigint): Promise<void>;
  topUp(tokens: bigint): Promise<void>;
  mine(blocks?: number): Promise<void>;
  /** Mines a block now and then, until it is stopped. */
  keepMining(): () => void;
  stop(): void;
};

/** On a busy machine more take longer than an answer may. */
const MINED_AT_ONCE = 100;

/** Opens a bank; two blocks on top make a block final. */
export async function openBank(tokens = 1_000_000_000n * NORTH): Promise<Bank> {
  const anvil = await startAnvil(["--slots-in-an-epoch", "1"]);
  const { address: token } = await deployToken(anvil.url, DISTRIBUTOR, DISTRIBUTOR);
  const key = generatePrivateKey();
  const hot = privateKeyToAccount(key);
  const client = createPublicClient({ transport: http(anvil.url), cacheTime: 0 });
  await anvil.call("anvil_setBalance", [hot.address, toHex(parseEther("10"))]);
  const contract = { address: token, abi: erc20Abi } as const;
  const master = privateKeyToAccount(generatePrivateKey()).address;
  const give = async (to: Address, amount: bigint) => {
    const data = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, amount] });
    const hash = await anvil.call<Hex>("eth_sendTransaction", [{ from: DISTRIBUTOR, to: token, data }]);
    await client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
  };
  const bank: Bank = {
    anvil,
    token,
    key,
    hot,
    variables: (rpcUrl = anvil.url) => ({
      AGON_ROLES: "api,chain",
      BASE_RPC_URL: rpcUrl,
      TOKEN_ADDRESS: token,
      HOT_WALLET_KEY: key,
    }),
    balance: (of) => client.readContract({ ...contract, functionName: "balanceOf", args: [of] }),
    paid: async (to) => {
      const transfers = await client.getContractEvents({
        address: token,
        abi: northToken.abi,
        eventName: "Transfer",
        args: { from: hot.address, to },
        fromBlock: 0n,
      });
      return { payments: transfers.length, amount: transfers.reduce((sum, { args }) => sum + (args.value ?? 0n), 0n) };
    },
    master,
    depositing: (creditTag, rpcUrl) => ({
      ...bank.variables(rpcUrl),
      MASTER_ADDRESS: master,
      CREDIT_TAG: creditTag,
    }),
    send: async (from, amount, to = master) => {
      await anvil.call("anvil_setBalance", [from.address, toHex(parseEther("10"))]);
      await give(from.address, amount);
      const raw = await from.signTransaction({
        type: "eip1559",
        chainId: 31_337,
        nonce: await client.getTransactionCount({ address: from.address }),
        to: token,
        data: encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, amount] }),
        gas: 100_000n,
        maxFeePerGas: 50n * 10n ** 9n,
        maxPriorityFeePerGas: 10n ** 9n,
      });
      const txHash = await client.sendRawTransaction({ serializedTransaction: raw });
      const { blockNumber } = await client.waitForTransactionReceipt({ hash: txHash, pollingInterval: 20 });
      return { txHash, raw, height: Number(blockNumber) };
    },
    give,
    topUp: (amount) => give(hot.address, amount),
    mine: async (blocks = 1) => {
      for (let left = blocks; left > 0; left -= MINED_AT_ONCE)
        await anvil.call("anvil_mine", [toHex(Math.min(left, MINED_AT_ONCE))]);
    },
    keepMining: () => {
      const timer = setInterval(() => void bank.mine().catch(() => undefined), 200);
      return () => clearInterval(timer);
    },
    stop: () => anvil.stop(),
  };
  if (tokens > 0n) await bank.topUp(tokens);
  await bank.mine(3);
  return bank;
}

/** A person with money to withdraw and a wallet that was linked two days ago. */
export type Holder = { handle: string; token: string; key: string; userId: string; wallet: PrivateKeyAccount };

const GRANT = `SELECT ledger_post(gen_random_uuid(), 'FAUCET', 'User:' || $1::uuid, $3, NULL, NULL, now(),
  ARRAY['user:available', 'house:faucet'], ARRAY[$1::uuid, '00000000-0000-0000-0000-000000000000'::uuid], ARRAY[$2::numeric, -$2::numeric])`;

/** A new holder of an amount. */
export async function newHolder(url: string, pool: Pool, amount: bigint): Promise<Holder> {
  const person = await newPerson(url);
  const { rows } = await pool.query<{ id: string }>("SELECT id FROM app_user WHERE handle = $1", [person.handle]);
  const userId = rows[0]?.id ?? "";
  await pool.query(GRANT, [userId, amount.toString(), `grant ${randomBytes(8).toString("hex")}`]);
  const wallet = await linkWallet(pool, userId);
  return { ...person, userId, wallet };
}

/** Links a wallet to a user as if it had been signed in so many hours ago. */
export async function linkWallet(pool: Pool, userId: string, hoursAgo = 48): Promise<PrivateKeyAccount> {
  const wallet = privateKeyToAccount(generatePrivateKey());
  await pool.query(
    `INSERT INTO wallet (id, address, user_id, linked_at) VALUES (gen_random_uuid(), $1, $2, now() - $3 * interval '1 hour')`,
    [wallet.address.toLowerCase(), userId, hoursAgo],
  );
  return wallet;
}
