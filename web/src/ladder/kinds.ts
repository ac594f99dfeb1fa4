/** The ladders, with what people call them. */
export const TABS = [
  ["PIT", "Pit"],
  ["PIT_SLOW", "Pit slow"],
  ["QUAKE", "Quake"],
  ["CODE", "Code"],
] as const;
export type Kind = (typeof TABS)[number][0];

/** Rows at first, and at most. */
export const PAGE = 25;
export const PAGE_MAX = 100;
