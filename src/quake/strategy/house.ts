import { readFile } from "node:fs/promises";
import { compileStrategy } from "./compile.ts";

/** The reference strategies: house bots play by them, and users start from them. */
export const HOUSE_STRATEGIES = ["random", "hunter", "competition", "adaptive"] as const;
export type HouseStrategy = (typeof HOUSE_STRATEGIES)[number];

/** The source of a reference strategy, as a user would upload it. */
export const houseSource = (name: HouseStrategy): Promise<string> =>
  readFile(new URL(`../house/${name}.ts`, import.meta.url), "utf8");

/** The types of what a strategy may import, as an editor reads them. */
export const strategyTypes = (): Promise<string> =>
  readFile(new URL("../../../docs/agon-quake.d.ts", import.meta.url), "utf8");

const compiled = new Map<HouseStrategy, Promise<string>>();

/** A reference strategy, ready to be played. */
export function houseCode(name: HouseStrategy): Promise<string> {
  const code = compiled.get(name) ?? compileHouse(name);
  compiled.set(name, code);
  return code;
}

async function compileHouse(name: HouseStrategy): Promise<string> {
  const made = await compileStrategy(await houseSource(name));
  if (!made.ok) throw new Error(`${name}: ${made.fault.message}`);
  return made.code;
}
