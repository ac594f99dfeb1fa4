/** What GraphQL says of an error. */
export type ServerError = {
  message: string;
  extensions?: { code?: string; hint?: string; retryAfterMs?: number; requestId?: string };
};

/** An error of a query, a subscription or the connection; refusals of mutations are values, not errors. */
export class AgonError extends Error {
  override readonly name = "AgonError";
  readonly code: string;
  readonly hint: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, details: { hint?: string; retryAfterMs?: number; cause?: unknown } = {}) {
    super(`${code}: ${message}`, { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }

  /** The error that the first of GraphQL's errors is. */
  static of(errors: readonly ServerError[]): AgonError {
    const [first] = errors;
    const { code = "UNKNOWN", ...details } = first?.extensions ?? {};
    return new AgonError(code, first?.message ?? "The server answered with an empty list of errors.", details);
  }
}
