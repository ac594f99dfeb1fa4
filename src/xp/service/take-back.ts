import type { JsonObject } from "../../platform/canonical-json.ts";
import type { Tx } from "../../platform/database.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { appendBatch, storedEvents } from "../../platform/streams.ts";
import type { LadderKind } from "../../ladder/rules/ladders.ts";
import { botXpStream, inboxStream, toXp, userXpStream, XP_BOARD_TOPIC } from "../events.ts";
import { wentWell } from "../rules/award.ts";
import type { Result } from "../rules/formula.ts";
import { takeBack, type Counted, type TakenBack } from "../rules/take-back.ts";
import { givenByVoided, leftWithout, writeTakenBack } from "../store/take-back.ts";
import { hold } from "./record.ts";

type GivenRow = Row<typeof givenByVoided>;

const SOURCE = "contest-voided";

/**
 * Takes back what a contest gave that was voided since, once for each of its bots. What is being counted meanwhile holds the
 * contest until it is committed, so that the void, and this job behind it, see all of it.
 */
export async function takeContestBack(platform: Platform, payload: JsonObject): Promise<void> {
  const contestId = String(payload["contestId"]);
  for (const row of await platform.db.query(givenByVoided, [contestId]))
    await platform.db.transact((tx) => takeBackWithin(tx, platform, contestId, row));
}

async function takeBackWithin(tx: Tx, platform: Platform, contestId: string, row: GivenRow): Promise<void> {
  const { bot_id: botId, owner_id: ownerId, ladder } = row;
  const externalId = `${contestId}:${botId}`;
  const occurredAt = row.occurred_at;
  const held = await hold(tx, {
    botId,
    ownerId,
    requesterId: null,
    source: SOURCE,
    externalId,
    occurredAt,
    skills: [],
  });
  const [owner] = held.people;
  const [left] = await tx.query(leftWithout, [ownerId, ladder, botId]);
  if (held.known || !owner || !left) return;
  const counted = countedOf(row);
  const bestBotXp = Math.max(held.bot.xp - row.added, left.best_other);
  const bestPublicXp = Math.max(held.bot.publicXp - (row.publicly ? row.added : 0), left.best_public_other);
  const taken = takeBack(counted, held.bot, owner, { ...left, bestBotXp, bestPublicXp });
  const at = platform.clock.now();
  const eventId = platform.random.id(at);
  const told = { type: "XpTakenBack", xpEventId: eventId, botId, removed: row.added } as const;
  const ofBot = { ...told, total: taken.bot.xp, achievements: [] };
  const appends = [
    toXp(botXpStream(botId), [ofBot]),
    toXp(inboxStream(botId), [ofBot]),
    toXp(userXpStream(ownerId), [{ ...told, total: taken.owner.xp, achievements: taken.owner.lost }]),
  ];
  const event = JSON.stringify(eventRow(row, { eventId, externalId }, counted, taken));
  const stored = storedEvents(appends, at, await tx.query(writeTakenBack, [event, appendBatch(appends, at), at]));
  tx.afterCommit(() => {
    platform.hub.publish(stored);
    if (row.publicly) platform.hub.touch(XP_BOARD_TOPIC);
  });
}

const countedOf = ({ ladder, result, advantage, quality, publicly, added }: GivenRow): Counted => ({
  // A contest counts publicly exactly when it is rated.
  deed: {
    kind: "BOUT",
    result: result as Result,
    advantage,
    quality,
    ladder: ladder as LadderKind,
    rated: publicly,
  },
  added,
  publicly,
});

type Names = { eventId: string; externalId: string };

const eventRow = (row: GivenRow, { eventId, externalId }: Names, { deed }: Counted, { bot, owner }: TakenBack) => ({
  id: eventId,
  external_id: externalId,
  bot_id: row.bot_id,
  owner_id: row.owner_id,
  result: row.result,
  quality: row.quality,
  computed: row.computed,
  added: row.added,
  publicly: row.publicly,
  public_added: row.publicly ? row.added : 0,
  success: wentWell(deed),
  occurred_at: row.occurred_at,
  hour: row.occurred_at.getUTCHours() + 1,
  xp: bot.xp,
  public_xp: bot.publicXp,
  contest_xp: bot.contestXp,
  runs: bot.runs,
  owner_xp: owner.xp,
  owner_public_xp: owner.publicXp,
  owner_contest_xp: owner.contestXp,
  counters: owner.counters,
  public_counters: owner.publicCounters,
  lost: owner.lost,
});
