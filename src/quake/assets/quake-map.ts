import type { Archives } from "./archives.ts";
import { readBsp } from "./bsp.ts";
import { Collision, ITEM_BOX, PLAYER_BOX, STOPS_PLAYER } from "./collision.ts";
import { numberOf, readEntities, vectorOf, type MapEntity } from "./entities.ts";
import { hazardsOf, type Hazard } from "./hazards.ts";
import { readGraph, type Graph } from "./graph.ts";
import { itemKind, type ItemKind } from "./item-kinds.ts";
import { add, type Vector } from "./vector.ts";

/** A place at which an item comes back again and again. */
export type ItemSpot = { id: number; className: string; kind: ItemKind; origin: Vector };

/** What is the same in every round on a map. */
export type QuakeMap = {
  name: string;
  collision: Collision;
  graph: Graph;
  items: readonly ItemSpot[];
  /** Where players come into the game. */
  spawns: readonly Vector[];
  /** Lava, slime and pits. */
  hazards: readonly Hazard[];
  /** Curved surfaces, of which collision knows nothing. */
  patches: number;
};

const FALL: Vector = [0, 0, -4096];
/** The game puts a player this far above its spawn point, and lets it fall. */
const SPAWN_LIFT: Vector = [0, 0, 9];
const HANGS = 1;

/** Reads a map and its ways out of the game's archives. Throws an `AssetError`. */
export async function loadMap(archives: Archives, name: string): Promise<QuakeMap> {
  const bsp = readBsp(await archives.read(`maps/${name}.bsp`));
  const graph = readGraph(await archives.read(`maps/${name}.aas`));
  const collision = new Collision(bsp);
  const entities = readEntities(bsp.entities);
  return {
    name,
    collision,
    graph,
    items: itemsOf(collision, entities),
    spawns: entities
      .filter((entity) => entity.get("classname") === "info_player_deathmatch")
      .map((entity) => spawnOf(collision, entity)),
    hazards: hazardsOf(bsp, entities),
    patches: bsp.patches,
  };
}

/** Where the items of a free-for-all lie, numbered in the order of the map's file. */
export const itemsOf = (collision: Collision, entities: readonly MapEntity[]): ItemSpot[] =>
  entities
    .filter(isInFreeForAll)
    .flatMap((entity) => spotOf(collision, entity))
    .map(numbered);

const isInFreeForAll = (entity: MapEntity): boolean => numberOf(entity, "notfree") === 0;

/** Items fall to the ground at the start of a map, but for those that hang; the game takes out what is stuck in a wall. */
function spotOf(collision: Collision, entity: MapEntity): Omit<ItemSpot, "id">[] {
  const className = entity.get("classname") ?? "";
  const kind = itemKind(className);
  if (!kind) return [];
  const from = vectorOf(entity, "origin");
  const hangs = (numberOf(entity, "spawnflags") & HANGS) !== 0;
  const ground = collision.trace({ from, to: add(from, FALL), box: ITEM_BOX, mask: STOPS_PLAYER });
  if (hangs) return [{ className, kind, origin: from }];
  return ground.startsInside ? [] : [{ className, kind, origin: ground.end }];
}

const numbered = (spot: Omit<ItemSpot, "id">, id: number): ItemSpot => ({ id, ...spot });

function spawnOf(collision: Collision, entity: MapEntity): Vector {
  const from = add(vectorOf(entity, "origin"), SPAWN_LIFT);
  return collision.trace({ from, to: add(from, FALL), box: PLAYER_BOX, mask: STOPS_PLAYER }).end;
}
