import { Shield } from "../shell/shield.tsx";
import { ACTIONS } from "./actions.ts";
import type { Exchange, Fight } from "./use-exchanges.ts";

type Props = {
  fight: Fight;
  exchange: Exchange | null;
  exchanges: readonly Exchange[];
  at: number;
  count: number;
  go: (to: number) => void;
  over: boolean;
};
const letter = (side: number) => (side === 0 ? "a" : "b");

/** The two fighters, their bars, the reveal, and the scrubber. */
export function Stage({ fight, exchange, exchanges, at, count, go, over }: Props) {
  const latest = at === count - 1;
  const bodies = fight.state.fighters.map((fighter, side) => ({
    ...fighter,
    hp: exchange?.sides[side]?.hp ?? fighter.hpMax,
    stamina: exchange?.sides[side]?.stamina ?? fighter.stamina,
    lost: exchange?.sides[side]?.taken ?? 0,
  }));
  const [a, b] = bodies;
  if (!a || !b) return null;
  const seam = Math.min(62, Math.max(38, 50 + 17 * (a.hp / a.hpMax - b.hp / b.hpMax)));
  return (
    <section className="arena" aria-label="Fight">
      <div className="hud">
        <Corner fight={fight} body={a} />
        <div className="clock">
          <span className="lbl">Round {exchange?.round ?? fight.state.round}</span>
          <span className="disp t">
            {exchange?.number ?? fight.state.exchange}
            <small>/20</small>
          </span>
          <span className="wins" aria-label={`Rounds ${a.roundWins} to ${b.roundWins}`}>
            {[0, 1].map((win) => (
              <i key={`a${win}`} className={a.roundWins > win ? "ia" : ""} />
            ))}
            <b />
            {[0, 1].map((win) => (
              <i key={`b${win}`} className={b.roundWins > win ? "ib" : ""} />
            ))}
          </span>
        </div>
        <Corner fight={fight} body={b} />
      </div>
      <div className="stage" style={{ "--seam": `${seam}%` } as React.CSSProperties}>
        <div className="fl fa" />
        <div className="fl fb" />
        <div className="floor" />
        {bodies.map((body) => (
          <Figure key={body.side} body={body} exchange={exchange} />
        ))}
        {bodies.map((body) => (
          <div key={body.side} className={`dmg ${letter(body.side).toUpperCase()} disp`}>
            {body.lost > 0 && `−${body.lost}`}
          </div>
        ))}
        <div className="seamline" />
        <div className="verdict" aria-live="polite">
          {exchange ? verdictOf(exchange, fight) : "Both moves are awaited"}
        </div>
        <div className="hands">
          {bodies.map((body) => (
            <Card key={body.side} side={body.side} exchange={exchange} />
          ))}
        </div>
      </div>
      <div className="bank sm">
        <span>
          <span className="dim3">Time bank</span> <span className="mono">{(a.bankMs / 1_000).toFixed(1)} s</span>
        </span>
        <span className="dim3 hid">
          {over
            ? "The fight is over."
            : latest
              ? "The next exchange opens when both moves are in. Nobody sees one before."
              : "You look at an earlier exchange."}
        </span>
        <span>
          <span className="dim3">Time bank</span> <span className="mono">{(b.bankMs / 1_000).toFixed(1)} s</span>
        </span>
      </div>
      <Scrubber exchanges={exchanges} at={at} go={go} over={over} />
    </section>
  );
}

type Body = Fight["state"]["fighters"][number] & { lost: number };

function Corner({ fight, body }: { fight: Fight; body: Body }) {
  const participant = fight.participants[body.side];
  if (!participant) return null;
  const { bot, ratingBefore } = participant;
  const width = (value: number) => ({ width: `${(100 * value) / body.hpMax}%` });
  const pips = Array.from({ length: 10 }, (_none, pip) =>
    body.stamina >= pip * 10 + 10 ? "on" : body.stamina >= pip * 10 + 5 ? "half" : "",
  );
  return (
    <div className={`cs side-${letter(body.side)}`}>
      <div className="who">
        <Shield id={bot.id} className={`s56 side-${letter(body.side)}`} />
        <div className="trunc">
          <h2 className="disp">{bot.name}</h2>
          <p className="sm dim">
            <span className="tag sd">{body.character}</span> <span className="mono">{ratingBefore ?? "–"}</span>{" "}
            <span className="own">by {bot.owner.handle}</span>
          </p>
        </div>
      </div>
      <div className="meter">
        <span className="hpn disp">{body.hp}</span>
        <div className="bars">
          <div
            className="hp"
            role="meter"
            aria-label={`HP of ${bot.name}`}
            aria-valuemin={0}
            aria-valuemax={body.hpMax}
            aria-valuenow={body.hp}
          >
            <s style={width(Math.min(body.hpMax, body.hp + body.lost))} />
            <b style={width(body.hp)} />
          </div>
          <div className="stw">
            <div
              className="st"
              role="meter"
              aria-label={`Stamina of ${bot.name}`}
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={body.stamina}
            >
              {pips.map((pip, index) => (
                <i key={index} className={pip} />
              ))}
            </div>
            <span className="mono xs dim">{body.stamina}</span>
          </div>
        </div>
      </div>
    </div>
  );
}

