// Walks from item to item as chance will have it, and shoots roughly at whom it happens to see.
import { nearest, type StrategyAction, type StrategyView } from "agon:quake";

type Memory = { items?: number; goal?: number; untilMs?: number; weapon?: number };

const GOAL_MS = 8_000;
const SPREAD = 12;

export function tick(view: StrategyView, memory: Memory): StrategyAction {
  if (view.facts) memory.items = view.facts.items.length;
  const isDone = view.self.walk === "ARRIVED" || view.self.walk === "NO_WAY" || view.nowMs > (memory.untilMs ?? 0);
  if (isDone) {
    memory.goal = Math.floor(Math.random() * (memory.items ?? 1));
    memory.weapon = view.self.weapons[Math.floor(Math.random() * view.self.weapons.length)] ?? 2;
    memory.untilMs = view.nowMs + GOAL_MS;
  }
  const walk = { goTo: { item: memory.goal ?? 0 }, weapon: memory.weapon ?? 2 };
  const target = nearest(view);
  if (!target) return walk;
  const [dx, dy, dz] = [0, 1, 2].map((axis) => (target.origin[axis] ?? 0) - (view.self.eye[axis] ?? 0));
  const error = () => (Math.random() - 0.5) * SPREAD;
  const yaw = (Math.atan2(dy ?? 0, dx ?? 0) * 180) / Math.PI + error();
  const pitch = (-Math.atan2(dz ?? 0, Math.hypot(dx ?? 0, dy ?? 0)) * 180) / Math.PI + error();
  return { ...walk, look: { yaw, pitch }, fire: Math.random() < 0.7 };
}
