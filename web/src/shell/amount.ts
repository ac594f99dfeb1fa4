// Amounts of $NORTH as the API writes them: whole base units as text. All arithmetic is on bigint: numbers lose digits.

const DECIMALS = 18;
const NORTH = 10n ** BigInt(DECIMALS);
const SIGNIFICANT = 1_000n;

/** Whole NORTH in base units. */
export const north = (whole: number): bigint => BigInt(whole) * NORTH;

const groupedInteger = (whole: bigint) => whole.toString().replaceAll(/\B(?=(?:\d{3})+$)/g, ",");

/** To the base unit: 1234567500000000000000000 is "1,234,567.5 NORTH". */
export function exact(units: bigint): string {
  const fraction = (units % NORTH).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${groupedInteger(units / NORTH)}${fraction && `.${fraction}`} NORTH`;
}

/** Whole NORTH, grouped and rounded down; less than one, but not nothing, is "<1". */
export const whole = (units: bigint): string => (units > 0n && units < NORTH ? "<1" : groupedInteger(units / NORTH));

const SUFFIXES = ["", "k", "M", "B", "T"];

/** Three digits at most, rounded down: "999", "50k", "1.25M", "14.8M", "100B". */
export function brief(units: bigint): string {
  let [size, scale] = [0, NORTH];
  while (units >= SIGNIFICANT * scale && size < SUFFIXES.length - 1) [size, scale] = [size + 1, scale * 1_000n];
  const integer = (units / scale).toString();
  const room = size === 0 ? 0 : Math.max(0, 3 - integer.length);
  const digits = ((units % scale) * 10n ** BigInt(room)) / scale;
  const fraction = digits.toString().padStart(room, "0").replace(/0+$/, "");
  return `${integer}${room > 0 && fraction ? `.${fraction}` : ""}${SUFFIXES[size]}`;
}

/** Commas part thousands, and nothing else: "0,5" of a keyboard that has no point must not become 5. */
const TYPED = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,18}))?([kmb])?$/i;
const POWERS: Record<string, number> = { k: 3, m: 6, b: 9 };

/** What somebody typed as NORTH, such as "50,000", "50k" or "0.25", in base units; null when it is no amount. */
export function typedUnits(text: string): bigint | null {
  const [, integer, fraction = "", suffix = ""] = TYPED.exec(text.replaceAll(/[\s_]/g, "")) ?? [];
  if (integer === undefined) return null;
  const power = POWERS[suffix.toLowerCase()] ?? 0;
  return BigInt(integer.replaceAll(",", "") + fraction.padEnd(DECIMALS, "0")) * 10n ** BigInt(power);
}

const FIGHT_RAKE_PERCENT = 3n;

/** What the winner of a fight takes of both stakes: the house keeps 3 %, rounded down. */
export const winnerTakes = (stake: bigint): bigint => 2n * stake - (2n * stake * FIGHT_RAKE_PERCENT) / 100n;

/** `part` of `all` in per mille, for widths and shares; halves of nothing. */
export const perMille = (part: bigint, all: bigint): number => (all === 0n ? 500 : Number((part * 1_000n) / all));
