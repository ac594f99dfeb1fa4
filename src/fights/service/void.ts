import { audit } from "../../identity/service/accounts.ts";
import { voidContest } from "../../ladder/service/void.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { lock, step, write } from "./steps.ts";
import { isOver } from "../rules/fight-state.ts";

type VoidRefusal = "NOT_FOUND" | "ALREADY_VOID" | "BAD_INPUT";

/** Voids a fight for an operator: a live one stops without a result, a completed one is taken back from ratings and records. */
export function voidFight(
  platform: Platform,
  viewer: SignedIn,
  input: { fightId: string; reason: string } & Keyed,
): Promise<Outcome<{ fightId: string }, VoidRefusal | Reuse>> {
  const { fightId, reason } = input;
  const request = requestOf(platform, viewer, "voidContest", input);
  return transactOnce<{ fightId: string }, VoidRefusal>(platform.db, request, async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const fight = await lock(tx, fightId);
    if (!fight) return refuse("NOT_FOUND", { path: ["input", "contestId"] });
    const { userId: actorId, principal } = viewer;
    const told = { actorId, principal, action: "contest.voided", subject: `fight:${fightId}`, reason };
    if (isOver(fight.state)) {
      const taken = await voidContest(tx, platform, { contestId: fightId, reason });
      if (!taken) return refuse("ALREADY_VOID", { path: ["input", "contestId"] });
      await audit(platform, tx, told);
      return { ok: true, fightId };
    }
    await audit(platform, tx, told);
    const decided = step(fight, { type: "VOID" }, platform.clock.now().getTime());
    if (decided.ok) await write(tx, platform, fight, decided.step);
    return { ok: true, fightId };
  });
}
