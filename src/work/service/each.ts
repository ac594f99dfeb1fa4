import type { Platform } from "../../platform/platform.ts";

const AT_ONCE = 4;

/** A few at a time, so that a crowd of things to do leaves connections for others. */
export async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** The same where one that fails does not hold the others: it is logged, and the next sweep tries it again. */
export const eachAlone = <Item extends { id: string }>(
  { log }: Pick<Platform, "log">,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> =>
  eachOf(items, (item) =>
    work(item).catch((error: unknown) =>
      log.warn({ error, id: item.id }, "a part of work did not go on; the next sweep tries again"),
    ),
  );
