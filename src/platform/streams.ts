import { canonicalJson, type JsonObject } from "./canonical-json.ts";
import type { Database, Tx } from "./database.ts";
import { statement } from "./statement.ts";

/** What happened, in plain JSON; `type` names the event. */
export type EventBody = { type: string } & JsonObject;

/** Events for one stream. Contests are chained: each event's hash covers the one before it. */
export type Append = { stream: string; chained?: boolean; events: readonly EventBody[] };

/** An event as it is in the log. `text` is the canonical JSON that was stored and, in a chained stream, hashed. */
export type StoredEvent = {
  stream: string;
  seq: number;
  type: string;
  at: Date;
  body: JsonObject;
  text: string;
  hash: Buffer | null;
};

/** What append_events() answers for each event. */
export type AppendedRow = { stream: string; seq: number; hash: Buffer | null };

/** Tells committed events to this process and, by the bus, to the others. */
export type Publish = (events: readonly StoredEvent[]) => void;

const textOf = (event: EventBody, at: Date) => canonicalJson({ ...event, at: at.toISOString() });
const byStream = (a: Append, b: Append) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0);

/** The json argument of the SQL function append_events(batch json, at timestamptz), for use inside larger statements. */
export function appendBatch(appends: readonly Append[], at: Date): string {
  const batch = appends.toSorted(byStream).map(({ stream, chained, events }) => ({
    stream,
    chained: chained ?? false,
    events: events.map((event) => ({ type: event.type, text: textOf(event, at) })),
  }));
  return JSON.stringify(batch);
}

/** Joins what was appended with the places it got, ready to be published after the commit. */
export function storedEvents(appends: readonly Append[], at: Date, rows: readonly AppendedRow[]): StoredEvent[] {
  const places = rows.toSorted((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.seq - b.seq));
  const events = appends
    .toSorted(byStream)
    .flatMap(({ stream, events: bodies }) => bodies.map((body) => ({ stream, body })));
  return events.map(({ stream, body }, index) => {
    const place = places[index];
    if (!place || place.stream !== stream) throw new Error(`append_events gave no place to an event of ${stream}`);
    const text = textOf(body, at);
    return {
      stream,
      seq: place.seq,
      type: body.type,
      at,
      body: JSON.parse(text) as JsonObject,
      text,
      hash: place.hash,
    };
  });
}

const appendEvents = statement(
  "streams.append",
  "SELECT stream, seq, hash FROM append_events($1::json, $2::timestamptz)",
  {
    stream: "text",
    seq: "int4",
    hash: "bytea?",
  },
);

/** Writes events in the caller's transaction and publishes them after its commit. Sequence numbers have no gaps. */
export async function append(tx: Tx, publish: Publish, appends: readonly Append[], at: Date): Promise<StoredEvent[]> {
  if (appends.length === 0) return [];
  const stored = storedEvents(appends, at, await tx.query(appendEvents, [appendBatch(appends, at), at]));
  tx.afterCommit(() => publish(stored));
  return stored;
}

/** The same with one piece for each stream: what is told of a stream twice within a transaction is told at once. */
export const inOnePiece = (appends: readonly Append[]): Append[] =>
  [...Map.groupBy(appends, ({ stream }) => stream)].map(([stream, parts]) => ({
    stream,
    events: parts.flatMap(({ events }) => events),
  }));

const eventsAfter = statement(
  "streams.after",
  `SELECT seq, type, payload AS text, at, hash FROM stream_event WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
  { seq: "int4", type: "text", text: "text", at: "timestamptz", hash: "bytea?" },
);
const eventsOfMany = statement(
  "streams.of-many",
  `SELECT g.place::int4 AS place, e.seq, e.type, e.payload AS text, e.at, e.hash
   FROM unnest($1::text[]) WITH ORDINALITY AS g(stream, place) CROSS JOIN LATERAL (
     SELECT seq, type, payload, at, hash FROM stream_event
     WHERE stream = g.stream AND seq > $2 AND ($4::text[] IS NULL OR type = ANY($4)) ORDER BY seq LIMIT $3
   ) e ORDER BY g.place, e.seq`,
  { place: "int4", seq: "int4", type: "text", text: "text", at: "timestamptz", hash: "bytea?" },
);
const headOf = statement("streams.head", `SELECT seq, pruned_seq, hash FROM stream_head WHERE stream = $1`, {
  seq: "int4",
  pruned_seq: "int4",
  hash: "bytea?",
});
const headsOf = statement("streams.heads", `SELECT stream, seq FROM stream_head WHERE stream = ANY($1::text[])`, {
  stream: "text",
  seq: "int4",
});

/** Up to `limit` stored events after a sequence number, oldest first. */
export async function readEvents(
  db: Pick<Database, "query">,
  stream: string,
  afterSeq: number,
  limit: number,
): Promise<StoredEvent[]> {
  const rows = await db.query(eventsAfter, [stream, afterSeq, limit]);
  return rows.map((row) => ({ stream, ...row, body: JSON.parse(row.text) as JsonObject }));
}

/** A stream's texts and hashes as they are stored, oldest first, whatever stands in them. */
export async function readTexts(
  db: Pick<Database, "query">,
  stream: string,
  limit: number,
): Promise<{ text: string; hash: Buffer | null }[]> {
  return db.query(eventsAfter, [stream, 0, limit]);
}

/** Like readEvents for many streams in one statement, in the order given; with `types` only events of these. */
export async function readEventsOf(
  db: Pick<Database, "query">,
  streams: readonly string[],
  { afterSeq, limit, types }: { afterSeq: number; limit: number; types?: readonly string[] },
): Promise<StoredEvent[][]> {
  const rows = await db.query(eventsOfMany, [streams, afterSeq, limit, types ?? null]);
  const grouped = Map.groupBy(rows, ({ place }) => place);
  return streams.map((stream, index) =>
    (grouped.get(index + 1) ?? []).map(({ place: _place, ...row }) => ({
      stream,
      ...row,
      body: JSON.parse(row.text) as JsonObject,
    })),
  );
}

/** Where a stream stands: its newest number (0 when empty) and up to which number it was pruned. */
export async function readHead(
  db: Pick<Database, "query">,
  stream: string,
): Promise<{ seq: number; prunedSeq: number; hash: Buffer | null }> {
  const [row] = await db.query(headOf, [stream]);
  return row ? { seq: row.seq, prunedSeq: row.pruned_seq, hash: row.hash } : { seq: 0, prunedSeq: 0, hash: null };
}

/** The newest numbers of many streams in one statement, for the hub's sweep. */
export async function readHeads(db: Pick<Database, "query">, streams: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.query(headsOf, [streams]);
  return new Map(rows.map((row) => [row.stream, row.seq]));
}
