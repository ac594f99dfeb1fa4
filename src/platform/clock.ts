/** The only source of time; services take it as an argument so that tests can fix it. */
export type Clock = { now(): Date };

/** The machine's own clock, which others may disagree with. */
export const systemClock: Clock = { now: () => new Date() };
