/** How a player may die, by the number that the game gives it; the order is the game's. */
export const MEANS = [
  "UNKNOWN",
  "SHOTGUN",
  "GAUNTLET",
  "MACHINEGUN",
  "GRENADE",
  "GRENADE_SPLASH",
  "ROCKET",
  "ROCKET_SPLASH",
  "PLASMA",
  "PLASMA_SPLASH",
  "RAILGUN",
  "LIGHTNING",
  "BFG",
  "BFG_SPLASH",
  "WATER",
  "SLIME",
  "LAVA",
  "CRUSH",
  "TELEFRAG",
  "FALLING",
  "SUICIDE",
  "TARGET_LASER",
  "TRIGGER_HURT",
  "NAIL",
  "CHAINGUN",
  "PROXIMITY_MINE",
  "KAMIKAZE",
  "JUICED",
  "GRAPPLE",
] as const;
export type Means = (typeof MEANS)[number];

/** The means behind a number of the log; one that the game does not have is UNKNOWN. */
export const meansOf = (number: number): Means => MEANS[number] ?? "UNKNOWN";

/** What is said of a victim of another: between its name and the killer's, and after that. */
const BY_ANOTHER: Readonly<Partial<Record<Means, readonly [between: string, after: string]>>> = {
  SHOTGUN: ["was gunned down by", ""],
  GAUNTLET: ["was pummeled by", ""],
  MACHINEGUN: ["was machinegunned by", ""],
  GRENADE: ["ate", "'s grenade"],
  GRENADE_SPLASH: ["was shredded by", "'s shrapnel"],
  ROCKET: ["ate", "'s rocket"],
  ROCKET_SPLASH: ["almost dodged", "'s rocket"],
  PLASMA: ["was melted by", "'s plasmagun"],
  PLASMA_SPLASH: ["was melted by", "'s plasmagun"],
  RAILGUN: ["was railed by", ""],
  LIGHTNING: ["was electrocuted by", ""],
  BFG: ["was blasted by", "'s BFG"],
  BFG_SPLASH: ["was blasted by", "'s BFG"],
  TELEFRAG: ["tried to invade", "'s personal space"],
  NAIL: ["was nailed by", ""],
  CHAINGUN: ["got lead poisoning from", "'s Chaingun"],
  PROXIMITY_MINE: ["was too close to", "'s Prox Mine"],
  KAMIKAZE: ["falls to", "'s Kamikaze blast"],
  JUICED: ["was juiced by", ""],
  GRAPPLE: ["was caught by", ""],
};

/** What is said of who died by the world, whoever pushed. */
const BY_THE_WORLD: Readonly<Partial<Record<Means, string>>> = {
  SUICIDE: "suicides",
  FALLING: "cratered",
  CRUSH: "was squished",
  WATER: "sank like a rock",
  SLIME: "melted",
  LAVA: "does a back flip into the lava",
  TARGET_LASER: "saw the light",
  TRIGGER_HURT: "was in the wrong place",
};

/** What is said of who died by their own weapon. */
const BY_ONESELF: Readonly<Partial<Record<Means, string>>> = {
  GRENADE_SPLASH: "tripped on their own grenade",
  ROCKET_SPLASH: "blew themselves up",
  PLASMA_SPLASH: "melted themselves",
  BFG_SPLASH: "should have used a smaller gun",
  PROXIMITY_MINE: "found their own prox mine",
  KAMIKAZE: "goes out with a bang",
};

/** A death in words, those of the game but for its guess at a gender; names are given as they are to be shown. */
export function killText({ killer, victim, means }: { killer: string | null; victim: string; means: number }): string {
  const kind = meansOf(means);
  const world = BY_THE_WORLD[kind];
  if (world !== undefined) return `${victim} ${world}`;
  if (killer === victim) return `${victim} ${BY_ONESELF[kind] ?? "killed themselves"}`;
  if (killer === null) return `${victim} died`;
  const [between, after] = BY_ANOTHER[kind] ?? ["was killed by", ""];
  return `${victim} ${between} ${killer}${after}`;
}
