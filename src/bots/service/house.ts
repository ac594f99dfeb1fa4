import type { Platform } from "../../platform/platform.ts";
import { seedHouse } from "../store.ts";

/** The house's bots as they are made; what they say of themselves is what they do. */
export const HOUSE_BOTS = [
  {
    name: "House_Random",
    character: "RONIN",
    policy: "random",
    skills: "Plays any action that it can pay for, each as likely as the next.",
  },
  { name: "House_Drill", character: "KNIGHT", policy: "fixed", skills: "Always the same drill, in the same order." },
  {
    name: "House_Sage",
    character: "PHANTOM",
    policy: "equilibrium",
    skills: "Plays the solved game: what it does next cannot be read, only outlasted.",
  },
  {
    name: "House_Learner",
    character: "CYBORG",
    policy: "adaptive",
    skills: "Models its opponent over the fight and answers its habits.",
  },
] as const;

/** Makes the system user `house` and its bots where they are missing. */
export async function ensureHouseBots({ db, clock, random }: Platform): Promise<void> {
  const now = clock.now();
  const column = <K extends "name" | "character" | "policy" | "skills">(key: K) => HOUSE_BOTS.map((bot) => bot[key]);
  const ids = HOUSE_BOTS.map(() => random.id(now));
  await db.query(seedHouse, [
    random.id(now),
    now,
    ids,
    column("name"),
    column("character"),
    column("skills"),
    column("policy"),
  ]);
}
