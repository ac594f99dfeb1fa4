import { audit } from "../../identity/service/accounts.ts";
import { voidContest } from "../../ladder/service/void.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { isWorking } from "../rules/battle.ts";
import { lock, step } from "./steps.ts";

type Voided = { battleId: string };
type VoidRefusal = "NOT_FOUND" | "BATTLE_NOT_COMPLETED" | "ALREADY_VOID" | "BAD_INPUT";

/**
 * Takes a completed battle back from ratings and records, for an operator, and ends one that goes on without a result. What
 * its gladiators made stays to be read.
 */
export function voidBattle(
  platform: Platform,
  viewer: SignedIn,
  input: { battleId: string; reason: string } & Keyed,
): Promise<Outcome<Voided, VoidRefusal | Reuse>> {
  const { battleId, reason } = input;
  const path = ["input", "battleId"];
  const request = requestOf(platform, viewer, "voidCodeBattle", input);
  return transactOnce<Voided, VoidRefusal>(platform.db, request, async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    const battle = await lock(tx, battleId);
    if (!battle) return refuse("NOT_FOUND", { path });
    if (isWorking(battle.state)) await step(tx, platform, battle, { type: "CANCEL" });
    else if (battle.state.phase !== "COMPLETED") return refuse("BATTLE_NOT_COMPLETED", { path });
    else if (!(await voidContest(tx, platform, { contestId: battleId, reason })))
      return refuse("ALREADY_VOID", { path });
    const { userId: actorId, principal } = viewer;
    await audit(platform, tx, { actorId, principal, action: "contest.voided", subject: `battle:${battleId}`, reason });
    tx.afterCommit(() => platform.hub.touch("codebattles"));
    return { ok: true, battleId };
  });
}
