// The limit that reads are compared with: node:http with one hand-written statement, or with bytes that it holds.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { FIGHT_SQL, LADDER_SQL } from "./queries.ts";

const [databaseUrl = ""] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 16, options: "-c TimeZone=UTC" });
const held = new Map<string, Buffer>();

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(res: ServerResponse, body: string | Buffer): void {
  res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}

/** GET /ladder/20 and /fight/<uuid> ask the database; PUT /bytes/x keeps a body; POST /bytes/x reads its body and answers what is kept. */
async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const [, kind = "", value = ""] = (req.url ?? "").split("/");
  if (kind === "bytes") {
    const body = await bodyOf(req);
    if (req.method === "PUT") held.set(value, body);
    return send(res, held.get(value) ?? "");
  }
  const [name, text] = kind === "ladder" ? ["ladder", LADDER_SQL] : ["fight", FIGHT_SQL];
  const { rows } = await pool.query<{ body: string }>({ name, text, values: [value] });
  send(res, rows[0]?.body ?? "");
}

const server = createServer((req, res) => {
  answer(req, res).catch((error: unknown) => res.writeHead(500).end(String(error)));
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
