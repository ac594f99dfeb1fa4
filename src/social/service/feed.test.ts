import { afterAll, beforeAll, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Statement } from "../../platform/statement.ts";
import { feedPage, type FeedKey, type FeedRow } from "./reads.ts";

const [PEOPLE, BOTS, CONTESTS] = [20, 600, 1_200];
const [LONG, MINUTE_MS] = [1_150, 60_000];
const FAN = "00000000-0000-7000-8000-00000000fa00";
const FEW = "00000000-0000-7000-8000-00000000fe00";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
  const id = (kind: string, n: string) => `('${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  const [owner, bot] = [id("00000000", "n % 20 + 1"), id("00000001", "n % 600")];
  await arena.rows(
    `INSERT INTO app_user (id, handle, created_at) SELECT u, 'fan' || u, now() FROM unnest($1::uuid[]) u`,
    [[FAN, FEW]],
  );
  await arena.rows(
    `INSERT INTO app_user (id, handle, created_at) SELECT ${owner}, 'star' || n, now() FROM generate_series(0, 19) n`,
  );
  await arena.rows(
    `INSERT INTO bot (id, owner_id, name, created_at) SELECT ${bot}, ${owner}, 'b' || n, now() FROM generate_series(0, ${BOTS - 1}) n`,
  );
  await arena.rows(
    `INSERT INTO user_follow (follower_id, user_id, at) SELECT f.id, ${owner}, now() FROM generate_series(0, ${PEOPLE - 1}) n, unnest($1::uuid[]) f(id) WHERE f.id = $2 OR n = 3`,
    [[FAN, FEW], FAN],
  );
  // One a minute, which lasts a minute; one that began among the last goes on for hours.
  await arena.rows(
    `INSERT INTO contest (id, ladder, status, origin, rated, seed_hash, seed, created_at, started_at, ended_at)
     SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
            'PIT', 'COMPLETED', 'CALLOUT', false, '\\x00', '\\x00', at, at, at + CASE n WHEN ${LONG} THEN interval '9 hours' ELSE interval '1 minute' END
     FROM generate_series(0, ${CONTESTS - 1}) n, LATERAL (SELECT $1::timestamptz + n * interval '1 minute' AS at) a`,
    [arena.now],
  );
  await arena.rows(
    `INSERT INTO contest_participant (contest_id, side, bot_id, ladder)
     SELECT c.id, 0, ${bot}, 'PIT' FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1)::int AS n FROM contest) c`,
  );
  await arena.rows("ANALYZE");
});
afterAll(() => arena.stop());

const keyOf = (row: FeedRow | undefined): FeedKey | null => (row ? { at: row.at, id: row.id } : null);
/** Which contests a person's feed tells of, in its order, by pages from the front or from the back. */
async function told(userId: string, size: number, backward: boolean): Promise<number[]> {
  let rows: FeedRow[] = [];
  for (let more = true; more; ) {
    const place = { after: backward ? null : keyOf(rows.at(-1)), before: backward ? keyOf(rows[0]) : null };
    const page = await feedPage(arena.platform, userId, { ...place, size, backward });
    rows = backward ? [...page.rows, ...rows] : [...rows, ...page.rows];
    more = backward ? page.hasPrevious : page.hasNext;
  }
  return rows.map(({ id }) => Number.parseInt(id.slice(-12), 16));
}

const NEWEST_FIRST = Array.from({ length: CONTESTS }, (_none, n) => CONTESTS - 1 - n);
const ENDED_LAST_FIRST = [LONG, ...NEWEST_FIRST.filter((n) => n !== LONG)];

test("page by page a feed tells of every contest, however many bots fought, one that lasted long where it ended", async () => {
  expect(await told(FAN, 100, false)).toEqual(ENDED_LAST_FIRST);
});

test("the pages from the back are those from the front", async () => {
  const ofOne = ENDED_LAST_FIRST.filter((n) => n % PEOPLE === 3);
  expect(await told(FEW, 7, false)).toEqual(ofOne);
  expect(await told(FEW, 7, true)).toEqual(ofOne);
});

type Plan = { "Relation Name"?: string; "Actual Rows": number; "Actual Loops": number; Plans?: Plan[] };
const readOf = (plan: Plan, table: string): number =>
  (plan["Relation Name"] === table ? plan["Actual Rows"] * plan["Actual Loops"] : 0) +
  (plan.Plans ?? []).reduce((sum, each) => sum + readOf(each, table), 0);

/** How many rows of a table a page behind a place reads, in a database whose tables are too large to be read in full. */
async function cost(after: FeedKey | null, table: string): Promise<number> {
  const asked: [string, unknown[]][] = [];
  const query = async (statement: Statement<unknown>, values: unknown[]) => {
    asked.push([statement.text, values]);
    return [];
  };
  const platform = { ...arena.platform, db: { ...arena.platform.db, query } } as unknown as Platform;
  await feedPage(platform, FAN, { after, before: null, size: 12, backward: false });
  const [text, values] = asked[0] ?? ["", []];
  const client = await arena.platform.db.pool.connect();
  try {
    await client.query(
      "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
    );
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    return readOf(rows[0]?.["QUERY PLAN"][0].Plan as Plan, table);
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
}

test("a page looks at the bots that fought last, and behind a place at no contest that began later", async () => {
  expect(await cost(null, "contest")).toBe(1_000);
  const at = new Date(arena.now.getTime() + 100 * MINUTE_MS);
  expect(await cost({ at, id: FAN }, "contest")).toBeLessThanOrEqual(102);
});
