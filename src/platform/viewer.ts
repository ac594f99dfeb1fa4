import { refuse, type Refusal } from "./refusal.ts";

/** What a key may do. READ is implied by every scope. */
export const KEY_SCOPES = ["READ", "PLAY", "WORK", "BET", "WITHDRAW", "REPORT", "ADMIN"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** Who asks. A session has its user's full rights; a key has its scopes and, when bound, one bot. */
export type Viewer =
  | { kind: "anonymous"; principal: string }
  | { kind: "session"; principal: string; userId: string; sessionId: string; operator: boolean }
  | {
      kind: "key";
      principal: string;
      userId: string;
      apiKeyId: string;
      scopes: readonly KeyScope[];
      boundBotId: string | null;
      operator: boolean;
    };
export type SignedIn = Exclude<Viewer, { kind: "anonymous" }>;

/** Whom a key or a session's token belongs to, and until when the session is good where this use has moved its end. */
export type Authenticated = { viewer: SignedIn; renewedUntil: Date | null };

/** A viewer without credentials; limits count by address. */
export function anonymousViewer(address: string): Viewer {
  return { kind: "anonymous", principal: `address:${address}` };
}

/** The id of no user: what is looked up by owner for whoever is not signed in. */
export const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Whether the viewer is signed in at all. */
export function isSignedIn(viewer: Viewer): viewer is SignedIn {
  return viewer.kind !== "anonymous";
}

/** Whether the viewer may use what a scope covers: sessions may use everything of their user, ADMIN needs an operator. */
export function hasScope(viewer: Viewer, scope: KeyScope): viewer is SignedIn {
  if (viewer.kind === "anonymous") return false;
  if (scope === "ADMIN" && !viewer.operator) return false;
  return viewer.kind === "session" || scope === "READ" || viewer.scopes.includes(scope);
}

/** Whether the viewer's credentials reach this bot, given that its owner is the viewer. */
export function reachesBot(viewer: SignedIn, botId: string): boolean {
  return viewer.kind === "session" || viewer.boundBotId === null || viewer.boundBotId === botId;
}

/** A key that is bound to a bot acts for that bot, and does not speak for its owner. */
export const refuseBound = (viewer: SignedIn): Refusal<"MISSING_SCOPE"> | null =>
  viewer.kind === "key" && viewer.boundBotId !== null
    ? refuse("MISSING_SCOPE", { message: "A key that is bound to one bot does not speak for its owner." })
    : null;
