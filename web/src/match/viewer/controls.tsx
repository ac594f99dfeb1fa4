import { useEffect, useState, type RefObject } from "react";
import { Lane } from "../lane.tsx";
import { MODES, type Mode } from "./cameras.ts";
import type { Player } from "./picture.ts";

const NAMES: Readonly<Record<Mode, string>> = { OVERVIEW: "Overview", FOLLOW: "Follow", EYES: "Eyes", FREE: "Free" };

type Props = {
  players: readonly Player[];
  mode: Mode;
  setMode: (mode: Mode) => void;
  followed: number;
  follow: (side: number) => void;
  /** There is but one way of looking. */
  flat: boolean;
  stage: RefObject<HTMLElement | null>;
};

/** From where one looks, and at whom. */
export function Cameras({ players, mode, setMode, followed, follow, flat, stage }: Props) {
  return (
    <div className="qcams">
      {flat ? (
        <span className="tag ov">From above: this browser shows no 3-D</span>
      ) : (
        <div className="seg ov" role="group" aria-label="Camera">
          {MODES.map((each) => (
            <button key={each} type="button" aria-pressed={mode === each} onClick={() => setMode(each)}>
              {NAMES[each]}
            </button>
          ))}
        </div>
      )}
      <div className="whom" role="group" aria-label="Whom to watch">
        {players.map(({ side, name }) => (
          <button
            key={side}
            type="button"
            aria-pressed={followed === side}
            aria-label={`${side + 1}, watch ${name}`}
            title={name}
            onClick={() => follow(side)}
          >
            <Lane side={side} />
          </button>
        ))}
      </div>
      <Whole stage={stage} />
    </div>
  );
}

/** The stage on the whole screen, where the browser lets it. */
function Whole({ stage }: { stage: RefObject<HTMLElement | null> }) {
  const [whole, set] = useState(false);
  useEffect(() => {
    const look = () => set(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  if (!document.fullscreenEnabled) return null;
  const turn = () => void (whole ? document.exitFullscreen() : stage.current?.requestFullscreen());
  return (
    <button
      type="button"
      className="icon-btn ov"
      aria-label={whole ? "Leave the whole screen" : "Whole screen"}
      onClick={turn}
    >
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        aria-hidden="true"
      >
        <path d={whole ? "M6 1v5H1M10 1v5h5M6 15v-5H1M10 15v-5h5" : "M1 6V1h5M15 6V1h-5M1 10v5h5M15 10v5h-5"} />
      </svg>
    </button>
  );
}
