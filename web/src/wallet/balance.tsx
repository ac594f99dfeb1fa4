import { exact, perMille, whole } from "../shell/amount.ts";
import type { Balance } from "./documents.ts";

/** What one has, as the page's poster: solid is available, hatched is held, hollow is in play. */
export function BalancePoster({ balance, inPlay }: { balance: Balance; inPlay: bigint }) {
  const [available, held] = [BigInt(balance.available), BigInt(balance.held)];
  const parts = [
    { name: "available", look: "solid", units: available },
    { name: "held for a withdrawal", look: "hatched", units: held },
    { name: "in open bets", look: "hollow", units: inPlay },
  ].filter(({ units, look }) => units > 0n || look === "solid");
  const all = available + held + inPlay;
  const amount = whole(available);
  return (
    <div className="purseposter">
      <h2 className="lbl">Available</h2>
      <p className={`disp oil ${amount.length > 11 ? "long" : ""}`} title={exact(available)}>
        {amount}
        <span className="sr"> NORTH</span>
      </p>
      {all > 0n && (
        <div className="moneybar" aria-hidden="true">
          {parts.map(({ name, look, units }) => (
            <i key={name} className={look} style={{ flexGrow: perMille(units, all) }} />
          ))}
        </div>
      )}
      <ul className="moneykey sm" hidden={parts.length === 1}>
        {parts.map(({ name, look, units }) => (
          <li key={name} title={exact(units)}>
            <i className={look} aria-hidden="true" />
            {name}
            {look !== "solid" && <span className="mono">{whole(units)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

const TOTALS = ["deposited", "withdrawn", "wagered", "won"] as const;

/** What came, went, was staked and was won so far. */
export function Totals({ balance }: { balance: Balance }) {
  return TOTALS.map((name) => (
    <div key={name}>
      <dt>{name.charAt(0).toUpperCase() + name.slice(1)}</dt>
      <dd className="num" title={exact(BigInt(balance[name]))}>
        {whole(BigInt(balance[name]))}
      </dd>
    </div>
  ));
}
