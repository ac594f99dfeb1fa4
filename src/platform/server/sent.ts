/** An operation as a client sends it; other parts that it may have sent are there, too. */
export type Sent = {
  query?: string | null;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
  extensions?: { persistedQuery?: { sha256Hash?: string } } | null;
};

const KNOWN_PARTS = new Set(["query", "operationName", "variables", "extensions"]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether nothing else was sent with the operation. */
export const isPlain = (sent: Sent): boolean => Object.keys(sent).every((name) => KNOWN_PARTS.has(name));

/** The operation in a JSON body; null for what is none, which the full pipeline then refuses in words. */
export function sentByBody(body: string): Sent | null {
  try {
    return wellFormed(JSON.parse(body));
  } catch {
    return null;
  }
}

/** The operation in a URL's parameters; null for what is none. */
export function sentByUrl(url: string): Sent | null {
  const { searchParams } = new URL(url, "http://localhost");
  const sent: Record<string, unknown> = {};
  try {
    for (const [name, text] of searchParams)
      sent[name] = name === "variables" || name === "extensions" ? JSON.parse(text) : text;
  } catch {
    return null;
  }
  return wellFormed(sent);
}

function wellFormed(sent: unknown): Sent | null {
  if (!isObject(sent)) return null;
  const { query, operationName, variables, extensions } = sent;
  const fit =
    [query, operationName].every((text) => text == null || typeof text === "string") &&
    [variables, extensions].every((value) => value == null || isObject(value));
  return fit ? sent : null;
}
