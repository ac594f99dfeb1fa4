/** How deep a JSON value of a user may be. */
export const JSON_LEVELS_MAX = 64;

/** Whether a value has more than so many levels; it is looked into no deeper. */
export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1)));
