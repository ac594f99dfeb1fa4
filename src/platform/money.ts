declare const baseUnits: unique symbol;

/** An amount of $NORTH in base units (10^-18 NORTH), 0 to 10^78 − 1. Rake and odds are integer arithmetic on it, too. */
export type Amount = bigint & { readonly [baseUnits]: true };

export const NORTH_DECIMALS = 18;
/** What a numeric(78,0) holds. */
export const AMOUNT_MAX = 10n ** 78n - 1n;

const UNITS_PER_NORTH = 10n ** BigInt(NORTH_DECIMALS);
const AMOUNT_TEXT = /^(0|[1-9][0-9]{0,77})$/;

/** Base units as an amount; one below 0 or above AMOUNT_MAX is a bug of the caller. */
export function amountOf(units: bigint): Amount {
  if (units < 0n || units > AMOUNT_MAX) throw new RangeError(`${units} base units are no amount`);
  return units as Amount;
}

/** Whole NORTH as an amount. */
export const north = (whole: number | bigint): Amount => amountOf(BigInt(whole) * UNITS_PER_NORTH);

/** Reads base units as the API writes them; null for signs, points, exponents, leading zeros and more than 78 digits. */
export function parseAmount(text: string): Amount | null {
  return AMOUNT_TEXT.test(text) ? amountOf(BigInt(text)) : null;
}

/** An amount for people, exact: 1234567000000000000000000 is "1,234,567 NORTH". */
export function formatAmount(amount: Amount): string {
  const whole = (amount / UNITS_PER_NORTH).toString().replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  const fraction = (amount % UNITS_PER_NORTH).toString().padStart(NORTH_DECIMALS, "0").replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`} NORTH`;
}

/** `amount` × `part` / `whole`, rounded down: shares of a pool. `whole` is above 0. */
export function shareOf(amount: Amount, part: bigint, whole: bigint): Amount {
  return amountOf((amount * part) / whole);
}

/** What a statement gives for a numeric(78,0): decimal text with a sign at most. For stores only. */
export const unitsOf = (numeric: string): bigint => BigInt(numeric);
