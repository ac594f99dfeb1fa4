// Controls the map: takes items when they come back, fights when it is strong, and leaves when it is not.
import {
  bestItem,
  bestWeapon,
  danger,
  isStuck,
  lead,
  newItemClock,
  offAim,
  towards,
  watchItems,
  WEAPON,
  type ItemClock,
  type ItemFact,
  type PlayerView,
  type StrategyAction,
  type StrategyView,
  type StuckWatch,
} from "agon:quake";

type Memory = {
  clock?: ItemClock;
  stuck?: StuckWatch;
  goal?: { item: number; untilMs: number } | null;
  dodge?: { side: number; untilMs: number };
  /** Where somebody was last seen, and when. */
  trail?: { id: number; atMs: number } | null;
};

const WEAPON_WORTH: Readonly<Record<number, number>> = {
  [WEAPON.ROCKET_LAUNCHER]: 140,
  [WEAPON.LIGHTNING_GUN]: 110,
  [WEAPON.RAILGUN]: 100,
  [WEAPON.PLASMA_GUN]: 80,
  [WEAPON.SHOTGUN]: 60,
  [WEAPON.GRENADE_LAUNCHER]: 10,
  [WEAPON.BFG]: 160,
};
const GOAL_MS = 2_500;
const TRAIL_MS = 4_000;
const WEAK = 45;

export function tick(view: StrategyView, memory: Memory): StrategyAction {
  const clock = (memory.clock ??= newItemClock());
  watchItems(clock, view);
  if (!view.self.alive) {
    memory.goal = null;
    memory.trail = null;
    return {};
  }
  const target = chosen(view);
  if (target) memory.trail = { id: target.id, atMs: view.nowMs };
  const step = walk(view, memory, clock, target);
  return target ? { ...step, ...shoot(view, target) } : { ...step, ...lookout(view, memory) };
}

/** How much one can take before one dies. */
const strength = ({ self }: StrategyView): number => self.health + Math.min(self.armor, self.health * 2) * 0.66;

const isArmed = ({ self }: StrategyView): boolean =>
  self.weapons.some(
    (weapon) => weapon > WEAPON.SHOTGUN && weapon !== WEAPON.GRENADE_LAUNCHER && (self.ammo[weapon] ?? 0) > 3,
  );

/** Whom to fight: the near one, and rather one who is already in the sights. */
function chosen(view: StrategyView): PlayerView | null {
  const cost = (player: PlayerView) => player.distance + offAim(view, player.origin) * 3 + (player.quad ? 400 : 0);
  let best: PlayerView | null = null;
  for (const player of view.players) if (best === null || cost(player) < cost(best)) best = player;
  return best;
}

/** What an item is worth now, in points: those of health and armor count as they are. */
function worth(view: StrategyView, { use, amount, weapon, name }: ItemFact): number {
  const { health, armor } = view.self;
  switch (use) {
    case "WEAPON":
      return weaponWorth(view, weapon ?? 0);
    case "AMMO":
      return ammoWorth(view, weapon ?? 0);
    case "HEALTH": {
      const gained = Math.min(amount, (amount === 100 || amount === 5 ? 200 : 100) - health);
      return Math.max(0, gained) * (health < 60 ? 2 : 0.8);
    }
    case "ARMOR":
      return Math.min(amount, 200 - armor) * 1.1;
    case "POWERUP":
      return name === "item_quad" ? 250 : 100;
    case "HOLDABLE":
      return 0;
  }
}

function weaponWorth(view: StrategyView, weapon: number): number {
  const value = WEAPON_WORTH[weapon] ?? 0;
  if (!view.self.weapons.includes(weapon)) return value * (isArmed(view) ? 0.5 : 1.5);
  return (view.self.ammo[weapon] ?? 0) < 10 ? value * 0.3 : 0;
}

function ammoWorth({ self }: StrategyView, weapon: number): number {
  const isWanted = self.weapons.includes(weapon) && (self.ammo[weapon] ?? 0) < 15;
  return isWanted ? (WEAPON_WORTH[weapon] ?? 20) * 0.4 : 0;
}

