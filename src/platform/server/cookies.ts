import type { IncomingMessage, ServerResponse } from "node:http";
import type { Platform } from "../platform.ts";
import { fromOwnPage, SESSION_COOKIE, type CookieChange } from "./context.ts";

type Origin = Pick<Platform, "origin">;

/** Hands a session to a browser, or takes it away with a null token. Only a page of this server keeps a cookie; programs use the token. */
export function setSessionCookie(
  platform: Origin,
  req: IncomingMessage,
  res: ServerResponse,
  { token, expiresAt }: CookieChange,
): void {
  if (!fromOwnPage(platform, req)) return;
  // A proxy may end TLS before us: what counts is how people see the page.
  const isSecure = platform.origin.startsWith("https:") || req.headers.origin?.startsWith("https:");
  res.setHeader(
    "set-cookie",
    `${SESSION_COOKIE}=${token ?? ""}; Path=/; HttpOnly; SameSite=Lax; Expires=${expiresAt.toUTCString()}${isSecure ? "; Secure" : ""}`,
  );
}

/** Keeps a browser's cookie as its session is. Only in answers to POST: others may be kept by caches, and be somebody else's. */
export function keepSessionCookie(
  platform: Origin,
  req: IncomingMessage,
  res: ServerResponse,
  change: CookieChange | null,
): void {
  if (change && req.method === "POST") setSessionCookie(platform, req, res, change);
}
