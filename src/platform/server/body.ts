import type { IncomingMessage, ServerResponse } from "node:http";
import { refuseRequest } from "./refuse-request.ts";

/** The text of a request's body, or null when it was refused because it is too large. */
export function readBody(req: IncomingMessage, res: ServerResponse, bytesMax: number): Promise<string | null> {
  const tooLarge = (): null => {
    refuseRequest(res, 413, "BODY_TOO_LARGE", `A body has at most ${bytesMax} bytes.`, "Send less at once.");
    req.destroy();
    return null;
  };
  if (Number(req.headers["content-length"] ?? 0) > bytesMax) return Promise.resolve(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) return resolve(tooLarge());
      chunks.push(chunk);
    });
    req.once("end", () => resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString("utf8") ?? ""));
    req.once("error", reject);
    // An error is dear to make, and every request closes.
    req.once("close", () => req.complete || reject(new Error("the client went away before its request was whole")));
  });
}
