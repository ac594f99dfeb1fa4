/** What of a round can be shown, in game time: from its first frame to its newest. */
export type Span = { fromMs: number; toMs: number; live: boolean };

/** Where the viewer is in it. `following` is at the live edge, and stays there. */
export type Playhead = { atMs: number; playing: boolean; speed: number; following: boolean };

export const SPEEDS = [0.5, 1, 2, 4] as const;
/** The picture stays so far behind the newest frame that the next one comes in time. */
export const LEAD_MS = 250;
/** Farther behind than this it does not hurry but jumps. */
const LAG_MAX_MS = 1_500;
const HURRY = 1.1;

export const startOf = ({ fromMs, toMs, live }: Span, still: boolean): Playhead =>
  live
    ? { atMs: Math.max(fromMs, toMs - LEAD_MS), playing: true, speed: 1, following: true }
    : { atMs: fromMs, playing: !still, speed: 1, following: false };

const within = (atMs: number, { fromMs, toMs }: Span): number => Math.max(fromMs, Math.min(atMs, toMs));

/** After some time has passed on the viewer's clock. */
export function advance(head: Playhead, span: Span, elapsedMs: number): Playhead {
  if (!head.playing) return head;
  if (head.following && span.live) {
    const goal = Math.max(span.fromMs, span.toMs - LEAD_MS);
    const behindMs = goal - head.atMs;
    if (behindMs > LAG_MAX_MS || behindMs < -LAG_MAX_MS) return { ...head, atMs: goal };
    const pace = behindMs > LEAD_MS ? HURRY : 1;
    return { ...head, atMs: within(head.atMs + elapsedMs * pace, span) };
  }
  const atMs = within(head.atMs + elapsedMs * head.speed, span);
  const ended = atMs >= span.toMs;
  return { ...head, atMs, playing: !ended || span.live, following: ended && span.live };
}

export const seek = (head: Playhead, span: Span, atMs: number): Playhead => {
  const to = within(atMs, span);
  return { ...head, atMs: to, following: span.live && to >= span.toMs - LEAD_MS };
};

/** Plays, or pauses; from the end it begins anew. */
export function toggle(head: Playhead, span: Span): Playhead {
  if (head.playing) return { ...head, playing: false, following: false };
  const isAtEnd = head.atMs >= span.toMs && !span.live;
  return { ...head, atMs: isAtEnd ? span.fromMs : head.atMs, playing: true };
}

export const toEdge = (head: Playhead, span: Span): Playhead => ({
  ...head,
  atMs: Math.max(span.fromMs, span.toMs - (span.live ? LEAD_MS : 0)),
  playing: span.live,
  following: span.live,
  speed: span.live ? 1 : head.speed,
});

const KEY_STEP_MS = 1_000;
const PAGE_STEP_MS = 10_000;

/** Where a key moves the playhead on the timeline; null when it does not. */
export function keyed(key: string, atMs: number, { fromMs, toMs }: Span): number | null {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return atMs - KEY_STEP_MS;
    case "ArrowRight":
    case "ArrowUp":
      return atMs + KEY_STEP_MS;
    case "PageUp":
      return atMs - PAGE_STEP_MS;
    case "PageDown":
      return atMs + PAGE_STEP_MS;
    case "Home":
      return fromMs;
    case "End":
      return toMs;
    default:
      return null;
  }
}

/** Minutes and seconds of game time. */
export function clock(atMs: number): string {
  const seconds = Math.floor(Math.max(0, atMs) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
