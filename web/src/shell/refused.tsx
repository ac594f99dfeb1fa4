import type { CombinedError } from "urql";

/** Why nothing was done: the server's refusal, or that it could not be asked. */
export type Refused = { message: string; hint?: string | null } | null;

type Answer = { __typename: string; message?: unknown; hint?: unknown };

/** What a mutation's answer refuses; null when it was done. */
export function refusalOf(answer: object | null | undefined, error?: CombinedError): Refused {
  // Whoever's line was cut does not know whether the server had done it before.
  if (!answer && error?.networkError)
    return {
      message: "The server's answer did not come.",
      hint: "It may have been done all the same: look before you ask again.",
    };
  if (!answer) return { message: error?.graphQLErrors[0]?.message ?? "No answer.", hint: "Nothing was changed." };
  const { __typename: type, message, hint } = answer as Answer;
  if (!type.endsWith("Refusal")) return null;
  return { message: String(message ?? type), hint: typeof hint === "string" ? hint : null };
}

/** A refusal beside the control it belongs to. */
export function Why({ refused }: { refused: Refused }) {
  return refused ? (
    <p className="bad sm why" role="alert">
      {refused.message} {refused.hint}
    </p>
  ) : null;
}
