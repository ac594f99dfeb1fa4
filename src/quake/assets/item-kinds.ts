import { WEAPONS, type WeaponName } from "../rules/weapons.ts";

/** What an item is for. */
export const ITEM_USES = ["HEALTH", "ARMOR", "WEAPON", "AMMO", "POWERUP", "HOLDABLE"] as const;
export type ItemUse = (typeof ITEM_USES)[number];

export type ItemKind = {
  use: ItemUse;
  /** Points of health or armor, or rounds, that it gives; seconds of a power-up. */
  amount: number;
  /** Game seconds until it is there again. */
  returns_s: number;
  /** The weapon that it is, or feeds. */
  weapon: number | null;
};

const health = (amount: number): ItemKind => ({ use: "HEALTH", amount, returns_s: 35, weapon: null });
const armor = (amount: number): ItemKind => ({ use: "ARMOR", amount, returns_s: 25, weapon: null });
const weapon = (name: WeaponName, amount: number): ItemKind => ({
  use: "WEAPON",
  amount,
  returns_s: 5,
  weapon: WEAPONS[name],
});
const ammo = (name: WeaponName, amount: number): ItemKind => ({
  use: "AMMO",
  amount,
  returns_s: 40,
  weapon: WEAPONS[name],
});
const powerup: ItemKind = { use: "POWERUP", amount: 30, returns_s: 120, weapon: null };
const holdable: ItemKind = { use: "HOLDABLE", amount: 1, returns_s: 60, weapon: null };

/** The items of the game in its own order: an entity's model is the place here, counted from 1; holes are not on our maps. */
const ITEMS: readonly (readonly [className: string, kind: ItemKind])[] = [
  ["item_armor_shard", armor(5)],
  ["item_armor_combat", armor(50)],
  ["item_armor_body", armor(100)],
  ["item_health_small", health(5)],
  ["item_health", health(25)],
  ["item_health_large", health(50)],
  ["item_health_mega", health(100)],
  ["weapon_gauntlet", weapon("GAUNTLET", 0)],
  ["weapon_shotgun", weapon("SHOTGUN", 10)],
  ["weapon_machinegun", weapon("MACHINEGUN", 40)],
  ["weapon_grenadelauncher", weapon("GRENADE_LAUNCHER", 10)],
  ["weapon_rocketlauncher", weapon("ROCKET_LAUNCHER", 10)],
  ["weapon_lightning", weapon("LIGHTNING_GUN", 100)],
  ["weapon_railgun", weapon("RAILGUN", 10)],
  ["weapon_plasmagun", weapon("PLASMA_GUN", 50)],
  ["weapon_bfg", weapon("BFG", 20)],
  ["weapon_grapplinghook", { use: "WEAPON", amount: 0, returns_s: 5, weapon: null }],
  ["ammo_shells", ammo("SHOTGUN", 10)],
  ["ammo_bullets", ammo("MACHINEGUN", 50)],
  ["ammo_grenades", ammo("GRENADE_LAUNCHER", 5)],
  ["ammo_cells", ammo("PLASMA_GUN", 30)],
  ["ammo_lightning", ammo("LIGHTNING_GUN", 60)],
  ["ammo_rockets", ammo("ROCKET_LAUNCHER", 5)],
  ["ammo_slugs", ammo("RAILGUN", 10)],
  ["ammo_bfg", ammo("BFG", 15)],
  ["holdable_teleporter", holdable],
  ["holdable_medkit", holdable],
  ["item_quad", powerup],
  ["item_enviro", powerup],
  ["item_haste", powerup],
  ["item_invis", powerup],
  ["item_regen", powerup],
  ["item_flight", powerup],
];

const KINDS = new Map(ITEMS);

/** What the game says of a class of items; undefined for what is none. */
export const itemKind = (className: string): ItemKind | undefined => KINDS.get(className);

/** The class behind the model of an entity. */
export const itemOfModel = (model: number): string | undefined => ITEMS[model - 1]?.[0];

/** The model of the entities of a class; 0 of what is none. */
export const modelOfItem = (className: string): number => ITEMS.findIndex(([name]) => name === className) + 1;