function walk(view: StrategyView, memory: Memory, clock: ItemClock, target: PlayerView | null): StrategyAction {
  const stuck = (memory.stuck ??= { origin: null, sinceMs: 0 });
  const dodge = dodging(view, memory);
  if (isStuck(stuck, view) && view.self.walk !== "ARRIVED") memory.goal = null;
  const isFight = target !== null && (strength(view) > WEAK || target.distance < 250);
  if (isFight) {
    const item = near(view, clock);
    return item === null ? fight(view, target, dodge) : { goTo: { item } };
  }
  const { trail } = memory;
  const isChase = !target && trail && view.nowMs - trail.atMs < TRAIL_MS && strength(view) > 80 && isArmed(view);
  if (isChase) return { goTo: { player: trail.id } };
  return collect(view, memory, clock);
}

/** Keeps the distance that suits the weapon, and moves across the line of fire. */
function fight(view: StrategyView, target: PlayerView, side: number): StrategyAction {
  const weapon = bestWeapon(view, target.distance);
  const wanted = weapon === WEAPON.RAILGUN ? 600 : weapon === WEAPON.SHOTGUN || weapon === WEAPON.GAUNTLET ? 80 : 280;
  const ahead = target.distance > wanted + 80 ? 0.8 : target.distance < wanted - 80 ? -0.8 : 0;
  return { move: towards(view, target.origin, ahead, side) };
}

/** Something good that lies almost on the way. */
function near(view: StrategyView, clock: ItemClock): number | null {
  return bestItem(clock, view, (item) => {
    const seen = view.items[item.id];
    const isClose = seen?.seen === "PRESENT" && (seen.travelMs ?? Infinity) < 700;
    const value = worth(view, item);
    return isClose && value > 25 ? value : 0;
  });
}

function collect(view: StrategyView, memory: Memory, clock: ItemClock): StrategyAction {
  const { goal } = memory;
  const isThere = goal && view.items[goal.item]?.seen === "ABSENT" && (view.items[goal.item]?.travelMs ?? 0) < 150;
  if (!goal || isThere || view.nowMs > goal.untilMs || view.nowMs < goal.untilMs - GOAL_MS) {
    const item = bestItem(clock, view, (fact) => worth(view, fact) + 1);
    memory.goal = item === null ? null : { item, untilMs: view.nowMs + GOAL_MS };
  }
  return memory.goal ? { goTo: { item: memory.goal.item } } : {};
}

/** Which side to step to: it changes when nobody expects it, and away from what flies here. */
function dodging(view: StrategyView, memory: Memory): number {
  const now = memory.dodge;
  if (now && view.nowMs < now.untilMs && view.nowMs > now.untilMs - 1_500 && !danger(view)) return now.side;
  const side = danger(view) && now ? now.side : Math.random() < 0.5 ? 1 : -1;
  memory.dodge = { side, untilMs: view.nowMs + 300 + Math.random() * 700 };
  return side;
}

/** Rockets go for the feet of who stands below: what misses still bursts beside it. */
function shoot(view: StrategyView, target: PlayerView): StrategyAction {
  const weapon = bestWeapon(view, target.distance);
  const isRocket = weapon === WEAPON.ROCKET_LAUNCHER;
  const isBelow = target.origin[2] < view.self.origin[2] + 16 && Math.abs(target.velocity[2]) < 50;
  const blowsUp = isRocket && target.distance < 90;
  const look = isRocket && isBelow ? { at: lead(view, target, weapon) } : { player: target.id };
  return { look, fire: !blowsUp, weapon };
}

/** Nobody is in sight: looks where somebody was heard, and holds what is good in a surprise. */
function lookout(view: StrategyView, memory: Memory): StrategyAction {
  const weapon = bestWeapon(view, 350);
  const isFresh = memory.trail && view.nowMs - memory.trail.atMs < 1_200;
  if (isFresh && memory.trail) return { weapon, look: { player: memory.trail.id } };
  const heard = view.sounds.find(({ sound }) => sound === "SHOT" || sound === "JUMP" || sound === "PICKUP");
  return heard ? { weapon, look: { at: heard.origin } } : { weapon };
}
