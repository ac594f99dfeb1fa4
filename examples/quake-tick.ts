// A strategy for Quake: Agon runs it where it is uploaded, and examples/quake-bot.ts from afar.
import type { StrategyAction, StrategyView } from "../src/quake/strategy/contract.ts";

/** Shoots at whoever is nearest, and goes from item to item. */
export function tick(view: StrategyView, memory: { goal?: number }): StrategyAction {
  if (memory.goal === undefined || view.self.walk === "ARRIVED" || view.self.walk === "NO_WAY")
    memory.goal = Math.floor(Math.random() * view.items.length);
  const [target] = view.players.toSorted((a, b) => a.distance - b.distance);
  return { goTo: { item: memory.goal }, ...(target && { look: { player: target.id }, fire: true }) };
}
