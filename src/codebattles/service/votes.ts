import { createHmac } from "node:crypto";
import type { Tx } from "../../platform/database.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { ballotEntries, insertVote, sealedEntries, votedIn, votesOf } from "../store/votes.ts";
import { mayBeSeen } from "./seeing.ts";
import { lock } from "./steps.ts";

/** What one can vote for: which entry a letter is, is this voter's own order. */
export type BallotChoice = { letter: string; entryId: string; ownerId: string };

/**
 * The entries of many battles on which people vote now, in the battles' order, each battle's as one voter sees them: nobody
 * else has the same order, and it says nothing of who made what. Who is not signed in has one, too.
 */
export async function ballotsOf(
  { db, clock }: { db: Pick<Tx, "query">; clock: Platform["clock"] },
  battleIds: readonly string[],
  userId: string | null,
): Promise<BallotChoice[][]> {
  const rows = await db.query(ballotEntries, [battleIds, clock.now()]);
  const entries = Map.groupBy(rows, ({ battle_id }) => battle_id);
  return battleIds.map((battleId) =>
    (entries.get(battleId) ?? [])
      .map(({ id, owner_id, seed }) => ({ id, owner_id, place: placeOf(seed, userId ?? "", id) }))
      .toSorted((a, b) => a.place.localeCompare(b.place))
      .map(({ id, owner_id }, index) => ({ letter: String.fromCharCode(65 + index), entryId: id, ownerId: owner_id })),
  );
}

const placeOf = (seed: Buffer, userId: string, entryId: string) =>
  createHmac("sha256", seed).update(`ballot ${userId} ${entryId}`).digest("hex");

/** What a viewer is not told of an entry by its bot's name: nothing, how many voted for it, or all that its change says. */
export type Seal = "NONE" | "VOTES" | "ALL";

/** How much of many entries is sealed for a viewer, in their order: until the viewer has voted, or the votes have been taken. */
export async function sealsOf(
  { db }: Pick<Platform, "db">,
  entryIds: readonly string[],
  userId: string | null,
): Promise<Seal[]> {
  const sealed = new Map((await db.query(sealedEntries, [entryIds, userId])).map(({ id, owned }) => [id, owned]));
  return entryIds.map((id) => (sealed.has(id) ? (sealed.get(id) ? "VOTES" : "ALL") : "NONE"));
}

/** Votes for many entries, in their order, in one statement. */
export async function votesFor({ db }: Pick<Platform, "db">, entryIds: readonly string[]): Promise<number[]> {
  const rows = new Map((await db.query(votesOf, [entryIds])).map(({ entry_id, votes }) => [entry_id, votes]));
  return entryIds.map((id) => rows.get(id) ?? 0);
}

/** Whether a person has voted in each of many battles, or has said not to, in their order. */
export async function votedFor(
  { db }: Pick<Platform, "db">,
  battleIds: readonly string[],
  userId: string,
): Promise<boolean[]> {
  const rows = new Set((await db.query(votedIn, [battleIds, userId])).map(({ battle_id }) => battle_id));
  return battleIds.map((id) => rows.has(id));
}

/** Without a letter: for nobody. */
export type Vote = { battleId: string; letter: string | null } & Keyed;
type VoteRefusal = "NOT_FOUND" | "NO_BALLOT" | "OWN_GLADIATOR" | "ALREADY_VOTED" | "BAD_INPUT";

/** Votes for an entry by the letter that it has for this voter, or for none and to see whose is whose; once a person and battle. */
export function castVote(
  platform: Platform,
  viewer: SignedIn,
  input: Vote,
): Promise<Outcome<{ battleId: string }, VoteRefusal | Reuse>> {
  const { battleId, letter } = input;
  const { userId } = viewer;
  const { clock } = platform;
  const request = requestOf(platform, viewer, "voteCodeBattle", input);
  const path = ["input", "battleId"];
  return transactOnce<{ battleId: string }, VoteRefusal>(platform.db, request, async (tx) => {
    // Locked, so that no vote comes in behind the result.
    const battle = await lock(tx, battleId);
    if (!battle || !(await mayBeSeen(tx, viewer, battleId))) return refuse("NOT_FOUND", { path });
    const [choices = []] = await ballotsOf({ db: tx, clock }, [battleId], userId);
    if (choices.length === 0) return refuse("NO_BALLOT", { path });
    if (choices.some(({ ownerId }) => ownerId === userId)) return refuse("OWN_GLADIATOR", { path });
    const chosen = choices.find((choice) => choice.letter === letter);
    if (!chosen && letter !== null)
      return refuse("BAD_INPUT", { path: ["input", "letter"], message: "Your ballot has no such letter." });
    // One vote a person: the primary key of code_vote.
    const cast = await tx.query(insertVote, [battleId, userId, chosen?.entryId ?? null, clock.now()]);
    return cast.length > 0 ? { ok: true, battleId } : refuse("ALREADY_VOTED", { path });
  });
}
