import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { callerAddress, countedAddress } from "../caller-address.ts";
import type { Context } from "../graphql/context.ts";
import type { Platform } from "../platform.ts";
import { anonymousViewer, type Authenticated, type SignedIn, type Viewer } from "../viewer.ts";

/** Tells whom a key or a session's token belongs to; null when it is not valid. A cookie holds a session's token and nothing else. */
export type Authenticate = (credentials: Credentials) => Promise<Authenticated | null>;

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

/** A key or a token, and whether a browser's cookie brought it. */
export type Credentials = { secret: string; byCookie: boolean };

/** The credentials of a request: X-API-Key, Bearer, or the cookie; null for an anonymous one. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const given = first(headers["x-api-key"]) ?? bearer;
  return given === undefined ? cookieOf(headers) : { secret: given, byCookie: false };
}

/** The credentials in a Cookie header, or null. */
export function cookieOf(headers: IncomingHttpHeaders): Credentials | null {
  const secret = cookieToken(headers);
  return secret === null ? null : { secret, byCookie: true };
}

/** What a browser's cookie is to be from now on; a null token takes it away. */
export type CookieChange = { token: string | null; expiresAt: Date };

/** Who asks, and what becomes of the cookie that said so, where that changes. */
export type Asker = { viewer: Viewer; cookie: CookieChange | null };

/**
 * Who asks; throws BadCredentials for a key or token that is not valid. A browser sends its cookie whether or not that
 * still holds, and the person cannot help it: with an old one they are anybody, who may read on and sign in again.
 */
export async function viewerOf(
  authenticate: Authenticate,
  credentials: Credentials | null,
  address: string,
): Promise<Asker> {
  if (credentials === null) return { viewer: anonymousViewer(address), cookie: null };
  const { secret, byCookie } = credentials;
  const known = await authenticate(credentials);
  if (!known && !byCookie) throw new BadCredentials("These credentials are not valid.");
  if (!known) return { viewer: anonymousViewer(address), cookie: { token: null, expiresAt: new Date(0) } };
  const { viewer, renewedUntil } = known;
  return { viewer, cookie: byCookie && renewedUntil ? { token: secret, expiresAt: renewedUntil } : null };
}

/** The network address that a request came from, as limits count it: behind the proxies that are trusted, of IPv6 the network. */
export const addressOf = (
  { trustedProxies }: Pick<Platform, "trustedProxies">,
  { socket, headers }: Pick<IncomingMessage, "socket" | "headers">,
): string =>
  countedAddress(
    callerAddress(socket.remoteAddress ?? "unknown", String(headers["x-forwarded-for"] ?? ""), trustedProxies),
  );

/** Whether a page of this server asks: one under its public origin, or under the name that it was asked by. */
export const fromOwnPage = (
  { origin: own }: Pick<Platform, "origin">,
  { headers: { origin, host } }: Pick<IncomingMessage, "headers">,
): boolean => origin !== undefined && (origin === own || URL.parse(origin)?.host === host);

/** Whether a request comes from this server's own pages, those that it trusts, or no page at all. */
export function sameOrigin(
  { corsOrigins, platform }: { corsOrigins: readonly string[]; platform: Platform },
  request: IncomingMessage,
): boolean {
  const { origin } = request.headers;
  return origin === undefined || fromOwnPage(platform, request) || corsOrigins.includes(origin);
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
