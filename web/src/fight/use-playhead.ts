import { useEffect, useReducer } from "react";
import { useStillness } from "../shell/use-stillness.ts";
import { nextStep, type Change, type State } from "./timeline.ts";

/**
 * Which exchange is on stage and how far it is revealed. Live it follows the newest one, twice as fast when others queue,
 * and jumps when more than three do; scrubbing shows an exchange at once; playing goes on to the end.
 */
export function usePlayhead(count: number, over: boolean) {
  const last = count - 1;
  const still = useStillness();
  const [state, set] = useReducer((before: State, change: Change): State => ({ ...before, ...change }), {
    // Only what was stored when the page opened is passed over without its reveal.
    at: last,
    phase: over ? "still" : "waiting",
    playing: !over,
    speed: 1,
  });
  const { at, phase, playing, speed } = state;

  useEffect(() => {
    const step = nextStep(state, { last, over, still });
    if (!step) return undefined;
    const timer = setTimeout(() => set(step.change), step.inMs);
    return () => clearTimeout(timer);
  }, [state, over, last, still]);

  return {
    at: Math.max(0, Math.min(at, last)),
    phase,
    playing,
    speed,
    go: (to: number) => {
      const wanted = Math.max(0, Math.min(to, last));
      set({ at: wanted, phase: "still", playing: !over && to >= last });
    },
    play: () => {
      const again: Change = at >= last ? { at: 0, phase: still ? "still" : "anticipate" } : {};
      set(playing ? { playing: false } : { playing: true, ...again });
    },
    setSpeed: (to: number) => set({ speed: to }),
  };
}

export type Playhead = ReturnType<typeof usePlayhead>;
