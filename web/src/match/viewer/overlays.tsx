import { Lane } from "../lane.tsx";
import { WEAPONS, type Death, type Pose } from "./frames.ts";
import { GOODS, type Good } from "./inks.ts";
import type { Player } from "./picture.ts";
import type { StageState } from "./use-stage.ts";

/** What stands in the place of a picture that is not there. */
export function Waiting({ state, again }: { state: StageState; again: () => void }) {
  if (state.at === "READY") return null;
  return (
    <div className="qwait" role="status">
      {state.at === "LOADING" ? (
        "The map is on its way"
      ) : (
        <>
          <span>{state.why} The scores and the kill feed go on.</span>
          <button type="button" className="btn sm" onClick={again}>
            Try again
          </button>
        </>
      )}
    </div>
  );
}

export const Late = () => (
  <div className="qbadge">
    <span className="tag ov">
      <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
        <circle cx="8" cy="8" r="6.5" />
        <path d="M8 4v4l3 2" />
      </svg>
      Picture 10 s late
    </span>
    <span className="xs">so that nobody sees through walls by watching. Kills and scores are live.</span>
  </div>
);

const RECENT_MS = 5_000;
const RECENT_MAX = 4;

/** The newest deaths of the picture's own time, over it. */
export function Recent({
  deaths,
  players,
  atMs,
  live,
}: {
  deaths: readonly Death[];
  players: readonly Player[];
  atMs: number;
  live: boolean;
}) {
  const known = (side: number | null) => players.find((player) => player.side === side);
  const recent = deaths.filter((death) => death.atMs <= atMs && death.atMs > atMs - RECENT_MS).slice(-RECENT_MAX);
  return (
    <ol className="qkills" aria-label={live ? "Kills in the picture" : "Kills just now"} hidden={recent.length === 0}>
      {recent.map(({ atMs: at, killer, victim, text }) => (
        <li key={`${at} ${victim}`}>
          {killer !== null && killer !== victim && known(killer) ? <Lane side={killer} /> : <span />}
          <span>{text}</span>
          <Lane side={victim} dead />
        </li>
      ))}
    </ol>
  );
}

type InsetProps = { ref: React.Ref<HTMLDivElement>; player: Player | undefined; pose: Pose | undefined };

/** What the followed bot sees, in a corner of the picture. */
export function Inset({ ref, player, pose }: InsetProps) {
  if (!player) return null;
  return (
    <div className="eyes" ref={ref}>
      <div className="eyes-head">
        <Lane side={player.side} />
        <b className="trunc">{player.name}</b>
        <span className="xs">{weaponWords(pose)}</span>
      </div>
      <div className="eyes-view">
        <Cross />
        {pose && <Vitals pose={pose} />}
      </div>
    </div>
  );
}

function weaponWords(pose: Pose | undefined): string {
  if (!pose?.alive) return pose ? "Dead" : "";
  return `${WEAPONS[pose.weapon] ?? ""}${pose.quad ? ", quad damage" : ""}`;
}

const Cross = () => <i className="qcross" aria-hidden="true" />;

const Vitals = ({ pose: { health, armor, alive } }: { pose: Pose }) => (
  <div className="vitals">
    <b className="mono">{alive ? Math.max(0, health) : 0}</b> health <b className="mono">{armor}</b> armour
  </div>
);

/** What belongs to the whole picture when it is what a bot sees. */
export const OwnEyes = ({ pose }: { pose: Pose | undefined }) => (
  <>
    <Cross />
    {pose && <Vitals pose={pose} />}
  </>
);

const GOOD_NAMES: Readonly<Record<Good, string>> = {
  health: "Health",
  armor: "Armour",
  weapon: "Weapon",
  ammo: "Ammo",
  powerup: "Power-up",
};

/** What the inks of what lies on the map mean. */
export const Legend = () => (
  <ul className="qlegend xs dim" aria-label="What lies on the map">
    {GOODS.map((good) => (
      <li key={good}>
        <i style={{ "--i": `var(--item-${good})` } as React.CSSProperties} />
        {GOOD_NAMES[good]}
      </li>
    ))}
    <li>
      <i className="taken" />
      Taken
    </li>
  </ul>
);
