import { useState } from "react";
import { ACTIONS } from "../shell/actions.ts";
import { Gap } from "../shell/states.tsx";
import type { Exchange, Missing } from "./use-exchanges.ts";

type Props = {
  exchanges: readonly Exchange[];
  missing: readonly Missing[];
  at: number;
  go: (to: number) => void;
  names: readonly string[];
  over: boolean;
};

/** The exchanges of a round as a mirrored table, the latest first. */
export function Log({ exchanges, missing, at, go, names, over }: Props) {
  const [all, setAll] = useState(false);
  // The one on stage is not among them before its reveal.
  const round = exchanges[Math.min(at, exchanges.length - 1)]?.round;
  const rows = exchanges
    .map((exchange, index) => ({ exchange, index }))
    .filter(({ exchange }) => all || exchange.round === round)
    .toReversed();
  return (
    <section className="log fight-log">
      <div className="head">
        <h2>Round log</h2>
        <span className="ct">{all || round === undefined ? "latest first" : `round ${round}, latest first`}</span>
        <button type="button" className="more" onClick={() => setAll(!all)}>
          {all ? "This round" : "All rounds"}
        </button>
      </div>
      {missing.map((gap) => (
        <Gap key={gap.fromSeq} {...gap} />
      ))}
      {rows.length === 0 && (
        <p className="dim sm">
          {over
            ? "It was over before the first exchange."
            : "The first exchange will stand here when both moves are in."}
        </p>
      )}
      {rows.length > 0 && (
        <div className="tbl-wrap" tabIndex={0} role="region" aria-label="Round log">
          <table className="tbl rl2">
            <thead>
              <tr>
                <th className="num">lost</th>
                <th className="num">HP</th>
                <th className="r">{names[0]}</th>
                <th className="c2">#</th>
                <th>{names[1]}</th>
                <th className="l">HP</th>
                <th className="l">lost</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ exchange, index }) => (
                <Row key={index} exchange={exchange} all={all} now={index === at} onClick={() => go(index)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

type RowProps = { exchange: Exchange; all: boolean; now: boolean; onClick: () => void };

function Row({ exchange: { round, number, sides }, all, now, onClick }: RowProps) {
  const [a, b] = sides;
  if (!a || !b) return null;
  const lost = (taken: number) => (taken ? `−${taken}` : "0");
  return (
    <tr className={now ? "now" : ""} onClick={onClick}>
      <td className={`num ${a.taken ? "bad" : "dim3"}`}>{lost(a.taken)}</td>
      <td className="num">{a.hp}</td>
      <td className="act ta">
        {ACTIONS[a.action].name} <Glyph action={a.action} />
      </td>
      <td className="n mono">{all ? `${round}.${number}` : number}</td>
      <td className="act tb">
        <Glyph action={b.action} flip /> {ACTIONS[b.action].name}
      </td>
      <td className="num l">{b.hp}</td>
      <td className={`num l ${b.taken ? "bad" : "dim3"}`}>{lost(b.taken)}</td>
    </tr>
  );
}

function Glyph({ action, flip = false }: { action: keyof typeof ACTIONS; flip?: boolean }) {
  return (
    <svg
      className={`gl ${flip ? "flip" : ""}`}
      viewBox="0 0 24 24"
      fill="currentColor"
      fillRule="evenodd"
      aria-hidden="true"
    >
      <path d={ACTIONS[action].glyph} />
    </svg>
  );
}
