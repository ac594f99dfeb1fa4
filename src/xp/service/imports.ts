import { gunzipSync } from "node:zlib";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { refuse, type Outcome } from "../../platform/refusal.ts";
import { violatedConstraint } from "../../platform/retryable.ts";
import { reachesBot, type SignedIn } from "../../platform/viewer.ts";
import { linesIn, readLine, refuseFacts, type Facts, type LineRefusal, type NumberedLine } from "../rules/facts.ts";
import { botsNamed, eventsOf } from "../store/imports.ts";
import { ensureBots, ensurePeople, isReporter, lockBots, lockPeople } from "../store/record.ts";
import { recordWithin } from "./record.ts";
import { seenOf, sourceOf } from "./report.ts";

export const ENCODINGS = ["TEXT", "GZIP_BASE64"] as const;
export type Encoding = (typeof ENCODINGS)[number];
/** What a packed import may be unpacked. */
export const UNPACKED_BYTES_MAX = 8 * 1_024 * 1_024;
/** How many refused lines are named; all are counted. */
export const REFUSED_SHOWN_MAX = 100;
const LINES_PER_TRANSACTION = 100;

export type RefusedLine = { line: number; code: LineRefusal; message: string };
/** What became of an import's lines. */
export type Imported = {
  lines: number;
  counted: number;
  repeated: number;
  added: number;
  refusedCount: number;
  refused: RefusedLine[];
};
export type ImportRefusal = "NOT_A_REPORTER" | "TOO_MANY_LINES" | "CONTENT_UNREADABLE";
export type ImportXp = { content: string; encoding: Encoding };
type Ready = { line: number; facts: Facts; botId: string; ownerId: string };

/**
 * Counts lines of facts or xAPI statements: each once, whatever becomes of the others. Written a hundred lines at a time,
 * so that an import that was cut off is simply sent again.
 */
export async function importXpEvents(
  platform: Platform,
  viewer: SignedIn,
  input: ImportXp,
): Promise<Outcome<Imported, ImportRefusal>> {
  const [trusted] = await platform.db.query(isReporter, [viewer.userId]);
  if (!trusted) return refuse("NOT_A_REPORTER");
  const text = textOf(input);
  if (text === null) return refuse("CONTENT_UNREADABLE", { path: ["input", "content"] });
  const lines = linesIn(text);
  if (lines === null) return refuse("TOO_MANY_LINES", { path: ["input", "content"] });
  const { ready, refused } = await sift(platform, viewer, lines);
  const sums = { counted: 0, repeated: 0, added: 0 };
  for (let from = 0; from < ready.length; from += LINES_PER_TRANSACTION)
    await countSome(platform, viewer, ready.slice(from, from + LINES_PER_TRANSACTION), sums, refused);
  refused.sort((a, b) => a.line - b.line);
  const shown = refused.slice(0, REFUSED_SHOWN_MAX);
  return { ok: true, lines: lines.length, ...sums, refusedCount: refused.length, refused: shown };
}

function textOf({ content, encoding }: ImportXp): string | null {
  if (encoding === "TEXT") return content;
  try {
    return gunzipSync(Buffer.from(content, "base64"), { maxOutputLength: UNPACKED_BYTES_MAX }).toString("utf8");
  } catch {
    return null;
  }
}

/** Parts lines into those that can be counted and those that cannot, with the reason. */
async function sift(platform: Platform, viewer: SignedIn, lines: readonly NumberedLine[]) {
  const nowMs = platform.clock.now().getTime();
  const refused: RefusedLine[] = [];
  const read = lines.flatMap(({ text, line }) => {
    const found = readLine(text);
    if (!found.ok) refused.push({ line, code: found.code, message: found.message });
    const wrong = found.ok ? refuseFacts(found.facts, nowMs) : null;
    if (wrong) refused.push({ line, code: "BAD_FIELD", message: `${wrong.field}: ${wrong.message}` });
    return found.ok && !wrong ? [{ line, facts: found.facts, bot: found.bot }] : [];
  });
  const names = [...new Set(read.map(({ bot }) => bot.toLowerCase()))];
  const bots = new Map((await platform.db.query(botsNamed, [names, viewer.userId])).map((bot) => [bot.name, bot]));
  const ready = read.flatMap(({ line, facts, bot: name }): Ready[] => {
    const bot = bots.get(name.toLowerCase());
    if (bot && reachesBot(viewer, bot.id)) return [{ line, facts, botId: bot.id, ownerId: bot.owner_id }];
    refused.push({ line, code: "UNKNOWN_BOT", message: "You and your teams have no such bot." });
    return [];
  });
  // One bot after the other, in the order of their ids: two imports at once lock alike.
  return { ready: ready.toSorted((a, b) => a.botId.localeCompare(b.botId) || a.line - b.line), refused };
}

/** All bots of some lines, then all their people: line by line the second bot would be asked for with the first one's owner held. */
async function lockAll(tx: Tx, viewer: SignedIn, some: readonly Ready[]): Promise<void> {
  const owners = new Map(some.map(({ botId, ownerId }) => [botId, ownerId]));
  const [bots, people] = [[...owners.keys()], [...new Set([viewer.userId, ...owners.values()])]];
  await Promise.all([
    tx.query(ensureBots, [bots, [...owners.values()]]),
    tx.query(lockBots, [bots]),
    tx.query(ensurePeople, [people]),
    tx.query(lockPeople, [people]),
  ]);
}

type Sums = { counted: number; repeated: number; added: number };

async function countSome(
  platform: Platform,
  viewer: SignedIn,
  some: readonly Ready[],
  sums: Sums,
  refused: RefusedLine[],
): Promise<void> {
  const now = platform.clock.now();
  const count = () =>
    platform.db.transact(async (tx) => {
      const ids = some.map(({ facts }) => facts.externalId);
      const known = await tx.query(eventsOf, [sourceOf(viewer), ids]);
      const botOf = new Map(known.map((event) => [event.external_id, event.bot_id]));
      // What was counted stays counted: no lock is needed to say so, and an import that is sent again is soon through.
      const done = some.flatMap(({ line, facts, botId }) => {
        const counted = botOf.get(facts.externalId);
        return counted === undefined ? [] : [{ line, botId, recorded: { botId: counted, repeated: true, added: 0 } }];
      });
      const fresh = some.filter(({ facts }) => !botOf.has(facts.externalId));
      if (fresh.length > 0) await lockAll(tx, viewer, fresh);
      for (const { line, facts, botId, ownerId } of fresh) {
        const seen = seenOf(viewer, { ...facts, botId, ownerId, occurredAt: facts.occurredAt ?? now }, "IMPORTED");
        done.push({ line, botId, recorded: await recordWithin(tx, platform, seen) });
      }
      return done;
    });
  const outcomes = await count().catch((error: unknown) => {
    // Another import of the same ids came first: now they are known.
    if (violatedConstraint(error) !== "xp_event_source_external_id_key") throw error;
    return count();
  });
  for (const { line, botId, recorded } of outcomes) {
    if (recorded.botId !== botId)
      refused.push({ line, code: "ID_OF_ANOTHER_BOT", message: "This id was counted for another bot." });
    else if (recorded.repeated) sums.repeated++;
    else {
      sums.counted++;
      sums.added += recorded.added;
    }
  }
}
