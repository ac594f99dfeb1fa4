import { expect, test } from "vitest";
import { openVault } from "./vault.ts";

const vault = openVault("a secret of tests, 32 characters");

test("what was sealed is opened again, and each seal is another", () => {
  const [one, two] = [vault.seal("ghs_token", "repository:1"), vault.seal("ghs_token", "repository:1")];
  expect([vault.open(one, "repository:1"), vault.open(two, "repository:1")]).toEqual(["ghs_token", "ghs_token"]);
  expect(one.equals(two)).toBe(false);
  expect(one.includes("ghs_token")).toBe(false);
});

test.each([
  ["of another row", (sealed: Buffer) => vault.open(sealed, "repository:2")],
  [
    "under another secret",
    (sealed: Buffer) => openVault("another secret of 32 characters!!").open(sealed, "repository:1"),
  ],
  ["that was changed", (sealed: Buffer) => vault.open(sealed.fill(0, 30, 31), "repository:1")],
])("a seal %s is not opened", (_what, open) => {
  expect(() => open(vault.seal("ghs_token", "repository:1"))).toThrow(/authenticate data/);
});
