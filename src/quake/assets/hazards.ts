import { CONTENTS, type Bsp } from "./bsp.ts";
import type { Box } from "./collision.ts";
import type { MapEntity } from "./entities.ts";
import type { Vector } from "./vector.ts";

/** What kills on a map, and the box around it: lava and slime burn who stands in them, a pit hurts who touches its box. */
export type Hazard = { box: Box; burns: boolean };

/** What burns whoever is in it. */
export const BURNS = CONTENTS.lava | CONTENTS.slime;

export const hazardsOf = (bsp: Bsp, entities: readonly MapEntity[]): Hazard[] => [
  ...burningBrushes(bsp).map((box) => ({ box, burns: true })),
  ...entities
    .filter((entity) => entity.get("classname") === "trigger_hurt")
    .flatMap((entity) => modelOf(bsp, entity))
    .map((box) => ({ box, burns: false })),
];

function burningBrushes({ brushes, planes, sidePlanes }: Bsp): Box[] {
  const boxes: Box[] = [];
  for (const [brush, contents] of brushes.contents.entries()) {
    if ((contents & BURNS) === 0 || (brushes.sides[brush] ?? 0) < 6) continue;
    // The first six sides of a brush are those of the box around it, low and high by turns.
    const first = brushes.firstSide[brush] ?? 0;
    const side = (number: number) => planes.distance[sidePlanes[first + number] ?? 0] ?? 0;
    boxes.push({ minimum: [-side(0), -side(2), -side(4)], maximum: [side(1), side(3), side(5)] });
  }
  return boxes;
}

/** The box of an entity that is a part of the map: its model is named `*1`, `*2` and so on. */
function modelOf({ models }: Bsp, entity: MapEntity): Box[] {
  const model = Number((entity.get("model") ?? "").replace(/^\*/, ""));
  if (!Number.isInteger(model) || model <= 0 || model >= models.firstBrush.length) return [];
  const corner = (of: Float32Array): Vector => [of[model * 3] ?? 0, of[model * 3 + 1] ?? 0, of[model * 3 + 2] ?? 0];
  return [{ minimum: corner(models.minimum), maximum: corner(models.maximum) }];
}
