// A bot's avatar, drawn from its id alone: an FNV-1a hash stepped by xorshift32 chooses field, division, charge and rim.
const TINCTURES = [
  "#EDE4EA",
  "#4B2F50",
  "#3E6B57",
  "#2E6E7C",
  "#B9647F",
  "#6A6F9C",
  "#85583F",
  "#A793D2",
  "#8DBBA0",
  "#211A23",
];
const LIGHTNESS = [9, 1, 3, 3, 5, 4, 3, 6, 7, 0];
const DIVISIONS = [
  "",
  "M32 0H64V64H32Z",
  "M0 32H64V64H0Z",
  "M0 64L32 22L64 64Z",
  "M0 0L64 64H0Z",
  "M32 0H64V32H32ZM0 32H32V64H0Z",
  "M12 0H24V64H12ZM40 0H52V64H40Z",
  "M0 22H64V42H0Z",
  "M32 32L0 0H32ZM32 32L64 0V32ZM32 32L64 64H32ZM32 32L0 64V32Z",
  "M0 0H64V16H0Z",
];
const CHARGES = [
  "M32 14l5 13 13 5-13 5-5 13-5-13-13-5 13-5z",
  "M40 17a17 17 0 1 0 0 30a13 13 0 1 1 0-30z",
  "M32 15l15 17-15 17-15-17z",
  "M32 14a18 18 0 1 0 .1 0zm0 9a9 9 0 1 1-.1 0z",
  "M15 32q17-18 34 0q-17 18-34 0zm17-6a6 6 0 1 0 .1 0z",
  "M20 46V26l6 6 6-14 6 14 6-6v20z",
  "M18 20h28v6H18zm0 9h28v6H18zm0 9h28v6H18z",
  "M32 50L16 24h10l6 11 6-11h10z",
  "M24 16h16v10h10v16H40v10H24V42H14V26h10z",
  "M16 44q4-24 30-28q-6 6-4 12q-10 0-14 16z",
];

function stepper(id: string): (below: number) => number {
  let hash = 2_166_136_261;
  for (const letter of id) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
  return (below) => {
    hash = (hash ^ (hash << 13)) >>> 0;
    hash ^= hash >>> 17;
    hash = (hash ^ (hash << 5)) >>> 0;
    return hash % below;
  };
}

function apart(from: number, next: (below: number) => number): number {
  let other = next(TINCTURES.length);
  while (Math.abs((LIGHTNESS[from] ?? 0) - (LIGHTNESS[other] ?? 0)) < 3) other = (other + 1) % TINCTURES.length;
  return other;
}

/** The shield of a bot; the same id gives the same shield on every surface. */
export function Shield({ id, className = "" }: { id: string; className?: string }) {
  const next = stepper(id);
  for (let warm = 0; warm < 4; warm++) next(7);
  const field = next(TINCTURES.length);
  const [ground, charge] = [apart(field, next), apart(field, next)];
  return (
    <span className={`av ${className}`}>
      <svg viewBox="0 0 64 64" aria-hidden="true">
        <path fill={TINCTURES[field]} d="M0 0H64V64H0Z" />
        <path fill={TINCTURES[ground]} d={DIVISIONS[next(DIVISIONS.length)]} />
        <path
          fill={TINCTURES[charge]}
          stroke={TINCTURES[field]}
          strokeWidth="3"
          paintOrder="stroke"
          strokeLinejoin="round"
          fillRule="evenodd"
          d={CHARGES[next(CHARGES.length)]}
        />
      </svg>
    </span>
  );
}
