import { Shield } from "../shell/shield.tsx";
import { ACTIONS } from "../shell/actions.ts";
import { Scrubber } from "./scrubber.tsx";
import type { Exchange, Fight, RoundEnd } from "./use-exchanges.ts";
import type { Playhead } from "./use-playhead.ts";

type Props = {
  fight: Fight;
  exchanges: readonly Exchange[];
  rounds: readonly RoundEnd[];
  head: Playhead;
  over: boolean;
};
const STAMINA_START = 60;
const letter = (side: number) => (side === 0 ? "a" : "b");

/** Both fighters before or after the exchange on stage, as far as it is revealed. */
function bodiesOf({ fight, exchanges, rounds, head: { at, phase } }: Props): Body[] {
  const exchange = exchanges[at];
  const open = phase === "sealed" || phase === "reveal";
  const sides = phase === "waiting" && endedIn(rounds, exchange) ? undefined : sidesShown(exchanges, at, open);
  const told = (exchange?.round ?? 0) - (open || !endsRound(exchanges, at) ? 1 : 0);
  const wins = rounds.findLast(({ round }) => round <= told)?.roundWins ?? [];
  const struck = open || phase === "waiting" ? [] : (exchange?.sides ?? []);
  return fight.state.fighters.map((fighter, side) => ({
    ...fighter,
    ...barsOf(sides?.[side], fighter.hpMax),
    lost: struck[side]?.taken ?? 0,
    roundWins: wins[side] ?? 0,
  }));
}

/** A round that has ended gives way to fresh bars while the next one is awaited. */
const endedIn = (rounds: readonly RoundEnd[], exchange: Exchange | undefined) =>
  exchange !== undefined && rounds.some(({ round }) => round === exchange.round);

/** Before its reveal an exchange shows the one before it, in the same round. */
function sidesShown(exchanges: readonly Exchange[], at: number, open: boolean): Exchange["sides"] | undefined {
  const [before, exchange] = [exchanges[at - 1], exchanges[at]];
  if (!open) return exchange?.sides;
  return before?.round === exchange?.round ? before?.sides : undefined;
}

const barsOf = (side: { hp: number; stamina: number } | undefined, hpMax: number) =>
  side ? { hp: side.hp, stamina: side.stamina } : { hp: hpMax, stamina: STAMINA_START };

const endsRound = (exchanges: readonly Exchange[], at: number) =>
  exchanges[at + 1] === undefined || exchanges[at + 1]?.round !== exchanges[at]?.round;

const LINES: Record<Playhead["phase"], string> = {
  waiting: "Both moves are awaited. Nobody sees either before both are in.",
  sealed: "Both moves are in",
  reveal: "Both moves are in",
  impact: "The next exchange opens when both moves are in.",
  settled: "The next exchange opens when both moves are in.",
};

