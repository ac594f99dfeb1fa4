import { PrismaPg } from "@prisma/adapter-pg";
import { createHash } from "node:crypto";
import { PrismaClient } from "../generated/prisma/client.ts";

/** Prisma for general reads. Sessions are UTC and statements are prepared: the adapter does neither by itself. */
export function openPrisma(url: string): PrismaClient {
  const adapter = new PrismaPg(
    { connectionString: url, options: "-c TimeZone=UTC", max: 8 },
    { statementNameGenerator: ({ sql }) => `p${createHash("sha1").update(sql).digest("base64url")}` },
  );
  return new PrismaClient({ adapter });
}
