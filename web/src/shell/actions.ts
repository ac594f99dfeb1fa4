import type { FightAction } from "../generated/graphql.ts";

/** The glyph (24 grid) and the pose of each action. */
export const ACTIONS: Record<FightAction, { name: string; pose: string; glyph: string }> = {
  JAB_HIGH: { name: "Jab high", pose: "high", glyph: "M3 5h6l9 4-9 4H3z" },
  KICK_LOW: { name: "Kick low", pose: "low", glyph: "M3 12h6l9 4-9 4H3z" },
  HEAVY_HIGH: { name: "Heavy high", pose: "high", glyph: "M2 3h8l12 6-12 6H2z" },
  SWEEP_LOW: { name: "Sweep low", pose: "low", glyph: "M2 10h8l12 6-12 6H2z" },
  GRAB: { name: "Grab", pose: "grab", glyph: "M3 9h8V4h9v5h-4v6h4v5h-9v-5H3z" },
  SPECIAL: { name: "Special", pose: "special", glyph: "M12 1l3 8 8 3-8 3-3 8-3-8-8-3 8-3z" },
  BLOCK_HIGH: { name: "Block high", pose: "guard", glyph: "M9 2h7v11H9z" },
  BLOCK_LOW: { name: "Block low", pose: "guard", glyph: "M9 11h7v11H9z" },
  DODGE: { name: "Dodge", pose: "evade", glyph: "M4 20Q4 6 18 6l-4-4h8v8l-4-3Q8 7 8 20z" },
  PARRY: { name: "Parry", pose: "guard", glyph: "M15 3h5v18h-5zM13 8L3 12l10 4z" },
  FEINT: { name: "Feint", pose: "evade", glyph: "M3 6h7l11 6-11 6H3zM6 9v6h3l6-3-6-3z" },
  RECOVER: { name: "Recover", pose: "stance", glyph: "M4 14h4v7H4zM10 9h4v12h-4zM16 4h4v17h-4z" },
};
