import { useEffect, useState } from "react";
import type { Entry } from "./documents.ts";
import { Streams } from "./streams.tsx";
import { playedOn, spanOf, toldBy } from "./timeline.ts";
import type { Told } from "./use-told.ts";
import { seconds } from "./words.ts";

const SPEEDS = [1, 8, 64] as const;
const FRAME_MS = 100;

/** The streams of a battle that is over, side by side, as they were at any moment of it. */
export function Replay({ entries, told }: { entries: readonly Entry[]; told: readonly Told[] }) {
  const span = spanOf(told);
  const length = span ? span.to - span.from : 0;
  const head = useHead(length);
  const shown = span && head.at < length ? toldBy(told, span.from + head.at) : told;
  return (
    <>
      {length > 0 && <Timeline length={length} head={head} />}
      <Streams entries={entries} told={shown} />
    </>
  );
}

/** Where the replay stands, in ms from the beginning; a finished battle is first shown as it ended. */
function useHead(length: number) {
  const [chosen, choose] = useState<number | null>(null);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(1);
  const at = Math.min(chosen ?? length, length);
  const running = playing && at < length;
  useEffect(() => {
    if (!running) return undefined;
    const timer = setTimeout(() => choose(playedOn(at, { passedMs: FRAME_MS, speed, length })), FRAME_MS);
    return () => clearTimeout(timer);
  }, [running, at, speed, length]);
  return {
    at,
    running,
    speed,
    setSpeed,
    go: (to: number) => {
      setPlaying(false);
      choose(to);
    },
    play: () => {
      if (at >= length) choose(0);
      setPlaying(!running);
    },
  };
}

type Head = ReturnType<typeof useHead>;

function Timeline({ length, head }: { length: number; head: Head }) {
  const { at, running, speed, setSpeed, go, play } = head;
  return (
    <div className="replay" role="group" aria-label="Replay">
      <button type="button" className="btn sm" onClick={play}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d={running ? "M4 2h3v12H4zM9 2h3v12H9z" : "M4 2l10 6-10 6z"} fill="currentColor" />
        </svg>
        {running ? "Pause" : "Play"}
      </button>
      <input
        type="range"
        min={0}
        max={length}
        step="any"
        value={at}
        aria-label="Moment of the battle"
        aria-valuetext={`${seconds(at)} of ${seconds(length)}`}
        onChange={(event) => go(Number(event.target.value))}
      />
      <span className="mono sm num">
        {seconds(at)} / {seconds(length)}
      </span>
      <div className="seg" role="group" aria-label="Speed">
        {SPEEDS.map((each) => (
          <button key={each} type="button" aria-pressed={speed === each} onClick={() => setSpeed(each)}>
            {each}×
          </button>
        ))}
      </div>
    </div>
  );
}
