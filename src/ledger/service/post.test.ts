import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { until } from "../../../tests/harness/until.ts";
import { amountOf, AMOUNT_MAX } from "../../platform/money.ts";
import {
  available,
  escrow,
  held,
  move,
  platformAccount,
  pool,
  type Account,
  type Journal,
  type JournalKind,
  type Posting,
} from "../rules.ts";
import { post, reverse } from "./post.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena.stop());

const faucet = platformAccount("house:faucet");
let made = 0;

const journalOf = (
  postings: readonly Posting[],
  key = `test ${made++}`,
  kind: JournalKind = "CORRECTION",
): Journal => ({
  kind,
  reference: "User:00000000-0000-7000-8000-000000000001",
  key,
  postings,
});
const posting = (journal: Journal) => arena.platform.db.transact((tx) => post(tx, arena.platform, journal));
const outcomeOf = (answer: Awaited<ReturnType<typeof posting>>) =>
  answer.ok ? (answer.repeated ? "REPEATED" : "POSTED") : answer.code;

/** A user with so much to spend. */
async function userWith(units: bigint): Promise<string> {
  const { ownerId } = await arena.newBot();
  if (units > 0n) await posting(journalOf(move(faucet, available(ownerId), amountOf(units))));
  return ownerId;
}

async function balanceOf({ account, subjectId }: Account): Promise<bigint> {
  const text = "SELECT balance FROM user_balance WHERE account = $1 AND user_id = $2";
  return BigInt((await arena.rows<{ balance: string }>(text, [account, subjectId]))[0]?.balance ?? 0);
}
async function sumOf({ account, subjectId }: Account): Promise<bigint> {
  const text = "SELECT coalesce(sum(amount), 0) AS sum FROM posting WHERE account = $1 AND subject_id = $2";
  return BigInt((await arena.rows<{ sum: string }>(text, [account, subjectId]))[0]!.sum);
}
const journals = async () => Number((await arena.rows<{ count: string }>("SELECT count(*) FROM journal"))[0]!.count);

const CONNECTIONS = 16;

