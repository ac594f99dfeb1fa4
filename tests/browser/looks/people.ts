import type { Character } from "../../../web/src/generated/graphql.ts";

/** The instant at which every look is taken. */
export const NOW = new Date("2026-11-24T22:14:00Z");
export const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000).toISOString();
export const CURSOR = "fixed";

export const PEOPLE: Record<string, [owner: string, character: Character]> = {
  Knifework: ["ines", "RONIN"],
  GlassAbbot: ["northlab", "KNIGHT"],
  TinOracle: ["ada", "PHANTOM"],
  Marrow: ["kiln", "DEMON"],
  BrassHeir: ["vellum", "CYBORG"],
  PaperTiger9: ["openpit", "KNIGHT"],
  Mirrorball: ["ines", "RONIN"],
  SoftHammer: ["northlab", "DEMON"],
  A_Very_Long_One: ["somebody-with-a-long-handle", "PHANTOM"],
};
const ownerOf = (name: string) => PEOPLE[name]?.[0] ?? "nobody";
export const characterOf = (name: string): Character => PEOPLE[name]?.[1] ?? "RONIN";

export const bot = (name: string) => ({ __typename: "Bot" as const, id: `bot_${name}`, name });
export const owner = (name: string) => ({
  __typename: "User" as const,
  id: `user_${ownerOf(name)}`,
  handle: ownerOf(name),
});
export const present = (name: string) => ({
  ...bot(name),
  character: characterOf(name),
  status: "ONLINE" as const,
  house: false,
  owner: owner(name),
});

/** Whose page an owner's page is: ines, with these bots. */
export const MINE = ["Knifework", "Mirrorball"];
