/** Where the reveal of an exchange stands. `still` is one frame that holds all of it: for scrubbing, and for those who want no motion. */
export type Phase = "waiting" | "anticipate" | "reveal" | "impact" | "drain" | "settle" | "settled" | "still";
type Timed = Exclude<Phase, "waiting" | "settled" | "still">;

/** The timeline of the look: what follows each step, and how long the step lasts. */
const TIMELINE: Record<Timed, { next: Phase; lastsMs: number }> = {
  anticipate: { next: "reveal", lastsMs: 640 },
  reveal: { next: "impact", lastsMs: 160 },
  impact: { next: "drain", lastsMs: 120 },
  drain: { next: "settle", lastsMs: 580 },
  settle: { next: "settled", lastsMs: 800 },
};
const REST_MS = 700;
const STILL_MS = 1_600;
const QUEUED_MAX = 3;
const QUEUED_PACE = 2;

const isTimed = (phase: Phase): phase is Timed => phase in TIMELINE;

/** Whether neither move of the exchange on stage may be seen yet. */
export const isSealed = (phase: Phase) => phase === "waiting" || phase === "anticipate";

export type State = { at: number; phase: Phase; playing: boolean; speed: number };
export type Change = Partial<State>;

type World = { last: number; over: boolean; still: boolean };
type Step = { change: Change; inMs: number };

/** What comes next on stage and in how many milliseconds; null when nothing moves by itself. */
export function nextStep(state: State, world: World): Step | null {
  const { at, phase, playing, speed } = state;
  const crowded = playing && !world.over && world.last - at > 1;
  const pace = speed * (crowded ? QUEUED_PACE : 1);
  if (isTimed(phase)) return { change: { phase: TIMELINE[phase].next }, inMs: TIMELINE[phase].lastsMs / pace };
  if (!playing) return null;
  return afterRest(state, world, crowded ? 0 : restMs(phase) / pace);
}

/** How long a revealed exchange stands before the next one. */
const restMs = (phase: Phase) => (phase === "still" ? STILL_MS : phase === "waiting" ? 0 : REST_MS);

function afterRest({ at, phase }: State, { last, over, still }: World, inMs: number): Step | null {
  const queued = last - at;
  if (queued > 0) {
    const to = !over && queued > QUEUED_MAX ? last : at + 1;
    return { change: { at: to, phase: still ? "still" : "anticipate" }, inMs };
  }
  if (over) return { change: { playing: false, phase: "still" }, inMs };
  return phase === "waiting" ? null : { change: { phase: "waiting" }, inMs };
}
