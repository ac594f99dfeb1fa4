import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../tests/harness/arena.ts";
import { until } from "../../tests/harness/until.ts";
import { createFights } from "../fights/service/fights.ts";
import { lock, step, write } from "../fights/service/steps.ts";
import { timePasses } from "../fights/rules/commitment.ts";
import type { FightCommand, FightState } from "../fights/rules/fight-state.ts";
import { openPools, queueLeft } from "../ladder/events.ts";
import type { Hub } from "../platform/hub.ts";
import type { Platform } from "../platform/platform.ts";
import { append, type EventBody } from "../platform/streams.ts";
import { cursorOf } from "../platform/subscribe.ts";
import { openInbox, type BotItem } from "./service.ts";

let arena: Arena;
let bot: ArenaBot;
let rival: ArenaBot;
/** Ways out of the hub that were not taken. */
let following = 0;
/** Runs before a statement of this name is sent. */
let gates: Record<string, () => Promise<unknown>> = {};

beforeAll(() => openPools.bind(() => Promise.resolve(new Map())));
beforeAll(async () => void (arena = await openArena()));
afterAll(() => arena.stop());
beforeEach(async () => {
  [bot, rival] = [await arena.newBot(), await arena.newBot()];
  [following, gates] = [0, {}];
});

function watched(settings: Partial<Platform["settings"]> = {}): Platform {
  const { platform } = arena;
  const follow: Hub["follow"] = (...given) => {
    const leave = platform.hub.follow(...given);
    following++;
    let inside = true;
    return () => {
      if (inside) following--;
      inside = false;
      leave();
    };
  };
  const query: Platform["db"]["query"] = async (statement, values) => {
    await gates[statement.name]?.();
    return platform.db.query(statement, values);
  };
  return {
    ...platform,
    hub: { ...platform.hub, follow },
    db: { ...platform.db, query },
    settings: { ...platform.settings, ...settings },
  };
}

async function startFight(sealed = false): Promise<string> {
  const pairing = {
    ladder: "PIT",
    origin: "CALLOUT",
    rated: false,
    sealed,
    entryIds: [],
    stakes: null,
  } as const;
  const { platform } = arena;
  const ids = await platform.db.transact((tx) =>
    createFights(tx, platform, [{ ...pairing, botIds: [bot.botId, rival.botId] }]),
  );
  return ids[0]!;
}

async function command(fightId: string, given: FightCommand | ((state: FightState) => FightCommand)): Promise<void> {
  const { platform } = arena;
  await platform.db.transact(async (tx) => {
    const fight = (await lock(tx, fightId))!;
    const decided = step(fight, typeof given === "function" ? given(fight.state) : given, arena.now.getTime());
    if (decided.ok) await write(tx, platform, fight, decided.step);
  });
}
const submit = (fightId: string, { botId }: ArenaBot, exchange: number) =>
  command(fightId, { type: "SUBMIT", botId, round: 1, exchange, action: "JAB_HIGH" });
async function exchanged(fightId: string, exchange: number): Promise<void> {
  await submit(fightId, bot, exchange);
  await submit(fightId, rival, exchange);
}
const concede = (fightId: string) => command(fightId, { type: "CONCEDE", botId: rival.botId });

const tell = (...events: EventBody[]) =>
  arena.platform.db.transact((tx) =>
    append(tx, arena.platform.hub.publish, [{ stream: `bot:${bot.botId}`, events }], arena.now),
  );

const shortly = ({ event, pending }: BotItem): string => {
  const sealed = event.type === "MoveRequested" && event.step !== "ACTION" ? ` ${event.step}` : "";
  const which = event.type === "MoveRequested" ? ` ${event.round}.${event.exchange}${sealed}` : "";
  return `${event.type}${which}${pending ? " pending" : ""}`;
};

