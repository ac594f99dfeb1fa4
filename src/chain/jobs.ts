import type { Logger } from "../platform/logging.ts";
import { FINAL_AFTER_BLOCKS, type LocalChain } from "./adapter/local-chain.ts";
import { rpcTo, type Rpc } from "./adapter/rpc.ts";

const TICK_MS = 1_000;

/** The newest block that was not ours, and the height that our own blocks have reached since. */
type Seen = { busy: number; height: number };

/**
 * The local chain's clock. It mines by itself when there is a transaction, and would then stand still: a block a second
 * follows until the last transaction is final. A chain that has ended is started again on its port.
 */
export function startLocalClock(log: Logger, local: LocalChain): { stop(): Promise<void> } {
  const rpc = rpcTo(local.url);
  let seen: Seen | null = null;
  let running: Promise<void> | null = null;
  const tick = async () => {
    try {
      seen = await settle(rpc, seen);
    } catch (error) {
      const revived = await local.revive();
      // What it read of its state has no history: new blocks give every tag one.
      if (revived) seen = null;
      log.warn({ err: error, revived }, "the local chain did not answer");
    }
  };
  const timer = setInterval(() => {
    running ??= tick()
      .catch((error: unknown) => log.error({ err: error }, "the local chain could not be started again"))
      .finally(() => void (running = null));
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Mines one block while the newest one that is not ours is not final. The first look settles whatever is there. */
async function settle(rpc: Rpc, seen: Seen | null): Promise<Seen> {
  const height = Number(await rpc<string>("eth_blockNumber"));
  const busy = seen?.height === height ? seen.busy : height;
  if (height - busy > FINAL_AFTER_BLOCKS) return { busy, height };
  await rpc("evm_mine");
  return { busy, height: height + 1 };
}
