import { lazy, Suspense } from "react";
import { exact, perMille } from "../../shell/amount.ts";
import { Money } from "../../shell/money.tsx";
import { isTwoSided, oddsOf, rakeOf, shareOf } from "./odds.ts";
import type { Corner, Pool } from "./pool.ts";

const OddsChart = lazy(() => import("./odds-chart.tsx"));

const ONE_SIDED: Partial<Record<Pool["status"], string>> = {
  OPEN: "Bets on one side only: every stake is given back unless the other is backed too.",
  LOCKED: "Bets on one side only: every stake is given back at the end.",
};

/** What each side pays, its share of the pool, and how that came about. */
export function OddsBoard({ pool, corners }: { pool: Pool; corners: readonly Corner[] }) {
  const { sides, history } = pool;
  const total = sides[0] + sides[1];
  const names = corners.map(({ bot }) => bot.name);
  return (
    <>
      <div className="odds">
        {([0, 1] as const).map((side) => (
          <div key={side} className={side === 0 ? "" : "r"}>
            {isTwoSided(sides) && <span className={`disp big ${side === 0 ? "ta" : "tb"}`}>{oddsOf(pool, side)}</span>}
            <span className="sm trunc">{names[side]}</span>
            <span className="mono xs dim3">{shareOf(sides, side)}</span>
          </div>
        ))}
      </div>
      <div className="field thin" aria-hidden="true">
        <i className="ia" style={{ flexGrow: perMille(sides[0], total) }} />
        <i className="ib" style={{ flexGrow: 1_000 - perMille(sides[0], total) }} />
      </div>
      {history.length > 1 && (
        <figure className="oddschart">
          <div role="img" aria-label={`Share of the pool on ${names[0]}: now ${shareOf(sides, 0)}`}>
            <Suspense fallback={null}>
              <OddsChart history={history} />
            </Suspense>
          </div>
          <figcaption className="between xs dim3">
            <span>announced</span>
            <span>share on {names[0]}</span>
            <span>{pool.status === "OPEN" ? "now" : "closed"}</span>
          </figcaption>
        </figure>
      )}
      {!isTwoSided(sides) && ONE_SIDED[pool.status] && (
        <p className="note">{total === 0n ? "Nobody has bet." : ONE_SIDED[pool.status]}</p>
      )}
      <dl className="kv">
        <div>
          <dt>Pool</dt>
          <dd>
            <Money units={total} />
          </dd>
        </div>
        <div>
          <dt>Rake {String(pool.rakePercent)} %</dt>
          <dd className="num dim" title={exact(rakeOf(pool))}>
            <Money units={rakeOf(pool)} className="dim" />
          </dd>
        </div>
      </dl>
    </>
  );
}
