/** A page of an ordered list: at most `size` rows between two keys, neither included, from the front or from the back. */
export type Page<Key> = { after: Key | null; before: Key | null; size: number; backward: boolean };

/** The rows of a page, in the list's order, and whether there are more on either side. */
export type PageOf<Row> = { rows: Row[]; hasPrevious: boolean; hasNext: boolean };

/** What a statement reads for a page: one row more tells whether there are more. */
export const readSize = ({ size }: Page<unknown>): number => size + 1;

/** Cuts what was read (at most `size` + 1 rows, in the list's order) to its page. */
export function cutPage<Row>(read: readonly Row[], { size, backward, after, before }: Page<unknown>): PageOf<Row> {
  const more = read.length > size;
  if (backward) return { rows: read.slice(more ? 1 : 0), hasPrevious: more, hasNext: before !== null };
  return { rows: read.slice(0, size), hasPrevious: after !== null, hasNext: more };
}

/** Keys of UUIDs: below every one, above every one. */
export const UUID_LOWEST = "00000000-0000-0000-0000-000000000000";
export const UUID_HIGHEST = "ffffffff-ffff-ffff-ffff-ffffffffffff";
export const INT_LOWEST = -2_147_483_648;
export const INT_HIGHEST = 2_147_483_647;