/** The two fighters, their bars, the reveal, and the scrubber. */
export function Stage(props: Props) {
  const { fight, exchanges, head, over } = props;
  const exchange = exchanges[head.at] ?? null;
  const [a, b] = bodiesOf(props);
  if (!a || !b) return null;
  const bodies = [a, b];
  const sealed = !exchange || head.phase === "waiting" || head.phase === "sealed";
  const seam = Math.min(62, Math.max(38, 50 + 17 * (a.hp / a.hpMax - b.hp / b.hpMax)));
  return (
    <section className="arena" aria-label="Fight">
      <div className="hud">
        <Corner fight={fight} body={a} />
        <Clock exchange={exchange} fight={fight} bodies={bodies} waiting={head.phase === "waiting"} />
        <Corner fight={fight} body={b} />
      </div>
      <div className="stage" data-phase={head.phase} style={{ "--seam": `${seam}%` } as React.CSSProperties}>
        <div className="fl fa" />
        <div className="fl fb" />
        <div className="floor" />
        {bodies.map((body) => (
          <Figure key={body.side} body={body} exchange={sealed ? null : exchange} />
        ))}
        {bodies.map((body) => (
          <div key={body.side} className={`dmg ${letter(body.side).toUpperCase()} disp ${body.lost > 0 ? "pop" : ""}`}>
            {body.lost > 0 && `−${body.lost}`}
          </div>
        ))}
        <div className="seamline" />
        <div className="verdict">
          {sealed ? LINES[exchange ? head.phase : "waiting"].split(".")[0] : verdictOf(exchange, fight)}
        </div>
        <div className="hands">
          <Card side={0} exchange={exchange} sealed={sealed} />
          <span />
          <Card side={1} exchange={exchange} sealed={sealed} />
        </div>
      </div>
      <p className="sr" aria-live="polite">
        {exchange && !sealed && head.phase !== "reveal" ? spoken(exchange, fight) : ""}
      </p>
      <div className="bank sm">
        <span>
          <span className="dim3">Time bank</span> <span className="mono">{(a.bankMs / 1_000).toFixed(1)} s</span>
        </span>
        <span className="dim3 hid">{over ? "The fight is over." : LINES[head.phase]}</span>
        <span>
          <span className="dim3">Time bank</span> <span className="mono">{(b.bankMs / 1_000).toFixed(1)} s</span>
        </span>
      </div>
      <Scrubber exchanges={exchanges} head={head} over={over} />
    </section>
  );
}

function Clock({
  exchange,
  fight,
  bodies: [a, b],
  waiting,
}: {
  exchange: Exchange | null;
  fight: Fight;
  bodies: readonly Body[];
  waiting: boolean;
}) {
  const [round, number] =
    waiting || !exchange ? [fight.state.round, fight.state.exchange] : [exchange.round, exchange.number];
  const wins = (side: "ia" | "ib", won: number) =>
    [0, 1].map((win) => <i key={`${side}${win}`} className={won > win ? side : ""} />);
  return (
    <div className="clock">
      <span className="lbl">Round {Math.max(round, exchange?.round ?? 1)}</span>
      <span className="disp t">
        {waiting && exchange ? Math.max(number, 1) : number}
        <small>/20</small>
      </span>
      <span className="wins" role="img" aria-label={`Rounds ${a?.roundWins} to ${b?.roundWins}`}>
        {wins("ia", a?.roundWins ?? 0)}
        <b />
        {wins("ib", b?.roundWins ?? 0)}
      </span>
    </div>
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

function Card({ side, exchange, sealed }: { side: number; exchange: Exchange | null; sealed: boolean }) {
  const move = exchange?.sides[side];
  const effect = move && move.dealt > 0 ? `hits for ${move.dealt}` : "no damage";
  return (
    <div className={`card side-${letter(side)} ${sealed ? "sealed" : ""}`}>
      <div className="face">
        <span className="g">
          <svg className="gl" viewBox="0 0 24 24" fill="currentColor" fillRule="evenodd" aria-hidden="true">
            <path d={move ? ACTIONS[move.action].glyph : ""} />
          </svg>
        </span>
        <div>
          <strong>{move ? ACTIONS[move.action].name : ""}</strong>
          <span className="xs">{move?.timedOut ? "timed out" : effect}</span>
        </div>
      </div>
      <div className="back">
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 7h10v8H3z" fill="currentColor" />
          <path d="M5 7V4.5a3 3 0 0 1 6 0V7" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
        <span className="xs">Sealed</span>
      </div>
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

/** An exchange in words, for those who hear the page. */
function spoken({ number, sides }: Exchange, { participants }: Fight): string {
  const told = sides.map(({ side, action, taken, hp }) => {
    const name = participants[side]?.bot.name ?? "";
    return `${name} plays ${ACTIONS[action].name.toLowerCase()}${taken > 0 ? `, loses ${taken}, ${hp} left` : ""}`;
  });
  return `Exchange ${number}. ${told.join(". ")}.`;
}
