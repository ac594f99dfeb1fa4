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
  ["the chain of development in production", { ...PRODUCTION, CHAIN_ID: "31337" }, /^CHAIN_ID is 31337.*8453/],
  ["a chain id that is no number", { ...SECRET, CHAIN_ID: "base" }, /^CHAIN_ID must be a whole number/],
  ["an endpoint that is no URL", { ...SECRET, BASE_RPC_URL: "base" }, /^BASE_RPC_URL is not a URL/],
  ["a token that is no address", { ...SECRET, TOKEN_ADDRESS: "0x12" }, /^TOKEN_ADDRESS must be an address/],
])("%s is refused by name", (_sentence, environment, words) => expect(() => readConfig(environment)).toThrow(words));
