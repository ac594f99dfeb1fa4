// Walks from item to item as chance will have it, and shoots at whom it happens to see.
import { bestWeapon, nearest, type StrategyAction, type StrategyView } from "agon:quake";

type Memory = { items?: number; goal?: number; untilMs?: number };

export function tick(view: StrategyView, memory: Memory): StrategyAction {
  if (view.facts) memory.items = view.facts.items.length;
  const isDone = view.self.walk === "ARRIVED" || view.self.walk === "NO_WAY" || view.nowMs > (memory.untilMs ?? 0);
  if (isDone) {
    memory.goal = Math.floor(Math.random() * (memory.items ?? 1));
    memory.untilMs = view.nowMs + 8_000;
  }
  const target = nearest(view);
  const weapon = bestWeapon(view, target?.distance ?? 300);
  const walk = { goTo: { item: memory.goal ?? 0 }, weapon };
  return target && Math.random() < 0.8 ? { ...walk, look: { player: target.id }, fire: true } : walk;
}
