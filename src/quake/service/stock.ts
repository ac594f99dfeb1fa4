import { itemOfModel, modelOfItem } from "../assets/item-kinds.ts";
import type { QuakeMap } from "../assets/quake-map.ts";
import type { Stock } from "../rules/items.ts";

/**
 * The items of a map, as a match's camera looks at them. A game server tells a player of all that lies in the parts of the
 * map that may be in view from the part with its eye, by the map's own table.
 */
export function stockOf({ items, collision }: QuakeMap): Stock {
  const clusters = new Map(items.map(({ origin }) => [origin, collision.clusterAt(origin)]));
  return {
    spots: items.map(({ id, className, kind, origin }) => ({
      id,
      name: className,
      model: modelOfItem(className),
      at: origin,
      // The game puts power-ups there a while after the beginning.
      isThereFirst: kind.use !== "POWERUP",
    })),
    nameOf: itemOfModel,
    isTold: (eye, at) => collision.mayView(collision.clusterAt(eye), clusters.get(at) ?? collision.clusterAt(at)),
  };
}
