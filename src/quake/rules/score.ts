import type { Feats } from "./aim.ts";
import { WORLD, type Slot } from "./console.ts";

/** A death while a round was live. */
export type Kill = {
  /** Null is the world: a fall, lava, a trigger. */
  killer: string | null;
  victim: string;
  means: number;
  suicide: boolean;
  /** Since the round began. */
  atMs: number;
};

/** A death as a participant's own client saw it; all clients see all deaths. */
export type Obituary = { witness: string; killer: Slot; victim: Slot; means: number };

/** A time of this machine in which a participant's own client was sent so little that deaths may have passed it by. */
export type Blindness = { witness: string; fromMs: number; toMs: number };

/** How a bot came out by the scores. */
export type Placed = {
  botId: string;
  /** 1 is best; equal scores have equal placements. */
  placement: number;
  score: number;
  kills: number;
  deaths: number;
};

/** How a bot came out of a round. */
export type Result = Placed & Feats;

type Counted = {
  seats: readonly { botId: string; slot: Slot | null }[];
  kills: readonly Kill[];
  scores: ReadonlyMap<Slot, number>;
  finals: ReadonlyMap<Slot, number>;
  obituaries: readonly Obituary[];
  blindness: readonly Blindness[];
  died: ReadonlyMap<Slot, number>;
  startedAtMs: number;
  endedAtMs: number;
};

const SUICIDE = 20;
/** A death this shortly before the end may not have reached the clients yet; it comes to the log about as far from a blindness. */
const UNSEEN_MS = 500;

/** Whether a death is only the log's way to say that a player left, was kicked or timed out. */
export const isDeparture = ({ killer, means }: { killer: Slot; means: number }): boolean =>
  killer === WORLD && means === SUICIDE;

/** The results by the server's scores, or null when log, scores and what the clients saw do not agree. */
export function judge(counted: Counted): Placed[] | null {
  const { seats, kills, finals, scores, died } = counted;
  const pointsIn = (told: ReadonlyMap<Slot, number>, slot: Slot | null) =>
    (slot === null ? undefined : told.get(slot)) ?? 0;
  const standings = seats.map(({ botId, slot }) =>
    standingOf(botId, kills, { score: pointsIn(finals, slot), told: pointsIn(scores, slot) }),
  );
  const isEachTold = seats.every(({ botId, slot }) => {
    const { deaths = 0 } = standings.find((one) => one.botId === botId) ?? {};
    return pointsIn(died, slot) <= deaths;
  });
  return accountFor(standings) && isEachTold && sawTheSame(counted) ? placedOf(standings) : null;
}

type Points = {
  /** At the end. */
  score: number;
  /** The last that was told before. */
  told: number;
};
type Standing = Points & { botId: string; kills: number; suicides: number; deaths: number };

/** What a bot has by its points and by all deaths. */
export function standingOf(
  botId: string,
  kills: readonly Pick<Kill, "killer" | "victim" | "suicide">[],
  points: Points,
): Standing {
  return {
    botId,
    ...points,
    kills: kills.filter(({ killer, suicide }) => killer === botId && !suicide).length,
    suicides: kills.filter(({ victim, suicide }) => victim === botId && suicide).length,
    deaths: kills.filter(({ victim }) => victim === botId).length,
  };
}

/** Whether deaths account for all points. */
export const accountFor = (standings: readonly Standing[]): boolean =>
  standings.every((one) => accountsFor(one, giftsTo(one, standings)));

/** Everybody's place, the best first. */
export const placedOf = (standings: readonly Standing[]): Placed[] =>
  standings
    .map(({ botId, score, kills, deaths }) => ({
      botId,
      placement: 1 + standings.filter((other) => other.score > score).length,
      score,
      kills,
      deaths,
    }))
    .toSorted((a, b) => a.placement - b.placement);

/** Between two players a suicide is the other's point, of which the log does not tell; among more it is nobody's. */
function giftsTo({ botId }: Standing, standings: readonly Standing[]): number {
  const [other] = standings.length === 2 ? standings.filter((one) => one.botId !== botId) : [];
  return other?.suicides ?? 0;
}

/** A suicide costs a point, but not always: the game spares whom it would help others to farm. */
function accountsFor({ score, told, kills, suicides }: Standing, gifts: number): boolean {
  return score >= told && score <= told + gifts && score <= kills + gifts && score >= kills - suicides;
}

/** How often each kind of death came, by its numbers. */
function counts(deaths: readonly string[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const death of deaths) counted.set(death, (counted.get(death) ?? 0) + 1);
  return counted;
}

const deathOf = (killer: Slot, victim: Slot, means: number) => `${killer} ${victim} ${means}`;

/** Whether no client was in a state to see what happened then. */
function wasHidden({ seats, blindness }: Counted, ms: number): boolean {
  return seats.every(({ botId }) =>
    blindness.some(
      ({ witness, fromMs, toMs }) => witness === botId && ms >= fromMs - UNSEEN_MS && ms <= toMs + UNSEEN_MS,
    ),
  );
}

/** Whether the clients together saw every death of the log that they could see, and no other. One client may have missed some. */
function sawTheSame(counted: Counted): boolean {
  const { seats, kills, obituaries, startedAtMs, endedAtMs } = counted;
  const slotOf = (botId: string | null) => seats.find((seat) => seat.botId === botId)?.slot ?? WORLD;
  const told = (some: readonly Kill[]) =>
    counts(some.map(({ killer, victim, means }) => deathOf(slotOf(killer), slotOf(victim), means)));
  const all = told(kills);
  const dueUntilMs = endedAtMs - startedAtMs - UNSEEN_MS;
  const due = told(kills.filter(({ atMs }) => atMs < dueUntilMs && !wasHidden(counted, startedAtMs + atMs)));
  const seen = new Map<string, number>();
  for (const { botId } of seats) {
    const own = obituaries.filter(({ witness }) => witness === botId);
    for (const [death, count] of counts(own.map(({ killer, victim, means }) => deathOf(killer, victim, means))))
      seen.set(death, Math.max(seen.get(death) ?? 0, count));
  }
  return (
    [...due].every(([death, count]) => (seen.get(death) ?? 0) >= count) &&
    [...seen].every(([death, count]) => (all.get(death) ?? 0) >= count)
  );
}

/** Kills for each death, of which nobody who never died has fewer than kills. */
export const killsPerDeath = (kills: number, deaths: number): number => kills / Math.max(1, deaths);
