import type { Database } from "./database.ts";
import { statement } from "./statement.ts";

/** The right to act alone until it expires; every write of the holder checks the fence. */
export type Lease = { name: string; holder: string; fence: string };

const LEASE_MS = 3_000;

// Time is the database's own, so that nodes with different clocks agree on who holds what.
const acquireLease = statement(
  "leases.acquire",
  `INSERT INTO lease AS l (name, holder, fence, expires_at) VALUES ($1, $2, 1, now() + $3 * interval '1 millisecond')
   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
     fence = l.fence + CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END
   WHERE l.holder = excluded.holder OR l.expires_at < now()
   RETURNING fence::text AS fence`,
  { fence: "text" },
);
const releaseLease = statement(
  "leases.release",
  `UPDATE lease SET expires_at = now() WHERE name = $1 AND holder = $2`,
  {},
);

/** Takes or renews a lease for three seconds; null while another holds it. */
export async function holdLease(db: Database, name: string, holder: string): Promise<Lease | null> {
  const [row] = await db.query(acquireLease, [name, holder, LEASE_MS]);
  return row ? { name, holder, fence: row.fence } : null;
}

/** Hands a lease back, so that another node need not wait for it to expire. */
export async function handBackLease(db: Database, name: string, holder: string): Promise<void> {
  await db.query(releaseLease, [name, holder]);
}
