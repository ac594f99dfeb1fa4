import { expect, test } from "vitest";
import { refuseSiwe, type SiweFields } from "./rules.ts";

const now = new Date("2026-11-24T12:00:00Z");
const site = { origin: "https://agon.example", chainId: 8453 };
const message: SiweFields = {
  domain: "agon.example",
  uri: "https://agon.example",
  version: "1",
  chainId: 8453,
  nonce: "abcdefgh12345678x",
  issuedAt: "2026-11-24T11:59:00Z",
  expirationTime: "2026-11-24T12:04:00Z",
};

test.each([
  ["a fresh message of this site is taken", {}, null],
  ["a path of this site is this site", { uri: "https://agon.example/manage" }, null],
  ["another version is unknown", { version: "2" }, "SIWE_MALFORMED"],
  ["a message without an issue date has no age", { issuedAt: undefined }, "SIWE_MALFORMED"],
  ["a message must expire", { expirationTime: undefined }, "SIWE_MALFORMED"],
  ["another domain is another site", { domain: "evil.example" }, "SIWE_WRONG_SITE"],
  ["a subdomain is another site", { domain: "agon.example.evil.example" }, "SIWE_WRONG_SITE"],
  ["another scheme is another site", { uri: "http://agon.example" }, "SIWE_WRONG_SITE"],
  ["what is no address is no site", { uri: "agon" }, "SIWE_WRONG_SITE"],
  ["another chain is refused", { chainId: 1 }, "SIWE_WRONG_CHAIN"],
  ["ten minutes are the oldest", { issuedAt: "2026-11-24T11:50:00Z" }, null],
  ["older is too old, whatever its expiry", { issuedAt: "2026-11-24T11:49:59Z" }, "SIWE_EXPIRED"],
  ["from the future is refused", { issuedAt: "2026-11-24T12:10:01Z" }, "SIWE_EXPIRED"],
  ["at its expiry it has expired", { expirationTime: "2026-11-24T12:00:00Z" }, "SIWE_EXPIRED"],
  ["not before its time", { notBefore: "2026-11-24T12:00:01Z" }, "SIWE_EXPIRED"],
] as const)("%s", (_sentence, given, refusal) => expect(refuseSiwe({ ...message, ...given }, site, now)).toBe(refusal));
