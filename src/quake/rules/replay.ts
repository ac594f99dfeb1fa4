// What a match looked like, frame by frame, and the form in which that is stored. The browser reads replays by this very
// file: it imports nothing.

/** A player in a frame. A position is in whole units of the map, z up; angles have one decimal. */
export type FramePlayer = {
  /** Its place in the roster, from 0. */
  side: number;
  /** The middle of its body, 24 above the ground on which it stands. */
  x: number;
  y: number;
  z: number;
  /** The height of its eye above z: 26 upright, 12 crouched, -16 dead. */
  eye: number;
  /** Degrees from 0 to below 360, counted from east to north. */
  yaw: number;
  /** Degrees; positive looks down. */
  pitch: number;
  health: number;
  armor: number;
  /** 1 to 9; 0 is none. */
  weapon: number;
  alive: boolean;
  /** Whether it holds the trigger. */
  firing: boolean;
  /** Whether the QUAD multiplies its shots. */
  quad: boolean;
};

/** Something that flies. Its number is the same for a whole flight, and another's later. */
export type FrameMissile = { id: number; weapon: number; x: number; y: number; z: number };

/** What somebody dropped and lies there to be taken; `name` is the game's own. Its number is another's later. */
export type FrameDrop = { id: number; name: string; x: number; y: number; z: number };

/** A match at an instant, whole: players by side, missiles and drops by number, taken items by id, all ascending. */
export type Frame = {
  /** Game milliseconds since the round began. */
  atMs: number;
  players: readonly FramePlayer[];
  missiles: readonly FrameMissile[];
  /** Which of the map's items are taken, as they were last seen. */
  taken: readonly number[];
  /** As they were last seen. */
  drops: readonly FrameDrop[];
};

/** Where an item lies, to which it comes back each time after it was taken. `name` is the game's own. */
export type ReplayItem = { id: number; name: string; x: number; y: number; z: number };

/** A death; sides are places in the roster, and null is the world. */
export type ReplayKill = {
  number: number;
  atMs: number;
  killer: number | null;
  victim: number;
  /** The game's number of how the victim died. */
  means: number;
  suicide: boolean;
};

/** A side's score from an instant on; all begin at 0. */
export type ReplayScore = { atMs: number; side: number; score: number };

/** A whole match to look at again. */
export type MatchReplay = {
  /** The match's id, as the API has it. */
  match: string;
  map: string;
  /** Game milliseconds. */
  lengthMs: number;
  /** Who played; `bot` is its id in the API, the name is what it was then. */
  players: readonly { side: number; bot: string; name: string }[];
  kills: readonly ReplayKill[];
  scores: readonly ReplayScore[];
  /** All of the map; none in replays from before they were looked at. */
  items: readonly ReplayItem[];
  /** In their order. */
  frames: readonly Frame[];
};

export const MATCH_REPLAY_FORMAT = "agon-match-replay-1";

/** The first number, then each one's difference from the one before. */
type Column = readonly number[];

const COLUMNS = ["x", "y", "z", "eye", "yaw", "pitch", "health", "armor", "weapon", "flags"] as const;
type ColumnName = (typeof COLUMNS)[number];

/** A side's way through the frames. `runs` are lengths of runs without and with it, in turns; columns skip the former. */
type Track = { side: number; runs: readonly number[] } & Readonly<Record<ColumnName, Column>>;
type Kind<T> = Omit<T, "x" | "y" | "z">;
/** What was in one frame after another, as many as its columns are long: in the frame of the index `from` first. */
type Path<T> = Kind<T> & { from: number; x: Column; y: Column; z: Column };

/** An item that was taken at some time. `runs` are lengths of runs of frames while it lies there and while it is taken, in turns. */
type Turns = { id: number; runs: readonly number[] };

/** A replay as it is stored: JSON whose long parts are columns of small numbers, which gzip makes smaller still. */
export type ReplayDocument = Omit<MatchReplay, "frames" | "items"> & {
  format: typeof MATCH_REPLAY_FORMAT;
  items?: MatchReplay["items"];
  frames: {
    at: Column;
    players: readonly Track[];
    missiles: readonly Path<FrameMissile>[];
    items?: readonly Turns[];
    drops?: readonly Path<FrameDrop>[];
  };
};

