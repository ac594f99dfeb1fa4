import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AMOUNT_MAX, amountOf, formatAmount, north, parseAmount, shareOf, unitsOf } from "./money.ts";

/** All NORTH there will ever be: 100,000,000,000 of 10^18 base units. */
const SUPPLY = 10n ** 29n;

test.each([
  ["0", 0n],
  ["1", 1n],
  ["50000", 50_000n],
  ["100000000000000000000000000001", SUPPLY + 1n],
  ["9".repeat(78), AMOUNT_MAX],
])("%s is an amount, to the last digit", (text, units) => {
  expect(parseAmount(text)).toBe(units);
});

test.each([
  ["nothing", ""],
  ["a sign", "-1"],
  ["a plus", "+1"],
  ["a leading zero", "01"],
  ["a point", "1.0"],
  ["an exponent", "1e18"],
  ["a separator", "1_000"],
  ["a blank", " 1"],
  ["a line's end", "1\n"],
  ["hexadecimal digits", "0x10"],
  ["digits of another script", "١٢"],
  ["79 digits", "1".padEnd(79, "0")],
])("an amount is not written with %s", (_sentence, text) => {
  expect(parseAmount(text)).toBeNull();
});

test.each([
  [0n, "0 NORTH"],
  [1n, "0.000000000000000001 NORTH"],
  [10n ** 18n, "1 NORTH"],
  [1_250_000_500_000_000_000_000_000n, "1,250,000.5 NORTH"],
  [999_999_999_999_999_999n, "0.999999999999999999 NORTH"],
  [SUPPLY, "100,000,000,000 NORTH"],
  [SUPPLY + 1n, "100,000,000,000.000000000000000001 NORTH"],
])("%s base units are shown as %s", (units, shown) => {
  expect(formatAmount(amountOf(units))).toBe(shown);
});

test.each([-1n, AMOUNT_MAX + 1n])("%s base units are no amount", (units) => {
  expect(() => amountOf(units)).toThrow(RangeError);
});

test("a whole NORTH is 10^18 base units", () => {
  expect(north(1)).toBe(1_000_000_000_000_000_000n);
  expect(north(100_000_000_000)).toBe(SUPPLY);
});

const anyAmount = fc.oneof(
  fc.bigInt({ min: 0n, max: AMOUNT_MAX }),
  fc.bigInt({ min: SUPPLY - 1_000n, max: SUPPLY + 1_000n }),
  fc.bigInt({ min: 0n, max: 1_000n }),
);

describe("whatever the amount", () => {
  test("it is read as it was written", () => {
    fc.assert(fc.property(anyAmount, (units) => parseAmount(units.toString()) === units));
    fc.assert(fc.property(anyAmount, (units) => unitsOf(units.toString()) === units));
  });

  test("what is shown is exact: the digits come back", () => {
    fc.assert(
      fc.property(anyAmount, (units) => {
        const [whole = "", fraction = ""] = formatAmount(amountOf(units))
          .replace(" NORTH", "")
          .replaceAll(",", "")
          .split(".");
        return BigInt(whole + fraction.padEnd(18, "0")) === units;
      }),
    );
  });

  test("shares of it never sum to more, and fall short by less than one unit each", () => {
    const shares = fc.array(fc.bigInt({ min: 1n, max: SUPPLY }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: SUPPLY * 10n }), shares, (units, parts) => {
        const whole = parts.reduce((sum, part) => sum + part, 0n);
        const paid = parts.reduce((sum, part) => sum + shareOf(amountOf(units), part, whole), 0n);
        return paid <= units && units - paid < BigInt(parts.length);
      }),
    );
  });
});
