/** A named refusal as a value: nothing was written. `path` names the input field, `retryAfterMs` when to come again. */
export type Refusal<Code extends string = string> = {
  ok: false;
  code: Code;
  path?: readonly string[] | undefined;
  retryAfterMs?: number | undefined;
  /** A sentence that replaces the code's usual message where numbers help. */
  message?: string | undefined;
};

/** What a use case answers: its result, or why not. */
export type Outcome<Success, Code extends string = string> = ({ ok: true } & Success) | Refusal<Code>;

/** Makes a refusal. */
export function refuse<const Code extends string>(
  code: Code,
  details: Omit<Refusal<Code>, "ok" | "code"> = {},
): Refusal<Code> {
  return { ok: false, code, ...details };
}
