import {
  GraphQLError,
  parse,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import type { Context } from "../graphql/context.ts";
import type { Platform } from "../platform.ts";
import type { Viewer } from "../viewer.ts";
import { contextFor, type Caller } from "./context.ts";
import { charge, refuseVariables } from "./cost.ts";
import { maskError } from "./errors.ts";
import { requestId } from "./request-id.ts";
import type { Sent } from "./sent.ts";

/** What an operation is prepared with. */
export type OperationParts = {
  platform: Platform;
  schema: GraphQLSchema;
  operations: ReadonlyMap<string, string>;
};

const DOCUMENTS_MAX = 200;
const DOCUMENT_LENGTH_MAX = 4_000;
const documents = new Map<string, DocumentNode>();

/** The document that a client names or sends; the same text gives the very same document, so that what is known of it is found again. */
export function documentOf({ platform, operations }: OperationParts, payload: Sent): DocumentNode | GraphQLError {
  const persisted = operations.get(payload.extensions?.persistedQuery?.sha256Hash ?? "");
  if (platform.settings.persistedOnly && persisted === undefined)
    return new GraphQLError("Only persisted operations are served.", {
      extensions: { code: "PERSISTED_OPERATIONS_ONLY", hint: "Send extensions.persistedQuery.sha256Hash." },
    });
  const text = persisted ?? payload.query ?? "";
  const known = documents.get(text);
  if (known) return known;
  try {
    const document = parse(text, { maxTokens: platform.settings.tokensMax });
    if (text.length <= DOCUMENT_LENGTH_MAX) remember(text, document);
    return document;
  } catch (error) {
    return new GraphQLError(error instanceof Error ? error.message : "Not GraphQL", {
      extensions: { code: "BAD_INPUT", hint: "Check the document's syntax." },
    });
  }
}

function remember(text: string, document: DocumentNode): void {
  const [oldest] = documents.keys();
  if (oldest !== undefined && documents.size >= DOCUMENTS_MAX) documents.delete(oldest);
  documents.set(text, document);
}

/** An operation that may run, within its limits and paid for; the errors when it may not. */
export async function prepare(
  { platform, schema }: OperationParts,
  document: DocumentNode,
  { operationName = null, variables }: Sent,
  viewer: Viewer,
  caller: Caller,
): Promise<(ExecutionArgs & { contextValue: Context }) | readonly GraphQLError[]> {
  const refusal = refuseVariables(variables, platform.settings.variablesBytesMax);
  if (refusal) return [refusal];
  const { charge: taken, errors } = await charge({ platform, schema }, viewer, {
    document,
    operationName,
    variables: variables ?? {},
  });
  if (!taken) return errors.map((error) => maskError(error, requestId(), platform.log));
  const contextValue = { ...contextFor(platform, viewer, caller), charge: taken };
  return { schema, document, operationName, variableValues: variables ?? {}, contextValue };
}

/** A result as a client may see it. */
export function masked<R extends ExecutionResult>({ log }: Pick<Platform, "log">, result: R): R {
  return result.errors
    ? { ...result, errors: result.errors.map((error) => maskError(error, requestId(), log)) }
    : result;
}