/** Reads on until an item of this kind, that one included. */
async function readUntil(inbox: AsyncIterableIterator<BotItem>, last: string): Promise<BotItem[]> {
  const items: BotItem[] = [];
  while (items.length === 0 || !shortly(items.at(-1)!).startsWith(last)) {
    const { value, done } = await inbox.next();
    if (done) throw new Error(`the inbox ended after ${items.map(shortly).join(", ")}`);
    items.push(value);
  }
  return items;
}
/** What an inbox gives until it is told that a wait has ended. */
async function heard(inbox: AsyncIterableIterator<BotItem>): Promise<string[]> {
  await tell({ type: "QueueLeft", queueEntryId: "e", ladder: "PIT", mode: "RATED", reason: "LEFT" });
  return (await readUntil(inbox, "QueueLeft")).map(shortly).slice(0, -1);
}

describe("an inbox that opens while a contest starts gives it once, and its open move once:", () => {
  test.each([
    ["before the bot's stream is followed", "streams.head", 0],
    ["between the stream and the look at what is live", "reach.live-contests", 0],
    ["between that look and the callouts", "reach.open-callouts", 0],
  ])("%s", async (_sentence, name) => {
    gates = { [name]: async () => ((gates = {}), startFight()) };
    const inbox = await openInbox(watched(), bot.botId, null);
    const items = await heard(inbox);
    expect(items.map((item) => item.replace(" pending", ""))).toEqual(["ContestStarted", "MoveRequested 1.1"]);
    await inbox.return?.();
    expect(following).toBe(0);
  });

  test("between the look at its fight and the fight's own stream", async () => {
    const fightId = await startFight();
    const platform = watched();
    const inner = platform.hub.follow;
    let moved = Promise.resolve();
    platform.hub.follow = (stream, afterSeq, sink) => {
      if (stream === `fight:${fightId}`) moved = exchanged(fightId, 1);
      return inner(stream, afterSeq, sink);
    };
    const inbox = await openInbox(platform, bot.botId, null);
    await moved;
    const items = await readUntil(inbox, "MoveRequested 1.2");
    expect(items.map(shortly)).toEqual(["ContestStarted pending", "MoveRequested 1.1 pending", "MoveRequested 1.2"]);
    await inbox.return?.();
  });
});

test("an inbox gives what is pending first, then what comes, in order", async () => {
  const fightId = await startFight();
  await exchanged(fightId, 1);
  const inbox = await openInbox(watched(), bot.botId, null);
  await exchanged(fightId, 2);
  const first = await readUntil(inbox, "MoveRequested 1.3");
  await concede(fightId);
  const second = await readUntil(inbox, "ContestEnded");
  expect([...first, ...second].map(shortly)).toEqual([
    "ContestStarted pending",
    "MoveRequested 1.2 pending",
    "MoveRequested 1.3",
    "ContestEnded",
  ]);
  await until(() => following === 1, "the fight's stream to be left");
  await inbox.return?.();
  expect(following).toBe(0);
});

test("a move that an outage has extended is still asked for, with its new deadline", async () => {
  const fightId = await startFight();
  await exchanged(fightId, 1);
  await command(fightId, { type: "EXTEND", byMs: 7_000 });
  await command(fightId, { type: "EXTEND", byMs: 4_000 });
  const inbox = await openInbox(watched(), bot.botId, null);
  const { event } = (await readUntil(inbox, "MoveRequested 1.2 pending")).at(-1)!;
  // 5 s and a bank of 30 s from the request on, then both outages.
  const deadline = arena.now.getTime() + 5_000 + 30_000 + 7_000 + 4_000;
  expect(event.type === "MoveRequested" && Date.parse(event.you.deadlineAt)).toBe(deadline);
  await inbox.return?.();
});

