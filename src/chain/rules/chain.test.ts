import { mnemonicToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { chainOf, DEVELOPMENT_ADDRESSES, differenceOf, refuseInProduction } from "./chain.ts";

test("the development accounts are those of the words that everybody knows", () => {
  const words = "test test test test test test test test test test test junk";
  const known = DEVELOPMENT_ADDRESSES.map((_, addressIndex) =>
    mnemonicToAccount(words, { addressIndex }).address.toLowerCase(),
  );
  expect(DEVELOPMENT_ADDRESSES).toEqual(known);
});

const OURS = "0x00000000000000000000000000000000000000aa";
const EVERYBODYS = "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

test.each([
  ["Base with an account of one's own may be used", 8_453, [OURS], null],
  ["the chain of development may not", 31_337, [OURS], "DEVELOPMENT_CHAIN"],
  ["an account that everybody owns may not, however it is written", 8_453, [OURS, EVERYBODYS], "DEVELOPMENT_KEY"],
  ["the chain is named first", 31_337, [EVERYBODYS], "DEVELOPMENT_CHAIN"],
] as const)("in production %s", (_sentence, chainId, addresses, refusal) =>
  expect(refuseInProduction(chainId, addresses)).toBe(refusal),
);

const remembered = { chainId: 31_337, genesisHash: "0x01", tokenAddress: "0xa" };

test.each([
  ["the same chain", {}, null],
  ["another id", { chainId: 1 }, "chainId"],
  ["another first block", { genesisHash: "0x02" }, "genesisHash"],
  ["another token", { tokenAddress: "0xb" }, "tokenAddress"],
  ["another chain in every way: its id is named", { chainId: 1, genesisHash: "0x02", tokenAddress: "0xb" }, "chainId"],
] as const)("%s is told", (_sentence, change, difference) =>
  expect(differenceOf(remembered, { ...remembered, ...change })).toBe(difference),
);

const NEAR = "http://127.0.0.1:8545/";
const SECRET = "https://base.example/v2/secret";

test.each([
  ["Base by what its operators publish", 8_453, SECRET, "Base", "https://mainnet.base.org"],
  ["its test chain, too", 84_532, null, "Base Sepolia", "https://sepolia.base.org"],
  ["the local one by its address on this machine", 31_337, NEAR, "the local chain", NEAR],
  ["not by one elsewhere, which may hold a secret", 31_337, SECRET, "the local chain", null],
  ["another one by its number", 424_242, null, "chain 424242", null],
  ["and by no endpoint of the arena's", 424_242, SECRET, "chain 424242", null],
] as const)("wallets are told of %s", (_sentence, chainId, own, name, rpcUrl) =>
  expect(chainOf(chainId, own)).toEqual({ chainId, name, rpcUrl }),
);
