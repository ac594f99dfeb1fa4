import { BlockList } from "node:net";
import { expect, test } from "vitest";
import { callerAddress, countedAddress, parseNetworks } from "./caller-address.ts";

const trusted = (...networks: string[]) => parseNetworks(networks) ?? new BlockList();

test.each([
  ["nobody is trusted, nothing is believed", "198.51.100.7", "203.0.113.9", [], "198.51.100.7"],
  ["a proxy says who asked it", "10.0.0.2", "203.0.113.9", ["10.0.0.0/8"], "203.0.113.9"],
  [
    "what the caller wrote himself stands left of it",
    "10.0.0.2",
    "1.1.1.1, 203.0.113.9",
    ["10.0.0.0/8"],
    "203.0.113.9",
  ],
  ["two proxies in a row", "::1", "203.0.113.9, 10.0.0.2", ["::1", "10.0.0.0/8"], "203.0.113.9"],
  ["a proxy that says nothing", "10.0.0.2", "", ["10.0.0.0/8"], "10.0.0.2"],
  ["a proxy that says nonsense", "10.0.0.2", "unknown", ["10.0.0.0/8"], "10.0.0.2"],
  ["all of them are trusted", "10.0.0.2", "10.0.0.4, 10.0.0.3", ["10.0.0.0/8"], "10.0.0.4"],
  ["IPv4 in IPv6, as a socket of both kinds names it", "::ffff:10.0.0.2", "203.0.113.9", ["10.0.0.0/8"], "203.0.113.9"],
  ["the same in hexadecimal", "::ffff:a00:2", "203.0.113.9", ["10.0.0.0/8"], "203.0.113.9"],
  ["with a port", "10.0.0.2", "203.0.113.9:4711", ["10.0.0.0/8"], "203.0.113.9"],
  ["IPv6 with a port", "10.0.0.2", "[2001:db8::1]:4711", ["10.0.0.0/8"], "2001:db8::1"],
  ["IPv6 with a zone", "fe80::1%eth0", "2001:db8::1", ["fe80::/10"], "2001:db8::1"],
  ["no address at all", "unknown", "203.0.113.9", ["10.0.0.0/8"], "unknown"],
] as const)("%s", (_sentence, connected, forwarded, networks, expected) => {
  expect(callerAddress(connected, forwarded, trusted(...networks))).toBe(expected);
});

test.each([
  ["203.0.113.9", "203.0.113.9"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
] as const)("%s is counted as %s", (address, expected) => {
  expect(countedAddress(address)).toBe(expected);
});

test.each(["10.0.0.0/33", "::/129", "0.0.0.0/0", "::/0", "10.0.0.0/x", "proxy.example", "10.0.0.0/1.5"])(
  "%s is no network to trust",
  (word) => {
    expect(parseNetworks(["127.0.0.1", word])).toBeNull();
  },
);
