/** A JSON Pointer (RFC 6901), read: the names on the way. */
export type Pointer = readonly string[];

export const POINTER_LENGTH_MAX = 256;
const WRONG_ESCAPE = /~(?![01])/;
const INDEX = /^(0|[1-9][0-9]*)$/;

/** Reads a JSON Pointer; null where the text is none (RFC 6901 §3). */
export function readPointer(text: string): Pointer | null {
  if (text === "") return [];
  if (!text.startsWith("/") || text.length > POINTER_LENGTH_MAX || WRONG_ESCAPE.test(text)) return null;
  return text
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What a pointer points at in a JSON document; undefined where nothing is there (RFC 6901 §4). */
export function pointedAt(document: unknown, pointer: Pointer): unknown {
  return pointer.reduce<unknown>(childOf, document);
}

function childOf(parent: unknown, token: string): unknown {
  if (Array.isArray(parent)) return INDEX.test(token) ? (parent as unknown[])[Number(token)] : undefined;
  const isObject = typeof parent === "object" && parent !== null;
  return isObject && Object.hasOwn(parent, token) ? (parent as Record<string, unknown>)[token] : undefined;
}
