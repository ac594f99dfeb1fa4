import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { until } from "../../../tests/harness/until.ts";
import { openPools } from "../../ladder/events.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { waitingMatches } from "../store.ts";
import { Grounds } from "../strategy/grounds.ts";
import { createMatches } from "./create.ts";
import { Elsewhere, type Claim } from "./elsewhere.ts";
import { limitsOf, startHosting } from "./hosting.ts";
import type { Pool } from "./pool.ts";
import { Ways } from "./ways.ts";

// Which matches a node takes, with servers that are only thought of.

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
  openPools.bind(() => Promise.resolve(new Map()));
});
afterAll(() => arena.stop());

/** Servers elsewhere of which each can be claimed once. */
class Claims extends Elsewhere {
  private readonly claims: Claim[];

  constructor(node: string, claims: Claim[]) {
    super(arena.platform, node, new Ways(arena.platform), 1);
    this.claims = claims;
  }

  override async claim(): Promise<Claim | null> {
    return this.claims.shift() ?? null;
  }
}

const NO_POOL: Pool = {
  place: "00000000-0000-7000-8000-000000000000",
  rent: async () => null,
  states: () => [],
  servers: () => [],
  drain: () => undefined,
  room: () => 0,
  stop: async () => undefined,
};

function hostOn(claims: Claim[]) {
  const node = arena.platform.random.id(new Date());
  const hosting = startHosting(arena.platform, node, {
    ...{ pool: NO_POOL, elsewhere: new Claims(node, claims), limits: limitsOf(1, 1), timescale: 1 },
    grounds: new Grounds(DEBIAN),
  });
  return { node, hosting };
}

async function announce(mode: "RATED" | "PRACTICE" = "RATED"): Promise<string> {
  const bots = [await arena.newBot(), await arena.newBot()];
  const rated = mode === "RATED";
  const pairing = { ladder: "QUAKE", origin: `${mode}_QUEUE`, rated, sealed: false, stakes: null } as const;
  const [id = ""] = await arena.platform.db.transact((tx) =>
    createMatches(tx, arena.platform, [{ ...pairing, botIds: bots.map(({ botId }) => botId), entryIds: [] }]),
  );
  return id;
}

/** Waits until a node has begun a look, by when it says that it is there. */
async function looksOf(node: string, times: number): Promise<void> {
  for (let seen = 0; seen < times; seen++) {
    arena.now = new Date(arena.now.getTime() + 1_000);
    await until(async () => {
      const beats = await arena.rows("SELECT FROM quake_host WHERE node = $1 AND beat_at = $2", [node, arena.now]);
      return beats.length > 0;
    }, "a look");
  }
}

test("a match that a node has handed back is taken by it again when it has done with it, and not before", async () => {
  const id = await announce();
  const rented: string[] = [];
  let leave = (): void => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const later = (name: string, giveUp: () => Promise<void>): Claim => ({
    rent: async () => {
      rented.push(name);
      return "LATER";
    },
    giveUp,
  });
  const { node, hosting } = hostOn([later("first", () => left), later("second", async () => undefined)]);
  await until(async () => {
    const postponed = "SELECT FROM stream_event WHERE stream = $1 AND type = 'MatchPostponed'";
    return (await arena.rows(postponed, [`match:${id}`])).length > 0;
  }, "the match's return");
  // The second look begins after the first has ended.
  await looksOf(node, 2);
  expect(rented).toEqual(["first"]);
  expect(hosting.running()).toBe(1);
  leave();
  await until(() => rented.length === 2 && hosting.running() === 0, "the match's second run");
  await hosting.stop();
});

test("a match for which no server could be made ready lets those go first that wait behind it", async () => {
  await arena.rows("UPDATE quake_match SET phase = 'VOIDED'");
  const [first, second] = [await announce(), await announce()];
  const attempts = async () =>
    (
      await arena.rows<{ stream: string }>("SELECT stream FROM stream_event WHERE type = 'MatchPostponed' ORDER BY at")
    ).flatMap(({ stream }) => [first, second].flatMap((id, place) => (stream === `match:${id}` ? [place] : [])));
  const later: Claim = { rent: async () => "LATER", giveUp: async () => undefined };
  const claims = [later];
  const { node, hosting } = hostOn(claims);
  for (const tried of [[0], [0, 1], [0, 1, 0]]) {
    await until(async () => (await attempts()).length === tried.length && hosting.running() === 0, "a try");
    expect(await attempts()).toEqual(tried);
    claims.push(later);
    await looksOf(node, 1);
  }
  await hosting.stop();
});

test("rated matches are begun before practice that waits longer, and others as they came", async () => {
  await arena.rows("UPDATE quake_match SET phase = 'VOIDED'");
  const waiting = [await announce("PRACTICE"), await announce("PRACTICE"), await announce(), await announce()];
  const ids = async (limit: number, skipped: string[] = []) => {
    const rows = await arena.platform.db.query(waitingMatches, [arena.now, limit, skipped]);
    return rows.map(({ id }) => waiting.indexOf(id));
  };
  expect(await ids(9)).toEqual([2, 3, 0, 1]);
  expect(await ids(2, waiting.slice(2, 3))).toEqual([3, 0]);
});

type Plan = { [name: string]: unknown; Plans?: Plan[] };

/** How many rows a plan looked at, with those that it threw away. */
function lookedAt(plan: Plan): number {
  const rows = Number(plan["Actual Rows"]) + Number(plan["Rows Removed by Filter"] ?? 0);
  return (plan.Plans ?? []).reduce((sum, beneath) => sum + lookedAt(beneath), rows * Number(plan["Actual Loops"]));
}

test("what is begun next is found without walking all that waits", async () => {
  const one = await announce("PRACTICE");
  await arena.rows(
    `WITH more AS (INSERT INTO contest SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid()))).*
       FROM contest c, generate_series(1, 3000) WHERE c.id = $1 RETURNING id)
     INSERT INTO quake_match SELECT (jsonb_populate_record(m, jsonb_build_object('id', more.id))).* FROM quake_match m, more WHERE m.id = $1`,
    [one],
  );
  await arena.rows("ANALYZE contest, quake_match");
  const [explained] = await arena.rows<{ "QUERY PLAN": { Plan: Plan }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${waitingMatches.text}`,
    [arena.now, 18, []],
  );
  expect(lookedAt(explained?.["QUERY PLAN"][0]?.Plan ?? {})).toBeLessThan(200);
});
