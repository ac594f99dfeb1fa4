import { useRef } from "react";
import { Lane } from "../lane.tsx";
import type { Death } from "./frames.ts";
import type { Player } from "./picture.ts";
import { clock, keyed, SPEEDS, toEdge, toggle, type Playhead, type Span } from "./playhead.ts";

type Props = {
  players: readonly Player[];
  deaths: readonly Death[];
  head: Playhead;
  span: Span;
  roundMs: number;
  move: (change: (head: Playhead) => Playhead) => void;
  seekTo: (atMs: number) => void;
};

const percent = (part: number, whole: number) =>
  `${(Math.max(0, Math.min(1, part / Math.max(1, whole))) * 100).toFixed(2)}%`;

/** The round from left to right, one row a bot: kills solid in its ink, deaths hollow; and what plays it. */
export function Timeline(props: Props) {
  return (
    <div className="qtime" role="group" aria-label="Timeline">
      <Controls {...props} />
      <Track {...props} />
      <p className="keys xs dim3">
        <kbd>Space</kbd> plays; on the timeline <kbd>←</kbd> <kbd>→</kbd> one second, <kbd>Page</kbd> ten,{" "}
        <kbd>Home</kbd> and <kbd>End</kbd>; <kbd>1</kbd> to <kbd>{props.players.length}</kbd> choose whom to watch
      </p>
    </div>
  );
}

/** A moment before a kill, so that one sees it happen. */
const BEFORE_MS = 1_500;

function Controls({ head, span, deaths, move, seekTo }: Props) {
  const kills = deaths
    .filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.toMs)
    .map(({ atMs }) => atMs - BEFORE_MS);
  const earlier = kills.findLast((atMs) => atMs < head.atMs - 500);
  const later = kills.find((atMs) => atMs > head.atMs + 100);
  return (
    <div className="qctl">
      <button type="button" className="btn pri sm" onClick={() => move((before) => toggle(before, span))}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d={head.playing ? "M4 2h3v12H4zM9 2h3v12H9z" : "M4 2l10 6-10 6z"} fill="currentColor" />
        </svg>
        {head.playing ? "Pause" : "Play"}
      </button>
      <Jump name="Previous kill" path="M12 2L5 8l7 6zM2.5 2H4v12H2.5z" to={earlier} seekTo={seekTo} />
      <Jump name="Next kill" path="M4 2l7 6-7 6zM12 2h1.5v12H12z" to={later} seekTo={seekTo} />
      <span className="mono sm">{clock(head.atMs)}</span>
      <span className="xs dim3 legend" aria-hidden="true">
        <i className="kill" /> kill <i className="death" /> death
      </span>
      <div className="ends">
        {!span.live && (
          <div className="seg" role="group" aria-label="Speed">
            {SPEEDS.map((speed) => (
              <button
                key={speed}
                type="button"
                aria-pressed={head.speed === speed}
                onClick={() => move((before) => ({ ...before, speed }))}
              >
                {speed}×
              </button>
            ))}
          </div>
        )}
        {span.live && (
          <button
            type="button"
            className="btn sm"
            disabled={head.following}
            onClick={() => move((before) => toEdge(before, span))}
          >
            <span className="dot" />
            Live edge
          </button>
        )}
      </div>
    </div>
  );
}

type JumpProps = { name: string; path: string; to: number | undefined; seekTo: (atMs: number) => void };

function Jump({ name, path, to, seekTo }: JumpProps) {
  return (
    <button
      type="button"
      className="icon-btn"
      aria-label={name}
      disabled={to === undefined}
      onClick={() => to !== undefined && seekTo(to)}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} fill="currentColor" />
      </svg>
    </button>
  );
}

function Track({ players, deaths, head, span, roundMs, seekTo }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  const wholeMs = Math.max(roundMs, span.toMs);
  const pointed = (event: React.PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    if (box) seekTo(((event.clientX - box.left) / box.width) * wholeMs);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const to = keyed(event.key, head.atMs, span);
    if (to === null) return;
    event.preventDefault();
    seekTo(to);
  };
  return (
    <div className="qtrack">
      <div className="rows" aria-hidden="true">
        {players.map(({ side }) => (
          <div key={side} className="row1">
            <Lane side={side} />
            <div className="marks">
              <Marks side={side} deaths={deaths} wholeMs={wholeMs} />
            </div>
          </div>
        ))}
      </div>
      <div
        ref={bar}
        className="bar"
        role="slider"
        tabIndex={0}
        aria-label="Time in the round"
        aria-valuemin={0}
        aria-valuemax={Math.round(wholeMs / 1_000)}
        aria-valuenow={Math.round(head.atMs / 1_000)}
        aria-valuetext={`${clock(head.atMs)} of ${clock(wholeMs)}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          pointed(event);
        }}
        onPointerMove={(event) => event.buttons > 0 && pointed(event)}
      >
        {span.live && <i className="open" style={{ left: percent(span.toMs, wholeMs) }} />}
        {span.fromMs > 0 && (
          <i className="open" style={{ left: 0, right: "auto", width: percent(span.fromMs, wholeMs) }} />
        )}
        <i className="playhead" style={{ left: percent(head.atMs, wholeMs) }} />
      </div>
      <div className="axis mono" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{clock(wholeMs * part)}</span>
        ))}
      </div>
    </div>
  );
}

function Marks({ side, deaths, wholeMs }: { side: number; deaths: readonly Death[]; wholeMs: number }) {
  return deaths.map(({ atMs, killer, victim }) => {
    const own = killer === side && victim !== side ? "kill" : victim === side ? "death" : null;
    if (own === null) return null;
    const style: React.CSSProperties & Record<"--l", string> = {
      left: percent(atMs, wholeMs),
      "--l": `var(--lane-${side + 1})`,
    };
    return <i key={`${atMs} ${victim}`} className={own} style={style} />;
  });
}
