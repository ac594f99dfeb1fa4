import type { Platform } from "./platform.ts";
import { statement } from "./statement.ts";

const INBOX_KEPT_MS = 7 * 24 * 3_600_000;
const IDEMPOTENCY_KEPT_MS = 48 * 3_600_000;
const BEATS_KEPT_MS = 24 * 3_600_000;

/** Contests, money and XP are kept for good; the Pit's chatter, bots' inboxes and what tells of comments are not. */
const pruneStreams = statement(
  "prune.streams",
  `WITH gone AS (
     DELETE FROM stream_event WHERE at < $1 AND (stream = 'pit' OR stream LIKE 'bot:%' OR stream LIKE 'conversation:%') RETURNING stream, seq
   ), furthest AS (SELECT stream, max(seq) AS seq FROM gone GROUP BY stream ORDER BY stream)
   UPDATE stream_head h SET pruned_seq = f.seq FROM furthest f WHERE h.stream = f.stream RETURNING h.stream`,
  { stream: "text" },
);
const pruneIdempotency = statement("prune.idempotency", `DELETE FROM idempotency_record WHERE at < $1`, {});

/** Each start of an engine is a node of its own. The newest beat stays, however old: from it an outage is measured. */
const pruneBeats = statement(
  "prune.beats",
  `DELETE FROM engine_heartbeat WHERE beat_at < $1 AND beat_at < (SELECT max(beat_at) FROM engine_heartbeat)`,
  {},
);

/** Forgets what is kept by age only: streams of the Pit, of bots and of conversations after 7 days, idempotency keys after 48 hours, engines a day after their last beat. */
export async function prune({ db, clock }: Pick<Platform, "db" | "clock">): Promise<void> {
  const now = clock.now().getTime();
  await db.query(pruneStreams, [new Date(now - INBOX_KEPT_MS)]);
  await db.query(pruneIdempotency, [new Date(now - IDEMPOTENCY_KEPT_MS)]);
  await db.query(pruneBeats, [new Date(now - BEATS_KEPT_MS)]);
}
