import type { ServerResponse } from "node:http";

/** Answers a request that GraphQL never sees, in GraphQL's own form. */
export function refuseRequest(res: ServerResponse, status: number, code: string, message: string, hint: string): void {
  if (res.headersSent) return;
  res.writeHead(status, { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code, hint } }] }));
}
