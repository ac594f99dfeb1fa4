import type { Player } from "./picture.ts";
import { clock } from "./playhead.ts";

type Scores = ReadonlyMap<number, number>;
type Props = { players: readonly Player[]; scores: Scores; atMs: number; roundMs: number };

/** Who leads; of several the first of the roster. */
export function leaderOf(players: readonly Player[], scores: Scores): number {
  const [first] = players.toSorted((a, b) => (scores.get(b.side) ?? 0) - (scores.get(a.side) ?? 0) || a.side - b.side);
  return first?.side ?? 0;
}

/** Every lane keeps some width: a score may be 0, or less. */
const share = (score: number) => Math.max(0, score) + 2;

/** The score as a field of inks, and how much of the round is left in the picture. */
export function ScoreField({ players, scores, atMs, roundMs }: Props) {
  const ranked = players.toSorted((a, b) => (scores.get(b.side) ?? 0) - (scores.get(a.side) ?? 0) || a.side - b.side);
  return (
    <div className="qscore">
      <ol className="field sf" aria-label="Score">
        {ranked.map(({ side, name }) => (
          <li key={side} style={{ flexGrow: share(scores.get(side) ?? 0), background: `var(--lane-${side + 1})` }}>
            <b>{side + 1}</b>
            <span className="disp nm">{name}</span>
            <span className="disp fr">{scores.get(side) ?? 0}</span>
          </li>
        ))}
      </ol>
      <div className="clk">
        <span className="disp">{clock(Math.max(0, roundMs - atMs))}</span>
        <span className="xs dim3">left of {clock(roundMs)}</span>
      </div>
    </div>
  );
}
