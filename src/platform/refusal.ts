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

class TakenBack extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(`taken back: ${refusal.code}`);
    this.refusal = refusal;
  }
}

/**
 * Runs a transaction that learns of a refusal only behind its writes, because they take the locks that make the look sure:
 * `takeBack` rolls it back, and the answer is the refusal.
 */
export async function orTakenBack<Result, const Code extends string>(
  transact: (takeBack: (refusal: Refusal<Code>) => never) => Promise<Result>,
): Promise<Result | Refusal<Code>> {
  try {
    return await transact((refusal) => {
      throw new TakenBack(refusal);
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.refusal as Refusal<Code>;
    throw error;
  }
}