function Figure({ body, exchange }: { body: Body; exchange: Exchange | null }) {
  const side = exchange?.sides[body.side];
  const down = body.hp === 0;
  const pose = down ? "ko" : body.lost >= 15 ? "hit" : side ? ACTIONS[side.action].pose : "stance";
  const href = `/characters.svg#${body.character.toLowerCase()}-${pose}`;
  const print = (
    <svg viewBox="0 0 320 300" aria-hidden="true">
      <use href={href} width="320" height="300" />
    </svg>
  );
  return (
    <div className={`fgr ${letter(body.side).toUpperCase()} ${body.lost > 0 ? "hit" : ""}`}>
      <div className="reg">{print}</div>
      <div className="main">{print}</div>
    </div>
  );
}

function Card({ side, exchange }: { side: number; exchange: Exchange | null }) {
  const move = exchange?.sides[side];
  return (
    <div className={`card side-${letter(side)} ${move ? "" : "sealed"}`}>
      <div className="face">
        <span className="g">
          <svg className="gl" viewBox="0 0 24 24" fill="currentColor" fillRule="evenodd" aria-hidden="true">
            <path d={move ? ACTIONS[move.action].glyph : ""} />
          </svg>
        </span>
        <div>
          <strong>{move ? ACTIONS[move.action].name : "Sealed"}</strong>
          <span className="xs">
            {move?.timedOut ? "timed out" : move && move.dealt > 0 ? `hits for ${move.dealt}` : "no damage"}
          </span>
        </div>
      </div>
      <div className="back" />
    </div>
  );
}

function verdictOf({ sides: [one, two] }: Exchange, { participants }: Fight): string {
  if (!one || !two) return "";
  if (one.dealt > 0 && two.dealt > 0) return "Both land";
  if (one.dealt === 0 && two.dealt === 0) return "Nothing lands";
  const hitter = one.dealt > 0 ? one : two;
  return `${participants[hitter.side]?.bot.name}: ${ACTIONS[hitter.action].name.toLowerCase()} lands`;
}

function Scrubber({ exchanges, at, go, over }: Pick<Props, "exchanges" | "at" | "go" | "over">) {
  const keys: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageUp: at - 5,
    PageDown: at + 5,
    Home: 0,
    End: exchanges.length - 1,
  };
  return (
    <div
      className="scrubber"
      role="group"
      aria-label="Exchanges"
      onKeyDown={(event) => keys[event.key] !== undefined && (event.preventDefault(), go(keys[event.key] ?? at))}
    >
      <div className="ctl">
        <button type="button" className="btn sm" disabled={at === 0} onClick={() => go(at - 1)}>
          Back
        </button>
        <button type="button" className="btn sm" disabled={at >= exchanges.length - 1} onClick={() => go(at + 1)}>
          Next
        </button>
        <button type="button" className="btn sm" onClick={() => go(exchanges.length)}>
          {over ? "The end" : "Live edge"}
        </button>
      </div>
      <div className="track">
        {[
          ...Map.groupBy(
            exchanges.map((exchange, index) => ({ exchange, index })),
            ({ exchange }) => exchange.round,
          ),
        ].map(([round, cells]) => (
          <div key={round} className="rd">
            <div className="rl">
              <span>Round {round}</span>
            </div>
            <div className="cells">
              {cells.map(({ exchange, index }) => (
                <button
                  key={index}
                  type="button"
                  aria-current={index === at}
                  aria-label={`Round ${round}, exchange ${exchange.number}`}
                  onClick={() => go(index)}
                >
                  <u className="ua" style={{ height: `${Math.min(50, exchange.sides[0]?.dealt ?? 0)}%` }} />
                  <u className="ub" style={{ height: `${Math.min(50, exchange.sides[1]?.dealt ?? 0)}%` }} />
                </button>
              ))}
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
