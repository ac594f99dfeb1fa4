import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { WEAPONS } from "../rules/weapons.ts";
import { AIMED, accuracyOf, type Awards, type WeaponAim } from "../rules/aim.ts";

type Weapon = (typeof AIMED)[number];

const WeaponEnum = builder.enumType("QuakeWeapon", {
  description: "A weapon whose shots the game counts; the gauntlet has none.",
  values: valuesOf(
    Object.fromEntries(AIMED.map((name) => [name, `The ${name.toLowerCase().replaceAll("_", " ")}.`])) as Record<
      Weapon,
      string
    >,
  ),
});

function weaponOf(number: number): Weapon {
  const weapon = AIMED.find((name) => WEAPONS[name] === number);
  if (!weapon) throw new Error(`the game counts no shots of weapon ${number}`);
  return weapon;
}

export const WeaponAimRef = builder.objectRef<WeaponAim>("QuakeWeaponAim").implement({
  description: "What a bot shot with one weapon, by the game server's own count.",
  access: "public",
  fields: (t) => ({
    weapon: t.field({ type: WeaponEnum, description: "Which.", resolve: ({ weapon }) => weaponOf(weapon) }),
    shots: t.exposeInt("shots", { description: "Shots that left, 1 or more." }),
    hits: t.exposeInt("hits", {
      description: "Shots that hit another player. One that hits several, or with many pellets, is one.",
    }),
    accuracy: t.float({
      description: "Hits for each shot: 0 to 1, not rounded.",
      resolve: ({ shots, hits }) => accuracyOf(shots, hits) ?? 0,
    }),
  }),
});

export const AwardsRef = builder.objectRef<Awards>("QuakeAwards").implement({
  description: "How often a bot earned the game's awards, by the game server's log.",
  access: "public",
  fields: (t) => ({
    excellent: t.exposeInt("excellent", { description: "Two kills within three seconds of game time." }),
    impressive: t.exposeInt("impressive", { description: "Two hits of the railgun one after the other." }),
    gauntlet: t.exposeInt("gauntlet", { description: "Kills with the gauntlet." }),
  }),
});

/** What each field of shots says, wherever it is. */
export const AIM_WORDS = {
  shots: "Shots that left, by the game server's own count; the gauntlet has none.",
  hits: "Shots that hit another player; one that hits several, or with many pellets, is one.",
  accuracy: "Hits for each shot: 0 to 1, not rounded; null without a shot",
  aim: "Shots by weapon, in the order of the weapons' numbers; at most 8. A weapon that was not shot is left out.",
} as const;
