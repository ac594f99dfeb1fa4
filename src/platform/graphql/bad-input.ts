import { GraphQLError } from "graphql";

/** The error of a query's argument that is not acceptable; mutations have refusals instead. */
export function badInput(path: readonly string[], hint: string): GraphQLError {
  return new GraphQLError(`${path.join(".")} is not acceptable.`, { extensions: { code: "BAD_INPUT", hint, path } });
}
