import { startLeased, type LeasedLoop } from "../../platform/leased-loop.ts";
import type { Lease } from "../../platform/leases.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Row } from "../../platform/statement.ts";
import { openTransferReader, type MinedTransfer, type TransferReader } from "../adapter/transfers.ts";
import {
  CHUNK_BLOCKS_MAX,
  creditHeight,
  cutRange,
  nextChunk,
  nextRange,
  parseCreditTag,
  refuseDeposit,
  stateOfCursor,
  withPast,
  type BlockId,
  type CreditTag,
  type Heads,
} from "../rules/deposits.ts";
import { creditedBlocks, noteHeads, watchNow } from "../store/deposits.ts";
import { creditBlocks, finish, showPending, takeBack } from "./deposits.ts";

const TICK_MS = 1_000;
/** Chunks that one round reads; the next one follows at once. */
const CHUNKS_PER_ROUND_MAX = 20;
/** How often in a row the cursor's block must look replaced: one answer of a straying endpoint proves nothing. */
const REPLACED_LOOKS = 3;
const BLOCKS_LOOKED_AT_ONCE = 50;

/** What a watcher watches: where, the token, when a deposit counts, and who funds play money, if anybody. */
export type Watching = { rpcUrl: string; tokenAddress: string; creditTag: string; funder: string | null };

/** Watches the chain for deposits on this node while it holds the lease: each second. */
export function startWatcher(platform: Platform, watching: Watching, node: string): LeasedLoop {
  const watcher = new WatcherRound(platform, watching);
  return startLeased(platform, node, {
    lease: "deposits",
    round: (lease) => watcher.run(lease),
    tickMs: TICK_MS,
    failed: "a look at the chain for deposits failed; the next one tries again",
  });
}

/** What is watched, and the last block whose deposits are credited. */
type Watch = Row<typeof watchNow>;
const cursorOf = ({ cursor_height: number, cursor_hash: hash }: Watch): BlockId | null =>
  number === null || hash === null ? null : { number, hash };

/** One look at the chain: what is deep enough is credited, what is not is shown, what vanished is taken back. */
export class WatcherRound {
  private readonly platform: Platform;
  private readonly watching: Watching;
  private readonly reader: TransferReader;
  private readonly creditTag: CreditTag;
  private chunk = CHUNK_BLOCKS_MAX;
  private replacedLooks = 0;
  /** The newest block whose deposits are shown. */
  private shown: string | null = null;

  constructor(platform: Platform, watching: Watching) {
    this.platform = platform;
    this.watching = watching;
    this.reader = openTransferReader(watching.rpcUrl, watching.tokenAddress);
    const tag = parseCreditTag(watching.creditTag);
    if (!tag) throw new Error(`${watching.creditTag} is no credit tag`);
    this.creditTag = tag;
  }

  /** True when there is more to read at once. */
  async run(lease: Lease): Promise<boolean> {
    const [watch] = await this.platform.db.query(watchNow, []);
    if (!watch) return false;
    const heads = await this.reader.heads();
    const cursor = cursorOf(watch);
    const state = cursor ? await this.stateOf(cursor, heads) : "CONTINUES";
    if (state !== "REPLACED") this.replacedLooks = 0;
    if (state === "REPLACED" && cursor) return this.suspect(lease, watch, cursor);
    if (state === "ENDPOINT_BEHIND") return false;
    const credit = creditHeight(this.creditTag, heads);
    const read = await this.readOn(lease, watch, { credit, heads });
    if (read.more) return true;
    // The cursor's block is the chain's: so is everything that was credited before it.
    await finish(this.platform, lease, heads.finalized);
    if (heads.latestHash !== this.shown) await this.look(lease, { ...watch, ...read.cursor }, heads);
    this.shown = heads.latestHash;
    await this.platform.db.query(noteHeads, [heads.latest, credit, heads.finalized, this.platform.clock.now()]);
    return false;
  }

  private async stateOf(cursor: BlockId, { latest }: Heads) {
    const [found] = latest < cursor.number ? [null] : await this.reader.hashes([cursor.number]);
    return stateOfCursor(cursor, latest, found ?? null);
  }

