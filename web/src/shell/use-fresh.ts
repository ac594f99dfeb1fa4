import { useEffect, useRef } from "react";

/** Reads again when a feed moved, but at most once in `everyMs`: a busy arena must not use up a visitor's allowance. */
export function useFresh(moved: unknown, reload: () => void, everyMs: number): void {
  const readAt = useRef(Date.now());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const read = useRef(reload);
  read.current = reload;
  useEffect(() => {
    if (moved === undefined || timer.current) return;
    const waitMs = Math.max(0, readAt.current + everyMs - Date.now());
    timer.current = setTimeout(() => {
      [timer.current, readAt.current] = [null, Date.now()];
      read.current();
    }, waitMs);
  }, [moved, everyMs]);
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
}
