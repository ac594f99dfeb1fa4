import DataLoader from "dataloader";
import type { Context } from "./context.ts";

type Keyed = { id: string };

/**
 * One row by its id, together with those that the siblings of a list ask for: one statement for all of them. `query` is
 * what Pothos selects; siblings that select alike share a statement.
 */
export function loadRow<Row extends Keyed>(
  { loaders }: Pick<Context, "loaders">,
  kind: string,
  query: object,
  id: string,
  fetch: (ids: string[]) => Promise<Row[]>,
): Promise<Row | null> {
  return batched<Row | null>(loaders, `${kind} ${JSON.stringify(query)}`, id, async (ids) => {
    const rows = new Map((await fetch([...ids])).map((row) => [row.id, row]));
    return ids.map((each) => rows.get(each) ?? null);
  });
}

/** One value by its key, together with those of its siblings: `fetch` answers in the order of the keys. */
export function batched<Value>(
  loaders: Context["loaders"],
  kind: string,
  key: string,
  fetch: (keys: readonly string[]) => Promise<Value[]>,
): Promise<Value> {
  const known = loaders.get(kind) as DataLoader<string, Value> | undefined;
  // A subscription's context lives long: what was read for one event must not be shown with the next.
  const loader = known ?? new DataLoader<string, Value>((keys) => once(keys, fetch), { cache: false });
  loaders.set(kind, loader);
  return loader.load(key);
}

/** Siblings that ask for the same share its value: it is read, and worked out, once. */
async function once<Value>(
  keys: readonly string[],
  fetch: (keys: readonly string[]) => Promise<Value[]>,
): Promise<Value[]> {
  const places = new Map([...new Set(keys)].map((key, place) => [key, place]));
  const values = await fetch([...places.keys()]);
  return keys.map((key) => values[places.get(key) ?? 0] as Value);
}
