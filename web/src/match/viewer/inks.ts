/** The kinds of what lies on a map, in the legend's order. */
export const GOODS = ["health", "armor", "weapon", "ammo", "powerup"] as const;
export type Good = (typeof GOODS)[number];

/** The site's colours as a canvas needs them: what the page's tokens say now. */
export type Inks = {
  overprint: string;
  paper: string;
  lanes: readonly string[];
  items: Readonly<Record<Good, string>>;
};

const LANES = 8;

export function readInks(element: Element): Inks {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    overprint: token("--overprint"),
    paper: token("--paper"),
    items: Object.fromEntries(GOODS.map((good) => [good, token(`--item-${good}`)])) as Inks["items"],
    lanes: Array.from({ length: LANES }, (_none, lane) => token(`--lane-${lane + 1}`)),
  };
}

export const laneOf = ({ lanes, paper }: Inks, side: number): string => lanes[side % LANES] ?? paper;

/** What something is for, by the game's own name of it. */
export const useOf = (name: string): string =>
  name.startsWith("weapon_") ? "WEAPON" : name.startsWith("ammo_") ? "AMMO" : "POWERUP";

/** The kind of an item by what the map's file says it is for: what is carried and used later is a power-up, too. */
export const goodOf = (use: string): Good => GOODS.find((good) => good === use.toLowerCase()) ?? "powerup";
