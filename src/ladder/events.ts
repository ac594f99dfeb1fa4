import type { Tx } from "../platform/database.ts";
import type { ContestOrigin, LadderKind } from "./rules/ladders.ts";

/** Two that are to meet; `entryIds` are the queue entries that this uses up. */
export type Pairing = {
  ladder: LadderKind;
  origin: ContestOrigin;
  rated: boolean;
  sealed: boolean;
  botIds: readonly [string, string];
  entryIds: readonly string[];
};

/** The port by which the matchmaker makes contests: a higher domain writes them in the caller's transaction. */
export type CreateContests = (tx: Tx, pairings: readonly Pairing[]) => Promise<string[]>;
