import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import { until } from "../../../tests/harness/until.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { ENTITY } from "../protocol/entities.ts";
import { EMPTY_ENTITY, EMPTY_PLAYER } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { Grounds } from "../strategy/grounds.ts";
import { houseSource } from "../strategy/house.ts";
import type { Ground } from "../strategy/view.ts";
import { Cast } from "./cast.ts";
import { uploadStrategy } from "./strategies.ts";

// Rounds in the real sandbox with a real database; what is seen in them is made here, so that it is known what is learnt.

let arena: Arena;
let ground: Ground;
const seed = new Uint8Array(32);
beforeAll(async () => {
  arena = await openArena();
  ground = await new Grounds(DEBIAN).of("aggressor");
});
afterAll(() => arena.stop());

/** A bot of a person's that plays by the house's adaptive strategy. */
const learner = async (): Promise<ArenaBot> => playsBy(await houseSource("adaptive"));

async function playsBy(source: string): Promise<ArenaBot> {
  const bot = await arena.newBot();
  const session = { kind: "session", principal: "session:test", sessionId: "test", operator: false } as const;
  const input = { botId: bot.botId, source, activate: true };
  const uploaded = await uploadStrategy(arena.platform, { ...session, userId: bot.ownerId }, input);
  if (!uploaded.ok) throw new Error(uploaded.code);
  return bot;
}

/** The beginning of a round, in which somebody stands on an item right before one's eyes. */
function meetingAt(item: number): Snapshot {
  const [x, y, z] = ground.map.items[item]!.origin;
  const list = (values: Record<number, number>) => Array.from({ length: 16 }, (_none, index) => values[index] ?? 0);
  const foe = { number: 3, type: ENTITY.player, posBaseX: x, posBaseY: y, posBaseZ: z + 9 };
  const self = { client: 2, originX: x - 40, originY: y, originZ: z + 9, viewHeight: 26, weapon: 2 };
  const player = { ...EMPTY_PLAYER, ...self, stats: list({ 0: 100, 3: 0b110 }), ammo: list({ 2: 80 }) };
  return {
    sequence: 1,
    serverTime: 1_000,
    flags: 0,
    player: { ...player, persistent: list({}) },
    entities: [{ ...EMPTY_ENTITY, ...foe }],
  };
}

/** One round of bots that all see the same; whether it counts is told at its end. */
async function playRound(bots: readonly ArenaBot[], snapshot: Snapshot, counts = true): Promise<void> {
  const match = { matchId: arena.platform.random.id(arena.now), seed };
  const cast = new Cast(arena.platform, { ...match, ground, roundMs: 120_000 });
  await cast.seat(bots.map(({ botId }) => botId));
  for (const { botId } of bots) cast.think(botId, snapshot);
  const epilogue = await cast.finish();
  await arena.platform.db.transact((tx) => epilogue(tx, counts));
  await cast.stop();
  // Ids sort by time, and the arena's clock stands.
  arena.now = new Date(arena.now.getTime() + 1_000);
}

/** One round in which the first bot plays until it stands still; gives the log of the second. */
async function playUntilStopped([first, second]: [ArenaBot, ArenaBot]): Promise<string> {
  const cast = new Cast(arena.platform, {
    matchId: arena.platform.random.id(arena.now),
    ground,
    roundMs: 120_000,
    seed,
  });
  await cast.seat([first.botId, second.botId]);
  const plays = () => {
    cast.think(second.botId, meetingAt(0));
    return cast.think(first.botId, meetingAt(0)).buttons !== 0;
  };
  await until(plays, "the first action");
  await until(() => !plays(), "the end of its play");
  const epilogue = await cast.finish();
  await arena.platform.db.transact((tx) => epilogue(tx, false));
  await cast.stop();
  arena.now = new Date(arena.now.getTime() + 1_000);
  const logs = await arena.rows<{ log: string }>(
    "SELECT r.log FROM strategy_run r JOIN strategy s ON s.id = r.strategy_id WHERE s.bot_id = $1 ORDER BY r.id DESC",
    [second.botId],
  );
  return logs[0]?.log ?? "";
}

test("a bot that has stopped the others' engine plays apart from then on", async () => {
  const stops = `export function tick(view) {
    if (globalThis.ticks > 24) Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
    globalThis.ticks = (globalThis.ticks ?? 0) + 1;
    return { fire: true };
  }`;
  const bots: [ArenaBot, ArenaBot] = [await playsBy(stops), await playsBy("export const tick = () => ({});")];
  expect(await playUntilStopped(bots)).toContain("BEGAN_ANEW");
  expect(await playUntilStopped(bots)).toBe("");
});

type Habits = { rounds: number; seen: number[] };
/** What is stored of a bot on the map; null when nothing is. */
async function habitsOf({ botId }: ArenaBot): Promise<Habits | null> {
  const [row] = await arena.rows<{ kept: string }>(`SELECT kept FROM strategy_memory WHERE bot_id = $1`, [botId]);
  const kept = JSON.parse(row?.kept ?? "{}") as Record<string, Habits>;
  return kept["aggressor"] ?? null;
}

test("what the adaptive strategy learnt is stored for its bot, its next round begins with it, and another bot's is its own", async () => {
  const [old, young] = [await learner(), await learner()];
  const far = ground.map.items.findIndex(({ origin: [x, y] }) => {
    const [fx, fy] = ground.map.items[0]!.origin;
    return Math.hypot(fx - x, fy - y) > 600;
  });
  await playRound([old], meetingAt(0));
  const first = await habitsOf(old);
  expect(first?.rounds).toBe(1);
  expect([first?.seen[0], first?.seen[far]]).toEqual([1, 0]);
  expect(await habitsOf(young)).toBeNull();

  await playRound([old, young], meetingAt(far));
  // Of what was seen a round ago seven tenths are left.
  expect(await habitsOf(old)).toMatchObject({ rounds: 2 });
  const [second, other] = [(await habitsOf(old))!, (await habitsOf(young))!];
  expect([second.seen[0], second.seen[far]]).toEqual([0.7, 1]);
  expect(other.rounds).toBe(1);
  expect([other.seen[0], other.seen[far]]).toEqual([0, 1]);

  await playRound([old, young], meetingAt(0), false);
  expect([await habitsOf(old), await habitsOf(young)]).toEqual([second, other]);
});
