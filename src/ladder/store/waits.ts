import { statement } from "../../platform/statement.ts";

/** How many wait on each of these ladders, in both queues. */
export const waitingOn = statement(
  "ladder.waiting-on",
  `SELECT ladder, count(*)::int4 AS bots FROM queue_entry WHERE status = 'WAITING' AND ladder = ANY($1::text[]) GROUP BY ladder`,
  { ladder: "text", bots: "int4" },
);
/** The $2 longest waits of each of these ladders, oldest first. */
export const longestWaits = statement(
  "ladder.longest-waits",
  `SELECT l.ladder, w.id FROM unnest($1::text[]) AS l(ladder) CROSS JOIN LATERAL (
     SELECT q.id, q.joined_at FROM (VALUES ('RATED'), ('PRACTICE')) AS m(mode) CROSS JOIN LATERAL (
       SELECT id, joined_at FROM queue_entry
       WHERE status = 'WAITING' AND ladder = l.ladder AND mode = m.mode ORDER BY joined_at, id LIMIT $2
     ) q ORDER BY q.joined_at, q.id LIMIT $2
   ) w ORDER BY l.ladder, w.joined_at, w.id`,
  { ladder: "text", id: "uuid" },
);
/** The places of waiting entries in their queues, 1 is next; no row for what does not wait. Nobody behind them is read. */
export const placesInQueue = statement(
  "ladder.places-in-queue",
  `WITH asked AS (SELECT id, ladder, mode, joined_at FROM queue_entry WHERE id = ANY($1::uuid[]) AND status = 'WAITING'),
     queues AS (SELECT ladder, mode, max(joined_at) AS until FROM asked GROUP BY ladder, mode)
   SELECT id, place FROM (
     SELECT q.id, row_number() OVER (PARTITION BY q.ladder, q.mode ORDER BY q.joined_at, q.id)::int4 AS place
     FROM queues JOIN queue_entry q ON q.ladder = queues.ladder AND q.mode = queues.mode AND q.status = 'WAITING' AND q.joined_at <= queues.until
   ) placed WHERE id IN (SELECT id FROM asked)`,
  { id: "uuid", place: "int4" },
);
const LATEST_CONTESTS = 200;
/** The newest $3 waits that ended in a contest, of each queue: looked for among the ladder's newest contests. */
export const observedWaits = statement(
  "ladder.observed-waits",
  `SELECT g.place::int4 AS place, w.waited_ms FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g(ladder, mode, place)
   CROSS JOIN LATERAL (
     SELECT (1000 * extract(epoch FROM c.created_at - q.joined_at))::float8 AS waited_ms
     FROM (SELECT id, origin, created_at FROM contest WHERE ladder = g.ladder ORDER BY id DESC LIMIT ${LATEST_CONTESTS}) c
     JOIN queue_entry q ON q.contest_id = c.id
     WHERE c.origin = g.mode || '_QUEUE' ORDER BY c.id DESC LIMIT $3
   ) w`,
  { place: "int4", waited_ms: "float8" },
);
