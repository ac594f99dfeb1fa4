import { useSyncExternalStore } from "react";

const query = matchMedia("(prefers-reduced-motion: reduce)");

const subscribe = (listener: () => void) => {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
};

/** Whether this visitor wants no motion. */
export const useStillness = (): boolean => useSyncExternalStore(subscribe, () => query.matches);
