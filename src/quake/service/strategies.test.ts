import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { RUNS_KEPT } from "../rules/strategies.ts";
import { NEW_SEAT, type Seat } from "../strategy/seat.ts";
import { activateStrategy, recordRuns, strategiesFor, uploadStrategy } from "./strategies.ts";

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

const sourceOf = (weapon: number) => `export function tick(): object { return { weapon: ${weapon} }; }`;

async function upload(bot: ArenaBot, weapon: number, activate = false): Promise<string> {
  const input = { botId: bot.botId, source: sourceOf(weapon), activate };
  const uploaded = await uploadStrategy(arena.platform, sessionOf(bot), input);
  if (!uploaded.ok) throw new Error(uploaded.code);
  return uploaded.strategyId;
}

const record = (bot: ArenaBot, seat: Partial<Seat>, kept: string | null) =>
  arena.platform.db.transact(async (tx) => {
    const played = await strategiesFor(tx, [bot.botId]);
    const host = { seat: () => ({ ...NEW_SEAT, ...seat }) };
    await recordRuns(arena.platform, tx, host, played, new Map([[bot.botId, kept]]));
  });

test("a round plays by the active versions, and leaves out who has none", async () => {
  const [one, two, none] = [await arena.newBot(), await arena.newBot(), await arena.newBot()];
  const [first, second] = [await upload(one, 5, true), await upload(one, 6)];
  await upload(two, 7, true);
  const play = async () =>
    (await strategiesFor(arena.platform.db, [one.botId, two.botId, none.botId])).map(({ strategyId }) => strategyId);
  expect((await play()).length).toBe(2);
  expect(await play()).toContain(first);
  await activateStrategy(arena.platform, sessionOf(one), { strategyId: second });
  expect(await play()).toContain(second);
  expect(await play()).not.toContain(first);
});

test("two versions that are activated at once leave one active", async () => {
  const bot = await arena.newBot();
  const versions = [await upload(bot, 2), await upload(bot, 3), await upload(bot, 5)];
  await Promise.all(versions.map((strategyId) => activateStrategy(arena.platform, sessionOf(bot), { strategyId })));
  const active = await arena.rows(`SELECT 1 FROM strategy WHERE bot_id = $1 AND active`, [bot.botId]);
  expect(active.length).toBe(1);
});

test("uploads at once get numbers in a row", async () => {
  const bot = await arena.newBot();
  await Promise.all([2, 3].map((weapon) => upload(bot, weapon)));
  const rows = await arena.rows<{ version: number }>(
    `SELECT version FROM strategy WHERE bot_id = $1 ORDER BY version`,
    [bot.botId],
  );
  expect(rows.map(({ version }) => version)).toEqual([1, 2]);
});

test("what a strategy keeps is there in its next round, and its newest logs are kept", async () => {
  const bot = await arena.newBot();
  await upload(bot, 5, true);
  await record(bot, { ticks: 9, misses: 2, log: "first\0line\n" }, '{"rounds":1}');
  expect((await strategiesFor(arena.platform.db, [bot.botId]))[0]?.kept).toBe('{"rounds":1}');
  const forfeit = { reason: "TOO_SLOW", message: "inter\0rupted", line: null } as const;
  for (let round = 1; round <= RUNS_KEPT; round++) {
    // Ids sort by time, and the arena's clock stands.
    arena.now = new Date(arena.now.getTime() + 1_000);
    await record(bot, { forfeit }, null);
  }
  const runs = await arena.rows<{ log: string; forfeit: string | null }>(
    `SELECT r.log, r.forfeit FROM strategy_run r JOIN strategy s ON s.id = r.strategy_id WHERE s.bot_id = $1`,
    [bot.botId],
  );
  expect(runs.length).toBe(RUNS_KEPT);
  expect(runs.every(({ forfeit: why }) => why === "TOO_SLOW: interrupted")).toBe(true);
  expect((await strategiesFor(arena.platform.db, [bot.botId]))[0]?.kept).toBe('{"rounds":1}');
});
