import { ACTIONS } from "../shell/actions.ts";
import { isAnnounced } from "../shell/standing.ts";
import { bodiesOf, seamOf, type Body } from "./bodies.ts";
import { Hud } from "./hud.tsx";
import { Result } from "./result.tsx";
import { Scrubber } from "./scrubber.tsx";
import type { Exchange, Fight, RoundEnd } from "./use-exchanges.ts";
import { isSealed, type Phase } from "./timeline.ts";
import type { Playhead } from "./use-playhead.ts";
import { told, verdictOf } from "./words.ts";

type Props = {
  fight: Fight;
  exchanges: readonly Exchange[];
  rounds: readonly RoundEnd[];
  banksMs: readonly number[];
  head: Playhead;
  over: boolean;
};

const letter = (side: number) => (side === 0 ? "a" : "b");
const AWAITED = "Both moves are awaited. Nobody sees either before both are in.";
const ANNOUNCED = "About to begin. People may bet until the first exchange.";
const UNFOUGHT = "Over before the first exchange.";
const LINES: Partial<Record<Phase, string>> = {
  waiting: AWAITED,
  anticipate: "Both moves are in",
  reveal: "Both moves are in",
};

/** The two fighters, their bars, the reveal, and the scrubber. */
export function Stage({ fight, exchanges, rounds, banksMs, head, over }: Props) {
  const { at, phase } = head;
  const exchange = exchanges[at] ?? null;
  const bodies = bodiesOf({ fight, exchanges, rounds, at, phase });
  const sealed = !exchange || isSealed(phase);
  const awaited = isAnnounced(fight) ? ANNOUNCED : AWAITED;
  const unseen = over && exchanges.length === 0 ? UNFOUGHT : isAnnounced(fight) ? ANNOUNCED : (LINES[phase] ?? AWAITED);
  // The stored end, with its winner, comes a moment after the event that tells it.
  const ready = fight.endReason !== null;
  const seam = { "--seam": `${seamOf(bodies, phase)}%`, "--pace": 1 / head.speed } as React.CSSProperties;
  return (
    <section className="arena" aria-label="Fight">
      <Hud fight={fight} bodies={bodies} exchange={exchange} waiting={phase === "waiting"} />
      <div className="stage" data-phase={phase} style={seam}>
        <div className="fl fa" />
        <div className="fl fb" />
        <div className="floor" />
        {bodies.map((body) => (
          <Figure key={body.side} body={body} action={sealed ? null : (exchange?.sides[body.side]?.action ?? null)} />
        ))}
        {bodies.map((body) => (
          <div key={body.side} className={`dmg ${letter(body.side).toUpperCase()} disp`} aria-hidden="true">
            {body.struck > 0 && (
              <span key={at} className="pop">
                −{body.struck}
              </span>
            )}
          </div>
        ))}
        <div className="seamline">
          <svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
            <circle cx="12" cy="12" r="6" />
            <path d="M12 0v24M0 12h24" />
          </svg>
        </div>
        <div className="verdict">
          {exchange && !sealed && phase !== "reveal" ? verdictOf(exchange) : unseen.split(".")[0]}
        </div>
        <div className="hands">
          <Card side={0} exchange={exchange} sealed={sealed} />
          <span />
          <Card side={1} exchange={exchange} sealed={sealed} />
        </div>
      </div>
      <Spoken fight={fight} exchange={exchange} rounds={rounds} sealed={sealed || phase === "reveal"} over={over} />
      {over && ready ? (
        <Result fight={fight} rounds={rounds} head={head} />
      ) : (
        <Banks banksMs={banksMs} slow={fight.ladder === "PIT_SLOW"} line={awaited} />
      )}
      <Scrubber exchanges={exchanges} rounds={rounds} fight={fight} head={head} over={over} />
    </section>
  );
}

type SpokenProps = {
  fight: Fight;
  exchange: Exchange | null;
  rounds: readonly RoundEnd[];
  sealed: boolean;
  over: boolean;
};

/** The one polite line that tells each result to those who hear the page. */
function Spoken({ fight, exchange, rounds, sealed, over }: SpokenProps) {
  const names = fight.participants.map(({ bot }) => bot.name);
  return (
    <p className="sr" aria-live="polite">
      {exchange && !sealed && told(exchange, rounds, names, over ? { winner: fight.winner?.name ?? null } : null)}
    </p>
  );
}

/** What is left of each time bank; a slow ladder has none. */
function Banks({ banksMs: [a = 0, b = 0], slow, line }: { banksMs: readonly number[]; slow: boolean; line: string }) {
  const bank = (ms: number) => (
    <span>
      <span className="dim3">{slow ? "60 s" : "Time bank"}</span>{" "}
      {slow ? <span className="dim3">a move</span> : <span className="mono">{(ms / 1_000).toFixed(1)} s</span>}
    </span>
  );
  return (
    <div className="bank sm">
      {bank(a)}
      <span className="dim3 hid">{line}</span>
      {bank(b)}
    </div>
  );
}

const HARD_HIT = 15;

function Figure({ body, action }: { body: Body; action: keyof typeof ACTIONS | null }) {
  const pose = body.hp === 0 ? "ko" : body.struck >= HARD_HIT ? "hit" : action ? ACTIONS[action].pose : "stance";
  const print = (
    <svg viewBox="0 0 320 300" aria-hidden="true">
      <use href={`/characters.svg#${body.character.toLowerCase()}-${pose}`} width="320" height="300" />
    </svg>
  );
  return (
    <div className={`fgr ${letter(body.side).toUpperCase()} ${pose} ${body.struck > 0 ? "hit" : ""}`}>
      <div className="reg">{print}</div>
      <div className="main">{print}</div>
    </div>
  );
}

function Card({ side, exchange, sealed }: { side: number; exchange: Exchange | null; sealed: boolean }) {
  const move = sealed ? undefined : exchange?.sides[side];
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
          <span className="xs">{move?.timedOut ? "timed out" : move && effect}</span>
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