describe("in a sealed fight an inbox asks", () => {
  const commit = (fightId: string, { botId }: ArenaBot) =>
    command(fightId, { type: "COMMIT", botId, round: 1, exchange: 1, hash: "0".repeat(64) });

  test("for the commitment, then for the reveal, also whoever comes then, with the deadline that an outage has moved", async () => {
    const fightId = await startFight(true);
    const inbox = await openInbox(watched(), bot.botId, null);
    await commit(fightId, bot);
    await commit(fightId, rival);
    await command(fightId, { type: "EXTEND", byMs: 7_000 });
    const late = await openInbox(watched(), bot.botId, null);
    expect((await readUntil(inbox, "MoveRequested 1.1 REVEAL")).map(shortly)).toEqual([
      "ContestStarted pending",
      "MoveRequested 1.1 COMMIT pending",
      "MoveRequested 1.1 REVEAL",
    ]);
    const { event } = (await readUntil(late, "MoveRequested 1.1 REVEAL pending")).at(-1)!;
    if (event.type !== "MoveRequested") throw new Error(event.type);
    expect(event.you.commitment).toBe("0".repeat(64));
    expect(Date.parse(event.you.deadlineAt)).toBe(arena.now.getTime() + 5_000 + 30_000 + 7_000);
    for (const each of [inbox, late]) await each.return?.();
  });

  test("nobody to reveal who has not committed", async () => {
    const fightId = await startFight(true);
    const inbox = await openInbox(watched(), bot.botId, null);
    await commit(fightId, rival);
    arena.now = new Date(arena.now.getTime() + 35_000);
    await command(fightId, (state) => timePasses(state, new Uint8Array(32)));
    const late = await openInbox(watched(), bot.botId, null);
    const fight = await openInbox(watched(), rival.botId, null);
    expect((await readUntil(fight, "MoveRequested")).map(shortly).at(-1)).toBe("MoveRequested 1.1 REVEAL pending");
    expect(await heard(inbox)).toEqual(["ContestStarted pending", "MoveRequested 1.1 COMMIT pending"]);
    expect(await heard(late)).toEqual(["ContestStarted pending"]);
    for (const each of [inbox, late, fight]) await each.return?.();
  });
});

test("in the pause between rounds no move is asked for, and the next round's is", async () => {
  const fightId = await startFight();
  for (let exchange = 1; exchange <= 20; exchange++) {
    await command(fightId, { type: "SUBMIT", botId: bot.botId, round: 1, exchange, action: "BLOCK_LOW" });
    await command(fightId, { type: "SUBMIT", botId: rival.botId, round: 1, exchange, action: "BLOCK_LOW" });
  }
  const inbox = await openInbox(watched(), bot.botId, null);
  expect(await heard(inbox)).toEqual(["ContestStarted pending"]);
  arena.now = new Date(arena.now.getTime() + 3_000);
  await command(fightId, (state) => timePasses(state, new Uint8Array(32)));
  expect((await readUntil(inbox, "MoveRequested")).map(shortly)).toEqual(["MoveRequested 2.1"]);
  await inbox.return?.();
});

describe("resuming with a cursor", () => {
  const start = () => cursorOf(arena.platform, `bot:${bot.botId}`, 0);

  test("tells of contests that came and went meanwhile, without moves that nobody can make any more", async () => {
    for (let fight = 0; fight < 2; fight++) {
      const fightId = await startFight();
      for (let exchange = 1; exchange <= 3; exchange++) await exchanged(fightId, exchange);
      await concede(fightId);
    }
    const inbox = await openInbox(watched(), bot.botId, start());
    expect(await heard(inbox)).toEqual(["ContestStarted", "ContestEnded", "ContestStarted", "ContestEnded"]);
    expect(following).toBe(1);
    await inbox.return?.();
  });

  test("gives a contest that goes on once, as pending, however often its start is in the log", async () => {
    const over = await startFight();
    await concede(over);
    const fightId = await startFight();
    await exchanged(fightId, 1);
    const inbox = await openInbox(watched(), bot.botId, start());
    expect(await heard(inbox)).toEqual([
      "ContestStarted pending",
      "MoveRequested 1.2 pending",
      "ContestStarted",
      "ContestEnded",
    ]);
    await inbox.return?.();
  });

  test("from the last item of any cut loses no event of the bot's stream and doubles none", async () => {
    const left = (index: number) =>
      queueLeft(bot.botId, { queueEntryId: String(index), ladder: "PIT", mode: "RATED", reason: "LEFT" });
    const seen: string[] = [];
    let after = start();
    for (let cut = 0; cut < 10; cut++) {
      await arena.platform.db.transact((tx) =>
        append(tx, arena.platform.hub.publish, [left(cut * 2), left(cut * 2 + 1)], arena.now),
      );
      const inbox = await openInbox(watched(), bot.botId, after);
      // Every other reader goes away between two events that were told in one commit.
      for (let read = cut % 2 ? 3 : 1; read > 0; read--) {
        const { value } = await inbox.next();
        after = value.cursor;
        seen.push(value.event.queueEntryId);
      }
      await inbox.return?.();
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_none, index) => String(index)));
  });
});

