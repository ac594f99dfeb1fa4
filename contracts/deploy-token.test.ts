import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { privateKeyToAccount } from "viem/accounts";
import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isNorthToken } from "../src/chain/adapter/token.ts";
import { startAnvil, type Anvil } from "../tests/harness/anvil.ts";
import { northToken } from "./north-token.ts";

const run = promisify(execFile);
/** The first key of every development node. */
const EVERYBODYS_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const OUR_KEY: Hex = `0x${"5a".repeat(32)}`;
const us = privateKeyToAccount(OUR_KEY).address;
/** 10^11 tokens of 10^18 units. */
const ALL = 100_000_000_000_000_000_000_000_000_000n;

let anvil: Anvil;
beforeAll(async () => {
  anvil = await startAnvil();
  await anvil.call("anvil_setBalance", [us, "0xde0b6b3a7640000"]);
});
afterAll(() => anvil.stop());

const deploy = (variables: Record<string, string>) =>
  run("node", ["tools/deploy-token.ts"], {
    env: { ...process.env, BASE_RPC_URL: anvil.url, DEPLOYER_KEY: OUR_KEY, ...variables },
  }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
  );

test("the token is deployed once, a second time finds it, and its whole supply is the distributor's", async () => {
  const first = await deploy({});
  expect(first).toMatchObject({ code: 0, said: expect.stringMatching(/^Transaction 0x[0-9a-f]{64}$/m) });
  const address = /^Token +(0x\w{40})$/m.exec(first.said)?.[1] as Hex;
  expect(isNorthToken(await anvil.client.getCode({ address }))).toBe(true);
  const token = { address, abi: northToken.abi };
  expect(await anvil.client.readContract({ ...token, functionName: "balanceOf", args: [us] })).toBe(ALL);
  expect(await anvil.client.readContract({ ...token, functionName: "totalSupply" })).toBe(ALL);
  const height = await anvil.client.getBlockNumber({ cacheTime: 0 });

  const second = await deploy({});
  expect(second).toMatchObject({ code: 0, said: expect.stringContaining("the token stood there already") });
  expect(second.said).toContain(address);
  expect(await anvil.client.getBlockNumber({ cacheTime: 0 })).toBe(height);
});

test("another distributor has another token", async () => {
  const distributor: Hex = `0x${"d1".repeat(20)}`;
  const { said } = await deploy({ TOKEN_DISTRIBUTOR: distributor });
  const address = /^Token +(0x\w{40})$/m.exec(said)?.[1] as Hex;
  const held = { address, abi: northToken.abi, functionName: "balanceOf", args: [distributor] } as const;
  expect(await anvil.client.readContract(held)).toBe(ALL);
});

test.each([
  ["production on the chain of development", { NODE_ENV: "production" }, /^DEVELOPMENT_CHAIN/],
  ["a key that is none, without repeating it", { DEPLOYER_KEY: "0x1234" }, /^DEPLOYER_KEY must(?!.*1234)/],
  ["no endpoint", { BASE_RPC_URL: "" }, /^BASE_RPC_URL is missing/],
  ["a distributor that is no address", { TOKEN_DISTRIBUTOR: "0x12" }, /^TOKEN_DISTRIBUTOR must/],
])("%s is refused", async (_sentence, variables, words) => {
  expect(await deploy(variables)).toEqual({ code: 1, said: expect.stringMatching(words) });
});

test("production refuses keys that everybody knows, and chains without the factory are named", async () => {
  const real = await startAnvil(["--chain-id", "8453", "--disable-default-create2-deployer"]);
  try {
    const variables = { BASE_RPC_URL: real.url, NODE_ENV: "production" };
    const everybodys = await deploy({ ...variables, DEPLOYER_KEY: EVERYBODYS_KEY });
    expect(everybodys).toEqual({ code: 1, said: expect.stringMatching(/^DEVELOPMENT_KEY/) });
    const forEverybody = await deploy({
      ...variables,
      TOKEN_DISTRIBUTOR: privateKeyToAccount(EVERYBODYS_KEY).address,
    });
    expect(forEverybody).toEqual({ code: 1, said: expect.stringMatching(/^DEVELOPMENT_KEY/) });
    expect(await deploy(variables)).toEqual({ code: 1, said: expect.stringContaining("no factory") });
  } finally {
    real.stop();
  }
});

test("code that differs in one byte outside of what the constructor fills in is not the token's", async () => {
  const code = northToken.runtimeCode;
  const [hole] = northToken.immutables;
  const changed = (at: number) => code.slice(0, 2 + 2 * at) + "01" + code.slice(4 + 2 * at);
  expect(isNorthToken(changed(hole.start))).toBe(true);
  expect(isNorthToken(changed(hole.start - 1))).toBe(false);
  expect(isNorthToken(undefined)).toBe(false);
  expect(isNorthToken("0x")).toBe(false);
});
