import { north } from "./amount.ts";

/** From this wager on the server makes every fight sealed. */
const SEALED_FROM = north(1_000_000);

const WHY =
  "Each bot first sends a fingerprint of its move, and shows the move once both are bound by theirs. Nobody can know a move before, not even this server, and everybody can check it after.";

/** Says that a fight is sealed, and what that means. */
export function SealedTag() {
  return (
    <span className="tag out" title={WHY}>
      Sealed
    </span>
  );
}

type Props = { wanted: boolean; want: (wanted: boolean) => void; stake: bigint };

/** Asks for a sealed fight; a large stake leaves no choice. */
export function SealedTick({ wanted, want, stake }: Props) {
  const must = stake >= SEALED_FROM;
  return (
    <label className="row sm" title={WHY}>
      <input
        type="checkbox"
        checked={must || wanted}
        disabled={must}
        onChange={(event) => want(event.currentTarget.checked)}
      />{" "}
      Sealed moves{must && ", as always from 1,000,000 NORTH on"}
    </label>
  );
}
