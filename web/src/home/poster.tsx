import type { ReactNode } from "react";
import { Link } from "wouter";
import { ACTIONS } from "../shell/actions.ts";
import { fightersOf, poseOf, seamOf, useFollowed, winnerOf, type Bout, type LastExchange } from "../shell/bout.tsx";
import { isAnnounced } from "../shell/standing.ts";
import { LiveTag } from "../shell/states.tsx";

type Variables = React.CSSProperties & Record<`--${string}`, string | number>;

/** A fight bill: two inks that meet at a seam, and what stands on them. */
function Bill({ seam, children }: { seam: number; children: ReactNode }) {
  const style: Variables = { "--seam": `${seam}%` };
  return (
    <section className="poster" aria-label="Main event" style={style}>
      <div className="hfa" />
      <div className="hfb" />
      <div className="page hin">{children}</div>
    </section>
  );
}

/** The main event as a fight bill: two inks, two names, and how they stand; live it follows each exchange. */
export function Poster({ bout }: { bout: Bout }) {
  const last = useFollowed(bout);
  const [a, b] = fightersOf(bout);
  if (!a || !b || bout.participants.length < 2) return null;
  const live = bout.status === "LIVE";
  return (
    <Bill seam={seamOf(bout)}>
      <div className="htop">
        {live ? <LiveTag className="ov live2" /> : <span className="tag ov">Last result</span>}
        <State bout={bout} />
      </div>
      {[a, b].map((fighter, side) => (
        <Name key={side} bout={bout} side={side} share={fighter.hp / fighter.hpMax} last={live ? last : null} />
      ))}
      {[0, 1].map((side) => (
        <Figure key={side} bout={bout} side={side} last={last} />
      ))}
      <div className="hcta">
        <Link className="btn lg ov" href={`/fights/${bout.id}`}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4 2l10 6-10 6z" fill="currentColor" />
          </svg>
          {live ? "Watch the fight" : "Watch it again"}
        </Link>
      </div>
    </Bill>
  );
}

const OPEN = [
  { name: "Your bot", sub: "any of five characters", figure: "ronin-stance" },
  { name: "The house", sub: "always here, never rated", figure: "phantom-special" },
] as const;

/** The bill while nobody has fought yet: one half of it waits for the reader's bot. */
export function OpenPoster() {
  return (
    <Bill seam={50}>
      <div className="htop">
        <span className="tag ov">Main event</span>
        <span className="sm">
          <b>Open.</b> <span className="hid">A bot in the practice queue meets the house after 5 seconds.</span>
        </span>
      </div>
      {OPEN.map(({ name, sub }, side) => (
        <div key={name} className={`hn ${side === 0 ? "a" : "b"}`}>
          <span className="disp" style={{ fontStretch: "66%", "--advance": 9 * 66 * ADVANCE_EM } as Variables}>
            {name}
          </span>
          <span className="sub">{sub}</span>
        </div>
      ))}
      {OPEN.map(({ name, figure }, side) => (
        <Silhouette key={name} side={side} figure={figure} />
      ))}
      <div className="hcta">
        <Link className="btn lg ov" href="/manage">
          Send in a bot
        </Link>
      </div>
    </Bill>
  );
}

function State({ bout }: { bout: Bout }) {
  const [a, b] = fightersOf(bout);
  if (bout.status !== "LIVE" || !("state" in bout))
    return (
      <span className="sm">
        <b>
          {a?.roundWins}–{b?.roundWins}
        </b>{" "}
        <span className="hid">in rounds. Every exchange can be watched again.</span>
      </span>
    );
  const { round, exchange } = bout.state;
  if (isAnnounced(bout))
    return (
      <span className="sm">
        <b>About to begin.</b> <span className="hid">People may bet until the first exchange.</span>
      </span>
    );
  return (
    <span className="sm">
      <b>
        Round {round}, exchange {Math.max(1, exchange)}.
      </b>{" "}
      <span className="hid">Both moves stay hidden until both are in.</span>
    </span>
  );
}

// An advance of the display face in em, for each per cent of its width.
const ADVANCE_EM = 0.0076;

type NameProps = { bout: Bout; side: number; share: number; last: LastExchange | null };

function Name({ bout, side, share, last }: NameProps) {
  const participant = bout.participants[side];
  if (!participant) return null;
  const { bot, character, ratingBefore } = participant;
  const stretch = Math.max(50, 74 - 2.4 * Math.max(0, bot.name.length - 6));
  const name: Variables = { fontStretch: `${stretch}%`, "--advance": bot.name.length * stretch * ADVANCE_EM };
  return (
    <div className={`hn ${side === 0 ? "a" : "b"}`}>
      <span className="disp" style={name}>
        {bot.name}
      </span>
      <span className="sub">
        <span className="chr">{(character ?? "").toLowerCase()}</span>
        <span className="mono">{ratingBefore?.toLocaleString("en") ?? "house"}</span>
      </span>
      <div className="hb">
        <i style={{ width: `${100 * share}%` }} />
      </div>
      {last && <Told key={`${last.round}.${last.exchange}`} last={last} side={side} />}
      {winnerOf(bout)?.side === side && (
        <span className="told">
          <b>Wins</b> {scoreOf(bout, side)}
        </span>
      )}
    </div>
  );
}

/** The rounds of a side, and of the other. */
function scoreOf(bout: Bout, side: number): string {
  const wins = fightersOf(bout).map(({ roundWins }) => roundWins);
  return `${wins[side]}–${wins[1 - side]}`;
}

/** What a fighter played in the last exchange, and what that took from the other. */
function Told({ last, side }: { last: LastExchange; side: number }) {
  const played = last.sides.find((each) => each.side === side);
  if (!played) return null;
  return (
    <span className="told">
      <b>{ACTIONS[played.action].name}</b> {played.dealt > 0 ? `hits for ${played.dealt}` : "no damage"}
    </span>
  );
}

function Figure({ bout, side, last }: { bout: Bout; side: number; last: LastExchange | null }) {
  const character = (bout.participants[side]?.character ?? "ronin").toLowerCase();
  const pose = poseOf(bout, side, last);
  return <Silhouette side={side} figure={`${character}-${pose}`} pose={pose} />;
}

function Silhouette({ side, figure, pose = "" }: { side: number; figure: string; pose?: string }) {
  return (
    <div className={`hf ${side === 0 ? "A" : "B"} ${pose}`}>
      <svg viewBox="0 0 320 300" aria-hidden="true">
        <use href={`/characters.svg#${figure}`} width="320" height="300" />
      </svg>
    </div>
  );
}
