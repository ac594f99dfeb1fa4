import { useEffect, useReducer } from "react";

/** Where the reveal of an exchange stands; the times are those of the look's timeline. */
export type Phase = "waiting" | "sealed" | "reveal" | "impact" | "settled";

const NEXT: Record<Exclude<Phase, "waiting" | "settled">, { phase: Phase; afterMs: number }> = {
  sealed: { phase: "reveal", afterMs: 640 },
  reveal: { phase: "impact", afterMs: 160 },
  impact: { phase: "settled", afterMs: 1_500 },
};
const REST_MS = 500;
const QUEUED_MAX = 3;

type State = { at: number; phase: Phase; playing: boolean; speed: number };
type Action = Partial<State>;

const reduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const begin = (at: number): Action => ({ at, phase: reduced() ? "settled" : "sealed" });

/**
 * Which exchange is on stage and how far it is revealed. Live it follows the newest one, twice as fast when others queue,
 * and jumps when more than three do; scrubbing shows an exchange at once; playing goes on to the end.
 */
export function usePlayhead(count: number, over: boolean, loaded: boolean) {
  const last = count - 1;
  const [state, set] = useReducer((before: State, change: Action): State => ({ ...before, ...change }), {
    at: -1,
    phase: "settled",
    playing: false,
    speed: 1,
  });
  const { at, phase, playing, speed } = state;
  const following = !over && (playing || at >= last || phase !== "settled");
  const queued = last - at;

  useEffect(() => {
    if (loaded) set({ at: last, phase: over || last < 0 ? "settled" : "waiting", playing: !over });
    // Only what was stored when the page opened is passed over without its reveal.
  }, [loaded]);

  useEffect(() => {
    if (at < 0 && last < 0) return undefined;
    const pace = speed * (playing && queued > 1 && !over ? 2 : 1);
    if (phase !== "waiting" && phase !== "settled") {
      const next = NEXT[phase];
      const timer = setTimeout(() => set({ phase: next.phase }), next.afterMs / pace);
      return () => clearTimeout(timer);
    }
    if (!playing) return undefined;
    if (queued > 0) {
      const to = !over && queued > QUEUED_MAX ? last : at + 1;
      const timer = setTimeout(() => set(begin(to)), phase === "waiting" ? 0 : REST_MS / pace);
      return () => clearTimeout(timer);
    }
    if (over) {
      set({ playing: false });
      return undefined;
    }
    if (phase !== "settled") return undefined;
    const timer = setTimeout(() => set({ phase: "waiting" }), REST_MS);
    return () => clearTimeout(timer);
  }, [at, phase, playing, speed, queued, over, last]);

  return {
    at: Math.max(0, Math.min(at, last)),
    phase,
    playing,
    speed,
    following,
    go: (to: number) => {
      const wanted = Math.max(0, Math.min(to, last));
      set({ at: wanted, phase: "settled", playing: !over && to >= last });
    },
    play: () => set(playing ? { playing: false } : { playing: true, ...(at >= last ? begin(0) : {}) }),
    setSpeed: (to: number) => set({ speed: to }),
  };
}

export type Playhead = ReturnType<typeof usePlayhead>;
