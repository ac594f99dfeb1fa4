import { available, platformAccount, type Account } from "../../ledger/rules.ts";
import { post } from "../../ledger/service/post.ts";
import type { Tx } from "../../platform/database.ts";
import type { Lease } from "../../platform/leases.ts";
import { amountOf, formatAmount, unitsOf } from "../../platform/money.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { append, type Append } from "../../platform/streams.ts";
import type { MinedTransfer } from "../adapter/transfers.ts";
import { depositChanged } from "../events.ts";
import {
  creditPostings,
  creditedTo,
  judgeObservation,
  reversalPostings,
  type BlockId,
  type ObservationState,
} from "../rules/deposits.ts";
import * as store from "../store/deposits.ts";
import { freezeWithdrawals } from "./gate.ts";

type Deposit = Row<typeof store.lockCreditedAbove>;

const stateOf = ({ status }: Pick<Deposit, "status">) => status as ObservationState;
const told = (userId: string | null, depositId: string, status: ObservationState, final = false): Append[] =>
  userId === null ? [] : [depositChanged(userId, { depositId, status, final })];
const tell = (tx: Tx, platform: Platform, events: Append[]) =>
  append(tx, platform.hub.publish, merged(events), platform.clock.now());

/** One append a stream: a block may have several deposits of one user. */
const merged = (appends: readonly Append[]): Append[] =>
  [...Map.groupBy(appends, ({ stream }) => stream)].map(([stream, group]) => ({
    stream,
    events: group.flatMap(({ events }) => [...events]),
  }));

/** Locks the cursor for whoever holds the newest lease; whether it still stands where the reading began. */
async function holdCursor(tx: Tx, lease: Lease, expected: BlockId | null): Promise<boolean> {
  const [watch] = await tx.query(store.lockWatch, [lease.name, lease.fence]);
  return watch !== undefined && watch.cursor_hash === (expected?.hash ?? null);
}

/** Blocks that were read behind the cursor `from`, up to and with `to`, with all of their deposits. */
type Blocks = {
  from: BlockId | null;
  to: BlockId;
  deposits: readonly MinedTransfer[];
  final: boolean;
  funder: string | null;
};

/** Credits what blocks bring and moves the cursor, together; false when somebody else has moved it, or holds the lease. */
export function creditBlocks(
  platform: Platform,
  lease: Lease,
  { from, to, deposits, final, funder }: Blocks,
): Promise<boolean> {
  return platform.db.transact(async (tx) => {
    if (!(await holdCursor(tx, lease, from))) return false;
    const events: Append[] = [];
    const head = { credit: to.number, latest: to.number };
    for (const row of (await observed(tx, platform, deposits)).rows) {
      const block = { number: row.height, hash: row.block_hash };
      if (judgeObservation({ state: stateOf(row), block }, row.block_hash, head) !== "CREDIT") continue;
      events.push(...(await credit(tx, platform, row, creditedTo(row.from_address, row.owner, funder), final)));
    }
    await tx.query(store.moveCursor, [to.number, to.hash]);
    await tell(tx, platform, events);
    return true;
  });
}

/** What makes a transfer one: its block and its place in it, as two columns. */
const keysOf = (deposits: readonly MinedTransfer[]): [string[], number[]] => [
  deposits.map(({ blockHash }) => blockHash),
  deposits.map(({ logIndex }) => logIndex),
];

/** Writes transfers down, each once however often it is seen, and locks them; `first` are the ids of those that are new. */
async function observed(tx: Tx, { clock, random }: Platform, deposits: readonly MinedTransfer[]) {
  if (deposits.length === 0) return { rows: [], first: new Set<string>() };
  const now = clock.now();
  const column = <Value>(of: (deposit: MinedTransfer) => Value) => deposits.map(of);
  const [hashes, indices] = keysOf(deposits);
  const written = await tx.query(store.observe, [
    column(() => random.id(now)),
    column(({ from }) => from),
    column(({ to }) => to),
    column(({ amount }) => amount.toString()),
    column(({ height }) => height),
    hashes,
    indices,
    column(({ txHash }) => txHash),
    now,
  ]);
  const rows = await tx.query(store.lockObserved, [hashes, indices]);
  return { rows, first: new Set(written.map(({ id }) => id)) };
}

