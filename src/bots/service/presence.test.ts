import { afterAll, beforeAll, expect, test } from "vitest";
import type { SignedIn } from "../../platform/viewer.ts";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import { heartbeat, markSeen } from "./presence.ts";

let arena: Arena;
beforeAll(async () => void (arena = await openArena()));
afterAll(() => arena.stop());

const sessionOf = ({ ownerId }: ArenaBot): SignedIn => ({
  kind: "session",
  principal: `session:${ownerId}`,
  userId: ownerId,
  sessionId: ownerId,
  operator: false,
});
const beat = (bot: ArenaBot, viewer = sessionOf(bot)) => heartbeat(arena.platform, viewer, { botId: bot.botId });
const NEVER = new Date("2020-01-01T00:00:00Z");
const forget = () => arena.rows(`UPDATE bot_presence SET last_seen_at = $1`, [NEVER]);

async function lastSeen({ botId }: ArenaBot): Promise<Date | undefined> {
  const [row] = await arena.rows<{ at: Date }>(`SELECT last_seen_at AS at FROM bot_presence WHERE bot_id = $1`, [
    botId,
  ]);
  return row?.at;
}

test("in one burst each bot is judged by itself, and only those that may are online", async () => {
  const [first, second, mine, other, suspended, archived] = [
    await arena.newBot(),
    await arena.newBot(),
    await arena.newBot(),
    await arena.newBot(),
    await arena.newBot(),
    await arena.newBot(),
  ];
  await arena.rows(`UPDATE bot SET suspended_at = now() WHERE id = $1`, [suspended.botId]);
  await arena.rows(`UPDATE bot SET archived_at = now() WHERE id = $1`, [archived.botId]);
  await forget();
  // The first two are in flight at once; the others share the third statement.
  const answers = await Promise.all([
    beat(first),
    beat(second),
    beat(mine),
    beat(other, sessionOf(mine)),
    beat(suspended),
    beat(archived),
    beat({ ...mine, botId: arena.platform.random.id(arena.now) }),
  ]);
  expect(answers.slice(2).map((answer) => (answer.ok ? "online" : answer.code))).toEqual([
    "online",
    "NOT_YOUR_BOT",
    "BOT_SUSPENDED",
    "BOT_ARCHIVED",
    "NOT_YOUR_BOT",
  ]);
  const seen = await Promise.all([mine, other, suspended, archived].map(lastSeen));
  expect(seen).toEqual([arena.now, NEVER, NEVER, NEVER]);
});

test("forty signs of life of one bot in a burst are three statements and one row", async () => {
  const bot = await arena.newBot();
  let statements = 0;
  const { db } = arena.platform;
  const query: typeof db.query = (statement, values) => {
    statements++;
    return db.query(statement, values);
  };
  const platform = { ...arena.platform, db: { ...db, query } };
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => heartbeat(platform, sessionOf(bot), { botId: bot.botId })),
  );
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(statements).toBe(3);
  expect(await lastSeen(bot)).toEqual(arena.now);
});

test("a key that is bound to one bot cannot speak for another of its owner", async () => {
  const bot = await arena.newBot();
  const sibling = await arena.newBot({ ownerId: bot.ownerId });
  const key: SignedIn = {
    kind: "key",
    principal: "key:1",
    userId: bot.ownerId,
    apiKeyId: "1",
    scopes: ["PLAY"],
    boundBotId: bot.botId,
    operator: false,
  };
  expect(await beat(bot, key)).toMatchObject({ ok: true });
  expect(await beat(sibling, key)).toMatchObject({ ok: false, code: "NOT_YOUR_BOT" });
});

test("an open inbox marks its bot without being asked whose it is", async () => {
  const bot = await arena.newBot();
  await forget();
  await markSeen(arena.platform, bot.botId);
  expect(await lastSeen(bot)).toEqual(arena.now);
});
