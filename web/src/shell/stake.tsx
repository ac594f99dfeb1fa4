import { useId, useState } from "react";
import { brief, exact, north, typedUnits, whole } from "./amount.ts";

const QUICK = [50_000, 100_000, 500_000].map(north);

type Props = {
  label: string;
  /** What is in the field, as it was typed. */
  typed: string;
  type: (text: string) => void;
  /** What one has, when that is known. */
  available: bigint | null;
  hint?: string;
  disabled?: boolean;
};

/** An amount to stake: quick ones, or one's own. */
export function StakeField({ label, typed, type, available, hint, disabled = false }: Props) {
  const id = useId();
  const units = typedUnits(typed);
  const wrong = typed !== "" && units === null;
  return (
    <div className="fld stake">
      <label htmlFor={id}>{label}</label>
      <div className="quick">
        {QUICK.map((amount) => (
          <button
            key={String(amount)}
            type="button"
            className="btn"
            title={exact(amount)}
            aria-pressed={units === amount}
            disabled={disabled}
            onClick={() => type(units === amount ? "" : whole(amount))}
          >
            {brief(amount)}
          </button>
        ))}
        <span className={`inp ${wrong ? "err" : ""}`}>
          <input
            id={id}
            className="mono"
            inputMode="decimal"
            autoComplete="off"
            placeholder="none"
            value={typed}
            disabled={disabled}
            aria-invalid={wrong}
            aria-describedby={`${id}-hint`}
            onChange={(event) => type(event.target.value)}
          />
          <span className="xs dim3">NORTH</span>
        </span>
      </div>
      <span className={`hint ${wrong ? "bad" : ""}`} id={`${id}-hint`}>
        {wrong ? "Digits, such as 50,000, 50k or 0.5" : hint}
        {available !== null && <span title={exact(available)}> You have {whole(available)}.</span>}
      </span>
    </div>
  );
}

/** What was typed into a StakeField, and what it means: nothing typed is 0, and null is no amount. */
export function useStake(initially = ""): { typed: string; type: (text: string) => void; units: bigint | null } {
  const [typed, type] = useState(initially);
  return { typed, type, units: typed.trim() === "" ? 0n : typedUnits(typed) };
}
