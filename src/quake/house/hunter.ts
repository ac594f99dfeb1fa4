// Runs at whoever is nearest and shoots; picks up weapons and health while nobody is in sight.
import {
  bestItem,
  bestWeapon,
  lead,
  nearest,
  newItemClock,
  towards,
  watchItems,
  type ItemClock,
  type StrategyAction,
  type StrategyView,
} from "agon:quake";

type Memory = { clock?: ItemClock };

export function tick(view: StrategyView, memory: Memory): StrategyAction {
  const clock = (memory.clock ??= newItemClock());
  watchItems(clock, view);
  const target = nearest(view);
  if (!target) {
    const item = bestItem(clock, view, ({ use, weapon }) => {
      if (use === "WEAPON") return weapon !== null && view.self.weapons.includes(weapon) ? 0 : 80;
      if (use === "HEALTH") return view.self.health < 80 ? 60 : 0;
      return use === "ARMOR" ? 30 : 5;
    });
    return item === null ? {} : { goTo: { item }, weapon: bestWeapon(view, 400) };
  }
  const weapon = bestWeapon(view, target.distance);
  const side = Math.floor(view.nowMs / 700) % 2 === 0 ? 0.7 : -0.7;
  const ahead = target.distance > 200 ? 1 : 0;
  return {
    move: towards(view, target.origin, ahead, side),
    look: { at: lead(view, target, weapon) },
    fire: true,
    weapon,
  };
}
