import { GraphQLError } from "graphql";
import type { Logger } from "../logging.ts";

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

/**
 * What a client may see of an error. Named ones pass; an id of another type is INVALID_ID; input that fails coercion is
 * BAD_INPUT; everything else is INTERNAL with a request id, and logged with its cause.
 */
export function maskError(error: unknown, requestId: string, log: Logger): GraphQLError {
  const shown = error instanceof GraphQLError ? error : null;
  const cause = shown ? shown.originalError : error;
  if (shown?.extensions["code"]) return shown;
  if (/is not of type/.test(cause instanceof Error ? cause.message : (shown?.message ?? ""))) return wrongType(shown);
  if (cause instanceof GraphQLError)
    return cause.extensions["code"]
      ? new GraphQLError(cause.message, { path: shown?.path, extensions: { ...cause.extensions } })
      : named(cause, "BAD_INPUT", "See the field's description.");
  if (shown && !cause) return named(shown, "BAD_INPUT", "Check the operation against the schema at /graphiql.");
  log.error({ err: cause, requestId }, "an operation failed");
  return new GraphQLError("Something went wrong on our side.", {
    path: shown?.path,
    extensions: { code: "INTERNAL", requestId, hint: "Try again; if it stays, report the request id." },
  });
}