/** What was to be decoded is no replay of this form. */
export class BadReplay extends Error {
  override readonly name = "BadReplay";
}

const TENTHS = 10;
const TURN = 360 * TENTHS;
const FLAG = { alive: 1, firing: 2, quad: 4 } as const;

/** Makes a replay's stored form. */
export function encodeReplay({ frames, ...rest }: MatchReplay): ReplayDocument {
  const sides = [...new Set(frames.flatMap(({ players }) => players.map(({ side }) => side)))].toSorted(
    (a, b) => a - b,
  );
  return {
    format: MATCH_REPLAY_FORMAT,
    ...rest,
    frames: {
      at: deltas(frames.map(({ atMs }) => atMs)),
      players: sides.map((side) => trackOf(side, frames)),
      missiles: pathsOf(frames.map(({ missiles }) => missiles)),
      items: turnsOf(frames),
      drops: pathsOf(frames.map(({ drops }) => drops)),
    },
  };
}

const deltas = (values: readonly number[]): number[] => values.map((value, index) => value - (values[index - 1] ?? 0));

/** Differences of angles go the shorter way around. */
const turns = (values: readonly number[]): number[] =>
  deltas(values).map((delta) => ((((delta + TURN / 2) % TURN) + TURN) % TURN) - TURN / 2);

function trackOf(side: number, frames: readonly Frame[]): Track {
  const seen = frames.map(({ players }) => players.find((player) => player.side === side));
  const there = seen.filter((player) => player !== undefined);
  const column = (of: (player: FramePlayer) => number) => deltas(there.map(of));
  return {
    side,
    runs: runsOf(seen.map((player) => player !== undefined)),
    x: column(({ x }) => x),
    y: column(({ y }) => y),
    z: column(({ z }) => z),
    eye: column(({ eye }) => eye),
    yaw: turns(there.map(({ yaw }) => Math.round(yaw * TENTHS))),
    pitch: column(({ pitch }) => Math.round(pitch * TENTHS)),
    health: column(({ health }) => health),
    armor: column(({ armor }) => armor),
    weapon: column(({ weapon }) => weapon),
    flags: column(flagsOf),
  };
}

const flagsOf = ({ alive, firing, quad }: FramePlayer): number =>
  (alive ? FLAG.alive : 0) + (firing ? FLAG.firing : 0) + (quad ? FLAG.quad : 0);

function runsOf(there: readonly boolean[]): number[] {
  const runs = [0];
  let current = false;
  for (const is of there) {
    if (is !== current) runs.push(0);
    current = is;
    runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
  }
  return runs;
}

/** What has the same number and kind as in the frame before goes on; all else is another one. */
function pathsOf<T extends FrameMissile | FrameDrop>(frames: readonly (readonly T[])[]): Path<T>[] {
  const paths: { kind: Kind<T>; from: number; seen: T[] }[] = [];
  let last = new Map<string, T[]>();
  for (const [from, things] of frames.entries()) {
    const still = new Map<string, T[]>();
    for (const thing of things) {
      const { x: _x, y: _y, z: _z, ...kind } = thing;
      const name = JSON.stringify(kind);
      const seen = last.get(name) ?? [];
      if (seen.length === 0) paths.push({ kind, from, seen });
      seen.push(thing);
      still.set(name, seen);
    }
    last = still;
  }
  return paths.map(({ kind, from, seen }) => ({
    ...kind,
    from,
    x: deltas(seen.map(({ x }) => x)),
    y: deltas(seen.map(({ y }) => y)),
    z: deltas(seen.map(({ z }) => z)),
  }));
}

function turnsOf(frames: readonly Frame[]): Turns[] {
  const ids = [...new Set(frames.flatMap(({ taken }) => taken))].toSorted((a, b) => a - b);
  return ids.map((id) => ({ id, runs: runsOf(frames.map(({ taken }) => taken.includes(id))) }));
}