async function credit(
  tx: Tx,
  platform: Platform,
  { id, amount }: Deposit,
  account: Account,
  final: boolean,
): Promise<Append[]> {
  const userId = account.account === "user:available" ? account.subjectId : null;
  const posted = await post(tx, platform, {
    kind: "DEPOSIT",
    reference: `Deposit:${id}`,
    key: `deposit:${id}`,
    postings: creditPostings(account, amountOf(unitsOf(amount))),
  });
  if (!posted.ok || posted.repeated) throw new Error(`deposit ${id} was credited before`);
  await tx.query(store.settleDeposit, [id, "CREDITED", account.account, userId, platform.clock.now()]);
  return told(userId, id, "CREDITED", final);
}

/** What the newest blocks show, above the cursor; `hashes` asks the endpoint that has shown it. */
type Shown = {
  cursor: BlockId | null;
  seen: readonly MinedTransfer[];
  latest: number;
  hashes(heights: readonly number[]): Promise<(string | null)[]>;
};

/** Deposits that one look lets go at most; the next one goes on. */
const MISSING_READ_MAX = 1_000;

/** Shows deposits that may still vanish, and lets those go that did. Writes only when something is new. */
export async function showPending(platform: Platform, lease: Lease, shown: Shown): Promise<void> {
  const { cursor, seen, latest, hashes } = shown;
  const keys = keysOf(seen);
  const missing = await platform.db.query(store.missingDeposits, [...keys, MISSING_READ_MAX]);
  const found = missing.length > 0 ? await hashes(missing.map(({ height }) => height)) : [];
  const gone = missing.filter(({ height: number, block_hash: hash }, index) => {
    const observation = { state: "PENDING" as const, block: { number, hash } };
    return judgeObservation(observation, found[index] ?? null, { credit: null, latest }) === "ORPHAN";
  });
  const keyOf = (hash: string, index: number) => `${hash} ${index}`;
  const known = seen.length > 0 ? await platform.db.query(store.shownDeposits, keys) : [];
  const shownBefore = new Set(known.map(({ block_hash, log_index }) => keyOf(block_hash, log_index)));
  const news = seen.filter(({ blockHash, logIndex }) => !shownBefore.has(keyOf(blockHash, logIndex)));
  if (gone.length + news.length === 0) return;
  await platform.db.transact(async (tx) => {
    if (!(await holdCursor(tx, lease, cursor))) return;
    const { rows, first } = await observed(tx, platform, news);
    const now = platform.clock.now();
    // The chain may come back to a block.
    const back = new Set(rows.filter((row) => stateOf(row) === "ORPHANED").map(({ id }) => id));
    if (back.size > 0) await tx.query(store.turnDeposits, [[...back], "ORPHANED", "PENDING", now]);
    const left = await tx.query(store.turnDeposits, [gone.map(({ id }) => id), "PENDING", "ORPHANED", now]);
    const pending = rows.filter(({ id }) => first.has(id) || back.has(id));
    await tell(tx, platform, [
      ...left.flatMap(({ id, user_id }) => told(user_id, id, "ORPHANED")),
      ...pending.flatMap(({ id, user_id }) => told(user_id, id, "PENDING")),
    ]);
  });
}

/** Lets be withdrawn what lies in final blocks. The cursor's block must have been found on the chain before. */
export async function finish(platform: Platform, lease: Lease, finalHeight: number | null): Promise<void> {
  if (finalHeight === null) return;
  await platform.db.transact(async (tx) => {
    const final = await tx.query(store.makeFinal, [finalHeight, platform.clock.now(), lease.name, lease.fence]);
    await tell(
      tx,
      platform,
      final.flatMap(({ id, user_id }) => told(user_id, id, "CREDITED", true)),
    );
  });
}

/** The chain left the cursor's block. `fork` is the newest block with a credited deposit that it still has; null for none. */
type Fork = { cursor: BlockId; fork: BlockId | null; firstHeight: number };

