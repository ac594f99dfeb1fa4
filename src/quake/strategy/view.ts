import { itemKind, itemOfModel } from "../assets/item-kinds.ts";
import { WEAPONS } from "../rules/weapons.ts";
import type { QuakeMap } from "../assets/quake-map.ts";
import { add, distance, flatDistance, type Vector } from "../assets/vector.ts";
import { Footing } from "../navigation/footing.ts";
import { Routes, type Place } from "../navigation/routes.ts";
import { baseOf, ENTITY, ENTITY_FLAG, MOVE, placeOf, QUAD, speedOf, STAT } from "../protocol/entities.ts";
import type { EntityState, PlayerState } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { DropView, ItemView, MapFacts, MissileView, PlayerView, SelfView, StrategyView } from "./contract.ts";
import type { Tally } from "./tally.ts";

/** A map made ready for bots: what is reckoned here is the same for all of them. */
export type Ground = {
  map: QuakeMap;
  routes: Routes;
  footing: Footing;
  /** Where each item lies. */
  places: readonly Place[];
  facts: Omit<MapFacts, "roundMs">;
};

const GROUND_NONE = 1_023;
/** The heights of a player at which any part of it may be seen. */
const BODY: readonly Vector[] = [
  [0, 0, 8],
  [0, 0, 28],
  [0, 0, -18],
];
const SAME_SPOT = 24;
/** A trace to an item ends in its middle, a little above the ground. */
const ITEM_LIFT: Vector = [0, 0, 4];

export type Seen = { ground: Ground; snapshot: Snapshot; tally: Tally; roundMs: number; walk: SelfView["walk"] };

/** What a human could know by a snapshot: what is behind a wall is left out, though the server sent it. */
export function viewOf({ ground, snapshot, tally, roundMs, walk }: Seen): Omit<StrategyView, "facts"> {
  const { player, entities, serverTime } = snapshot;
  const self = selfOf(player, walk);
  const sees = (point: Vector) => ground.map.collision.sees(self.eye, point);
  const nowMs = serverTime - tally.beganAtMs;
  const lying = entities.filter(({ type, flags }) => type === ENTITY.item && (flags & ENTITY_FLAG.noDraw) === 0);
  return {
    nowMs,
    leftMs: Math.max(0, roundMs - nowMs),
    self,
    players: playersOf(entities, self, sees),
    items: itemsOf(ground, lying, self, sees),
    drops: dropsOf(ground.map, lying, serverTime, sees),
    missiles: missilesOf(entities, serverTime, sees),
    sounds: tally.sounds,
    deaths: tally.deaths,
    scores: [...tally.scores.values()].toSorted((a, b) => b.score - a.score || a.id - b.id),
  };
}

/** Makes a map ready. It takes a while: all ways between all items are looked for. */
export function prepareGround(map: QuakeMap): Ground {
  const footing = new Footing(map.collision, map.hazards);
  const routes = new Routes(map.graph, (origin) => footing.kills(origin));
  const places = map.items.map(({ origin }) => routes.place(origin));
  const items = map.items.map(({ id, className, kind, origin }) => ({
    id,
    name: className,
    use: kind.use,
    amount: kind.amount,
    weapon: kind.weapon,
    returnsMs: kind.returns_s * 1_000,
    origin: rounded(origin),
    travelMs: places.map((place) => whole(routes.takesMs(places[id] ?? place, place))),
  }));
  return { map, routes, footing, places, facts: { map: map.name, items, spawns: map.spawns.map(rounded) } };
}

function selfOf(player: PlayerState, walk: SelfView["walk"]): SelfView {
  const health = player.stats[STAT.health] ?? 0;
  const owned = player.stats[STAT.weapons] ?? 0;
  const origin: Vector = [player.originX, player.originY, player.originZ];
  return {
    id: player.client,
    alive: health > 0 && player.moveType === MOVE.normal,
    health: Math.max(0, health),
    armor: player.stats[STAT.armor] ?? 0,
    origin: rounded(origin),
    eye: rounded(add(origin, [0, 0, player.viewHeight])),
    velocity: rounded([player.velocityX, player.velocityY, player.velocityZ]),
    yaw: tenth(player.viewYaw),
    pitch: tenth(player.viewPitch),
    grounded: player.groundEntity !== GROUND_NONE,
    weapon: player.weapon,
    ready: player.weaponState === 0 && player.weaponTime <= 0,
    weapons: Object.values(WEAPONS).filter((weapon) => (owned & (1 << weapon)) !== 0),
    ammo: player.ammo.slice(0, WEAPONS.BFG + 1),
    quad: (player.powerups[QUAD] ?? 0) > 0,
    hits: player.persistent[1] ?? 0,
    walk,
  };
}

type Sees = (point: Vector) => boolean;

function playersOf(entities: readonly EntityState[], self: SelfView, sees: Sees): PlayerView[] {
  return entities.flatMap((entity) => {
    const isThere = entity.type === ENTITY.player && (entity.flags & (ENTITY_FLAG.dead | ENTITY_FLAG.noDraw)) === 0;
    if (!isThere || entity.number === self.id) return [];
    const origin = baseOf(entity);
    if (!BODY.some((height) => sees(add(origin, height)))) return [];
    return [
      {
        id: entity.number,
        origin: rounded(origin),
        velocity: rounded(speedOf(entity)),
        yaw: tenth(entity.aposBaseYaw),
        weapon: entity.weapon,
        firing: (entity.flags & ENTITY_FLAG.firing) !== 0,
        quad: (entity.powerups & (1 << QUAD)) !== 0,
        distance: Math.round(distance(self.origin, origin)),
      },
    ];
  });
}

function itemsOf(ground: Ground, lying: readonly EntityState[], self: SelfView, sees: Sees): ItemView[] {
  const { map, places, routes } = ground;
  const here = routes.place(self.origin);
  return map.items.map(({ id, className, origin }) => {
    const travelMs = whole(routes.takesMs(here, places[id] ?? here));
    if (!sees(add(origin, ITEM_LIFT))) return { id, seen: "HIDDEN", travelMs };
    const isThere = lying.some((entity) => isAt(entity, className, origin));
    return { id, seen: isThere ? "PRESENT" : "ABSENT", travelMs };
  });
}

const isAt = (entity: EntityState, className: string, origin: Vector): boolean =>
  itemOfModel(entity.model) === className && flatDistance(baseOf(entity), origin) < SAME_SPOT;

function dropsOf(map: QuakeMap, lying: readonly EntityState[], serverTime: number, sees: Sees): DropView[] {
  return lying.flatMap((entity) => {
    const name = itemOfModel(entity.model);
    if (name === undefined || map.items.some(({ className, origin }) => isAt(entity, className, origin))) return [];
    const origin = placeOf(entity, serverTime);
    return sees(add(origin, ITEM_LIFT))
      ? [{ name, weapon: itemKind(name)?.weapon ?? null, origin: rounded(origin) }]
      : [];
  });
}

function missilesOf(entities: readonly EntityState[], serverTime: number, sees: Sees): MissileView[] {
  return entities.flatMap((entity) => {
    if (entity.type !== ENTITY.missile) return [];
    const origin = placeOf(entity, serverTime);
    if (!sees(origin)) return [];
    return [{ weapon: entity.weapon, origin: rounded(origin), velocity: rounded(speedOf(entity)) }];
  });
}

const whole = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
const tenth = (value: number): number => Math.round(value * 10) / 10;
const rounded = (point: Vector): Vector => [tenth(point[0]), tenth(point[1]), tenth(point[2])];
