import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Context } from "../graphql/context.ts";
import type { Platform } from "../platform.ts";
import { anonymousViewer, type SignedIn, type Viewer } from "../viewer.ts";

/** Tells whom a key or a session's token belongs to; null when it is not valid. */
export type Authenticate = (secret: string) => Promise<Viewer | null>;

/** Those of the viewers whose credentials still hold. */
export type Revalidate = (viewers: readonly SignedIn[]) => Promise<readonly SignedIn[]>;

/** The credentials of a request were given and are not valid. */
export class BadCredentials extends Error {
  override readonly name = "BadCredentials";
}

export const SESSION_COOKIE = "agon_session";

/** Where a request came from. */
export type Caller = { headers: IncomingHttpHeaders; address: string };

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** The session's token in a Cookie header, or null. */
export function cookieToken(headers: IncomingHttpHeaders): string | null {
  const match = new RegExp(`(?:^|;\\s*)${SESSION_COOKIE}=([\\w-]{20,100})`).exec(headers.cookie ?? "");
  return match?.[1] ?? null;
}

/** The key or token of a request: X-API-Key, Bearer, or the cookie; null for an anonymous one. */
export function secretOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  return first(headers["x-api-key"]) ?? bearer ?? cookieToken(headers);
}

/** Who asks; throws BadCredentials for a key or token that is not valid. */
export async function viewerOf(authenticate: Authenticate, secret: string | null, address: string): Promise<Viewer> {
  if (secret === null) return anonymousViewer(address);
  const viewer = await authenticate(secret);
  if (!viewer) throw new BadCredentials("These credentials are not valid.");
  return viewer;
}

/** The network address that a request came from. */
export const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? "unknown";

/** Whether a request comes from this server's own pages, those that it trusts, or no page at all. */
export function sameOrigin(
  { corsOrigins, platform }: { corsOrigins: readonly string[]; platform: Platform },
  { headers: { origin, host } }: IncomingMessage,
): boolean {
  if (origin === undefined) return true;
  return URL.parse(origin)?.host === host || origin === platform.origin || corsOrigins.includes(origin);
}

/** What resolvers are given for one operation. */
export function contextFor(platform: Platform, viewer: Viewer, { headers, address }: Caller): Context {
  const requestId = platform.random.bytes(8).toString("hex");
  return {
    platform,
    viewer,
    requestId,
    address,
    userAgent: first(headers["user-agent"]) ?? null,
    cacheTags: new Set(),
    loaders: new Map(),
  };
}
