const RETRYABLE_SQLSTATES = new Set(["40001", "40P01"]);

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function sqlStateOf(error: unknown): unknown {
  const cause = field(error, "cause");
  const driverCause = field(field(field(error, "meta"), "driverAdapterError"), "cause");
  return field(cause, "originalCode") ?? field(driverCause, "originalCode") ?? field(error, "code");
}

/**
 * Whether a whole transaction may be run again: serialization failure (40001) or deadlock (40P01), in each of the shapes
 * in which `pg` and Prisma show them. P2028 is a time-out, not a conflict.
 */
export function isRetryable(error: unknown): boolean {
  if (field(error, "code") === "P2034") return true;
  if (field(field(error, "cause"), "kind") === "TransactionWriteConflict") return true;
  const state = sqlStateOf(error);
  return typeof state === "string" && RETRYABLE_SQLSTATES.has(state);
}

/** Whether a text was refused because it holds the character NUL, which PostgreSQL's text does not (22021). */
export const isUnstorableText = (error: unknown): boolean => sqlStateOf(error) === "22021";

/** Whether Prisma was given what a column cannot hold (P2007). Ids are parsed before: only a foreign cursor gets that far. */
export const isForeignCursor = (error: unknown): boolean => field(error, "code") === "P2007";

/** The unique index that a write ran into, or null. */
export function violatedConstraint(error: unknown): string | null {
  const constraint = field(error, "constraint");
  return field(error, "code") === "23505" && typeof constraint === "string" ? constraint : null;
}
