import { ENTITY, ENTITY_FLAG, MOVE, placeOf, QUAD, STAT } from "../protocol/entities.ts";
import type { EntityState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { Drop } from "./items.ts";
import type { Frame, FrameMissile, FramePlayer } from "./replay.ts";

/** What a participant of a match was shown last; the side is its place in the roster. */
export type Sighting = { side: number; snapshot: Snapshot };

/** Which of the map's items are taken, and what lies dropped beside them; both by id. */
export type Items = { taken: readonly number[]; drops: readonly Drop[] };

/** Frames are this far apart in game time. */
export const FRAME_MS = 100;

/** For how long what a match looked like is kept. */
export const FRAMES_KEPT_DAYS = 90;
const DAY_MS = 24 * 3_600_000;

/** Until when what was stored at a time is kept at least. */
export const keptUntil = (storedAt: Date): Date => new Date(storedAt.getTime() + FRAMES_KEPT_DAYS * DAY_MS);
/** What was stored before this is not kept any more. */
export const keptSince = (now: Date): Date => new Date(now.getTime() - FRAMES_KEPT_DAYS * DAY_MS);

/** The topic of a match's frames; an empty text says that no other follows. */
export const framesTopic = (matchId: string) => `quake-frames:${matchId}`;

export const FRAMES_REFUSALS = ["NOT_FOUND", "MATCH_OVER"] as const;
export type FramesRefusal = (typeof FRAMES_REFUSALS)[number];

/** Why a match cannot be watched; undefined is the phase of one that does not exist. */
export function refuseFrames(phase: string | undefined): FramesRefusal | null {
  if (phase === undefined) return "NOT_FOUND";
  return phase === "COMPLETED" || phase === "VOIDED" ? "MATCH_OVER" : null;
}

/**
 * One frame out of what all participants of a match were shown: everybody by its own state, which is exact, or as another
 * saw it where that is newer; missiles are those that anybody was shown at the newest instant. Null where there is nothing
 * to show: nobody was shown anything, or the round is over.
 */
export function mergeFrame(sightings: readonly Sighting[], beganAtMs: number, { taken, drops }: Items): Frame | null {
  const serverTime = Math.max(...sightings.map(({ snapshot }) => snapshot.serverTime));
  const isOver = sightings.some(({ snapshot }) => snapshot.player.moveType === MOVE.intermission);
  if (sightings.length === 0 || isOver) return null;
  const players = sightings.map((own) => {
    const seen = seenLater(own.snapshot, sightings);
    return seen ? seenPlayer(ownPlayer(own), seen) : ownPlayer(own);
  });
  const now = sightings.filter(({ snapshot }) => snapshot.serverTime === serverTime);
  return {
    atMs: serverTime - beganAtMs,
    players: players.toSorted((a, b) => a.side - b.side),
    missiles: missilesOf(now.map(({ snapshot }) => snapshot)),
    taken,
    drops: drops.map(({ id, name, at: [x, y, z] }) => ({ id, name, x: whole(x), y: whole(y), z: whole(z) })),
  };
}

function ownPlayer({ side, snapshot: { player } }: Sighting): FramePlayer {
  const health = Math.max(0, player.stats[STAT.health] ?? 0);
  return {
    side,
    x: whole(player.originX),
    y: whole(player.originY),
    z: whole(player.originZ),
    eye: player.viewHeight,
    yaw: turned(player.viewYaw),
    pitch: tilted(player.viewPitch),
    health,
    armor: player.stats[STAT.armor] ?? 0,
    weapon: player.weapon,
    alive: health > 0 && player.moveType === MOVE.normal,
    firing: (player.flags & ENTITY_FLAG.firing) !== 0,
    quad: (player.powerups[QUAD] ?? 0) > 0,
  };
}

type Seen = { entity: EntityState; serverTime: number };

/** The newest that another was shown of a player after its own last snapshot. */
function seenLater({ player, serverTime }: Snapshot, sightings: readonly Sighting[]): Seen | undefined {
  return sightings
    .filter(({ snapshot }) => snapshot.serverTime > serverTime)
    .toSorted((a, b) => b.snapshot.serverTime - a.snapshot.serverTime)
    .flatMap(({ snapshot }) =>
      snapshot.entities
        .filter(({ type, number }) => type === ENTITY.player && number === player.client)
        .map((entity) => ({ entity, serverTime: snapshot.serverTime })),
    )[0];
}

/** Of its health others see nothing but that it is gone. */
function seenPlayer(own: FramePlayer, { entity, serverTime }: Seen): FramePlayer {
  const [x, y, z] = placeOf(entity, serverTime);
  const alive = (entity.flags & ENTITY_FLAG.dead) === 0;
  return {
    ...own,
    x: whole(x),
    y: whole(y),
    z: whole(z),
    yaw: turned(entity.aposBaseYaw),
    pitch: tilted(entity.aposBasePitch),
    health: alive ? own.health : 0,
    weapon: entity.weapon,
    alive,
    firing: (entity.flags & ENTITY_FLAG.firing) !== 0,
    quad: (entity.powerups & (1 << QUAD)) !== 0,
  };
}

function missilesOf(snapshots: readonly Snapshot[]): FrameMissile[] {
  const missiles = new Map<number, FrameMissile>();
  for (const { entities, serverTime } of snapshots) {
    for (const entity of entities) {
      if (entity.type !== ENTITY.missile) continue;
      const [x, y, z] = placeOf(entity, serverTime);
      const { number: id, weapon } = entity;
      missiles.set(id, { id, weapon, x: whole(x), y: whole(y), z: whole(z) });
    }
  }
  return [...missiles.values()].toSorted((a, b) => a.id - b.id);
}

/** Never -0, which would not come back out of JSON. */
const whole = (value: number): number => Math.round(value) + 0;

const TENTHS = 10;
const TURN = 360 * TENTHS;
const turns = (degrees: number): number => ((Math.round(degrees * TENTHS) % TURN) + TURN) % TURN;
/** From 0 to below 360. */
const turned = (degrees: number): number => turns(degrees) / TENTHS;
/** From -180 to below 180. */
const tilted = (degrees: number): number => (turns(degrees + 180) - TURN / 2) / TENTHS;
