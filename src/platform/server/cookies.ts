import type { IncomingMessage, ServerResponse } from "node:http";
import type { Platform } from "../platform.ts";
import { SESSION_COOKIE } from "./context.ts";

/** Hands a session to a browser, or takes it away with a null token. Only a page of this server keeps a cookie; programs use the token. */
export function setSessionCookie(
  platform: Pick<Platform, "origin">,
  req: IncomingMessage,
  res: ServerResponse,
  token: string | null,
  expiresAt: Date,
): void {
  if (req.headers.origin === undefined || URL.parse(req.headers.origin)?.host !== req.headers.host) return;
  const secure = platform.origin.startsWith("https:") ? "; Secure" : "";
  res.setHeader(
    "set-cookie",
    `${SESSION_COOKIE}=${token ?? ""}; Path=/; HttpOnly; SameSite=Lax; Expires=${expiresAt.toUTCString()}${secure}`,
  );
}
