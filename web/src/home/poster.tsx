import { Link } from "wouter";
import { fightersOf, seamOf, type Bout } from "../shell/bout.tsx";

/** The main event as a fight bill: two inks, two names, and how they stand. */
export function Poster({ bout }: { bout: Bout }) {
  const [one, two] = bout.participants;
  const [a, b] = fightersOf(bout);
  if (!one || !two || !a || !b) return null;
  const live = bout.status === "LIVE";
  const share = ({ hp, hpMax }: { hp: number; hpMax: number }) => ({ width: `${(100 * hp) / hpMax}%` });
  return (
    <section className="poster" aria-label="Main event" style={{ "--seam": `${seamOf(bout)}%` } as React.CSSProperties}>
      <div className="hfa" />
      <div className="hfb" />
      <div className="page hin">
        <div className="htop">
          <span className={`tag ov ${live ? "live2" : ""}`}>{live ? "Live" : "Last result"}</span>
          <span className="sm">
            {"state" in bout && live ? (
              <b>
                Round {bout.state.round}, exchange {bout.state.exchange}.
              </b>
            ) : (
              <b>
                {a.roundWins}–{b.roundWins}
              </b>
            )}{" "}
            <span className="hid">Both moves stay hidden until both are in.</span>
          </span>
        </div>
        <Name side="a" participant={one} share={share(a)} />
        <Name side="b" participant={two} share={share(b)} />
        <Figure side="A" character={one.character} pose={poseOf(live, a.roundWins < b.roundWins, "low")} />
        <Figure side="B" character={two.character} pose={poseOf(live, b.roundWins < a.roundWins, "grab")} />
        <div className="hcta">
          <Link className="btn lg ov" href={`/fights/${bout.id}`}>
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M4 2l10 6-10 6z" fill="currentColor" />
            </svg>
            {live ? "Watch the fight" : "Watch it again"}
          </Link>
        </div>
      </div>
    </section>
  );
}

const poseOf = (live: boolean, lost: boolean, fighting: string) => (live ? fighting : lost ? "ko" : "stance");

type Participant = Bout["participants"][number];

function Name({ side, participant, share }: { side: "a" | "b"; participant: Participant; share: { width: string } }) {
  const { bot, character, ratingBefore } = participant;
  // A long name keeps its line by narrowing, never below half width.
  const stretch = Math.max(50, 74 - 2.4 * Math.max(0, bot.name.length - 6));
  return (
    <div className={`hn ${side}`}>
      <span className="disp trunc" style={{ fontStretch: `${stretch}%` }}>
        {bot.name}
      </span>
      <span className="sub">
        <span className="chr">{(character ?? "").toLowerCase()}</span>
        <span className="mono">{ratingBefore ?? "house"}</span>
      </span>
      <div className="hb">
        <i style={share} />
      </div>
    </div>
  );
}

function Figure({ side, character, pose }: { side: "A" | "B"; character: string | null | undefined; pose: string }) {
  return (
    <div className={`hf ${side}`}>
      <svg viewBox="0 0 320 300" aria-hidden="true">
        <use href={`/characters.svg#${(character ?? "ronin").toLowerCase()}-${pose}`} width="320" height="300" />
      </svg>
    </div>
  );
}
