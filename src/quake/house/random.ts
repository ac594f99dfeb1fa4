// Walks from item to item as chance will have it, and shoots roughly at whom it happens to see.
import { nearest, type Point, type StrategyAction, type StrategyView } from "agon:quake";

type Memory = { items?: number; goal?: number; untilMs?: number; weapon?: number };

const GOAL_MS = 8_000;
const SPREAD = 0.2;

export function tick(view: StrategyView, memory: Memory): StrategyAction {
  if (view.facts) memory.items = view.facts.items.length;
  const isDone = view.self.walk === "ARRIVED" || view.self.walk === "NO_WAY" || view.nowMs > (memory.untilMs ?? 0);
  if (isDone) chooseAnew(view, memory);
  const walk = { goTo: { item: memory.goal ?? 0 }, weapon: memory.weapon ?? 2 };
  const target = nearest(view);
  if (!target) return walk;
  return { ...walk, look: { at: beside(target.origin, target.distance) }, fire: Math.random() < 0.7 };
}

function chooseAnew({ nowMs, self }: StrategyView, memory: Memory): void {
  memory.goal = Math.floor(Math.random() * (memory.items ?? 1));
  memory.weapon = self.weapons[Math.floor(Math.random() * self.weapons.length)] ?? 2;
  memory.untilMs = nowMs + GOAL_MS;
}

/** A point near another: the farther away, the more it is off. */
function beside([x, y, z]: Point, range: number): Point {
  const error = () => (Math.random() - 0.5) * SPREAD * range;
  return [x + error(), y + error(), z + error()];
}
