import { useEffect, useRef, useState, type RefObject } from "react";
import { useTheme } from "../../shell/theme.ts";
import { momentAt, trailOf } from "./between.ts";
import type { Mode } from "./cameras.ts";
import type { Footage } from "./footage.ts";
import type { Frame } from "./frames.ts";
import { readInks } from "./inks.ts";
import { loadMapFile, NoMap } from "./map-file.ts";
import type { Inset, Label, Picture, Player } from "./picture.ts";
import { openPlan } from "./plan.ts";
import { advance, type Playhead } from "./playhead.ts";
import { hasWebGl, openStage } from "./stage.ts";

/** How a stage stands: on its way, failed with words for people, or there. */
export type StageState = { at: "LOADING" } | { at: "FAILED"; why: string } | { at: "READY"; picture: Picture };

const TRAIL_MS = 2_500;
const BEFORE_MS = 60;
/** So often what is written beside the picture follows it. */
const WORDS_MS = 100;

/** Loads a map and opens a picture of it on a canvas; another try begins with another `attempt`. */
export function useStage(
  canvas: RefObject<HTMLCanvasElement | null>,
  { map, players, attempt }: { map: string; players: readonly Player[]; attempt: number },
): StageState {
  const [state, set] = useState<StageState>({ at: "LOADING" });
  const cast = JSON.stringify(players);
  useEffect(() => {
    const leaving = new AbortController();
    let opened: Picture | null = null;
    const open = async () => {
      const file = await loadMapFile(map, leaving.signal);
      const element = canvas.current;
      if (!element || leaving.signal.aborted) return;
      const inks = readInks(element);
      const picture = hasWebGl()
        ? await openStage(element, file, JSON.parse(cast) as Player[], inks)
        : openPlan(element, file, inks);
      if (leaving.signal.aborted) return picture.dispose();
      opened = picture;
      set({ at: "READY", picture });
    };
    set({ at: "LOADING" });
    open().catch((error: unknown) => {
      if (leaving.signal.aborted) return;
      set({ at: "FAILED", why: error instanceof NoMap ? error.message : "The map did not load." });
    });
    return () => {
      leaving.abort();
      opened?.dispose();
    };
  }, [map, cast, attempt]);
  return state;
}

/** What the loop reads anew for each picture. */
export type Wanted = {
  footage: Footage;
  mode: Mode;
  followed: number;
  leader: number;
  still: boolean;
  /** Where the followed bot's own view goes. */
  inset: () => Inset | null;
  /** Told of each picture: what it showed, and where names go. */
  shown: (moment: Frame, labels: readonly Label[]) => void;
};

/** Before the first frame the map is there already, and nobody on it. */
const NOTHING: Frame = { atMs: 0, poses: [], missiles: [], taken: [], drops: [] };

type Loop = { head: Playhead; move: (change: (head: Playhead) => Playhead) => void };

/** Draws as often as the screen does while something moves; tells the page of the time ten times a second. */
export function useLoop(state: StageState, start: Playhead, wanted: Wanted): Loop {
  const head = useRef(start);
  const [told, tell] = useState(start);
  const latest = useRef(wanted);
  latest.current = wanted;
  const picture = state.at === "READY" ? state.picture : null;
  useEffect(() => {
    if (!picture) return undefined;
    let [handle, last, lastTold] = [0, performance.now(), 0];
    let drawn = "";
    const draw = (nowMs: number) => {
      handle = requestAnimationFrame(draw);
      const elapsedMs = Math.min(nowMs - last, 1_000);
      last = nowMs;
      const { footage, mode, followed, leader, still } = latest.current;
      head.current = advance(head.current, footage.span, elapsedMs);
      if (nowMs - lastTold > WORDS_MS) {
        lastTold = nowMs;
        tell(head.current);
      }
      const now = [head.current.atMs, mode, followed, leader, still].join();
      if (now === drawn && !picture.isTouched()) return;
      drawn = now;
      drawNow(picture, latest.current, head.current.atMs, elapsedMs);
    };
    handle = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(handle);
  }, [picture]);
  const move = (change: (head: Playhead) => Playhead) => {
    head.current = change(head.current);
    tell(head.current);
  };
  return { head: told, move };
}

function drawNow(picture: Picture, wanted: Wanted, atMs: number, elapsedMs: number): void {
  const { footage, mode, followed, leader, still, inset, shown } = wanted;
  const moment = momentAt(footage.frames, atMs) ?? NOTHING;
  const trails = still
    ? []
    : moment.poses.map(({ side }) => ({ side, trail: trailOf(footage.frames, side, atMs, TRAIL_MS) }));
  const before = momentAt(footage.frames, atMs - BEFORE_MS)?.missiles ?? [];
  const scene = { moment, before, trails, mode, followed, leader, elapsedMs, still, inset: inset() };
  shown(moment, picture.show(scene));
}

/** Keeps the picture as large as the place that it has. */
export function useSize(state: StageState, box: RefObject<HTMLElement | null>): void {
  const theme = useTheme();
  const picture = state.at === "READY" ? state.picture : null;
  useEffect(() => {
    const element = box.current;
    if (!picture || !element) return undefined;
    const fit = () => picture.resize(element.clientWidth, element.clientHeight);
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    fit();
    return () => observer.disconnect();
  }, [picture, theme]);
}