/** Holds a user's balance until every connection of the pool waits for it, so that all really meet there. */
async function meeting<T>(userId: string, send: () => Promise<T>[]): Promise<T[]> {
  const { connectionString } = arena.platform.db.pool.options;
  // A transaction sees the activity of its first look only: somebody else must look.
  const [holder, watcher] = [new pg.Client({ connectionString }), new pg.Client({ connectionString })];
  await Promise.all([holder.connect(), watcher.connect()]);
  try {
    await holder.query("BEGIN");
    await holder.query("SELECT FROM user_balance WHERE user_id = $1 FOR UPDATE", [userId]);
    const sent = Promise.all(send());
    const waiting = `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await watcher.query<{ count: number }>(waiting)).rows[0]?.count === CONNECTIONS, "all");
    await holder.query("COMMIT");
    return await sent;
  } finally {
    await Promise.all([holder.end(), watcher.end()]);
  }
}

test("a journal moves what it says, to the last unit of 10^29 and more", async () => {
  const [ann, bob] = [await userWith(10n ** 29n + 1n), await userWith(0n)];
  await posting(journalOf(move(available(ann), available(bob), amountOf(10n ** 29n))));
  expect([await balanceOf(available(ann)), await balanceOf(available(bob))]).toEqual([1n, 10n ** 29n]);
});

test("a user's last unit can be spent and no more", async () => {
  const ann = await userWith(5n);
  expect(outcomeOf(await posting(journalOf(move(available(ann), pool(ann), amountOf(6n)))))).toBe("INSUFFICIENT_FUNDS");
  expect(outcomeOf(await posting(journalOf(move(available(ann), pool(ann), amountOf(5n)))))).toBe("POSTED");
  expect(outcomeOf(await posting(journalOf(move(available(ann), pool(ann), amountOf(1n)))))).toBe("INSUFFICIENT_FUNDS");
  expect([await balanceOf(available(ann)), await sumOf(pool(ann))]).toEqual([0n, 5n]);
});

test("who never had anything has too little", async () => {
  const ann = await userWith(0n);
  expect(outcomeOf(await posting(journalOf(move(available(ann), held(ann), amountOf(1n)))))).toBe("INSUFFICIENT_FUNDS");
});

test("a refusal writes nothing and leaves the transaction as it was", async () => {
  const [ann, before] = [await userWith(1n), await journals()];
  const answers = await arena.platform.db.transact(async (tx) => [
    outcomeOf(await post(tx, arena.platform, journalOf(move(available(ann), pool(ann), amountOf(2n))))),
    outcomeOf(await post(tx, arena.platform, journalOf(move(available(ann), pool(ann), amountOf(1n))))),
  ]);
  expect(answers).toEqual(["INSUFFICIENT_FUNDS", "POSTED"]);
  expect(await journals()).toBe(before + 1);
});

test("the same journal under the same key moves once, also when nothing is left", async () => {
  const ann = await userWith(5n);
  const journal = journalOf(move(available(ann), pool(ann), amountOf(5n)));
  const first = await posting(journal);
  const second = await posting(journal);
  expect([outcomeOf(first), outcomeOf(second)]).toEqual(["POSTED", "REPEATED"]);
  expect(second).toMatchObject({ journalId: first.ok && first.journalId });
  expect(await sumOf(pool(ann))).toBe(5n);
});

test.each<[string, (journal: Journal, bob: string) => Journal]>([
  ["another amount", (j) => ({ ...j, postings: j.postings.map((each) => ({ ...each, amount: each.amount * 2n })) })],
  ["another account", (j, bob) => ({ ...j, postings: [j.postings[0]!, { ...j.postings[1]!, subjectId: bob }] })],
  ["another kind", (j) => ({ ...j, kind: "BET" })],
  ["another reference", (j, bob) => ({ ...j, reference: `User:${bob}` })],
])("a key is refused for a journal with %s", async (_sentence, changed) => {
  const [ann, bob] = [await userWith(9n), await userWith(0n)];
  const journal = journalOf(move(available(ann), pool(ann), amountOf(2n)));
  await posting(journal);
  expect(outcomeOf(await posting(changed(journal, bob)))).toBe("KEY_REUSED");
  expect(await balanceOf(available(ann))).toBe(7n);
});

test("a journal that no right caller would write is refused before the database sees it", async () => {
  const ann = await userWith(9n);
  await expect(posting(journalOf([{ ...available(ann), amount: -1n }]))).rejects.toThrow("TOO_FEW_POSTINGS");
  await expect(
    posting(
      journalOf([
        { ...available(ann), amount: -1n },
        { ...faucet, amount: 2n },
      ]),
    ),
  ).rejects.toThrow("NOT_BALANCED");
});

test("64 spend the whole balance at the same instant: one does", async () => {
  const ann = await userWith(1_000_000n);
  const spend = () => posting(journalOf(move(available(ann), pool(ann), amountOf(1_000_000n))));
  const answers = (await meeting(ann, () => Array.from({ length: 64 }, spend))).map(outcomeOf);
  expect(answers.filter((each) => each === "POSTED")).toHaveLength(1);
  expect(answers.filter((each) => each === "INSUFFICIENT_FUNDS")).toHaveLength(63);
  expect([await balanceOf(available(ann)), await sumOf(pool(ann))]).toEqual([0n, 1_000_000n]);
});

test("64 send the same journal at the same instant: it moves once, and all hear of the same one", async () => {
  const ann = await userWith(1_000_000n);
  const journal = journalOf(move(available(ann), pool(ann), amountOf(1_000_000n)));
  const answers = await meeting(ann, () => Array.from({ length: 64 }, () => posting(journal)));
  expect(answers.map(outcomeOf).filter((each) => each === "POSTED")).toHaveLength(1);
  expect(new Set(answers.map((answer) => answer.ok && answer.journalId)).size).toBe(1);
  expect(await balanceOf(available(ann))).toBe(0n);
});

test("two users who pay each other at once, over and over, neither wait in a circle nor lose a unit", async () => {
  const [ann, bob] = [await userWith(1_000n), await userWith(1_000n)];
  const payments = Array.from({ length: 100 }, (_none, index) =>
    posting(
      journalOf(
        index % 2 === 0
          ? move(available(ann), available(bob), amountOf(1n))
          : move(available(bob), available(ann), amountOf(1n)),
      ),
    ),
  );
  expect(new Set((await Promise.all(payments)).map(outcomeOf))).toEqual(new Set(["POSTED"]));
  expect([await balanceOf(available(ann)), await balanceOf(available(bob))]).toEqual([1_000n, 1_000n]);
});

describe("a reversal", () => {
  const reversing = (journalId: string) =>
    arena.platform.db.transact((tx) => reverse(tx, arena.platform, { journalId, reason: "a mistake" }));
  const paid = async (units: bigint) => {
    const ann = await userWith(units);
    const done = await posting(journalOf(move(available(ann), escrow(ann), amountOf(units))));
    return { ann, journalId: done.ok ? done.journalId : "" };
  };

  test("moves everything back, once", async () => {
    const { ann, journalId } = await paid(7n);
    expect(outcomeOf((await reversing(journalId)) as never)).toBe("POSTED");
    expect(outcomeOf((await reversing(journalId)) as never)).toBe("REPEATED");
    expect([await balanceOf(available(ann)), await sumOf(escrow(ann))]).toEqual([7n, 0n]);
  });

  test("says of which journal, and why, and is of its kind", async () => {
    const { journalId } = await paid(7n);
    await reversing(journalId);
    const [row] = await arena.rows("SELECT kind, reason FROM journal WHERE reverses_id = $1", [journalId]);
    expect(row).toEqual({ kind: "CORRECTION", reason: "a mistake" });
  });

  test("is refused when who got the money has spent it", async () => {
    const ann = await userWith(0n);
    const granted = await posting(journalOf(move(faucet, available(ann), amountOf(3n))));
    await posting(journalOf(move(available(ann), pool(ann), amountOf(2n))));
    expect(await reversing(granted.ok ? granted.journalId : "")).toMatchObject({ code: "INSUFFICIENT_FUNDS" });
  });

  test("of nothing is NOT_FOUND", async () => {
    expect(await reversing(crypto.randomUUID())).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the database refuses by itself", () => {
  const journal = (id: string, key = id) =>
    `INSERT INTO journal (id, kind, reference, key, at) VALUES ('${id}', 'CORRECTION', 'User:${id}', '${key}', now());`;
  const postings = (id: string, ...rows: [string, string, string][]) =>
    `INSERT INTO posting VALUES ${rows.map(([account, subject, amount]) => `('${id}', '${account}', '${subject}', ${amount})`).join(", ")};`;
  const NOBODY = "00000000-0000-0000-0000-000000000000";
  const pair = (amount: string): [string, string, string][] => [
    ["house:rake", NOBODY, amount],
    ["house:faucet", NOBODY, `-${amount}`],
  ];
  const run = async (text: string) => {
    const client = await arena.platform.db.pool.connect();
    try {
      await client.query(`BEGIN; ${text} COMMIT;`);
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    } finally {
      client.release();
    }
  };
  const fresh = () => crypto.randomUUID();

  test.each<[string, (id: string, user: string) => string, RegExp]>([
    ["a journal without postings", (id) => journal(id), /unbalanced journal/],
    ["a journal with one posting", (id) => journal(id) + postings(id, ["house:rake", NOBODY, "1"]), /unbalanced/],
    [
      "a journal that does not sum to zero",
      (id) => journal(id) + postings(id, ["house:rake", NOBODY, "2"], ["house:faucet", NOBODY, "-1"]),
      /unbalanced journal/,
    ],
    [
      "a posting that comes after its journal's",
      (id) =>
        journal(id) +
        postings(id, ...pair("1")) +
        postings(id, ["chain:loss", NOBODY, "1"], ["chain:custody", NOBODY, "-1"]),
      /all of its postings in one statement/,
    ],
    [
      "the same, when the journal was looked at before",
      (id) =>
        `SET CONSTRAINTS ALL IMMEDIATE; WITH j AS (${journal(id).replace(";", "")}) ${postings(id, ...pair("1"))}${postings(id, ["chain:loss", NOBODY, "1"])}`,
      /all of its postings in one statement/,
    ],
    ["a posting without a journal", (id) => postings(id, ...pair("1")), /posting_journal_id_fkey/],
    ["a posting of nothing", (id) => journal(id) + postings(id, ...pair("0")), /posting_moves/],
    [
      "an account that there is not",
      (id) => journal(id) + postings(id, ["house:gold", NOBODY, "1"]),
      /posting_account/,
    ],
    ["a pool of nothing", (id) => journal(id) + postings(id, ["pool", NOBODY, "1"]), /posting_subject/],
    ["a rake of somebody", (id) => journal(id) + postings(id, ["house:rake", id, "1"]), /posting_subject/],
    [
      "a user who falls below zero",
      (id, user) => journal(id) + postings(id, ["user:available", user, "-1"], ["house:rake", NOBODY, "1"]),
      /user_balance_covered/,
    ],
    [
      "money of a user who is nobody",
      (id) => journal(id) + postings(id, ["user:available", id, "1"], ["house:rake", NOBODY, "-1"]),
      /user_balance_user_id_fkey/,
    ],
    [
      "more than 78 digits",
      (id) => journal(id) + postings(id, ...pair((AMOUNT_MAX + 1n).toString())),
      /numeric field overflow/,
    ],
    ["a journal's change", () => "UPDATE journal SET reason = 'other';", /append-only/],
    ["a journal's removal", () => "DELETE FROM journal;", /append-only/],
    ["a posting's change", () => "UPDATE posting SET amount = amount * 2;", /append-only/],
    ["a posting's removal", () => "DELETE FROM posting;", /append-only/],
    ["a cut of everything", () => "TRUNCATE posting, journal;", /append-only/],
    ["a balance's change", () => "UPDATE user_balance SET balance = balance + 1;", /move with postings only/],
    [
      "a balance that is made",
      (_id, user) => `INSERT INTO user_balance VALUES ('user:available', '${user}', 1);`,
      /move with postings only/,
    ],
    ["a balance's removal", () => "DELETE FROM user_balance;", /move with postings only/],
  ])("%s", async (_sentence, text, words) => {
    const [user, before] = [await userWith(0n), await journals()];
    await expect(run(text(fresh(), user))).rejects.toThrow(words);
    expect(await journals()).toBe(before);
  });

  test("two journals with one key", async () => {
    const [one, two] = [fresh(), fresh()];
    await run(journal(one, "same") + postings(one, ...pair("1")));
    await expect(run(journal(two, "same") + postings(two, ...pair("1")))).rejects.toThrow(/journal_key_key/);
  });

  test("but not a right journal", async () => {
    const id = fresh();
    await run(journal(id) + postings(id, ...pair((10n ** 77n).toString())));
    await arena.platform.db.transact((tx) =>
      reverse(tx, arena.platform, { journalId: id, reason: "so that sums fit" }),
    );
    const [row] = await arena.rows<{ count: string }>("SELECT count(*) FROM posting WHERE journal_id = $1", [id]);
    expect(row).toEqual({ count: "2" });
  });
});

/** The machine of balances, as simple as it can be thought: what the database does must be what this does. */
class Model {
  readonly balances = new Map<string, bigint>();
  private readonly keys = new Map<string, string>();

  post({ key, postings }: Journal): string {
    const content = JSON.stringify(postings.map((each) => [each.account, each.subjectId, String(each.amount)]));
    const name = ({ account, subjectId }: Account) => `${account} ${subjectId}`;
    const after = postings.map((each) => [each, (this.balances.get(name(each)) ?? 0n) + each.amount] as const);
    const known = this.keys.get(key);
    if (known !== undefined) return known === content ? "REPEATED" : "KEY_REUSED";
    if (after.some(([each, left]) => each.account.startsWith("user:") && each.amount < 0n && left < 0n))
      return "INSUFFICIENT_FUNDS";
    this.keys.set(key, content);
    for (const [each, left] of after) this.balances.set(name(each), left);
    return "POSTED";
  }
}

test("whatever is posted in whatever order, the database answers and holds what the model does", async () => {
  const unit = fc.oneof(fc.bigInt({ min: 1n, max: 9n }), fc.constant(10n ** 29n), fc.constant(10n ** 29n + 1n));
  const command = fc.record({
    from: fc.nat({ max: 5 }),
    to: fc.nat({ max: 5 }),
    toRake: fc.boolean(),
    units: unit,
    key: fc.nat({ max: 12 }),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
      const [ann, bob, mine] = [await userWith(0n), await userWith(0n), run++];
      const contest = crypto.randomUUID();
      const accounts = [available(ann), held(ann), available(bob), pool(contest), escrow(contest), faucet];
      const model = new Model();
      const said: string[][] = [];
      for (const { from, to, toRake, units, key } of commands.filter((each) => each.from !== each.to)) {
        const whole = move(accounts[from]!, accounts[to]!, amountOf(units));
        const shared: Posting[] = [
          { ...accounts[from]!, amount: -units },
          { ...accounts[to]!, amount: units - 1n },
          { ...platformAccount("house:rake"), amount: 1n },
        ];
        const journal = journalOf(toRake && units > 1n ? shared : whole, `run ${mine} ${key}`);
        said.push([model.post(journal), outcomeOf(await posting(journal))]);
      }
      expect(said.map(([, real]) => real)).toEqual(said.map(([wanted]) => wanted));
      for (const user of accounts.slice(0, 3)) {
        const wanted = model.balances.get(`${user.account} ${user.subjectId}`) ?? 0n;
        expect([await balanceOf(user), await sumOf(user)]).toEqual([wanted, wanted]);
      }
    }),
    { numRuns: 40 },
  );
});
