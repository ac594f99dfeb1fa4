import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openArena, type Arena, type ArenaBot } from "../../../tests/harness/arena.ts";
import type { Tx } from "../../platform/database.ts";
import { holdLease, releaseLease, type Lease } from "../../platform/leases.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { createContests, type Pairing } from "../events.ts";
import type { LadderKind, QueueMode } from "../rules/ladders.ts";
import type { Platform } from "../../platform/platform.ts";
import { openContests } from "./contests.ts";
import { matchOnce, startMatchmakers } from "./matchmaker.ts";
import { joinQueue, leaveQueue } from "./queue.ts";
import { replaceParticipant } from "./replace.ts";

let arena: Arena;
let lease: Lease;
beforeAll(async () => {
  arena = await openArena();
  createContests.bind(openBare);
});
afterAll(() => arena.stop());
beforeEach(async () => {
  await arena.rows(
    "TRUNCATE queue_entry, live_participation, rating_history, contest_participant, contest, stream_event, stream_head CASCADE",
  );
  lease = (await holdLease(arena.platform.db, "matchmaker:PIT", "tests"))!;
});

const viewerOf = ({ ownerId }: ArenaBot): SignedIn => ({
  kind: "session",
  principal: `user:${ownerId}`,
  userId: ownerId,
  sessionId: "s",
  operator: false,
});

type Join = { ladder?: LadderKind; mode?: QueueMode; viewer?: SignedIn; idempotencyKey?: string };
async function join(bot: ArenaBot, { viewer = viewerOf(bot), ...input }: Join = {}): Promise<string> {
  const asked = { ladder: "PIT", mode: "RATED", sealed: false, ...input, botId: bot.botId } as const;
  const outcome = await joinQueue(arena.platform, viewer, asked);
  return outcome.ok ? "JOINED" : outcome.code;
}

/** Contests without a game in them. */
const openBare = async (tx: Tx, _platform: Platform, pairings: readonly Pairing[]): Promise<string[]> => {
  const { random } = arena.platform;
  const opened = pairings.map((pairing) => ({
    ...pairing,
    id: random.id(arena.now),
    seed: random.bytes(32),
    characters: pairing.botIds.map(() => "RONIN"),
    announced: pairing.ladder === "QUAKE",
  }));
  await openContests(tx, opened, arena.now);
  return opened.map(({ id }) => id);
};
const match = (with_: Lease = lease) => matchOnce(arena.platform, "PIT", with_);
const statusOf = async ({ botId }: ArenaBot) =>
  (await arena.rows<{ status: string }>("SELECT status FROM queue_entry WHERE bot_id = $1 ORDER BY id", [botId])).map(
    ({ status }) => status,
  );
const contests = () =>
  arena.rows<{ rated: boolean; origin: string; bots: string[] }>(
    `SELECT rated, origin, (SELECT array_agg(bot_id::text ORDER BY side) FROM contest_participant p WHERE p.contest_id = c.id) AS bots FROM contest c ORDER BY c.id`,
  );

describe("joining", () => {
  test.each<[string, (bot: ArenaBot) => Promise<Join | void>, string]>([
    ["another's bot is not yours", async () => ({ viewer: viewerOf(await arena.newBot()) }), "NOT_YOUR_BOT"],
    [
      "a key that is bound to another bot does not reach it",
      async (bot) => ({
        viewer: {
          ...viewerOf(bot),
          kind: "key",
          apiKeyId: "k",
          scopes: ["PLAY"],
          boundBotId: (await arena.newBot()).botId,
        },
      }),
      "NOT_YOUR_BOT",
    ],
    [
      "a suspended bot hears that first",
      async ({ botId }) => {
        await arena.rows("UPDATE bot SET suspended_at = now(), archived_at = now() WHERE id = $1", [botId]);
      },
      "BOT_SUSPENDED",
    ],
    [
      "an archived bot does not wait",
      async ({ botId }) => {
        await arena.rows("UPDATE bot SET archived_at = now() WHERE id = $1", [botId]);
      },
      "BOT_ARCHIVED",
    ],
    ["a ladder without a queue is closed", async () => ({ ladder: "CODE" }), "LADDER_CLOSED"],
    [
      "a bot that was silent for more than 45 s is offline",
      async ({ botId }) => {
        const silent = new Date(arena.now.getTime() - 45_001);
        await arena.rows("UPDATE bot_presence SET last_seen_at = $2 WHERE bot_id = $1", [botId, silent]);
      },
      "BOT_OFFLINE",
    ],
    [
      "a bot in a contest finishes it first",
      async (bot) => {
        await arena.platform.db.transact((tx) => openOne(tx, bot));
      },
      "IN_CONTEST",
    ],
    [
      "a bot that waits already waits once",
      async (bot) => {
        await join(bot);
      },
      "ALREADY_WAITING",
    ],
    [
      "a bot in a contest of another ladder may wait",
      async (bot) => {
        await arena.platform.db.transact((tx) => openOne(tx, bot));
        return { ladder: "PIT_SLOW" };
      },
      "JOINED",
    ],
  ])("%s", async (_sentence, prepare, answer) => {
    const bot = await arena.newBot();
    const options = (await prepare(bot)) ?? {};
    expect(await join(bot, options)).toBe(answer);
  });

  test("the same key and input again is the same place, another input is refused", async () => {
    const bot = await arena.newBot();
    expect(await join(bot, { idempotencyKey: "k" })).toBe("JOINED");
    expect(await join(bot, { idempotencyKey: "k" })).toBe("JOINED");
    expect(await join(bot, { idempotencyKey: "k", mode: "PRACTICE" })).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(await statusOf(bot)).toEqual(["WAITING"]);
  });

  test("leaving frees the place and is told on the bot's stream", async () => {
    const bot = await arena.newBot();
    await join(bot);
    const leave = () => leaveQueue(arena.platform, viewerOf(bot), { botId: bot.botId, ladder: "PIT" });
    expect((await leave()).ok).toBe(true);
    expect(await leave()).toMatchObject({ ok: false, code: "NOT_WAITING" });
    expect(await statusOf(bot)).toEqual(["LEFT"]);
    expect(await events(bot)).toMatchObject([{ type: "QueueLeft", reason: "LEFT", ladder: "PIT", mode: "RATED" }]);
    expect(await join(bot)).toBe("JOINED");
  });
});

