import { expect, test } from "vitest";
import { registryAsked } from "./registry.ts";

test.each([
  ["registry.npmjs.org:443", "registry.npmjs.org"],
  ["PyPI.org:443", "pypi.org"],
  ["registry.npmjs.org:22", null],
  ["registry.npmjs.org", null],
  ["registry.npmjs.org.evil.example:443", null],
  ["evil.example:443", null],
  ["127.0.0.1:443", null],
  ["a@registry.npmjs.org:443", null],
  ["", null],
])("a set-up that asks for %s reaches %s", (authority, host) => expect(registryAsked(authority)).toBe(host));
