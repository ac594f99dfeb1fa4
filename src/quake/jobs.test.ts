import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openArena, type Arena } from "../../tests/harness/arena.ts";
import { until } from "../../tests/harness/until.ts";
import { openPools } from "../ladder/events.ts";
import { startMatchSweep } from "./jobs.ts";
import { createMatches } from "./service/create.ts";
import { abandonedMatches, beatHost } from "./store.ts";

// What becomes of a match that nobody begins.

const MINUTE_MS = 60_000;
let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
  openPools.bind(() => Promise.resolve(new Map()));
});
afterAll(() => arena.stop());

const pass = (ms: number) => (arena.now = new Date(arena.now.getTime() + ms));
const phaseOf = async (id: string) =>
  (await arena.rows<{ phase: string }>("SELECT phase FROM quake_match WHERE id = $1", [id]))[0]?.phase;

async function announce(): Promise<string> {
  const { platform } = arena;
  const botIds = [(await arena.newBot()).botId, (await arena.newBot()).botId];
  const pairing = { ladder: "QUAKE", origin: "PRACTICE_QUEUE", rated: false, sealed: false, stakes: null } as const;
  const [id = ""] = await platform.db.transact((tx) =>
    createMatches(tx, platform, [{ ...pairing, botIds, entryIds: [] }]),
  );
  return id;
}

/** Waits until matches made before have been swept: one made now, that has waited for an hour, is void. */
async function swept(): Promise<void> {
  const id = await announce();
  await arena.rows("UPDATE quake_match SET starts_at = starts_at - interval '1 hour' WHERE id = $1", [id]);
  await until(async () => (await phaseOf(id)) === "VOIDED", "a sweep");
}

test("a match that waits behind others is void only when no node has had a server for ten minutes", async () => {
  const { platform } = arena;
  const node = platform.random.id(arena.now);
  const id = await announce();
  pass(30 * MINUTE_MS);
  const sweeping = startMatchSweep(platform, node);
  await swept();
  pass(9 * MINUTE_MS);
  await platform.db.query(beatHost, [node, 1, 1, arena.now]);
  await swept();
  pass(9 * MINUTE_MS);
  await swept();
  expect(await phaseOf(id)).toBe("ANNOUNCED");
  pass(1 * MINUTE_MS);
  await until(async () => (await phaseOf(id)) === "VOIDED", "the end of what no node has a server for");
  expect(await arena.rows("SELECT DISTINCT void_reason FROM contest")).toEqual([{ void_reason: "NO_NODE" }]);
  await sweeping.stop();
});

test("an outage of the database does not count: no node could say in it that it has servers", async () => {
  const { platform } = arena;
  const node = platform.random.id(arena.now);
  const id = await announce();
  const sweeping = startMatchSweep(platform, node);
  await swept();
  const warned = vi.spyOn(platform.log, "warn");
  await arena.rows("ALTER TABLE quake_match RENAME TO quake_match_away");
  pass(11 * MINUTE_MS);
  await until(async () => warned.mock.calls.length > 0, "a sweep that fails");
  await arena.rows("ALTER TABLE quake_match_away RENAME TO quake_match");
  await swept();
  expect(await phaseOf(id)).toBe("ANNOUNCED");
  await sweeping.stop();
});

test("a match whose node is gone is found behind any number that wait", async () => {
  const [waits, lost] = [await announce(), await announce()];
  await arena.rows(
    `WITH more AS (INSERT INTO contest SELECT (jsonb_populate_record(c, jsonb_build_object('id', overlay(c.id::text placing lpad(n::text, 4, '0') from 20)))).*
       FROM contest c, generate_series(1, 300) n WHERE c.id = $1 RETURNING id)
     INSERT INTO quake_match SELECT (jsonb_populate_record(m, jsonb_build_object('id', more.id))).* FROM quake_match m, more WHERE m.id = $1`,
    [waits],
  );
  await arena.rows("UPDATE quake_match SET phase = 'JOINING' WHERE id = $1", [lost]);
  const [first] = await arena.platform.db.query(abandonedMatches, []);
  expect(first?.id).toBe(lost);
});
