import { mnemonicToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { DEVELOPMENT_ADDRESSES, differenceOf, refuseInProduction } from "./chain.ts";

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
