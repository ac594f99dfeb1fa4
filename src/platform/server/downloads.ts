import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { refuseRequest } from "./refuse-request.ts";

/** A document packed by gzip, or why there is none. It is JSON where nothing else is said. */
export type Opened =
  | { ok: true; document: Uint8Array; contentType?: string; etag?: string }
  | { ok: false; status: number; code: string; message: string; hint: string };

/** Documents that never change once they are there, each by the id that the path's only group holds. */
export type Download = { path: RegExp; open: (id: string) => Promise<Opened> };

const unpacked = promisify(gunzip);
const FOR_EVER = "public, max-age=31536000, immutable";

const takesGzip = (req: IncomingMessage) =>
  /(?:^|,)\s*(?:gzip|\*)\s*(?:$|,|;(?!\s*q=0(?:\.0*)?\s*(?:$|,)))/i.test(String(req.headers["accept-encoding"] ?? ""));

/** Whether somebody has this very document already. */
const knows = (req: IncomingMessage, etag: string) =>
  String(req.headers["if-none-match"] ?? "")
    .split(",")
    .some((each) => each.trim().replace(/^W\//, "") === etag);

/** Answers a GET with the document as it is stored, or unpacked for whom does not take it so. */
export async function serveDownload(
  req: IncomingMessage,
  res: ServerResponse,
  open: () => Promise<Opened>,
): Promise<void> {
  res.setHeader("access-control-allow-origin", "*");
  if (req.method !== "GET" && req.method !== "HEAD") {
    res.setHeader("allow", "GET, HEAD");
    return refuseRequest(res, 405, "METHOD_NOT_ALLOWED", "This is only read.", "Send GET.");
  }
  const opened = await open();
  if (!opened.ok) {
    // What is not there yet may be there later.
    res.setHeader("cache-control", "no-store");
    return refuseRequest(res, opened.status, opened.code, opened.message, opened.hint);
  }
  const { contentType = "application/json; charset=utf-8", etag } = opened;
  const kept = { "cache-control": FOR_EVER, vary: "accept-encoding", ...(etag === undefined ? {} : { etag }) };
  if (etag !== undefined && knows(req, etag)) return void res.writeHead(304, kept).end();
  const isPacked = takesGzip(req);
  const body = isPacked ? opened.document : await unpacked(opened.document);
  res.writeHead(200, {
    ...kept,
    "content-type": contentType,
    "content-length": body.length,
    ...(isPacked ? { "content-encoding": "gzip" } : {}),
    "x-content-type-options": "nosniff",
  });
  res.end(req.method === "HEAD" ? undefined : body);
}
