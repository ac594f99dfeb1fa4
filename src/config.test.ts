import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const SECRET = { AGON_SECRET: "0123456789abcdef0123456789abcdef" };
const PRODUCTION = { ...SECRET, NODE_ENV: "production" };
const ADDRESS = "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

test.each([
  ["development has the local chain", SECRET, { id: 31_337, rpcUrl: null, tokenAddress: null }],
  ["production has Base, and no endpoint of its own", PRODUCTION, { id: 8_453, rpcUrl: null, tokenAddress: null }],
  [
    "what is set counts, addresses in lower case",
    { ...PRODUCTION, BASE_RPC_URL: "https://base.example/", CHAIN_ID: "84532", TOKEN_ADDRESS: ADDRESS },
    { id: 84_532, rpcUrl: "https://base.example/", tokenAddress: ADDRESS.toLowerCase() },
  ],
])("%s", (_sentence, environment, chain) => expect(readConfig(environment).chain).toEqual(chain));

test.each([
  [SECRET, true],
  [PRODUCTION, false],
  [{ ...PRODUCTION, GRAPHQL_SUGGESTIONS: "" }, false],
  [{ ...PRODUCTION, GRAPHQL_SUGGESTIONS: "true" }, true],
])("%j answers a wrong name with those that are like it: %s", (environment, expected) =>
  expect(readConfig(environment).settings.suggestions).toBe(expected),
);

const KNOWN_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const OWN_KEY = `0x${"11".repeat(32)}`;
const MASTER = `0x${"22".repeat(20)}`;
const REAL = {
  ...PRODUCTION,
  BASE_RPC_URL: "https://base.example/",
  TOKEN_ADDRESS: ADDRESS,
  MASTER_ADDRESS: MASTER,
};

test("the hot wallet is that of its key; the local chain's follows from the secret", () => {
  // The address of that key, by any other library.
  const address = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a";
  expect(readConfig({ ...REAL, HOT_WALLET_KEY: OWN_KEY }).hotWallet).toEqual({ key: OWN_KEY, address });
  expect(readConfig(REAL).hotWallet).toBeNull();
  expect(readConfig(PRODUCTION).hotWallet).toBeNull();
  const [one, again] = [readConfig(SECRET).hotWallet, readConfig(SECRET).hotWallet];
  expect(one).toEqual(again);
  expect(one?.address).not.toBe(readConfig({ AGON_SECRET: "f".repeat(32) }).hotWallet?.address);
});

test.each([
  ["one that everybody knows", KNOWN_KEY, REAL, /^HOT_WALLET_KEY is a key that everybody knows/],
  ["one that is too short", "0x12", REAL, /^HOT_WALLET_KEY must be a private key/],
  ["one that is no key of the curve", `0x${"f".repeat(64)}`, REAL, /^HOT_WALLET_KEY must be a private key/],
  ["one without a chain", OWN_KEY, PRODUCTION, /^HOT_WALLET_KEY is set: set BASE_RPC_URL/],
])("a hot wallet's key: %s is refused, and not repeated", (_sentence, key, environment, words) => {
  const refused = () => readConfig({ ...environment, HOT_WALLET_KEY: key });
  expect(refused).toThrow(words);
  expect(refused).not.toThrow(key);
});

test.each([
  ["the local chain has exhibition pools", SECRET, true],
  ["a real one has none", PRODUCTION, false],
  ["unless an operator wants them", { ...PRODUCTION, EXHIBITION_POOLS: "true" }, true],
  ["the local one can do without", { ...SECRET, EXHIBITION_POOLS: "false" }, false],
])("%s", (_sentence, environment, pools) => expect(readConfig(environment).settings.exhibitionPools).toBe(pools));

test("Quake servers elsewhere are addresses with passwords, and what is wrong is not repeated", () => {
  const read = (servers: string) => readConfig({ ...SECRET, AGON_QUAKE_REMOTE: servers }).quakeServers;
  expect(read("")).toEqual([]);
  expect(read("quake://:one@a.example, quake://:two@b.example:27970")).toEqual([
    { host: "a.example", port: 27_960, password: "one" },
    { host: "b.example", port: 27_970, password: "two" },
  ]);
  expect(() => read("quake://a.example")).toThrow(/^AGON_QUAKE_REMOTE must be/);
  expect(() => read("quake://:hush%22@a.example")).toThrow(/^(?!.*hush)/s);
});

test.each([
  ["the chain of development in production", { ...PRODUCTION, CHAIN_ID: "31337" }, /^CHAIN_ID is 31337.*8453/],
  ["a chain id that is no number", { ...SECRET, CHAIN_ID: "base" }, /^CHAIN_ID must be a whole number/],
  ["an endpoint that is no URL", { ...SECRET, BASE_RPC_URL: "base" }, /^BASE_RPC_URL is not a URL/],
  ["a token that is no address", { ...SECRET, TOKEN_ADDRESS: "0x12" }, /^TOKEN_ADDRESS must be an address/],
])("%s is refused by name", (_sentence, environment, words) => expect(() => readConfig(environment)).toThrow(words));

test("deposits go to the master and count in final blocks; the local chain's master follows from the secret", () => {
  expect(readConfig(REAL).custody).toEqual({ address: MASTER, creditTag: "finalized", funder: null });
  expect(readConfig(PRODUCTION).custody).toBeNull();
  const { custody, hotWallet } = readConfig(SECRET);
  expect(custody).toEqual(readConfig(SECRET).custody);
  expect(custody?.creditTag).toBe("safe");
  expect(new Set([custody?.address, custody?.funder, hotWallet?.address]).size).toBe(3);
});

test.each([
  [
    "a hot wallet without a master",
    { ...REAL, MASTER_ADDRESS: "", HOT_WALLET_KEY: OWN_KEY },
    /set MASTER_ADDRESS, too/,
  ],
  [
    "a master that is the hot wallet",
    { ...REAL, MASTER_ADDRESS: "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", HOT_WALLET_KEY: OWN_KEY },
    /^MASTER_ADDRESS is the hot wallet/,
  ],
  ["a master that everybody owns", { ...REAL, MASTER_ADDRESS: ADDRESS }, /^MASTER_ADDRESS is an account whose key/],
  ["a master without a chain", { ...PRODUCTION, MASTER_ADDRESS: MASTER }, /^MASTER_ADDRESS is set: set BASE_RPC_URL/],
  ["a tag that is none", { ...REAL, CREDIT_TAG: "soon" }, /^CREDIT_TAG must be/],
  ["real money before its block is final", { ...REAL, CREDIT_TAG: "safe" }, /^CREDIT_TAG is safe: real money/],
  [
    "the same on Base in development",
    { ...REAL, NODE_ENV: "", CHAIN_ID: "8453", CREDIT_TAG: "latest-3" },
    /^CREDIT_TAG is latest-3: real money/,
  ],
])("%s is refused", (_sentence, environment, words) => expect(() => readConfig(environment)).toThrow(words));

test("a GitHub App of which something is missing is none, and a key that is none is not repeated", () => {
  expect(readConfig({ ...SECRET, GITHUB_APP_ID: "1" }).github).toMatchObject({
    missing: expect.arrayContaining(["GITHUB_APP_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"]) as unknown,
  });
  const wrong = () => readConfig({ ...SECRET, GITHUB_APP_PRIVATE_KEY: "hush" });
  expect(wrong).toThrow(/^GITHUB_APP_PRIVATE_KEY must be(?!.*hush)/s);
  expect(() => readConfig({ ...SECRET, GITHUB_APP_PRIVATE_KEY_FILE: "/no/such" })).toThrow(/a file that is not there/);
});
