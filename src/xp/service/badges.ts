import { ed25519 } from "@noble/curves/ed25519.js";
import { audit } from "../../identity/service/accounts.ts";
import { requestOf, transactOnce, type Keyed, type Reuse } from "../../platform/idempotency.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { ACHIEVEMENTS } from "../rules/achievements.ts";
import {
  BADGES_MAX,
  BADGE_LENGTH_MAX,
  badgeText,
  badgeToken,
  readBadge,
  subjectOfWallet,
  type ReadBadge,
} from "../rules/badges.ts";
import { viewOf, type Visibility } from "../rules/privacy.ts";
import * as store from "../store/badges.ts";
import { unlockedOf, userTotals } from "../store/reads.ts";

/** A person's achievements as Open Badges signed by this server; the subject is a linked wallet, or an address here without one. */
export async function exportBadges({ db, signer, origin }: Platform, userId: string): Promise<string[]> {
  const [unlocked, wallets] = await Promise.all([
    db.query(unlockedOf, [[userId]]),
    db.query(store.walletsOf, [userId]),
  ]);
  const subject = wallets[0] ? subjectOfWallet(wallets[0].address) : `${origin}/users/${userId}`;
  return ACHIEVEMENTS.flatMap((achievement) => {
    const at = unlocked.find(({ key }) => key === achievement.key)?.at;
    if (!at) return [];
    const text = badgeText({ achievement, at }, subject, { origin, publicKey: signer.publicKey });
    return [badgeToken(text, signer.sign(text))];
  });
}

export const BADGE_REFUSALS = ["NOT_A_BADGE", "UNKNOWN_ISSUER", "BAD_SIGNATURE", "NOT_YOURS"] as const;
export type BadgeRefusal = (typeof BADGE_REFUSALS)[number];
export type RefusedBadge = { place: number; code: BadgeRefusal };
type Imported = { userId: string; imported: number; repeated: number; refused: RefusedBadge[] };

/** Takes Open Badges of servers that operators trust, of whom a linked wallet proves the subject; each once, the others are named. */
export function importBadges(
  platform: Platform,
  viewer: SignedIn,
  input: { badges: readonly string[] } & Keyed,
): Promise<Outcome<Imported, "TOO_MANY_BADGES" | Reuse>> {
  const { userId } = viewer;
  if (input.badges.length > BADGES_MAX)
    return Promise.resolve(refuse("TOO_MANY_BADGES", { path: ["input", "badges"] }));
  const request = requestOf(platform, viewer, "importAchievements", input);
  return transactOnce<Imported, "TOO_MANY_BADGES">(platform.db, request, async (tx) => {
    const [issuers, wallets] = await Promise.all([
      tx.query(store.trustedIssuers, []),
      tx.query(store.walletsOf, [userId]),
    ]);
    const trusted = new Set([platform.signer.publicKey, ...issuers.map((each) => each.public_key)]);
    const subjects = new Set(wallets.map(({ address }) => subjectOfWallet(address)));
    const judged = input.badges.map((token, index) => judge(token, index + 1, { trusted, subjects }));
    const taken = judged.filter((each) => "badge" in each).map(({ badge }) => rowOf(badge));
    const added = await tx.query(store.insertBadges, [userId, JSON.stringify(taken), platform.clock.now()]);
    const refused = judged.filter((each) => "code" in each);
    return { ok: true, userId, imported: added.length, repeated: taken.length - added.length, refused };
  });
}

type Known = { trusted: ReadonlySet<string>; subjects: ReadonlySet<string> };

function judge(token: string, place: number, { trusted, subjects }: Known): RefusedBadge | { badge: ReadBadge } {
  const badge = token.length <= BADGE_LENGTH_MAX ? readBadge(token) : null;
  if (!badge) return { place, code: "NOT_A_BADGE" };
  if (!trusted.has(badge.publicKey)) return { place, code: "UNKNOWN_ISSUER" };
  if (!isSigned(badge)) return { place, code: "BAD_SIGNATURE" };
  return subjects.has(badge.subject) ? { badge } : { place, code: "NOT_YOURS" };
}

function isSigned({ signature, signed, publicKey }: ReadBadge): boolean {
  try {
    return ed25519.verify(signature, Buffer.from(signed, "ascii"), Buffer.from(publicKey, "hex"));
  } catch {
    return false;
  }
}

const rowOf = ({ publicKey, issuer, key, name, description, at }: ReadBadge) => ({
  issuer_key: publicKey,
  issuer,
  key,
  name,
  description,
  at,
});

export type BadgeOf = { issuer: string; key: string; name: string; description: string; at: Date };

/** What many people brought from other servers, as far as they show their achievements to this reader. */
export async function badgesOf({ db }: Platform, reader: string, userIds: readonly string[]): Promise<BadgeOf[][]> {
  const [people, rows] = await Promise.all([
    db.query(userTotals, [userIds, reader]),
    db.query(store.badgesOf, [userIds]),
  ]);
  return userIds.map((id) => {
    const row = people.find((each) => each.id === id);
    const relation = id === reader ? "SELF" : row?.in_team ? "TEAM" : "STRANGER";
    const view = viewOf((row?.achievements ?? null) as Visibility | null, relation);
    return view === "ALL" || view === "PUBLIC" ? rows.filter(({ user_id }) => user_id === id) : [];
  });
}

type Issuer = { publicKey: string };

/** Lets badges of another server be imported, or no more; those that were stay. For operators; audited. */
export async function setBadgeIssuer(
  platform: Platform,
  viewer: SignedIn,
  input: { publicKey: string; trusted: boolean; reason: string } & Keyed,
): Promise<Outcome<Issuer, Reuse>> {
  const { publicKey, trusted, reason } = input;
  if (!/^[0-9a-f]{64}$/.test(publicKey))
    return refuse("BAD_INPUT", { path: ["input", "publicKey"], message: "An Ed25519 key is 64 hexadecimal digits." });
  const request = requestOf(platform, viewer, "setBadgeIssuer", input);
  return transactOnce<Issuer, never>(platform.db, request, async (tx) => {
    if (trusted) await tx.query(store.trustIssuer, [publicKey, viewer.userId, platform.clock.now()]);
    else await tx.query(store.distrustIssuer, [publicKey]);
    const action = trusted ? "xp.badge-issuer" : "xp.badge-issuer-no-more";
    const { userId: actorId, principal } = viewer;
    await audit(platform, tx, { actorId, principal, action, subject: `issuer:${publicKey}`, reason });
    return { ok: true, publicKey };
  });
}
