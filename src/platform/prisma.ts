import { PrismaPg } from "@prisma/adapter-pg";
import { createHash } from "node:crypto";
import pg from "pg";
import { PrismaClient } from "../generated/prisma/client.ts";
import { CONNECTION } from "./database.ts";
import { Often, OFTEN_MAX } from "./often.ts";

/**
 * Prisma for general reads. Statements are prepared, which the adapter does not by itself. Anybody may
 * compose statements by what is selected, so that only those that are asked for often are prepared.
 */
export function openPrisma(url: string): PrismaClient {
  const often = new Often();
  const pool = new pg.Pool({ ...CONNECTION, connectionString: url, max: 8 });
  forgetPrepared(pool, often);
  const nameOf = (sql: string) => `p${createHash("sha1").update(sql).digest("base64url")}`;
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    // Without a name nothing is prepared.
    statementNameGenerator: ({ sql }) => (often.has(nameOf(sql)) ? nameOf(sql) : ""),
  });
  return new PrismaClient({ adapter });
}

/** PostgreSQL forgets no prepared statement while its connection lives: one that may hold 400 is replaced. */
function forgetPrepared(pool: pg.Pool, often: Often): void {
  const letInBefore = new WeakMap<pg.PoolClient, number>();
  pool.on("connect", (client) => letInBefore.set(client, often.letIn));
  pool.on("release", (_error, client) => {
    if (often.letIn - (letInBefore.get(client) ?? 0) >= OFTEN_MAX) void client.end();
  });
}
