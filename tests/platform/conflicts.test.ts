import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDatabase, type Database, type Tx } from "../../src/platform/database.ts";
import { openPrisma } from "../../src/platform/prisma.ts";
import { isRetryable } from "../../src/platform/retryable.ts";
import { statement } from "../../src/platform/statement.ts";
import { freshDatabase } from "../harness/database.ts";

// Real conflicts on a table of the test's own: what `transact` runs again, how often, and what it leaves alone.
const snapshot = statement("test.snapshot", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", {});
const read = statement("test.read", "SELECT n FROM tally WHERE id = $1", { n: "int4" });
const write = statement("test.write", "UPDATE tally SET n = $2 WHERE id = $1", {});
const add = statement("test.add", "UPDATE tally SET n = n + $2 WHERE id = $1", {});
const insert = statement("test.insert", "INSERT INTO tally VALUES ($1, $2)", {});

let database: { url: string; drop(): Promise<void> };
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url);
  await db.pool.query("CREATE TABLE tally (id text PRIMARY KEY, n int NOT NULL)");
});
beforeEach(() => db.pool.query("INSERT INTO tally VALUES ('a', 0), ('b', 0)"));
afterEach(() => db.pool.query("TRUNCATE tally"));
afterAll(async () => {
  await db.close();
  await database.drop();
});

const tally = async () =>
  Object.fromEntries(
    (await db.pool.query<{ id: string; n: number }>("SELECT id, n FROM tally")).rows.map(({ id, n }) => [id, n]),
  );

/** Lets the first two that come go on together; later ones pass. */
function meeting(): () => Promise<void> {
  const both = Promise.withResolvers<void>();
  let came = 0;
  return () => {
    if (++came === 2) both.resolve();
    return both.promise;
  };
}

describe("a whole transaction is run again", () => {
  test("after a serialization failure, and no write is lost", async () => {
    const meet = meeting();
    const failures: unknown[] = [];
    const told: number[] = [];
    let attempts = 0;
    const increment = async (tx: Tx) => {
      attempts++;
      await tx.query(snapshot, []);
      const [row] = await tx.query(read, ["a"]);
      await meet();
      const n = (row?.n ?? 0) + 1;
      tx.afterCommit(() => void told.push(n));
      await tx.query(write, ["a", n]).catch((error: unknown) => {
        failures.push((error as { code?: string }).code);
        throw error;
      });
    };
    await Promise.all([db.transact(increment), db.transact(increment)]);
    expect(failures).toEqual(["40001"]);
    expect(attempts).toBe(3);
    expect(await tally()).toEqual({ a: 2, b: 0 });
    // What the failed attempt would have told is never told.
    expect(told).toEqual([1, 2]);
  });

  test("after a deadlock, and both writes are there once", async () => {
    const meet = meeting();
    const failures: unknown[] = [];
    let attempts = 0;
    const move = (from: string, to: string) => async (tx: Tx) => {
      attempts++;
      await tx.query(add, [from, -1]);
      await meet();
      await tx.query(add, [to, 3]).catch((error: unknown) => {
        failures.push((error as { code?: string }).code);
        throw error;
      });
    };
    await Promise.all([db.transact(move("a", "b")), db.transact(move("b", "a"))]);
    expect(failures).toEqual(["40P01"]);
    expect(attempts).toBe(3);
    expect(await tally()).toEqual({ a: 2, b: 2 });
  });

  test.each([
    ["a conflict that stays is given up after five attempts", "40001", 5],
    ["a deadlock that stays is given up after five attempts", "40P01", 5],
    ["a statement that was cancelled is not tried again", "57014", 1],
    ["a failed check is not tried again", "23514", 1],
  ])("%s", async (_sentence, code, expected) => {
    const name = `test.fail_${code}`;
    const fail = statement(name, `DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '${code}'; END $$`, {});
    const told: string[] = [];
    let attempts = 0;
    const work = async (tx: Tx) => {
      attempts++;
      await tx.query(add, ["a", 1]);
      tx.afterCommit(() => void told.push("committed"));
      await tx.finish(fail, []);
    };
    await expect(db.transact(work)).rejects.toMatchObject({ code });
    expect(attempts).toBe(expected);
    expect(told).toEqual([]);
    expect(await tally()).toEqual({ a: 0, b: 0 });
  });

  test("a broken unique index is the caller's to understand, at once", async () => {
    let attempts = 0;
    const work = (tx: Tx) => (attempts++, tx.query(insert, ["a", 1]));
    await expect(db.transact(work)).rejects.toMatchObject({ code: "23505", constraint: "tally_pkey" });
    expect(attempts).toBe(1);
    // Every connection went back to the pool, out of its transaction.
    expect(db.pool.idleCount).toBe(db.pool.totalCount);
    expect(await tally()).toEqual({ a: 0, b: 0 });
  });
});

describe("Prisma's errors", () => {
  const prisma = () => openPrisma(database.url);
  const isolated = { isolationLevel: "RepeatableRead" } as const;

  test("a conflict is known as one in each way in which Prisma shows it, and a time-out is not", async () => {
    const client = prisma();
    const id = "01890000-0000-7000-8000-000000000001";
    await client.user.create({ data: { id, handle: "conflict", createdAt: new Date() } });
    const overtaken = (late: (tx: Parameters<Parameters<typeof client.$transaction>[0]>[0]) => Promise<unknown>) =>
      client
        .$transaction(async (tx) => {
          await tx.user.findMany();
          await db.pool.query("UPDATE app_user SET created_at = now()");
          await late(tx);
        }, isolated)
        .then(
          () => null,
          (error: unknown) => error as { code?: string },
        );
    const model = await overtaken((tx) => tx.user.update({ where: { id }, data: { createdAt: new Date() } }));
    const raw = await overtaken((tx) => tx.$executeRaw`UPDATE app_user SET created_at = now()`);
    const late = await client
      .$transaction(() => new Promise((resolve) => setTimeout(resolve, 200)).then(() => client.user.count()), {
        timeout: 50,
      })
      .catch((error: unknown) => error as { code?: string });
    await client.$disconnect();
    expect([model, raw].map((error) => [error?.code, isRetryable(error)])).toEqual([
      ["P2034", true],
      ["P2010", true],
    ]);
    expect([(late as { code?: string }).code, isRetryable(late)]).toEqual(["P2028", false]);
  });
});
