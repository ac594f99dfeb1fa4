import { brief, exact, whole } from "./amount.ts";

/** The mark of money, before every amount of it. */
export function Star() {
  return (
    <svg className="star" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 0l1.7 6.3L16 8l-6.3 1.7L8 16l-1.7-6.3L0 8l6.3-1.7z" />
    </svg>
  );
}

const HOW = { whole, brief };

type Props = { units: string | bigint; as?: keyof typeof HOW; className?: string };

/** An amount of NORTH in money's own colour, whole or brief; the exact one on hover. */
export function Money({ units, as = "whole", className = "oil" }: Props) {
  const amount = BigInt(units);
  return (
    <span className={`money num ${className}`} title={exact(amount)}>
      <Star />
      {HOW[as](amount)}
    </span>
  );
}

/** What came or went, with its sign. */
export function Moved({ units, incoming }: { units: string; incoming: boolean }) {
  const amount = BigInt(units);
  return (
    <span className={`num ${incoming ? "good" : ""}`} title={exact(amount)}>
      {incoming ? "+" : "−"}
      {whole(amount)}
    </span>
  );
}
