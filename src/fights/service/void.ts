import { audit } from "../../identity/service/accounts.ts";
import { voidContest } from "../../ladder/service/void.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { lock, step, write } from "./steps.ts";
import { isOver } from "../rules/fight.ts";

/** Voids a fight for an operator: a live one stops without a result, a completed one is taken back from ratings and records. */
export function voidFight(
  platform: Platform,
  viewer: SignedIn,
  { fightId, reason }: { fightId: string; reason: string },
): Promise<Outcome<{ fightId: string }, "NOT_FOUND" | "ALREADY_VOID" | "BAD_INPUT">> {
  return platform.db.transact(async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const fight = await lock(tx, fightId);
    if (!fight) return refuse("NOT_FOUND", { path: ["input", "fightId"] });
    const { userId: actorId, principal } = viewer;
    const told = { actorId, principal, action: "contest.voided", subject: `fight:${fightId}`, reason };
    if (isOver(fight.state)) {
      const taken = await voidContest(tx, platform, { contestId: fightId, reason });
      if (!taken) return refuse("ALREADY_VOID", { path: ["input", "fightId"] });
      await audit(platform, tx, told);
      return { ok: true as const, fightId };
    }
    await audit(platform, tx, told);
    const decided = step(fight, { type: "VOID" }, platform.clock.now().getTime());
    if (decided.ok) await write(tx, platform, fight, decided.step);
    return { ok: true as const, fightId };
  });
}
