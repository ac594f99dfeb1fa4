import { chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { createPublicClient, createWalletClient, http, parseEther, type Address, type Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { northToken } from "../../contracts/north-token.ts";
import { ask } from "../harness/agent.ts";
import { newHolder } from "../harness/bank.ts";
import { freshDatabase } from "../harness/database.ts";
import { freePort, serverProcess, type ServerProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";

/** The first account of every development node: the local chain's distributor. */
const DISTRIBUTOR: Address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const RECEIVER: Address = `0x${"be".repeat(20)}`;
const SECRET = "0123456789abcdef0123456789abcdef";

let folder: string;
let database: { url: string; drop(): Promise<void> };
let pool: pg.Pool;
let server: ServerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "agon-chain-"));
  await chmod(folder, 0o755);
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  server = await serverOn(database.url);
  await server.start();
});
afterAll(async () => {
  await server.signal("SIGTERM");
  await endChain();
  await pool.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const serverOn = async (url: string, variables: Record<string, string> = {}) =>
  serverProcess(await freePort(), url, {
    AGON_ROLES: "api,chain",
    DATA_DIR: folder,
    AGON_SECRET: SECRET,
    LIMIT_SOLVENCY_CHECK_MS: "1000",
    ...variables,
  });

type Running = { pid: number; port: number };
const anvil = async () => JSON.parse(await readFile(join(folder, "chain", "process.json"), "utf8")) as Running;
const alive = (pid: number) =>
  readFile(`/proc/${pid}/cmdline`, "utf8").then(
    (command) => command.includes("anvil"),
    () => false,
  );
async function endChain(): Promise<void> {
  const { pid } = await anvil();
  if (!(await alive(pid))) return;
  process.kill(pid, "SIGKILL");
  await until(async () => !(await alive(pid)), "the end of the chain");
}

const transport = async () => http(`http://127.0.0.1:${(await anvil()).port}`, { retryCount: 0 });
const reader = async () => createPublicClient({ transport: await transport(), cacheTime: 0 });
const identity = async () =>
  (await pool.query<{ chain_id: number; genesis_hash: Hex; token_address: Address }>("SELECT * FROM chain_identity"))
    .rows;
const token = async () => ({ address: (await identity())[0]!.token_address, abi: northToken.abi });
const held = async (by: Address) =>
  (await reader()).readContract({ ...(await token()), functionName: "balanceOf", args: [by] });
async function pay(amount: bigint): Promise<void> {
  const wallet = createWalletClient({ account: DISTRIBUTOR, transport: await transport() });
  const args = [RECEIVER, amount] as const;
  const hash = await wallet.writeContract({ ...(await token()), functionName: "transfer", args, chain: null });
  const { status } = await (await reader()).waitForTransactionReceipt({ hash, pollingInterval: 50 });
  expect(status).toBe("success");
}

test("the first start makes a chain with the token on it, and the database remembers which", async () => {
  const [{ address: hot }] = (await pool.query<{ address: Address }>("SELECT address FROM hot_wallet")).rows as [
    { address: Address },
  ];
  expect(await held(hot)).toBe(parseEther("1000000000"));
  const { hash } = await (await reader()).getBlock({ blockNumber: 0n });
  expect(await identity()).toEqual([expect.objectContaining({ chain_id: 31_337, genesis_hash: hash })]);
  expect(server.said()).toContain(`The local chain (id 31337) answers at http://127.0.0.1:${(await anvil()).port}`);
});

test("a transaction becomes final without another one, and then the chain rests", async () => {
  const client = await reader();
  await pay(1n);
  const paidAt = await client.getBlockNumber();
  await until(async () => (await client.getBlock({ blockTag: "finalized" })).number >= paidAt, "finality");
  const rested = await until(async () => {
    const height = await client.getBlockNumber();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    return height === (await client.getBlockNumber()) && height;
  }, "a chain at rest");
  expect(rested - paidAt).toBeLessThanOrEqual(6n);
});

test("the faucet's money is on the chain and in the books, so that what is owed is covered", async () => {
  const inBooks = async () =>
    (
      await pool.query<{ account: string; sum: string }>(
        "SELECT account, sum(amount) AS sum FROM posting GROUP BY 1 ORDER BY 1",
      )
    ).rows.map(({ account, sum }) => [account, BigInt(sum)]);
  const billion = parseEther("1000000000");
  await until(async () => (await inBooks()).length > 0, "the deposit of the faucet's money");
  expect(await inBooks()).toEqual([
    ["chain:custody", -billion],
    ["house:faucet", billion],
  ]);
  const [{ address: master }] = (await pool.query<{ address: Address }>("SELECT address FROM master_wallet")).rows as [
    { address: Address },
  ];
  expect([await held(master), await held(DISTRIBUTOR)]).toEqual([billion, 98n * billion - 1n]);
  const solvency = async () =>
    (await pool.query<{ custody: string; liabilities: string }>("SELECT custody, liabilities FROM solvency")).rows[0];
  const { custody, liabilities } = await until(async () => {
    const found = await solvency();
    return found && BigInt(found.custody) > billion && found;
  }, "a look at the final block");
  expect([BigInt(custody), BigInt(liabilities)]).toEqual([2n * billion, 0n]);
  expect((await pool.query("SELECT FROM withdrawal_freeze")).rowCount).toBe(0);
});

test("money is withdrawn on the local chain without any set-up, and it needs nothing else to be final", async () => {
  const holder = await newHolder(server.url, pool, parseEther("5000"));
  const { address: to } = holder.wallet;
  const query = `mutation { requestWithdrawal(input: { to: "${to}", amount: "${parseEther("5000")}" }) { __typename } }`;
  const { data } = await ask(server.url, query, {}, { authorization: `Bearer ${holder.token}` });
  expect(data).toEqual({ requestWithdrawal: { __typename: "RequestWithdrawalSuccess" } });
  const status = async () => (await pool.query<{ status: string }>("SELECT status FROM withdrawal")).rows[0]?.status;
  await until(async () => (await status()) === "CONFIRMED", "the payment");
  expect(await held(to)).toBe(parseEther("5000"));
});

test("a server that is killed finds its chain again, still running", async () => {
  const before = await anvil();
  const [known] = await identity();
  await server.signal("SIGKILL");
  await pay(2n);
  await server.start();
  expect(await anvil()).toEqual(before);
  expect(await identity()).toEqual([known]);
  expect(await held(RECEIVER)).toBe(3n);
});

test("a chain that is killed under a running server is started again where it was, with its state", async () => {
  const before = await anvil();
  await saved();
  await endChain();
  await until(async () => (await anvil()).pid !== before.pid && (await held(RECEIVER).catch(() => null)), "the chain");
  expect((await anvil()).port).toBe(before.port);
  expect(await held(RECEIVER)).toBe(3n);
});

test("a server and a chain that are both killed come back with what was mined", async () => {
  await saved();
  await server.signal("SIGKILL");
  await endChain();
  await server.start();
  expect(await held(RECEIVER)).toBe(3n);
  const atFinal = { functionName: "balanceOf", args: [RECEIVER], blockTag: "finalized" } as const;
  expect(await (await reader()).readContract({ ...(await token()), ...atFinal })).toBe(3n);
});

test("a chain that hangs is ended, and started again", async () => {
  const { pid } = await anvil();
  await saved();
  await server.signal("SIGKILL");
  process.kill(pid, "SIGSTOP");
  await server.start();
  expect(await alive(pid)).toBe(false);
  expect(await held(RECEIVER)).toBe(3n);
});

test("however often it is started, its first block stays and its clock is the machine's", async () => {
  const { genesis_hash: known } = (await identity())[0]!;
  for (let time = 0; time < 4; time++) {
    const { pid } = await anvil();
    await saved();
    await endChain();
    await until(async () => (await anvil()).pid !== pid && (await held(RECEIVER).catch(() => null)), "the chain");
    const client = await reader();
    expect((await client.getBlock({ blockNumber: 0n })).hash).toBe(known);
    const height = await client.getBlockNumber();
    await until(async () => (await client.getBlockNumber()) > height, "a new block");
    const { timestamp } = await client.getBlock();
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(30);
  }
});

test("a stop ends the chain, and what was mined a moment before is on the disk", async () => {
  const { pid } = await anvil();
  await pay(4n);
  expect(await server.signal("SIGTERM")).toBe(0);
  expect(await alive(pid)).toBe(false);
  await server.start();
  expect(await held(RECEIVER)).toBe(7n);
});

test("another chain is refused with what to do; the old one is welcome again", async () => {
  await server.signal("SIGTERM");
  const [known] = await identity();
  const [here, aside] = [join(folder, "chain"), join(folder, "aside")];
  await rename(here, aside);
  await expect(server.start()).rejects.toThrow(/ANOTHER_CHAIN: .*hash of its first block.*begin with a new database/);
  expect(await identity()).toEqual([known]);
  expect(await alive((await anvil()).pid)).toBe(false);
  await rm(here, { recursive: true });
  await rename(aside, here);
  await server.start();
  expect(await held(RECEIVER)).toBe(7n);
});

test("a state that cannot be read is named, and nothing is written over it", async () => {
  await server.signal("SIGTERM");
  const state = join(folder, "chain", "state.json");
  const whole = await readFile(state);
  await writeFile(state, whole.subarray(0, 1_000));
  await expect(server.start()).rejects.toThrow(/LOCAL_CHAIN_FAILED: .*state[.]json/);
  expect((await readFile(state)).length).toBe(1_000);
  await writeFile(state, whole);
  await server.start();
  expect(await held(RECEIVER)).toBe(7n);
});

test("a configured endpoint must be the chain that the settings and the database mean", async () => {
  const rpc = `http://127.0.0.1:${(await anvil()).port}`;
  const tokenAddress = (await identity())[0]!.token_address;
  const refusal = async (url: string, variables: Record<string, string>) => {
    const other = await serverOn(url, { BASE_RPC_URL: rpc, TOKEN_ADDRESS: tokenAddress, ...variables });
    try {
      return await other.start().then(
        () => null,
        ({ message }: Error) => /did not start: ([A-Z_]+): /.exec(message)?.[1] ?? message,
      );
    } finally {
      await other.stop();
    }
  };
  const fresh = await freshDatabase();
  try {
    expect(await refusal(fresh.url, { CHAIN_ID: "8453" })).toBe("WRONG_CHAIN");
    expect(await refusal(fresh.url, { TOKEN_ADDRESS: RECEIVER })).toBe("NO_TOKEN");
    expect(await refusal(database.url, { TOKEN_ADDRESS: RECEIVER })).toBe("ANOTHER_CHAIN");
    expect(await refusal(database.url, {})).toBeNull();
  } finally {
    await fresh.drop();
  }
});

const stateWrittenAt = async () => (await stat(join(folder, "chain", "state.json"))).mtimeMs;

/** Waits until the chain has written its state twice: the second time it began after this call. */
async function saved(): Promise<void> {
  for (let time = 0; time < 2; time++) {
    const before = await stateWrittenAt();
    await until(async () => (await stateWrittenAt()) > before, "a saved state");
  }
}