describe("a bot that was away for long", () => {
  test("is told everything in order, although it is much more than fits and it takes its time", async () => {
    const after = cursorOf(arena.platform, `bot:${bot.botId}`, 0);
    const ids = Array.from({ length: 60 }, (_none, index) => String(index));
    await tell(...ids.map((calloutId) => ({ type: "CalloutAnswered", calloutId })));
    const inbox = await openInbox(watched({ subscriberBacklogMax: 8 }), bot.botId, after);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told: unknown[] = [];
    while (told.length < ids.length) {
      const { value } = await inbox.next();
      told.push(value.event.calloutId);
    }
    expect(told).toEqual(ids);
    await inbox.return?.();
  });

  test("is shown the 100 oldest callouts that wait for it", async () => {
    const { now, rows } = arena;
    for (let nth = 0; nth < 101; nth++) {
      const { botId } = await arena.newBot();
      await rows(
        `INSERT INTO callout (id, challenger_id, target_id, ladder, wager, sealed, status, created_at, expires_at)
         VALUES ($1, $2, $3, 'PIT', 0, false, 'PENDING', $4, $4::timestamptz + interval '1 minute')`,
        [arena.platform.random.id(now), botId, bot.botId, now],
      );
    }
    const inbox = await openInbox(watched(), bot.botId, null);
    expect(await heard(inbox)).toEqual(Array(100).fill("CalloutReceived pending"));
  });
});

describe("nothing is left behind", () => {
  const timers = () => vi.getTimerCount();
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterAll(() => void vi.useRealTimers());

  test("by an inbox that was refused its cursor", async () => {
    const foreign = cursorOf(arena.platform, `bot:${rival.botId}`, 0);
    await expect(openInbox(watched(), bot.botId, foreign)).rejects.toThrow("another stream");
    expect([timers(), following]).toEqual([0, 0]);
  });

  test("by an inbox that could not look what is open", async () => {
    gates = { "reach.open-callouts": () => Promise.reject(new Error("no database")) };
    await startFight();
    await expect(openInbox(watched(), bot.botId, null)).rejects.toThrow("no database");
    expect([timers(), following]).toEqual([0, 0]);
  });

  test("by one whose reader was too slow: it no longer keeps its bot online", async () => {
    await startFight();
    const inbox = await openInbox(watched({ subscriberBacklogMax: 4 }), bot.botId, null);
    for (let event = 0; event < 6; event++) await tell({ type: "CalloutReceived", calloutId: String(event) });
    await until(() => timers() === 0, "the inbox to end");
    expect(following).toBe(0);
    // The contest, its move, and one event: the other half is kept for moves to come.
    for (let item = 0; item < 3; item++) expect((await inbox.next()).done).toBe(false);
    await expect(inbox.next()).rejects.toMatchObject({ extensions: { code: "SLOW_CONSUMER" } });
  });

  test("by one that was left while it looked at a fight", async () => {
    const inbox = await openInbox(watched(), bot.botId, null);
    let looked = 0;
    gates = { "reach.fight-tail": async () => (looked++, inbox.return?.()) };
    await startFight();
    await until(() => looked === 1, "the look");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([timers(), following]).toEqual([0, 0]);
  });
});
