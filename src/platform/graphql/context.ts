import type { Platform } from "../platform.ts";
import type { Viewer } from "../viewer.ts";

/** What an operation cost its principal, and what is left of the minute. */
export type Charge = { requested: number; limit: number; available: number; resetAt: Date };

/**
 * What resolvers are given. Executions shared by many subscribers or cached for everybody carry an anonymous viewer,
 * so that nothing of a person can leak into them.
 */
export type Context = {
  platform: Platform;
  viewer: Viewer;
  requestId: string;
  /** The caller's network address; null in shared executions. */
  address: string | null;
  userAgent: string | null;
  /** Streams whose movement makes a kept answer stale, where only the resolver knows which; root fields say theirs by `cache`. */
  cacheTags: { add(tag: string): unknown };
  /** What this operation cost; absent in executions that are shared. */
  charge?: Charge;
  /** What collects the rows that siblings ask for; made on first use, keyed by kind and selection. */
  loaders: Map<string, unknown>;
  /** Lets sign-in fields hand a session to a browser as an HttpOnly cookie; absent outside HTTP. */
  setSessionCookie?: (token: string | null, expiresAt: Date) => void;
};
