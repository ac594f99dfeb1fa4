import { audit } from "../../identity/service/accounts.ts";
import { voidContest } from "../../ladder/service/void.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { lockMatch, markVoid } from "../store.ts";
import { lockedOf, makeVoid, matchStream, tally } from "./steps.ts";

type VoidRefusal = "NOT_FOUND" | "ALREADY_VOID" | "BAD_INPUT";

/**
 * Voids a match for an operator: one that is not over stops without a result, and nobody waits again; a completed one is
 * taken back from ratings, records and statistics.
 */
export function voidMatch(
  platform: Platform,
  viewer: SignedIn,
  input: { matchId: string; reason: string } & Keyed,
): Promise<Outcome<{ matchId: string }, VoidRefusal | Reuse>> {
  const { matchId, reason } = input;
  const request = requestOf(platform, viewer, "voidMatch", input);
  return transactOnce<{ matchId: string }, VoidRefusal>(platform.db, request, async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const [row] = await tx.query(lockMatch, [matchId]);
    if (!row) return refuse("NOT_FOUND", { path: ["input", "matchId"] });
    const match = lockedOf(row);
    if (match.phase === "VOIDED") return refuse("ALREADY_VOID", { path: ["input", "matchId"] });
    if (match.phase === "COMPLETED") {
      const taken = await voidContest(tx, platform, { contestId: matchId, reason });
      if (!taken) return refuse("ALREADY_VOID", { path: ["input", "matchId"] });
      if (match.origin !== "PRACTICE_QUEUE") await tally(tx, matchId, -1);
      await tx.query(markVoid, [matchId]);
    } else {
      await makeVoid(tx, platform, match, "OPERATOR", []);
    }
    const { userId: actorId, principal } = viewer;
    await audit(platform, tx, { actorId, principal, action: "match.voided", subject: matchStream(matchId), reason });
    return { ok: true, matchId };
  });
}
