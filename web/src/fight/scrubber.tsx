import type { Exchange } from "./use-exchanges.ts";
import type { Playhead } from "./use-playhead.ts";

const SPEEDS = [0.5, 1, 4] as const;
const HEIGHT_OF_DAMAGE = 50 / 40;

type Props = { exchanges: readonly Exchange[]; head: Playhead; over: boolean };

/** Every exchange as a cell: arrows move by one, Page keys by a round, Home and End to the ends. */
export function Scrubber({ exchanges, head, over }: Props) {
  const { at, go } = head;
  const last = exchanges.length - 1;
  const indexed = exchanges.map((exchange, index) => ({ exchange, index }));
  const rounds = [...Map.groupBy(indexed, ({ exchange }) => exchange.round)];
  const startOf = (round: number) => indexed.find(({ exchange }) => exchange.round === round)?.index;
  const here = exchanges[at]?.round ?? 1;
  const keys: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageUp: startOf(here - 1) ?? 0,
    PageDown: startOf(here + 1) ?? last,
    Home: 0,
    End: last,
  };
  return (
    <div
      className="scrubber"
      role="group"
      aria-label="Exchanges"
      onKeyDown={(event) => keys[event.key] !== undefined && (event.preventDefault(), go(keys[event.key] ?? at))}
    >
      <Controls exchanges={exchanges} head={head} over={over} />
      {rounds.length > 0 && (
        <div className="track">
          {rounds.map(([round, cells]) => (
            <div key={round} className="rd" style={{ flexGrow: cells.length }}>
              <div className="rl">
                <span>Round {round}</span>
              </div>
              <div className="cells">
                {cells.map(({ exchange, index }) => (
                  <Cell key={index} exchange={exchange} here={index === at} go={() => go(index)} />
                ))}
              </div>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function Cell({ exchange: { round, number, sides }, here, go }: { exchange: Exchange; here: boolean; go: () => void }) {
  const height = (dealt: number | undefined) => ({ height: `${Math.min(50, (dealt ?? 0) * HEIGHT_OF_DAMAGE)}%` });
  return (
    <button
      type="button"
      aria-current={here ? "step" : undefined}
      aria-label={`Round ${round}, exchange ${number}`}
      onClick={go}
    >
      <u className="ua" style={height(sides[0]?.dealt)} />
      <u className="ub" style={height(sides[1]?.dealt)} />
    </button>
  );
}

function Controls({ exchanges, head: { at, go, play, playing, speed, setSpeed }, over }: Props) {
  const here = exchanges[at];
  const last = exchanges.length - 1;
  return (
    <div className="ctl">
      <button
        type="button"
        className="icon-btn"
        aria-label="Previous exchange"
        disabled={at <= 0}
        onClick={() => go(at - 1)}
      >
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M12 2L5 8l7 6zM2.5 2h1.5v12H2.5z" fill="currentColor" />
        </svg>
      </button>
      {over && (
        <button type="button" className="btn pri sm" disabled={last < 0} onClick={play}>
          {playing ? "Pause" : "Play"}
        </button>
      )}
      <button
        type="button"
        className="icon-btn"
        aria-label="Next exchange"
        disabled={at >= last}
        onClick={() => go(at + 1)}
      >
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 2l7 6-7 6zM12 2h1.5v12H12z" fill="currentColor" />
        </svg>
      </button>
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
          {over ? "The end" : "Live edge"}
        </button>
      </div>
    </div>
  );
}