const openOne = async (tx: Tx, bot: ArenaBot) => {
  const other = await arena.newBot();
  const both = { ladder: "PIT", origin: "CALLOUT", rated: false, sealed: false, entryIds: [], stakes: null } as const;
  await createContests.call(tx, arena.platform, [{ ...both, botIds: [bot.botId, other.botId] }]);
};
const events = async ({ botId }: ArenaBot) =>
  (await arena.rows<{ payload: string }>("SELECT payload FROM stream_event WHERE stream = $1", [`bot:${botId}`])).map(
    ({ payload }) => JSON.parse(payload) as object,
  );

describe("matching", () => {
  test("forty bots that join at the same instant are all in, none twice, and nobody is in two contests", async () => {
    const bots = await Promise.all(Array.from({ length: 40 }, () => arena.newBot()));
    const makers = ["one", "two", "three"].map((node) => startMatchmakers(arena.platform, node));
    await releaseLease(arena.platform.db, lease);
    const answers = await Promise.all([...bots, ...bots].map((bot) => join(bot, { ladder: "PIT_SLOW" })));
    while ((await contests()).length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all(makers.map((maker) => maker.stop()));
    expect(answers.filter((answer) => answer === "JOINED")).toHaveLength(40);
    const playing = (await contests()).flatMap(({ bots: two }) => two);
    expect(playing.toSorted()).toEqual(bots.map(({ botId }) => botId).toSorted());
    expect(await arena.rows("SELECT FROM live_participation")).toHaveLength(40);
  });

  test("two of different owners meet rated, two of one owner unrated", async () => {
    const [a, b] = [await arena.newBot(), await arena.newBot()];
    await Promise.all([join(a), join(b)]);
    expect(await match()).toBe(1);
    arena.now = new Date(arena.now.getTime() + 1_000);
    const [c, d] = [await arena.newBot({ ownerId: a.ownerId }), await arena.newBot({ ownerId: a.ownerId })];
    await Promise.all([join(c), join(d)]);
    expect(await match()).toBe(1);
    expect((await contests()).map(({ rated, origin }) => ({ rated, origin }))).toEqual([
      { rated: true, origin: "RATED_QUEUE" },
      { rated: false, origin: "RATED_QUEUE" },
    ]);
    expect((await Promise.all([a, b, c, d].map(statusOf))).flat()).toEqual(Array<string>(4).fill("PLAYING"));
  });

  test("after ten rated contests within a day the eleventh of two bots is unrated, and their sides alternate", async () => {
    const [a, b] = [await arena.newBot(), await arena.newBot()];
    for (let contest = 0; contest < 11; contest++) {
      arena.now = new Date(arena.now.getTime() + 1_000);
      await Promise.all([join(a), join(b)]);
      await match();
      await arena.rows("DELETE FROM live_participation");
      await arena.rows("UPDATE queue_entry SET status = 'DONE'");
    }
    const made = await contests();
    expect(made.map(({ rated }) => rated)).toEqual([...Array<boolean>(10).fill(true), false]);
    const firstSides = made.map(({ bots }) => bots[0]);
    expect(firstSides.filter((botId) => botId === a.botId).length).toBeGreaterThanOrEqual(5);
    expect(firstSides.every((botId, index) => index === 0 || botId !== firstSides[index - 1])).toBe(true);
  });

  test("a bot that falls silent while it waits expires, and its stream says so", async () => {
    const bot = await arena.newBot();
    await join(bot);
    arena.now = new Date(arena.now.getTime() + 45_001);
    await match();
    expect(await statusOf(bot)).toEqual(["EXPIRED"]);
    expect(await events(bot)).toMatchObject([{ type: "QueueLeft", reason: "EXPIRED" }]);
  });

  test.each([
    "UPDATE bot SET archived_at = now() WHERE id = $1",
    "UPDATE bot SET suspended_at = now() WHERE id = $1",
    "UPDATE app_user SET suspended_at = now() WHERE id = (SELECT owner_id FROM bot WHERE id = $1)",
  ])("who is barred while it waits meets nobody more: %s", async (bar) => {
    const [gone, other] = [await arena.newBot(), await arena.newBot()];
    await Promise.all([join(gone), join(other)]);
    await arena.rows(bar, [gone.botId]);
    await match();
    expect(await contests()).toEqual([]);
    expect(await statusOf(gone)).toEqual(["EXPIRED"]);
    expect(await statusOf(other)).toEqual(["WAITING"]);
  });

  test("who waits five seconds for practice meets a house bot, unrated; house bots meet many at once", async () => {
    const house = await arena.newBot({ house: true });
    const [a, b, c] = [await arena.newBot(), await arena.newBot(), await arena.newBot()];
    await join(a, { mode: "PRACTICE" });
    await match();
    expect(await contests()).toEqual([]);
    arena.now = new Date(arena.now.getTime() + 5_000);
    await match();
    await join(b, { mode: "PRACTICE" });
    await join(c, { mode: "PRACTICE" });
    await match();
    arena.now = new Date(arena.now.getTime() + 5_000);
    const d = await arena.newBot();
    await join(d, { mode: "PRACTICE" });
    arena.now = new Date(arena.now.getTime() + 5_000);
    await match();
    const made = await contests();
    // Contests of one instant come in any order.
    expect(made).toHaveLength(3);
    expect(made.filter(({ bots }) => bots.includes(house.botId))).toHaveLength(2);
    expect(made.every(({ rated, origin }) => !rated && origin === "PRACTICE_QUEUE")).toBe(true);
  });

  test("a bot that is in a contest of the ladder keeps its place and is left out", async () => {
    const [a, b] = [await arena.newBot(), await arena.newBot()];
    await Promise.all([join(a), join(b)]);
    await arena.platform.db.transact((tx) => openOne(tx, a));
    expect(await match()).toBe(0);
    expect([await statusOf(a), await statusOf(b)]).toEqual([["WAITING"], ["WAITING"]]);
  });
});

/** A team of the owners of some bots. */
async function team(...bots: ArenaBot[]): Promise<void> {
  const id = arena.platform.random.id(arena.now);
  await arena.rows("INSERT INTO team (id, name, created_at) VALUES ($1, $2, $3)", [id, `Team ${id}`, arena.now]);
  await arena.rows(
    "INSERT INTO team_member (team_id, user_id, role, joined_at) SELECT $1, unnest($2::uuid[]), 'MEMBER', $3",
    [id, bots.map(({ ownerId }) => ownerId), arena.now],
  );
}

describe("a round of Quake", () => {
  const QUAKE = "QUAKE" as const;
  /** Bots join one after the other, and are matched when the first has waited for as long as it does. */
  async function meet(...bots: ArenaBot[]): Promise<void> {
    for (const { botId } of bots) {
      await arena.rows(
        "INSERT INTO queue_entry (id, bot_id, ladder, mode, sealed, joined_at) VALUES ($1, $2, 'QUAKE', 'RATED', false, $3)",
        [arena.platform.random.id(arena.now), botId, arena.now],
      );
      arena.now = new Date(arena.now.getTime() + 1);
    }
    arena.now = new Date(arena.now.getTime() + 5_000);
    const quake = (await holdLease(arena.platform.db, "matchmaker:QUAKE", "tests"))!;
    await matchOnce(arena.platform, QUAKE, quake);
  }
  const newBots = (count: number) => Promise.all(Array.from({ length: count }, () => arena.newBot()));
  const played = async () => (await contests()).map(({ rated, bots }) => ({ rated, bots: bots.toSorted() }));
  const idsOf = (...bots: ArenaBot[]) => bots.map(({ botId }) => botId).toSorted();

  test("of four of different teams is rated", async () => {
    const [a, b, c, d] = (await newBots(4)) as [ArenaBot, ArenaBot, ArenaBot, ArenaBot];
    await Promise.all([team(a), team(b), team(c)]);
    await meet(a, b, c, d);
    expect(await played()).toEqual([{ rated: true, bots: idsOf(a, b, c, d) }]);
  });

  test("of one and those of both its teams is unrated", async () => {
    const [a, b, c] = (await newBots(3)) as [ArenaBot, ArenaBot, ArenaBot];
    await Promise.all([team(a, b), team(a, c)]);
    await meet(a, b, c);
    expect(await played()).toEqual([{ rated: false, bots: idsOf(a, b, c) }]);
  });

  test("has one of a team where others are, and is rated", async () => {
    const [a, mate, c, d, e] = (await newBots(5)) as [ArenaBot, ArenaBot, ArenaBot, ArenaBot, ArenaBot];
    await team(a, mate);
    // Without the team the fourth of those who are equal would come, and not this one.
    await arena.rows("INSERT INTO rating (ladder, bot_id, elo) VALUES ('QUAKE', $1, 1001)", [e.botId]);
    await meet(a, mate, c, d, e);
    expect(await played()).toEqual([{ rated: true, bots: idsOf(a, c, d, e) }]);
  });

  const strangers = (_stays: ArenaBot, absent: ArenaBot, comes: ArenaBot) => team(absent, comes);
  async function oftenMet(stays: ArenaBot, _absent: ArenaBot, comes: ArenaBot): Promise<void> {
    const botIds = [stays.botId, comes.botId] as const;
    const met = { ladder: QUAKE, origin: "RATED_QUEUE", rated: true, sealed: false, stakes: null } as const;
    for (let time = 0; time < arena.platform.settings.ratedPerPairPerDayMax; time++) {
      await arena.platform.db.transact((tx) =>
        createContests.call(tx, arena.platform, [{ ...met, botIds, entryIds: [] }]),
      );
      await arena.rows("DELETE FROM live_participation");
      await arena.rows("UPDATE contest SET status = 'COMPLETED', ended_at = now()");
    }
  }
  test.each([
    ["a team-mate", (stays: ArenaBot, _absent: ArenaBot, comes: ArenaBot) => team(stays, comes), false],
    ["one that the other met too often today", oftenMet, false],
    ["a stranger", strangers, true],
  ])("into which %s comes for another", async (_who, arrange, rated) => {
    const [stays, absent, comes] = (await newBots(3)) as [ArenaBot, ArenaBot, ArenaBot];
    await arrange(stays, absent, comes);
    await meet(stays, absent);
    await meet(comes);
    const [contest] = await arena.rows<{ id: string }>("SELECT id FROM contest WHERE status = 'ANNOUNCED'");
    const swap = { contestId: contest?.id ?? "", ladder: QUAKE, botId: absent.botId };
    const found = await arena.platform.db.transact((tx) => replaceParticipant(tx, arena.platform, swap));
    expect(found).toMatchObject({ botId: comes.botId, rated });
    expect((await played()).at(-1)).toEqual({ rated, bots: idsOf(stays, comes) });
  });
});

describe("the lease", () => {
  test("is one holder's until it expires, and each new holder has a higher fence", async () => {
    const { db } = arena.platform;
    const first = (await holdLease(db, "turn", "a"))!;
    expect(await holdLease(db, "turn", "b")).toBeNull();
    expect(await holdLease(db, "turn", "a")).toEqual(first);
    await arena.rows("UPDATE lease SET expires_at = now() - interval '1 second' WHERE name = 'turn'");
    const second = (await holdLease(db, "turn", "b"))!;
    expect(BigInt(second.fence)).toBeGreaterThan(BigInt(first.fence));
    await releaseLease(db, first);
    expect(await holdLease(db, "turn", "c")).toBeNull();
    await releaseLease(db, second);
    expect((await holdLease(db, "turn", "c"))?.holder).toBe("c");
  });

  test("a stale holder's round writes nothing: no contest, no expiry", async () => {
    const stale = lease;
    await arena.rows("UPDATE lease SET expires_at = now() - interval '1 second'");
    const fresh = (await holdLease(arena.platform.db, "matchmaker:PIT", "another"))!;
    const silent = await arena.newBot();
    await join(silent);
    arena.now = new Date(arena.now.getTime() + 45_001);
    const [a, b] = [await arena.newBot(), await arena.newBot()];
    await Promise.all([join(a), join(b)]);
    expect(await match(stale)).toBe(0);
    expect(await contests()).toEqual([]);
    expect((await Promise.all([silent, a, b].map(statusOf))).flat()).toEqual(["WAITING", "WAITING", "WAITING"]);
    expect(await match(fresh)).toBe(1);
    expect(await statusOf(silent)).toEqual(["EXPIRED"]);
    await releaseLease(arena.platform.db, fresh);
  });
});
