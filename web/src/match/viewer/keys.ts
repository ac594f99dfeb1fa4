type Way = readonly [aside: number, forwards: number, up: number];

const WAYS: Readonly<Record<string, Way>> = {
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  w: [0, 1, 0],
  s: [0, -1, 0],
  a: [-1, 0, 0],
  d: [1, 0, 0],
  e: [0, 0, 1],
  q: [0, 0, -1],
  PageUp: [0, 0, 1],
  PageDown: [0, 0, -1],
};

type Acts = {
  choose: (side: number) => void;
  play: () => void;
  /** Whether it flew: only the stage itself does, and only with its free camera. */
  fly: (way: Way, target: EventTarget) => boolean;
};

/** What keys do anywhere in the viewer: digits choose whom to watch, the space bar plays, others move the free camera. */
export function keysOf({ choose, play, fly }: Acts) {
  return (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    if (/^[1-8]$/.test(event.key)) choose(Number(event.key) - 1);
    else if (event.key === " " && !(event.target as Element).closest("button")) {
      event.preventDefault();
      play();
    } else if (way && fly(way, event.target)) event.preventDefault();
  };
}
