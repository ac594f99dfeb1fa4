import type { Logger } from "./logging.ts";

const AT_ONCE = 4;

type Each<Item> = {
  work(item: Item): Promise<unknown>;
  /** What is logged of one that failed. */
  failed: string;
  /** How many at a time: a crowd of things to do leaves connections for others. */
  atOnce?: number;
};

/** Does work on each of some things. One that fails does not hold the others: it is logged, and the next sweep tries it again. */
export async function eachAlone<Item extends { id: string }>(
  { log }: { log: Logger },
  items: readonly Item[],
  { work, failed, atOnce = AT_ONCE }: Each<Item>,
): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const { id } = item;
      await work(item).catch((error: unknown) => log.warn({ error, id }, failed));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
