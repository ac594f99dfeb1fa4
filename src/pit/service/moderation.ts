import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { audit } from "../../identity/service/accounts.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { mute, unmute } from "../store.ts";

type Muted = { botId: string };
type Unmute = { botId: string; reason: string } & Keyed;
type Mute = Unmute & { until?: Date | null };

/** Silences a bot's chat and callout messages; without `until`, for good. Audited. */
export function muteInPit(
  platform: Platform,
  viewer: SignedIn,
  input: Mute,
): Promise<Outcome<Muted, "NOT_FOUND" | Reuse>> {
  const { botId, until, reason } = input;
  const request = requestOf(platform, viewer, "muteInPit", input);
  return transactOnce<Muted, "NOT_FOUND" | "BAD_INPUT">(platform.db, request, async (tx) => {
    if (reason.trim() === "") return refuse("BAD_INPUT", { path: ["input", "reason"], message: "Say why." });
    if (until && until <= platform.clock.now())
      return refuse("BAD_INPUT", { path: ["input", "until"], message: "A mute ends in the future." });
    const muted = await tx.query(mute, [botId, until ?? null, reason.trim()]);
    if (muted.length === 0) return refuse("NOT_FOUND", { path: ["input", "botId"] });
    await audit(platform, tx, { ...acting(viewer), action: "pit.muted", subject: `bot:${botId}`, reason });
    return { ok: true, botId };
  });
}

/** Lifts a mute. Audited. */
export function unmuteInPit(
  platform: Platform,
  viewer: SignedIn,
  input: Unmute,
): Promise<Outcome<Muted, "NOT_FOUND" | Reuse>> {
  const { botId, reason } = input;
  const request = requestOf(platform, viewer, "unmuteInPit", input);
  return transactOnce<Muted, "NOT_FOUND">(platform.db, request, async (tx) => {
    const lifted = await tx.query(unmute, [botId]);
    if (lifted.length === 0) return refuse("NOT_FOUND", { path: ["input", "botId"] });
    await audit(platform, tx, { ...acting(viewer), action: "pit.unmuted", subject: `bot:${botId}`, reason });
    return { ok: true, botId };
  });
}

const acting = ({ userId, principal }: SignedIn) => ({ actorId: userId, principal });
