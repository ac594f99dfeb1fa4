import { GraphQLError } from "graphql";
import type { Page, PageOf } from "../keyset.ts";
import { badInput } from "./bad-input.ts";

/** How a list's key is written in a cursor, and read again; null where the text is no key of this list. */
export type KeyForm<Key> = { write(key: Key): string; read(text: string): Key | null };

type Asked = { first?: number | null; last?: number | null; after?: string | null; before?: string | null };

const ROWS_DEFAULT = 20;
const ROWS_MAX = 100;

/** UUIDs as keys. */
export const UUID_KEY: KeyForm<string> = {
  write: (id) => id,
  read: (text) => (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null),
};

/** The page that a connection's arguments ask for; refuses both directions at once and foreign cursors. */
export function pageAsked<Key>({ first, last, after, before }: Asked, form: KeyForm<Key>): Page<Key> {
  if (first != null && last != null) throw badInput(["last"], "Page on with `first` or back with `last`, not both.");
  const size = Math.max(0, Math.min(first ?? last ?? ROWS_DEFAULT, ROWS_MAX));
  return { after: read(form, after, "after"), before: read(form, before, "before"), size, backward: last != null };
}

function read<Key>(form: KeyForm<Key>, cursor: string | null | undefined, argument: string): Key | null {
  if (cursor == null) return null;
  const key = form.read(Buffer.from(cursor, "base64url").toString("utf8"));
  if (key !== null) return key;
  throw new GraphQLError("This cursor is of another list.", {
    extensions: { code: "INVALID_CURSOR", hint: "Pass a cursor that this very list gave.", path: [argument] },
  });
}

/** A Relay connection of a page's nodes; `keyOf` gives the key of a row, at which its cursor stands. */
export function connectionOf<Row, Node, Key>(
  { rows, hasPrevious, hasNext }: PageOf<Row>,
  form: KeyForm<Key>,
  keyOf: (row: Row) => Key,
  nodeOf: (row: Row) => Node,
) {
  const edges = rows.map((row) => ({
    cursor: Buffer.from(form.write(keyOf(row))).toString("base64url"),
    node: nodeOf(row),
  }));
  return {
    edges,
    pageInfo: {
      hasPreviousPage: hasPrevious,
      hasNextPage: hasNext,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
