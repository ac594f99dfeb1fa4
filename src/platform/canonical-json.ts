import canonicalize from "canonicalize";

/** JSON of plain values, as it is stored and hashed. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The one text of a JSON value (RFC 8785): keys sorted, no spaces, shortest numbers. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only plain JSON values have a canonical text");
  return text;
}
