import type { LadderKind } from "../../ladder/rules/ladders.ts";

/** The ladders on which bots fight. */
export const FIGHT_LADDERS: readonly LadderKind[] = ["PIT", "PIT_SLOW"];