/**
 * Takes back what was credited above a fork, holds withdrawals back, and reads on from the fork: what the new blocks have is
 * credited anew, what stands is seen a second time and changes nothing.
 */
export function takeBack(platform: Platform, lease: Lease, { cursor, fork, firstHeight }: Fork): Promise<void> {
  return platform.db.transact(async (tx) => {
    if (!(await holdCursor(tx, lease, cursor))) return;
    const gone = await tx.query(store.lockCreditedAbove, [fork?.number ?? firstHeight - 1]);
    const events: Append[] = [];
    for (const row of gone) events.push(...(await takeOneBack(tx, platform, row)));
    await tx.query(store.moveCursor, [fork?.number ?? null, fork?.hash ?? null]);
    await tell(tx, platform, events);
    const sum = amountOf(gone.reduce((total, { amount }) => total + unitsOf(amount), 0n));
    const words = `block ${cursor.number} (${cursor.hash}) was replaced after its deposits were credited; ${gone.length} deposits of ${formatAmount(sum)} were taken back`;
    if (gone.length > 0) await freezeWithdrawals(tx, platform, { reason: "DEPOSIT_REVERSED", detail: words });
    else tx.afterCommit(() => platform.log.warn({ words }, "the chain replaced a block below the credit head"));
  });
}

async function takeOneBack(tx: Tx, platform: Platform, row: Deposit): Promise<Append[]> {
  const { id, user_id: userId } = row;
  const [balance] = userId === null ? [] : await tx.query(store.lockAvailable, [userId]);
  const left = userId === null ? null : amountOf(unitsOf(balance?.balance ?? "0"));
  const account = userId === null ? platformAccount(nobodys(row)) : available(userId);
  const posted = await post(tx, platform, {
    kind: "DEPOSIT_REVERSED",
    reference: `Deposit:${id}`,
    key: `deposit:${id}:reversed`,
    reason: "The block that had this deposit vanished from the chain.",
    postings: reversalPostings(account, amountOf(unitsOf(row.amount)), left),
  });
  if (!posted.ok || posted.repeated) throw new Error(`deposit ${id} was taken back before`);
  await tx.query(store.settleDeposit, [id, "REVERSED", row.account, userId, platform.clock.now()]);
  return told(userId, id, "REVERSED");
}

const nobodys = ({ account }: Deposit) => (account === "house:faucet" ? "house:faucet" : "chain:unattributed");

/** More are never claimed by one sign-in: the next one goes on. */
const CLAIMED_AT_ONCE_MAX = 200;

/** Waits for whoever credits deposits, and lets nobody credit any until the transaction ends. */
export const holdDeposits = async (tx: Tx): Promise<void> => void (await tx.query(store.holdWatch, []));

/**
 * Gives what a wallet sent before it was anybody's to whoever proves it, in the transaction that links it. Whoever credits
 * at the same time is waited for, so that nothing is credited to nobody behind this look.
 */
export async function claimDeposits(
  tx: Tx,
  platform: Platform,
  { userId, address }: { userId: string; address: string },
): Promise<void> {
  await holdDeposits(tx);
  const events: Append[] = [];
  for (const row of await tx.query(store.lockNobodys, [address, CLAIMED_AT_ONCE_MAX]))
    events.push(...(await claim(tx, platform, row, userId)));
  await tell(tx, platform, events);
}

async function claim(tx: Tx, platform: Platform, { id, amount, status, account }: Deposit, userId: string) {
  const credited = account !== null;
  if (credited) {
    const posted = await post(tx, platform, {
      kind: "DEPOSIT",
      reference: `Deposit:${id}`,
      key: `deposit:${id}:claimed`,
      reason: "The wallet that sent it was linked.",
      postings: [
        { ...platformAccount("chain:unattributed"), amount: -unitsOf(amount) },
        { ...available(userId), amount: unitsOf(amount) },
      ],
    });
    if (!posted.ok || posted.repeated) throw new Error(`deposit ${id} was claimed before`);
  }
  const where = credited ? "user:available" : null;
  await tx.query(store.settleDeposit, [id, status, where, userId, platform.clock.now()]);
  return told(userId, id, status as ObservationState);
}
