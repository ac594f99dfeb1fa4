import { GraphQLError } from "graphql";
import type { Logger } from "../logging.ts";
import { isForeignCursor, isUnstorableText } from "../retryable.ts";

const named = (error: GraphQLError, code: string, hint: string) =>
  new GraphQLError(error.message.replace(/ ?Did you mean .*$/, ""), {
    nodes: error.nodes ?? null,
    path: error.path,
    extensions: { code, hint },
  });

const wrongType = (shown: GraphQLError | null) =>
  new GraphQLError("This id is of another type.", {
    path: shown?.path,
    extensions: { code: "INVALID_ID", hint: "Pass ids exactly as the API gave them; they name their type." },
  });

/** A link or a form of a foreign page could ride on a visitor's cookie; a header of one's own cannot come from there. */
const headerless = () =>
  new GraphQLError("A link to this must carry a header that a foreign page cannot send.", {
    extensions: {
      code: "CSRF_HEADER_REQUIRED",
      hint: "Send the header x-agon, or POST JSON. Public queries need neither.",
      http: { status: 403 },
    },
  });

/**
 * What a client may see of an error. Named ones pass; an id of another type is INVALID_ID; input that fails coercion is
 * BAD_INPUT; everything else is INTERNAL with a request id, and logged with its cause.
 */
export function maskError(error: unknown, requestId: string, log: Logger): GraphQLError {
  const shown = error instanceof GraphQLError ? error : null;
  if (shown?.extensions["code"]) return shown;
  const cause = shown ? shown.originalError : error;
  const words = wordsFor(shown, cause);
  if (words) return words;
  log.error({ err: cause, requestId }, "an operation failed");
  return new GraphQLError("Something went wrong on our side.", {
    path: shown?.path,
    extensions: { code: "INTERNAL", requestId, hint: "Try again; if it stays, report the request id." },
  });
}

/** What the database cannot take, though it has the right type. */
function unfitValue(shown: GraphQLError | null, cause: unknown): GraphQLError | null {
  const because = (message: string, code: string, hint: string) =>
    new GraphQLError(message, { path: shown?.path, extensions: { code, hint } });
  if (isForeignCursor(cause))
    return because("This cursor is of another list.", "INVALID_CURSOR", "Pass a cursor that this very list gave.");
  return isUnstorableText(cause)
    ? because("Text holds no NUL.", "BAD_INPUT", "Leave the character NUL out of every text.")
    : null;
}

/** The client's own mistake in words; null for a failure of ours. */
function wordsFor(shown: GraphQLError | null, cause: unknown): GraphQLError | null {
  if (shown?.message.includes("CSRF header")) return headerless();
  if (/is not of type/.test(cause instanceof Error ? cause.message : (shown?.message ?? ""))) return wrongType(shown);
  const unfit = unfitValue(shown, cause);
  if (unfit) return unfit;
  if (cause instanceof GraphQLError)
    return cause.extensions["code"]
      ? new GraphQLError(cause.message, { path: shown?.path, extensions: { ...cause.extensions } })
      : named(cause, "BAD_INPUT", "See the field's description.");
  return shown && !cause ? named(shown, "BAD_INPUT", "Check the operation against the schema at /graphiql.") : null;
}
