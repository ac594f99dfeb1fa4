// Learns where and when others are met, and which weapons win; what it learnt it keeps for its next rounds.
import {
  bestItem,
  bestWeapon,
  nearest,
  newItemClock,
  towards,
  watchItems,
  type ItemClock,
  type ItemFact,
  type StrategyAction,
  type StrategyView,
} from "agon:quake";

/** By map: how often somebody was seen near each item, and points made and lost around it. */
type Habits = { rounds: number; seen: number[]; won: number[]; lost: number[] };
type Memory = { clock?: ItemClock; map?: string; kept?: Record<string, Habits>; side?: number; sideUntilMs?: number };

const FORGETTING = 0.7;
const AROUND = 500;

export function tick(view: StrategyView, memory: Memory): StrategyAction {
  const clock = (memory.clock ??= newItemClock());
  watchItems(clock, view);
  const habits = habitsOf(view, memory);
  learn(view, clock, habits);
  const target = nearest(view);
  if (!view.self.alive) return {};
  const item = bestItem(clock, view, (fact) => worth(view, fact, habits));
  const weapon = bestWeapon(view, target?.distance ?? 350);
  if (!target) return item === null ? { weapon } : { goTo: { item }, weapon };
  const aim = { look: { player: target.id }, fire: true, weapon };
  if (view.self.health < 50 && item !== null) return { goTo: { item }, ...aim };
  return { move: towards(view, target.origin, target.distance > 320 ? 0.8 : -0.2, side(view, memory)), ...aim };
}

/** What was learnt of this map; a new round begins with what is left of the earlier ones. */
function habitsOf(view: StrategyView, memory: Memory): Habits {
  const all = (memory.kept ??= {});
  if (view.facts) {
    memory.map = view.facts.map;
    const none = view.facts.items.map(() => 0);
    const before = all[memory.map] ?? { rounds: 0, seen: none, won: none, lost: none };
    const faded = (counts: number[]) => counts.map((count) => Math.round(count * FORGETTING * 10) / 10);
    all[memory.map] = {
      rounds: before.rounds + 1,
      seen: faded(before.seen),
      won: faded(before.won),
      lost: faded(before.lost),
    };
  }
  return all[memory.map ?? ""] ?? { rounds: 0, seen: [], won: [], lost: [] };
}

function learn(view: StrategyView, clock: ItemClock, habits: Habits): void {
  const facts = clock.facts;
  if (!facts) return;
  const note = (counts: number[], x: number, y: number) => {
    for (const { id, origin } of facts.items)
      if (Math.hypot(origin[0] - x, origin[1] - y) < AROUND) counts[id] = (counts[id] ?? 0) + 1;
  };
  // Once a second is enough for who is where.
  if (view.nowMs % 1_000 < 50) for (const { origin } of view.players) note(habits.seen, origin[0], origin[1]);
  for (const { killer, victim } of view.deaths) {
    const [x, y] = view.self.origin;
    if (victim === view.self.id) note(habits.lost, x, y);
    else if (killer === view.self.id) note(habits.won, x, y);
  }
}

function worth({ self }: StrategyView, { id, use, amount, weapon }: ItemFact, habits: Habits): number {
  const luck = (1 + (habits.won[id] ?? 0)) / (1 + (habits.lost[id] ?? 0));
  const crowd = 1 + Math.min(1, (habits.seen[id] ?? 0) / 20) * (self.health > 80 ? 0.3 : -0.3);
  return need(self, use, amount, weapon) * crowd * Math.min(1.5, Math.max(0.6, luck));
}

function need(self: StrategyView["self"], use: ItemFact["use"], amount: number, weapon: number | null): number {
  if (use === "WEAPON") return weapon !== null && self.weapons.includes(weapon) ? 4 : weapon === 5 ? 130 : 70;
  if (use === "HEALTH")
    return self.health < 100 ? Math.min(amount, 100 - self.health) * 1.5 + 1 : amount >= 100 ? 60 : 1;
  if (use === "ARMOR") return Math.min(amount, 200 - self.armor);
  if (use === "AMMO") return weapon !== null && self.weapons.includes(weapon) && (self.ammo[weapon] ?? 0) < 10 ? 40 : 1;
  return use === "POWERUP" ? 150 : 0;
}

function side(view: StrategyView, memory: Memory): number {
  if (view.nowMs > (memory.sideUntilMs ?? 0) || (memory.sideUntilMs ?? 0) - view.nowMs > 2_000) {
    memory.side = Math.random() < 0.5 ? 0.9 : -0.9;
    memory.sideUntilMs = view.nowMs + 400 + Math.random() * 600;
  }
  return memory.side ?? 0.9;
}
