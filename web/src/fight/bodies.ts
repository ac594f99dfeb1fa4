import type { Exchange, Fight, RoundEnd } from "./use-exchanges.ts";
import { isSealed, type Phase } from "./timeline.ts";

export const STAMINA_START = 60;
const SEAM_REACH = 17;
const [SEAM_MIN, SEAM_MAX] = [38, 62];

/** One fighter as the stage shows it: its bars, what it has just lost, and the rounds it won. */
export type Body = Fight["state"]["fighters"][number] & { lost: number; struck: number };

type Given = { fight: Fight; exchanges: readonly Exchange[]; rounds: readonly RoundEnd[]; at: number; phase: Phase };

/** Both fighters before or after the exchange on stage, as far as it is revealed. */
export function bodiesOf({ fight, exchanges, rounds, at, phase }: Given): Body[] {
  const exchange = exchanges[at];
  const before = isSealed(phase) || phase === "reveal" || phase === "impact";
  const bars = barsAt(exchanges, rounds, at, phase);
  const told = (exchange?.round ?? 0) - (before || !endsRound(exchanges, at) ? 1 : 0);
  const shownRound = phase === "waiting" ? (exchange?.round ?? 0) : told;
  const wins = rounds.findLast(({ round }) => round <= shownRound)?.roundWins ?? [];
  return fight.state.fighters.map((fighter, side) => {
    const taken = exchange?.sides[side]?.taken ?? 0;
    const { hp, stamina } = bars?.[side] ?? { hp: fighter.hpMax, stamina: STAMINA_START };
    return {
      ...fighter,
      hp,
      stamina,
      struck: isSealed(phase) || phase === "reveal" ? 0 : taken,
      // The hatch closes as the exchange settles; a still frame keeps it.
      lost: phase === "drain" || phase === "still" ? taken : 0,
      roundWins: wins[side] ?? 0,
    };
  });
}

/** The bars as they stand: before its impact an exchange shows the one before it, in the same round. */
function barsAt(exchanges: readonly Exchange[], rounds: readonly RoundEnd[], at: number, phase: Phase) {
  const [before, exchange] = [exchanges[at - 1], exchanges[at]];
  if (phase === "waiting") return endedIn(rounds, exchange) ? undefined : exchange?.sides;
  if (phase !== "anticipate" && phase !== "reveal" && phase !== "impact") return exchange?.sides;
  return before?.round === exchange?.round ? before?.sides : undefined;
}

/** A round that has ended gives way to fresh bars while the next one is awaited. */
const endedIn = (rounds: readonly RoundEnd[], exchange: Exchange | undefined) =>
  exchange !== undefined && rounds.some(({ round }) => round === exchange.round);

const endsRound = (exchanges: readonly Exchange[], at: number) =>
  exchanges[at + 1] === undefined || exchanges[at + 1]?.round !== exchanges[at]?.round;

/** Where the inks meet, in per cent: by the lead in HP; the winner of a knock-out has the whole field. */
export function seamOf([a, b]: readonly Body[], phase: Phase): number {
  if (!a || !b) return 50;
  const final = phase === "settle" || phase === "settled" || phase === "still";
  if (final && (a.hp === 0) !== (b.hp === 0)) return a.hp === 0 ? 0 : 100;
  // Until it settles, the seam stays where the lead was.
  const standing = phase === "drain" ? [a.hp + a.lost, b.hp + b.lost] : [a.hp, b.hp];
  const lead = (standing[0] ?? 0) / a.hpMax - (standing[1] ?? 0) / b.hpMax;
  return Math.min(SEAM_MAX, Math.max(SEAM_MIN, 50 + SEAM_REACH * lead));
}
