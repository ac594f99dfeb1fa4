import { GraphQLError, type DocumentNode, type GraphQLSchema } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Charge, Context } from "../graphql/context.ts";
import type { Platform } from "../platform.ts";
import { bucketOf, takePoints } from "../points.ts";
import type { Viewer } from "../viewer.ts";
import { examine, inspect } from "./limits.ts";

type Parts = { platform: Platform; schema: GraphQLSchema };
type Operation = {
  document: DocumentNode;
  operationName: string | null | undefined;
  variables: Readonly<Record<string, unknown>>;
};

/** What an operation may take: its points, or why it may not run. */
export type Priced = ReturnType<typeof inspect>;

/** Looks whether an operation is within its limits and takes its points; the errors when it may not run. */
export function charge(
  parts: Parts,
  viewer: Viewer,
  { document, operationName, variables }: Operation,
): Promise<{ charge: Charge | null; errors: readonly GraphQLError[] }> {
  return pay(parts, viewer, inspect(parts.schema, document, parts.platform.settings, operationName, variables));
}

/** Takes the points of a priced operation; the errors when it may not run. */
export async function pay(
  { platform }: Pick<Parts, "platform">,
  viewer: Viewer,
  { cost, errors }: Priced,
): Promise<{ charge: Charge | null; errors: readonly GraphQLError[] }> {
  if (errors.length > 0) return { charge: null, errors };
  const bucket = bucketOf(platform, viewer);
  if (cost > bucket.points) return { charge: null, errors: [beyond(cost, bucket.points)] };
  const { available, retryAfterMs, resetAt } = await takePoints(platform, viewer, cost);
  if (retryAfterMs === 0) return { charge: { requested: cost, limit: bucket.points, available, resetAt }, errors: [] };
  const hint = "Wait retryAfterMs, then try again; a key has ten times the points of an address.";
  const extensions = { code: "RATE_LIMITED", hint, retryAfterMs };
  return { charge: null, errors: [new GraphQLError("You have used up your points of this minute.", { extensions })] };
}

/** More than a minute has: waiting would not help. */
const beyond = (cost: number, points: number) =>
  new GraphQLError(`This operation costs ${cost} points; you have ${points} a minute.`, {
    extensions: { code: "COST_EXCEEDED", hint: "Ask for less at once; a key has ten times the points of an address." },
  });

/** The refusal of variables that are longer as JSON than they may be, or nest too deep to be written; else null. */
export function refuseVariables(variables: unknown, bytesMax: number, more: object = {}): GraphQLError | null {
  if (isWithin(variables, bytesMax)) return null;
  return new GraphQLError(`Variables have at most ${bytesMax} bytes.`, {
    extensions: { code: "VARIABLES_TOO_LARGE", hint: "Send less at once.", ...more },
  });
}

function isWithin(variables: unknown, bytesMax: number): boolean {
  try {
    return JSON.stringify(variables ?? {}).length <= bytesMax;
  } catch {
    return false;
  }
}

/** Refuses operations beyond their limits, over HTTP and event streams alike, and reports the cost with each answer. */
export function useCost(parts: Parts): Plugin<Context> {
  const { settings } = parts.platform;
  const take = (args: {
    document: DocumentNode;
    operationName?: string | null;
    variableValues?: unknown;
    contextValue: unknown;
  }) => {
    const { viewer } = args.contextValue as Context;
    const variables = (args.variableValues ?? {}) as Record<string, unknown>;
    return charge(parts, viewer, { document: args.document, operationName: args.operationName, variables });
  };
  return {
    onParams: ({ params }) => {
      const refusal = refuseVariables(params.variables, settings.variablesBytesMax, { http: { status: 413 } });
      if (refusal) throw refusal;
    },
    onParse: ({ params }) => {
      Object.assign((params as { options?: object }).options ?? {}, { maxTokens: settings.tokensMax });
    },
    // The shape first: what is too much to run is too much to validate as well.
    onValidate: ({ params, setResult }) => setResult([...examine(parts.schema, params.documentAST, settings)]),
    onSubscribe: async ({ args, setResultAndStopExecution }) => {
      const { charge: taken, errors } = await take(args);
      if (!taken) return setResultAndStopExecution({ errors: [...errors] });
      (args.contextValue as Context).charge = taken;
    },
    onExecute: async ({ args, setResultAndStopExecution }) => {
      const { charge: taken, errors } = await take(args);
      if (!taken) return setResultAndStopExecution({ errors: [...errors] });
      (args.contextValue as Context).charge = taken;
      const { requested, available, resetAt } = taken;
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (Symbol.asyncIterator in result) return;
          const cost = { requested, available, resetAt: resetAt.toISOString() };
          setResult({ ...result, extensions: { ...result.extensions, cost } });
        },
      };
    },
  };
}
