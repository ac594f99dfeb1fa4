import type { EntityState } from "../protocol/fields.ts";
import { SNAPSHOT_FLAG, type Snapshot } from "../protocol/snapshot.ts";
import { WORLD } from "../rules/console.ts";
import { newObituaries } from "../rules/obituary.ts";
import type { DeathView, ScoreView, SoundView } from "./contract.ts";

/** What a player has heard and counted up to a snapshot. */
export type Tally = {
  /** Server time at which the round began: the last restart of the map that was seen. */
  beganAtMs: number;
  serverCount: number;
  scores: ReadonlyMap<number, ScoreView>;
  /** Since the snapshot before. */
  deaths: readonly DeathView[];
  sounds: readonly SoundView[];
  entities: readonly EntityState[];
};

const FIRST_EVENT = 13;
/** Above these bits an event is numbered, so that the same one twice is seen as two. */
const EVENT_MASK = 0xff;
const HEARD_DISTANCE = 1_250;

/** The events of the game that can be heard, by their first and last number. */
const SOUNDS: readonly (readonly [first: number, last: number, sound: SoundView["sound"]])[] = [
  [1, 5, "STEP"],
  [10, 12, "LAND"],
  [13, 14, "JUMP"],
  [19, 20, "PICKUP"],
  [23, 23, "SHOT"],
  [40, 41, "RESPAWN"],
  [42, 43, "TELEPORT"],
  [50, 52, "EXPLOSION"],
  [56, 56, "PAIN"],
  [57, 59, "DEATH"],
];

const soundOf = (event: number): SoundView["sound"] | undefined =>
  SOUNDS.find(([first, last]) => event >= first && event <= last)?.[2];

/** What is known after a snapshot, by what was known before it; null before the first. */
export function count(before: Tally | null, snapshot: Snapshot): Tally {
  const { flags, serverTime, player, entities } = snapshot;
  const serverCount = flags & SNAPSHOT_FLAG.serverCount;
  const isNewRound = before === null || before.serverCount !== serverCount;
  const deaths = newObituaries("", before?.entities ?? [], entities).map(deathOf);
  const scores = isNewRound ? new Map<number, ScoreView>() : new Map(before.scores);
  for (const death of deaths) score(scores, death);
  scores.set(player.client, {
    id: player.client,
    score: player.persistent[0] ?? 0,
    deaths: player.persistent[8] ?? 0,
  });
  return {
    beganAtMs: isNewRound ? serverTime : before.beganAtMs,
    serverCount,
    scores,
    deaths,
    sounds: newSounds(before?.entities ?? [], snapshot),
    entities,
  };
}

function deathOf({ killer, victim, means }: { killer: number; victim: number; means: number }): DeathView {
  return { killer: killer === WORLD ? null : killer, victim, means };
}

function score(scores: Map<number, ScoreView>, { killer, victim }: DeathView): void {
  const of = (id: number) => scores.get(id) ?? { id, score: 0, deaths: 0 };
  const own = killer === null || killer === victim;
  const died = of(victim);
  scores.set(victim, { ...died, deaths: died.deaths + 1, score: died.score - (own ? 1 : 0) });
  if (own) return;
  const killed = of(killer);
  scores.set(killer, { ...killed, score: killed.score + 1 });
}

/** The sounds that were not there a snapshot ago, of those near enough to be heard. */
function newSounds(before: readonly EntityState[], { player, entities }: Snapshot): SoundView[] {
  const known = new Map(before.map((entity) => [entity.number, entity]));
  return entities.flatMap((entity) => {
    const old = known.get(entity.number);
    const isMoment = entity.type >= FIRST_EVENT;
    if (isMoment ? old?.type === entity.type : old === undefined || old.event === entity.event) return [];
    const sound = soundOf((isMoment ? entity.type - FIRST_EVENT : entity.event) & EVENT_MASK);
    const { posBaseX: x, posBaseY: y, posBaseZ: z } = entity;
    const isFar = Math.hypot(x - player.originX, y - player.originY, z - player.originZ) > HEARD_DISTANCE;
    return sound === undefined || isFar ? [] : [{ sound, origin: [x, y, z] as const }];
  });
}
