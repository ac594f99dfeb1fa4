import { useEffect, useRef, useState } from "react";
import { useStillness } from "../../shell/use-stillness.ts";
import type { Mode } from "./cameras.ts";
import { Cameras } from "./controls.tsx";
import type { Footage } from "./footage.ts";
import { WEAPONS, type Death, type Frame } from "./frames.ts";
import { keysOf } from "./keys.ts";
import { Inset, Late, Legend, OwnEyes, Recent, Waiting } from "./overlays.tsx";
import { leaderOf, ScoreField } from "./score-field.tsx";
import { Names, placeNames } from "./names.tsx";
import type { Label, Player } from "./picture.ts";
import { startOf, seek, toggle } from "./playhead.ts";
import { Timeline } from "./timeline.tsx";
import { useLoop, useSize, useStage } from "./use-stage.ts";
import "./viewer.css";

export type ViewerProps = {
  map: string;
  players: readonly Player[];
  footage: Footage;
  deaths: readonly Death[];
  /** Each side's score at a time; where the match is live, as it is now. */
  scoresAt: (atMs: number) => ReadonlyMap<number, number>;
  /** How long the round takes, in game time. */
  roundMs: number;
};

/** A round as one sees it: the map with who plays on it, from wherever the visitor looks. */
export default function Viewer({ map, players, footage, deaths, scoresAt, roundMs }: ViewerProps) {
  const still = useStillness();
  const [canvas, stage] = [useRef<HTMLCanvasElement>(null), useRef<HTMLDivElement>(null)];
  const [inset, names] = [useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)];
  const [mode, setMode] = useState<Mode>("OVERVIEW");
  const [followed, follow] = useState(players[0]?.side ?? 0);
  const [attempt, setAttempt] = useState(0);
  const [moment, setMoment] = useState<Frame | null>(null);
  const state = useStage(canvas, { map, players, attempt });
  // A stage that is left takes its canvas's context with it: the next has a canvas of its own.
  const opening = [map, JSON.stringify(players), attempt].join();
  useSize(state, stage);
  const [atMs, setAtMs] = useState(0);
  const shownScores = scoresAt(atMs);
  const shown = (now: Frame, labels: readonly Label[]) => {
    if (names.current) placeNames(names.current, now, labels);
    setMoment((before) => (before && Math.abs(before.atMs - now.atMs) < 100 ? before : now));
  };
  const { head, move } = useLoop(state, startOf(footage.span, still), {
    footage,
    mode,
    followed,
    leader: leaderOf(players, shownScores),
    still,
    inset: () => rectOf(inset.current, stage.current),
    shown,
  });
  useEffect(() => setAtMs(head.atMs), [head.atMs]);
  const span = footage.span;
  const flat = state.at === "READY" && state.picture.modes.length === 1;
  const pose = moment?.poses.find(({ side }) => side === followed);
  const onKeyDown = keysOf({
    choose: (side) => players.some((player) => player.side === side) && follow(side),
    play: () => move((before) => toggle(before, span)),
    fly: (way, target) => {
      if (mode !== "FREE" || state.at !== "READY" || target !== stage.current) return false;
      state.picture.fly(...way);
      return true;
    },
  });
  return (
    <section className="viewer" aria-label="The match in pictures" onKeyDown={onKeyDown}>
      <ScoreField players={players} scores={shownScores} atMs={head.atMs} roundMs={roundMs} />
      <div
        ref={stage}
        className="qstage"
        data-state={state.at}
        data-mode={mode}
        style={{ "--ink": `var(--lane-${leaderOf(players, shownScores) + 1})` } as React.CSSProperties}
        tabIndex={mode === "FREE" ? 0 : undefined}
        role="group"
        aria-label={stageWords(map, mode, flat)}
      >
        <canvas key={opening} ref={canvas} role="img" aria-label={`Map ${map}: ${whereabouts(players, moment)}`} />
        <Waiting state={state} again={() => setAttempt(attempt + 1)} />
        <Names ref={names} players={players} hidden={state.at !== "READY"} />
        {footage.live && <Late />}
        <Recent deaths={deaths} players={players} atMs={head.atMs} live={footage.live} />
        {state.at === "READY" && !flat && mode !== "EYES" && (
          <Inset ref={inset} player={players.find(({ side }) => side === followed)} pose={pose} />
        )}
        {mode === "EYES" && <OwnEyes pose={pose} />}
        {state.at === "READY" && <Cameras {...{ players, mode, setMode, followed, follow, flat }} stage={stage} />}
      </div>
      <Legend />
      <Timeline
        {...{ players, deaths, head, span, roundMs, move }}
        seekTo={(to) => move((before) => seek(before, footage.span, to))}
      />
    </section>
  );
}

function rectOf(element: HTMLElement | null, stage: HTMLElement | null) {
  const view = element?.querySelector(".eyes-view")?.getBoundingClientRect();
  const around = stage?.getBoundingClientRect();
  if (!view || !around || view.width < 1) return null;
  const top = (element?.getBoundingClientRect().y ?? view.y) - around.y;
  return { x: view.x - around.x, y: view.y - around.y, width: view.width, height: view.height, top };
}

const stageWords = (map: string, mode: Mode, flat: boolean): string => {
  if (flat) return `Map ${map} from above`;
  return mode === "FREE" ? "Free camera: drag to turn, arrows or W A S D to move, Q and E up and down" : "The stage";
};

/** The picture in words. */
function whereabouts(players: readonly Player[], moment: Frame | null): string {
  const told = players.map(({ side, name }) => {
    const pose = moment?.poses.find((each) => each.side === side);
    if (!pose) return `${name} is not in the picture`;
    return pose.alive
      ? `${name} with ${pose.health} health and ${WEAPONS[pose.weapon] ?? "no weapon"}`
      : `${name} is dead`;
  });
  const [taken, dropped] = [moment?.taken.length ?? 0, moment?.drops.length ?? 0];
  if (taken > 0) told.push(`${taken} of what lies there ${taken === 1 ? "is" : "are"} taken`);
  if (dropped > 0) told.push(`${dropped} ${dropped === 1 ? "weapon lies" : "weapons lie"} dropped`);
  return told.join("; ");
}
