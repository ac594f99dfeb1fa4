import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import { north, type Amount } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { faucetGrant, untilNextDayMs, type FaucetRefusal } from "../rules.ts";
import { journalWithKey } from "../store/ledger.ts";
import { post } from "./post.ts";

/** What the faucet grants a day, and from when on a user may claim; null for at once. */
export type Faucet = { grant: Amount; claimableAt: Date | null };

/** How the faucet stands for a user; null where the arena does not run on play money. */
export async function faucetFor({ db, clock, settings, playMoney }: Platform, userId: string): Promise<Faucet | null> {
  if (!playMoney) return null;
  const at = clock.now();
  const grant = north(settings.faucetNorthPerDay);
  const [claimed] = await db.query(journalWithKey, [faucetGrant(userId, grant, at).key]);
  return { grant, claimableAt: claimed ? new Date(at.getTime() + untilNextDayMs(at)) : null };
}

/** What a claim gives: the journal of the grant, and how much it was, in base units as text. */
export type Claimed = { journalId: string; amount: string };

/** Grants the viewer play money, once a UTC day: the journal's key says so. */
export async function claimFaucet(
  platform: Platform,
  viewer: SignedIn,
  input: Keyed,
): Promise<Outcome<Claimed, FaucetRefusal | Reuse>> {
  const { db, clock, settings, playMoney } = platform;
  if (!playMoney) return refuse("NOT_PLAY_MONEY");
  const at = clock.now();
  const { userId } = viewer;
  const grant = north(settings.faucetNorthPerDay);
  const request = requestOf(platform, viewer, "claimFaucet", input);
  return transactOnce<Claimed, FaucetRefusal>(db, request, async (tx) => {
    const posted = await post(tx, platform, faucetGrant(userId, grant, at));
    // The key may be that of an earlier grant of another amount: the setting may change during a day.
    if (!posted.ok || posted.repeated) return refuse("ALREADY_CLAIMED", { retryAfterMs: untilNextDayMs(at) });
    return { ok: true, journalId: posted.journalId, amount: grant.toString() };
  });
}