/** Reads a replay's stored form, as it was parsed from JSON. Throws a `BadReplay` of what is none. */
export function decodeReplay(document: unknown): MatchReplay {
  if (!isDocument(document)) throw new BadReplay(`This is no replay of the form ${MATCH_REPLAY_FORMAT}.`);
  const { format: _format, frames: coded, items = [], ...rest } = document;
  const at = sums(coded.at);
  const players: FramePlayer[][] = at.map(() => []);
  for (const track of coded.players) unrollTrack(track, players);
  const missiles = unrolled(coded.missiles, at.length);
  const drops = unrolled(coded.drops ?? [], at.length);
  const taken: number[][] = at.map(() => []);
  for (const { id, runs } of coded.items ?? []) for (const frame of within(runs, at.length)) taken[frame]?.push(id);
  const frames = at.map((atMs, index) => ({
    atMs,
    players: players[index] ?? [],
    missiles: missiles[index] ?? [],
    taken: (taken[index] ?? []).toSorted((a, b) => a - b),
    drops: drops[index] ?? [],
  }));
  return { ...rest, items, frames };
}

const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isFinite);
const isList = (value: unknown, of: (one: Record<string, unknown>) => boolean): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null && of(one as never));

const isPath = ({ x, y, z }: Record<string, unknown>): boolean => isNumbers(x) && isNumbers(y) && isNumbers(z);

function isDocument(value: unknown): value is ReplayDocument {
  const document = value as ReplayDocument | null;
  return (
    document?.format === MATCH_REPLAY_FORMAT &&
    isList(document.players, ({ side, name }) => Number.isFinite(side) && typeof name === "string") &&
    isList(document.kills, ({ atMs }) => Number.isFinite(atMs)) &&
    isList(document.scores, ({ atMs }) => Number.isFinite(atMs)) &&
    isNumbers(document.frames?.at) &&
    isList(document.frames.players, (track) => isNumbers(track["runs"]) && COLUMNS.every((x) => isNumbers(track[x]))) &&
    isList(document.frames.missiles, isPath) &&
    isList(document.frames.drops ?? [], (path) => isPath(path) && typeof path["name"] === "string") &&
    isList(document.items ?? [], ({ id, name }) => Number.isFinite(id) && typeof name === "string") &&
    isList(document.frames.items ?? [], ({ id, runs }) => Number.isFinite(id) && isNumbers(runs))
  );
}

function sums(column: Column): number[] {
  let sum = 0;
  return column.map((delta) => (sum += delta));
}

/** The frames of every second run, no farther than there are frames. */
function* within(runs: readonly number[], frames: number): Generator<number> {
  let frame = 0;
  for (const [turn, length] of runs.entries()) {
    const end = Math.min(frames, frame + length);
    if (turn % 2 === 1) for (; frame < end; frame++) yield frame;
    frame = end;
  }
}

function unrollTrack({ side, runs, ...coded }: Track, frames: FramePlayer[][]): void {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, sums(coded[name])])) as Record<ColumnName, number[]>;
  const value = (name: ColumnName, index: number) => columns[name][index] ?? 0;
  let index = 0;
  for (const frame of within(runs, frames.length)) frames[frame]?.push(playerAt(side, index++, value));
}

function playerAt(side: number, index: number, value: (name: ColumnName, index: number) => number): FramePlayer {
  const of = (name: ColumnName) => value(name, index);
  const flags = of("flags");
  return {
    side,
    x: of("x"),
    y: of("y"),
    z: of("z"),
    eye: of("eye"),
    yaw: (((of("yaw") % TURN) + TURN) % TURN) / TENTHS,
    pitch: of("pitch") / TENTHS,
    health: of("health"),
    armor: of("armor"),
    weapon: of("weapon"),
    alive: (flags & FLAG.alive) !== 0,
    firing: (flags & FLAG.firing) !== 0,
    quad: (flags & FLAG.quad) !== 0,
  };
}

/** In each frame what was there, by number. */
function unrolled<T extends FrameMissile | FrameDrop>(paths: readonly Path<T>[], length: number): T[][] {
  const frames: T[][] = Array.from({ length }, () => []);
  for (const { from, x, y, z, ...kind } of paths) {
    const [ys, zs] = [sums(y), sums(z)];
    for (const [index, place] of sums(x).entries())
      frames[from + index]?.push({ ...kind, x: place, y: ys[index] ?? 0, z: zs[index] ?? 0 } as unknown as T);
  }
  return frames.map((things) => things.toSorted((a, b) => a.id - b.id));
}
