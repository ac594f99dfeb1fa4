// Runs at whoever is nearest and shoots all the way; looks for weapons while nobody is in sight.
import {
  bestItem,
  bestWeapon,
  nearest,
  newItemClock,
  towards,
  watchItems,
  type ItemClock,
  type StrategyAction,
  type StrategyView,
} from "agon:quake";

type Memory = { clock?: ItemClock; lastSeen?: { id: number; untilMs: number } };

const FOLLOWED_MS = 3_000;

export function tick(view: StrategyView, memory: Memory): StrategyAction {
  const clock = (memory.clock ??= newItemClock());
  watchItems(clock, view);
  if (!view.self.alive) return {};
  const target = nearest(view);
  if (target) {
    memory.lastSeen = { id: target.id, untilMs: view.nowMs + FOLLOWED_MS };
    const weapon = bestWeapon(view, target.distance);
    return { move: towards(view, target.origin, 1, 0), look: { player: target.id }, fire: true, weapon };
  }
  const { lastSeen } = memory;
  const weapon = bestWeapon(view, 400);
  if (lastSeen && view.nowMs < lastSeen.untilMs && view.nowMs > lastSeen.untilMs - FOLLOWED_MS)
    return { goTo: { player: lastSeen.id }, weapon };
  const item = bestItem(clock, view, ({ use, weapon: kind }) => {
    if (use === "WEAPON") return kind !== null && view.self.weapons.includes(kind) ? 1 : 80;
    return use === "HEALTH" && view.self.health < 60 ? 40 : 2;
  });
  return item === null ? { weapon } : { goTo: { item }, weapon };
}