  /** Reads and credits towards the credit head; whether there is more to read, and where the cursor is now. */
  private async readOn(lease: Lease, watch: Watch, { credit, heads }: { credit: number | null; heads: Heads }) {
    let cursor = cursorOf(watch);
    const at = () => ({ cursor_height: cursor?.number ?? null, cursor_hash: cursor?.hash ?? null });
    for (let chunks = 0; chunks < CHUNKS_PER_ROUND_MAX; chunks++) {
      const range = credit === null ? null : nextRange(cursor, watch.first_height, credit, this.chunk);
      if (!range) return { more: false, cursor: at() };
      const asked = withPast(range, watch.first_height, this.chunk);
      const found = await this.ask(watch, asked);
      if (!found) continue;
      const fresh = found.filter(({ height }) => height >= range.from);
      const to = cutRange(
        asked.to,
        fresh.map(({ height }) => height),
      );
      const deposits = found.filter(({ height }) => height <= to);
      const proved = await this.proved(cursor, to, deposits);
      const final = heads.finalized !== null && to <= heads.finalized;
      const blocks = proved && { from: cursor, to: proved, deposits, final, funder: this.watching.funder };
      if (!blocks || !(await creditBlocks(this.platform, lease, blocks))) return { more: false, cursor: at() };
      cursor = proved;
    }
    return { more: true, cursor: at() };
  }

  /** The deposits of a range; null when the endpoint refused it, and is to be asked for less. */
  private async ask(watch: Watch, range: { from: number; to: number }): Promise<MinedTransfer[] | null> {
    const { masters, own } = watch;
    const watched = { token: this.watching.tokenAddress, masters, own };
    try {
      const found = await this.reader.transfers(masters, range);
      this.chunk = nextChunk(this.chunk, "answered");
      return found.filter(
        (each) => each.height >= range.from && each.height <= range.to && refuseDeposit(each, watched) === null,
      );
    } catch (error) {
      if (this.chunk === 1) throw error;
      this.chunk = nextChunk(this.chunk, "refused");
      return null;
    }
  }

  /**
   * The last block of a range, when it, every deposit's block and the cursor's block are all on the endpoint's chain right
   * now; null when the chain moved meanwhile, or the endpoint does not have the block.
   */
  private async proved(
    cursor: BlockId | null,
    to: number,
    deposits: readonly MinedTransfer[],
  ): Promise<BlockId | null> {
    const blocks = new Map(deposits.map(({ height, blockHash }) => [height, blockHash]));
    if (deposits.some(({ height, blockHash }) => blocks.get(height) !== blockHash)) return null;
    if (cursor) blocks.set(cursor.number, cursor.hash);
    const expected = [...blocks];
    const [last, ...found] = await this.reader.hashes([to, ...expected.map(([height]) => height)]);
    const stands = expected.every(([, hash], index) => found[index] === hash);
    return last && stands && (blocks.get(to) ?? last) === last ? { number: to, hash: last } : null;
  }

  /** Shows what is mined and not deep enough to be credited, and lets go what vanished. */
  private async look(lease: Lease, watch: Watch, { latest }: Heads): Promise<void> {
    const cursor = cursorOf(watch);
    let from = cursor ? cursor.number + 1 : watch.first_height;
    const seen: MinedTransfer[] = [];
    for (let chunks = 0; from <= latest && chunks < CHUNKS_PER_ROUND_MAX; chunks++) {
      const to = Math.min(latest, from + this.chunk - 1);
      const found = await this.ask(watch, { from, to });
      if (!found) continue;
      seen.push(...found);
      from = to + 1;
    }
    await showPending(this.platform, lease, { cursor, seen, latest, hashes: this.reader.hashes });
  }

  /** The cursor's block looks replaced. When it does so again and again, what was credited above the fork is taken back. */
  private async suspect(lease: Lease, watch: Watch, cursor: BlockId): Promise<boolean> {
    if (++this.replacedLooks < REPLACED_LOOKS) return false;
    const fork = await this.forkBelow(cursor);
    if (fork === undefined) return false;
    await takeBack(this.platform, lease, { cursor, fork, firstHeight: watch.first_height });
    this.replacedLooks = 0;
    return true;
  }

  /** The newest block with a credited deposit that the chain still has; null when it has none, undefined when the endpoint cannot say. */
  private async forkBelow(cursor: BlockId): Promise<BlockId | null | undefined> {
    let below = cursor.number;
    for (;;) {
      const blocks = await this.platform.db.query(creditedBlocks, [below, BLOCKS_LOOKED_AT_ONCE]);
      if (blocks.length === 0) return null;
      const found = await this.reader.hashes(blocks.map(({ height }) => height));
      if (found.includes(null)) return undefined;
      const stands = blocks.find(({ block_hash }, index) => found[index] === block_hash);
      if (stands) return { number: stands.height, hash: stands.block_hash };
      below = (blocks.at(-1)?.height ?? 0) - 1;
    }
  }
}
