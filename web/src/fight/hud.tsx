import { Link } from "wouter";
import { Shield } from "../shell/shield.tsx";
import type { Body } from "./bodies.ts";
import type { Exchange, Fight } from "./use-exchanges.ts";

const EXCHANGES_MAX = 20;
const letter = (side: number) => (side === 0 ? "a" : "b");

type Props = { fight: Fight; bodies: readonly Body[]; exchange: Exchange | null; waiting: boolean };

/** Who fights, how both stand, and where the fight is. */
export function Hud({ fight, bodies, exchange, waiting }: Props) {
  const [a, b] = bodies;
  if (!a || !b) return null;
  return (
    <div className="hud">
      <Corner fight={fight} body={a} />
      <Clock fight={fight} bodies={bodies} exchange={exchange} waiting={waiting} />
      <Corner fight={fight} body={b} />
    </div>
  );
}

function Clock({ fight, bodies: [a, b], exchange, waiting }: Props) {
  const [round, number] =
    waiting || !exchange ? [fight.state.round, Math.max(1, fight.state.exchange)] : [exchange.round, exchange.number];
  const wins = (side: "ia" | "ib", won: number) =>
    [0, 1].map((win) => <i key={`${side}${win}`} className={won > win ? side : ""} />);
  return (
    <div className="clock">
      <span className="lbl">Round {Math.max(round, exchange?.round ?? 1)} of 5</span>
      <span className="disp t">
        {number}
        <small>/{EXCHANGES_MAX}</small>
      </span>
      <span className="wins" role="img" aria-label={`Rounds ${a?.roundWins} to ${b?.roundWins}`}>
        {wins("ia", a?.roundWins ?? 0)}
        <b />
        {wins("ib", b?.roundWins ?? 0)}
      </span>
    </div>
  );
}

function Corner({ fight, body }: { fight: Fight; body: Body }) {
  const participant = fight.participants[body.side];
  if (!participant) return null;
  const { bot, ratingBefore } = participant;
  return (
    <div className={`cs side-${letter(body.side)}`}>
      <div className="who">
        <Shield id={bot.id} className={`s56 side-${letter(body.side)}`} />
        <div className="trunc">
          <h2 className="disp">
            <Link href={`/bots/${bot.name}`}>{bot.name}</Link>
          </h2>
          <p className="sm dim">
            <span className="tag sd">{body.character}</span>{" "}
            <span className="mono">{ratingBefore?.toLocaleString("en") ?? "–"}</span>{" "}
            <span className="whose">by {bot.owner.handle}</span>
          </p>
        </div>
      </div>
      <div className="meter">
        <span className="hpn disp">{body.hp}</span>
        <div className="bars">
          <Health name={bot.name} body={body} />
          <Stamina name={bot.name} stamina={body.stamina} />
        </div>
      </div>
    </div>
  );
}

function Health({ name, body: { hp, hpMax, lost } }: { name: string; body: Body }) {
  const width = (value: number) => ({ width: `${(100 * value) / hpMax}%` });
  return (
    <div
      className="hp"
      role="meter"
      aria-label={`HP of ${name}`}
      aria-valuemin={0}
      aria-valuemax={hpMax}
      aria-valuenow={hp}
    >
      <s style={width(Math.min(hpMax, hp + lost))} />
      <b style={width(hp)} />
    </div>
  );
}

/** Ten pips of ten: a viewer counts what a fighter can afford. They switch one by one. */
function Stamina({ name, stamina }: { name: string; stamina: number }) {
  const pips = Array.from({ length: 10 }, (_none, pip) =>
    stamina >= pip * 10 + 10 ? "on" : stamina >= pip * 10 + 5 ? "half" : "",
  );
  return (
    <div className="stw">
      <div
        className="st"
        role="meter"
        aria-label={`Stamina of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={stamina}
      >
        {pips.map((pip, index) => (
          <i key={index} className={pip} style={{ transitionDelay: `${index * 30}ms` }} />
        ))}
      </div>
      <span className="mono xs dim">{stamina}</span>
    </div>
  );
}
