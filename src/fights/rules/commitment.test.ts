import { expect, test } from "vitest";
import { commitmentOf, isNonce, sealedDefault } from "./commitment.ts";

const FIGHT = "0198c7a0-1111-7abc-8def-000000000001";
const BOT = "0198c7a0-2222-7abc-8def-0000000000aa";

// Each expectation is of `printf '%s' 'pit1|fight_0198c7a011117abc8def000000000001|1|1|bot_0198c7a0…' | sha256sum`.
test.each([
  [
    { round: 1, exchange: 1, action: "JAB_HIGH", nonce: "00112233445566778899aabbccddeeff" },
    "fcf32cd9ca76496fe0cb7311876858e67e69edfcced248545827d8258bbc90fd",
  ],
  [
    { round: 5, exchange: 20, action: "RECOVER", nonce: "f".repeat(128) },
    "d3b7c46dada93ebd4631412722180dfeadbacdaa2b3d0740807b49d1c4abc800",
  ],
  [
    { round: 2, exchange: 10, action: "BLOCK_LOW", nonce: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978" },
    "d5ae9743b097924869a6d2bb7178c97327bbb8291e0a08c95d80eeec50dc73f6",
  ],
] as const)("a commitment is what sha256sum says: %o", (made, hash) => {
  expect(commitmentOf({ fightId: FIGHT, botId: BOT, ...made })).toBe(hash);
});

test.each([
  ["the least", "0".repeat(32), true],
  ["the most", "f".repeat(128), true],
  ["a digit too few", "0".repeat(31), false],
  ["a digit too many", "0".repeat(129), false],
  ["upper case", "A".repeat(32), false],
  ["a line's end", `${"0".repeat(32)}\n`, false],
  ["nothing", "", false],
])("a nonce has 32 to 128 lower-case hexadecimal digits: %s", (_sentence, nonce, right) => {
  expect(isNonce(nonce)).toBe(right);
});

// Each expectation is of `printf '%s' 'default|bot_0198c7a0…|1|1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001…1f`.
test.each([
  [1, 1, "BLOCK_LOW"], // 55dab16d… = 1440395629, modulo 3 is 1
  [1, 2, "RECOVER"], // 2eac7dbe… = 783056318, modulo 3 is 2
  [1, 3, "BLOCK_LOW"], // cfd8ef9b… = 3487100827, modulo 3 is 1
  [3, 20, "BLOCK_LOW"], // 61f45474… = 1643402356, modulo 3 is 1
  [2, 2, "BLOCK_HIGH"], // 7aca591f… = 2060081439, modulo 3 is 0
] as const)("the default of round %i exchange %i is what openssl draws", (round, exchange, action) => {
  const seed = Uint8Array.from({ length: 32 }, (_none, index) => index);
  expect(sealedDefault(seed, BOT, round, exchange)).toBe(action);
});
