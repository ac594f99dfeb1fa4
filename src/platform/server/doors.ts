import type { IncomingMessage, ServerResponse } from "node:http";
import type { Platform } from "../platform.ts";
import type { Viewer } from "../viewer.ts";
import { readBody } from "./body.ts";
import { addressOf, cookieOf, viewerOf, type Authenticate } from "./context.ts";

/** What came in: the address as it was asked for, the headers, the body's very text, and whose browser it is. */
export type Call = {
  query: URLSearchParams;
  header: (name: string) => string;
  body: string;
  viewer: Viewer;
};
/** Where to go on to, or a status alone. */
export type DoorAnswer = { to: string } | { status: number };

/** An address that another server calls, or sends people back to. */
export type Door = {
  path: string;
  method: "GET" | "POST";
  bodyBytesMax: number;
  answer: (call: Call) => Promise<DoorAnswer>;
};

type Parts = { platform: Platform; authenticate: Authenticate };

/** Answers at a door. Nothing that was sent is repeated, nothing is kept by a cache, and no address tells where one came from. */
export async function enter(
  { platform, authenticate }: Parts,
  door: Door,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.method !== door.method) return void res.writeHead(405, { allow: door.method }).end();
  const body = door.method === "POST" ? await readBody(req, res, door.bodyBytesMax) : "";
  if (body === null) return;
  const { viewer } = await viewerOf(authenticate, cookieOf(req.headers), addressOf(platform, req));
  const query = new URL(req.url ?? "/", platform.origin).searchParams;
  const answer = await door.answer({ query, header: (name) => String(req.headers[name] ?? ""), body, viewer });
  const headers = { "cache-control": "no-store", "referrer-policy": "no-referrer" };
  if ("to" in answer) res.writeHead(303, { ...headers, location: `${platform.origin}${answer.to}` }).end();
  else res.writeHead(answer.status, headers).end();
}
