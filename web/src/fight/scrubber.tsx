import { useEffect, useRef } from "react";
import type { Exchange, Fight, RoundEnd } from "./use-exchanges.ts";
import { useKeys } from "./use-keys.ts";
import type { Playhead } from "./use-playhead.ts";

const SPEEDS = [0.5, 1, 4] as const;
const EXCHANGES_MAX = 20;
// The hardest blow is 40: half a cell's height.
const HEIGHT_OF_DAMAGE = 50 / 40;

type Props = {
  exchanges: readonly Exchange[];
  rounds: readonly RoundEnd[];
  fight: Fight;
  head: Playhead;
  over: boolean;
};

/** Every exchange as a cell: arrows move by one, Page keys by a round, Home and End to the ends. */
export function Scrubber(props: Props) {
  const { exchanges, head, over } = props;
  const { at, go, play } = head;
  const group = useRef<HTMLDivElement>(null);
  const moved = useRef(false);
  useEffect(() => {
    const here = group.current?.querySelector<HTMLElement>("[aria-current]");
    if (moved.current) here?.focus();
    moved.current = false;
  }, [at]);
  const last = exchanges.length - 1;
  const here = exchanges[at]?.round ?? 1;
  const startOf = (round: number) => exchanges.findIndex((exchange) => exchange.round === round);
  const keys: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageUp: Math.max(0, startOf(here - 1)),
    PageDown: startOf(here + 1) < 0 ? last : startOf(here + 1),
    Home: 0,
    End: last,
  };
  useKeys({
    ArrowLeft: () => go(at - 1),
    ArrowRight: () => go(at + 1),
    ...(over && exchanges.length > 0 && { " ": play }),
  });
  const onKeyDown = (event: React.KeyboardEvent) => {
    const to = keys[event.key];
    if (to === undefined || (event.target as Element).closest(".seg")) return;
    event.preventDefault();
    moved.current = true;
    go(to);
  };
  return (
    <div ref={group} className="scrubber" role="group" aria-label="Exchanges" onKeyDown={onKeyDown}>
      <Controls {...props} />
      {exchanges.length > 0 && <Track {...props} />}
      {exchanges.length > 0 && <Keys over={over} />}
    </div>
  );
}

function Keys({ over }: { over: boolean }) {
  return (
    <p className="keys xs dim3">
      {over && (
        <>
          <kbd>Space</kbd> plays,{" "}
        </>
      )}
      <kbd>←</kbd> <kbd>→</kbd> one exchange; in the row also <kbd>Page</kbd> a round, <kbd>Home</kbd> and{" "}
      <kbd>End</kbd>
    </p>
  );
}

function Track({ exchanges, rounds, fight, head: { at, go }, over }: Props) {
  const indexed = exchanges.map((exchange, index) => ({ exchange, index }));
  const played = [...Map.groupBy(indexed, ({ exchange }) => exchange.round)];
  return (
    <div className="track">
      {played.map(([round, cells]) => {
        const ended = over || rounds.some((each) => each.round === round);
        const open = ended ? 0 : EXCHANGES_MAX - cells.length;
        return (
          <div key={round} className="rd" style={{ flexGrow: cells.length + open }}>
            <div className="rl">
              <span>Round {round}</span>
              <span className="dim3 trunc">{ended ? winnerOf(round, rounds, fight) : "open"}</span>
            </div>
            <div className="cells">
              {cells.map(({ exchange, index }) => (
                <Cell key={index} exchange={exchange} here={index === at} go={() => go(index)} />
              ))}
              {Array.from({ length: open }, (_none, index) => (
                <i key={index} />
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}

function winnerOf(round: number, rounds: readonly RoundEnd[], { participants }: Fight): string {
  const end = rounds.find((each) => each.round === round);
  if (!end) return "";
  const before = rounds.findLast((each) => each.round < round)?.roundWins ?? [0, 0];
  const winner = end.roundWins.findIndex((wins, side) => wins > (before[side] ?? 0));
  return winner < 0 ? "drawn" : (participants[winner]?.bot.name ?? "");
}

function Cell({ exchange: { round, number, sides }, here, go }: { exchange: Exchange; here: boolean; go: () => void }) {
  const height = (dealt: number | undefined) => ({ height: `${Math.min(50, (dealt ?? 0) * HEIGHT_OF_DAMAGE)}%` });
  return (
    <button
      type="button"
      tabIndex={here ? 0 : -1}
      aria-current={here ? "step" : undefined}
      aria-label={`Round ${round}, exchange ${number}`}
      onClick={go}
    >
      <u className="ua" style={height(sides[0]?.dealt)} />
      <u className="ub" style={height(sides[1]?.dealt)} />
    </button>
  );
}

const STEP_BACK = "M12 2L5 8l7 6zM2.5 2h1.5v12H2.5z";
const STEP_ON = "M4 2l7 6-7 6zM12 2h1.5v12H12z";

function Step({ name, path, disabled, go }: { name: string; path: string; disabled: boolean; go: () => void }) {
  return (
    <button type="button" className="icon-btn" aria-label={name} disabled={disabled} onClick={go}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} fill="currentColor" />
      </svg>
    </button>
  );
}

function Controls({ exchanges, head: { at, go, play, playing, speed, setSpeed }, over }: Props) {
  const here = exchanges[at];
  const last = exchanges.length - 1;
  return (
    <div className="ctl">
      <Step name="Previous exchange" path={STEP_BACK} disabled={at <= 0} go={() => go(at - 1)} />
      {over && (
        <button type="button" className="btn pri sm" disabled={last < 0} onClick={play}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path d={playing ? "M4 2h3v12H4zM9 2h3v12H9z" : "M4 2l10 6-10 6z"} fill="currentColor" />
          </svg>
          {playing ? "Pause" : "Play"}
        </button>
      )}
      <Step name="Next exchange" path={STEP_ON} disabled={at >= last} go={() => go(at + 1)} />
      {here && (
        <span className="mono dim sm">
          R{here.round} · {here.number}
        </span>
      )}
      <div className="ends">
        {over && (
          <div className="seg" role="group" aria-label="Speed">
            {SPEEDS.map((each) => (
              <button key={each} type="button" aria-pressed={speed === each} onClick={() => setSpeed(each)}>
                {each}×
              </button>
            ))}
          </div>
        )}
        <button type="button" className="btn sm" onClick={() => go(last)}>
          {!over && <span className="dot" />}
          {over ? "The end" : "Live edge"}
        </button>
      </div>
    </div>
  );
}
