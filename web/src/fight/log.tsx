import { ACTIONS } from "./actions.ts";
import type { Exchange } from "./use-exchanges.ts";

/** The exchanges as a mirrored table, the latest first. */
export function Log({
  exchanges,
  at,
  go,
  names,
}: {
  exchanges: readonly Exchange[];
  at: number;
  go: (to: number) => void;
  names: readonly string[];
}) {
  const rows = exchanges.map((exchange, index) => ({ exchange, index })).toReversed();
  return (
    <section className="log">
      <div className="head">
        <h2>Round log</h2>
        <span className="ct">latest first</span>
      </div>
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
            {rows.map(({ exchange, index }) => {
              const [a, b] = exchange.sides;
              if (!a || !b) return null;
              return (
                <tr key={index} className={index === at ? "now" : ""} onClick={() => go(index)}>
                  <td className="num dim3">{a.taken ? `−${a.taken}` : 0}</td>
                  <td className="num">{a.hp}</td>
                  <td className="act ta">{ACTIONS[a.action].name}</td>
                  <td className="n mono">
                    {exchange.round}.{exchange.number}
                  </td>
                  <td className="act tb">{ACTIONS[b.action].name}</td>
                  <td className="num l">{b.hp}</td>
                  <td className="num l dim3">{b.taken ? `−${b.taken}` : 0}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
