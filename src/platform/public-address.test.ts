import { expect, test } from "vitest";
import { isPublicAddress } from "./public-address.ts";

test.each([
  ["140.82.121.4", true],
  ["8.8.8.8", true],
  ["172.15.255.255", true],
  ["172.16.0.1", false],
  ["172.31.255.255", false],
  ["172.32.0.0", true],
  ["127.0.0.1", false],
  ["10.1.2.3", false],
  ["192.168.1.1", false],
  ["169.254.169.254", false],
  ["100.64.0.1", false],
  ["0.0.0.0", false],
  ["224.0.0.1", false],
  ["255.255.255.255", false],
  ["2606:50c0:8000::153", true],
  ["::1", false],
  ["::ffff:127.0.0.1", false],
  ["fe80::1", false],
  ["fd00::1", false],
  ["64:ff9b::7f00:1", false],
  ["2002:7f00:1::", false],
  ["2001:db8::1", false],
  ["2001::1", false],
])("%s is reached from everywhere: %s", (address, isPublic) => expect(isPublicAddress(address)).toBe(isPublic));
