import type { EntityState } from "../protocol/fields.ts";
import type { Obituary } from "./score.ts";

/** Entities of this type and above are events: the type tells which. */
const FIRST_EVENT = 13;
const OBITUARY = 60;

/** Of game time: so long the server shows an event. */
const SHOWN_MS = 300;

/** Whether events may have come and gone between two snapshots, by the game's time of each. */
export const mayHideEvents = (before_ms: number, now_ms: number): boolean => now_ms - before_ms > SHOWN_MS;

const isObituary = ({ type }: EntityState): boolean => type === FIRST_EVENT + OBITUARY;

/** Numbers of entities are used again, for another death within a moment. */
const nameOf = ({ number, otherEntity, otherEntity2, eventParameter }: EntityState): string =>
  `${number} ${otherEntity} ${otherEntity2} ${eventParameter}`;

/** The deaths that a snapshot tells and the one before it did not: an event stays in sight for several snapshots. */
export function newObituaries(
  witness: string,
  before: readonly EntityState[],
  now: readonly EntityState[],
): readonly Obituary[] {
  const known = new Set(before.filter(isObituary).map(nameOf));
  return now
    .filter((entity) => isObituary(entity) && !known.has(nameOf(entity)))
    .map(({ otherEntity, otherEntity2, eventParameter }) => ({
      witness,
      victim: otherEntity,
      killer: otherEntity2,
      means: eventParameter,
    }));
}
