import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import { amountOf, unitsOf, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { oddsTopic } from "../events.ts";
import { betMaxOf, refuseStake, type BetRefusal } from "../rules.ts";
import { inBetsOf, placeBetRow } from "../store.ts";

export type PlaceBet = { contestId: string; botId: string; amount: Amount } & Keyed;
/** A bet that was taken. */
export type Bet = { betId: string };
type Code = BetRefusal | "INSUFFICIENT_FUNDS" | "RATE_LIMITED";

const PATH_OF: Partial<Record<Code, string>> = {
  NO_POOL: "contestId",
  POOL_CLOSED: "contestId",
  CONFLICT_OF_INTEREST: "contestId",
  NOT_A_PARTICIPANT: "botId",
  BET_TOO_LARGE: "amount",
  INSUFFICIENT_FUNDS: "amount",
};

/** What each of some people has in bets that are not decided. */
export async function inBets({ db }: Platform, userIds: readonly string[]): Promise<Amount[]> {
  const rows = await db.query(inBetsOf, [userIds]);
  return rows.map(({ amount }) => amountOf(unitsOf(amount)));
}

/** Bets on a participant of a contest whose pool is open: the debit, the posting and the bet are one statement. */
export function placeBet(platform: Platform, viewer: SignedIn, input: PlaceBet): Promise<Outcome<Bet, Code | Reuse>> {
  const { db, clock, hub, random, settings } = platform;
  const { contestId, botId, amount } = input;
  const request = requestOf(platform, viewer, "placeBet", input);
  return transactOnce<Bet, Code>(db, request, async (tx) => {
    const wrong = refuseStake(amount);
    if (wrong) return refuse(wrong, { path: ["input", "amount"] });
    const at = clock.now();
    const betId = random.id(at);
    const about = [betId, random.id(at), contestId, botId, viewer.userId, amount.toString(), at];
    const [placed] = await tx.finish(placeBetRow, [...about, betMaxOf(true).toString(), settings.betsPerMinuteMax]);
    const outcome = placed?.outcome;
    if (outcome === "PLACED") {
      tx.afterCommit(() => hub.touch(oddsTopic(contestId)));
      return { ok: true, betId };
    }
    const code = outcome as Code;
    const path = PATH_OF[code];
    return refuse(code, {
      ...(path && { path: ["input", path] }),
      ...(placed?.retry_after_ms != null && { retryAfterMs: placed.retry_after_ms }),
    });
  });
}
