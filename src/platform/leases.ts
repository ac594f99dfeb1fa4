import type { Database } from "./database.ts";
import { statement } from "./statement.ts";

/** The right to act alone until it expires. Each new holder gets a higher fence, which every write of its checks. */
export type Lease = { name: string; holder: string; fence: string };

const LEASE_MS = 3_000;

// Time is the database's own, so that nodes with different clocks agree on who holds what.
const hold = statement(
  "leases.hold",
  `INSERT INTO lease AS l (name, holder, fence, expires_at) VALUES ($1, $2, 1, now() + $3 * interval '1 millisecond')
   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
     fence = l.fence + CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END
   WHERE l.holder = excluded.holder OR l.expires_at < now()
   RETURNING fence::text AS fence`,
  { fence: "text" },
);
const release = statement(
  "leases.release",
  `UPDATE lease SET expires_at = '-infinity' WHERE name = $1 AND fence = $2::bigint`,
  {},
);

/** Takes or renews a lease for three seconds; null while another holds it. */
export async function holdLease(db: Database, name: string, holder: string): Promise<Lease | null> {
  const [row] = await db.query(hold, [name, holder, LEASE_MS]);
  return row ? { name, holder, fence: row.fence } : null;
}

/** Hands a lease back, so that another node need not wait for it to expire. A stale holder hands back nothing. */
export async function releaseLease(db: Database, { name, fence }: Lease): Promise<void> {
  await db.query(release, [name, fence]);
}

/**
 * SQL that is true while the fence is the newest. It locks the lease's row until the commit: a take-over waits for the
 * holder's running write, and a write after a take-over touches nothing.
 */
export const leaseHeld = (name: string, fence: string): string =>
  `EXISTS (SELECT FROM lease WHERE name = ${name} AND fence = ${fence}::bigint FOR SHARE)`;
