import { createHmac } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { ballotEntries, insertVote } from "../store.ts";
import { mayBeSeen } from "./seeing.ts";
import { lock, type LockedBattle } from "./steps.ts";

/** What one can vote for: which entry a letter is, is this voter's own order. */
export type BallotChoice = { letter: string; entryId: string; ownerId: string };

/**
 * The entries of many battles, in their order, each battle's as one voter sees them: nobody else has the same order, and it
 * says nothing of who made what.
 */
export async function ballotsOf(
  db: Pick<Tx, "query">,
  battleIds: readonly string[],
  userId: string,
): Promise<BallotChoice[][]> {
  const entries = Map.groupBy(await db.query(ballotEntries, [battleIds]), ({ battle_id }) => battle_id);
  return battleIds.map((battleId) =>
    (entries.get(battleId) ?? [])
      .map(({ id, owner_id, seed }) => ({ id, owner_id, place: placeOf(seed, userId, id) }))
      .toSorted((a, b) => a.place.localeCompare(b.place))
      .map(({ id, owner_id }, index) => ({ letter: String.fromCharCode(65 + index), entryId: id, ownerId: owner_id })),
  );
}

const placeOf = (seed: Buffer, userId: string, entryId: string) =>
  createHmac("sha256", seed).update(`ballot ${userId} ${entryId}`).digest("hex");

const hasBallot = ({ votes, state }: LockedBattle) =>
  votes && (state.phase === "JUDGING" || state.phase === "COMPLETED");

export type Vote = { battleId: string; letter: string } & Keyed;
type VoteRefusal = "NOT_FOUND" | "NO_BALLOT" | "OWN_GLADIATOR" | "ALREADY_VOTED" | "BAD_INPUT";

/** Votes for an entry by the letter that it has for this voter; once a person and battle. */
export function castVote(
  platform: Platform,
  viewer: SignedIn,
  input: Vote,
): Promise<Outcome<{ battleId: string }, VoteRefusal | Reuse>> {
  const { battleId, letter } = input;
  const { userId } = viewer;
  const request = requestOf(platform, viewer, "voteCodeBattle", input);
  const path = ["input", "battleId"];
  return transactOnce<{ battleId: string }, VoteRefusal>(platform.db, request, async (tx) => {
    const battle = await lock(tx, battleId);
    if (!battle || !(await mayBeSeen(tx, viewer, battleId))) return refuse("NOT_FOUND", { path });
    if (!hasBallot(battle)) return refuse("NO_BALLOT", { path });
    const [choices = []] = await ballotsOf(tx, [battleId], userId);
    if (choices.some(({ ownerId }) => ownerId === userId)) return refuse("OWN_GLADIATOR", { path });
    const chosen = choices.find((choice) => choice.letter === letter);
    if (!chosen) return refuse("BAD_INPUT", { path: ["input", "letter"], message: "Your ballot has no such letter." });
    // One vote a person: the primary key of code_vote.
    const cast = await tx.query(insertVote, [battleId, userId, chosen.entryId, platform.clock.now()]);
    return cast.length > 0 ? { ok: true, battleId } : refuse("ALREADY_VOTED", { path });
  });
}
