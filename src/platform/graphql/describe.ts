import { isInterfaceType, isObjectType, type GraphQLSchema } from "graphql";

const ARGUMENTS: Readonly<Record<string, string>> = {
  first: "How many from the start, 0 to 100.",
  after: "Only what comes behind this edge's cursor.",
  last: "How many from the end, 0 to 100.",
  before: "Only what comes before this edge's cursor.",
  id: "The object's id.",
  ids: "At most 100 ids.",
};
const FIELDS: Readonly<Record<string, string>> = {
  id: "Its id, opaque and typed.",
  edges: "The page's rows with their cursors.",
  nodes: "The page's rows.",
  pageInfo: "Whether and from where to page on.",
  cursor: "Pass it as `after` or `before`.",
  node: "The row.",
  endCursor: "The last edge's cursor; null on an empty page.",
  startCursor: "The first edge's cursor; null on an empty page.",
  hasNextPage: "Whether more comes behind this page.",
  hasPreviousPage: "Whether something comes before this page.",
};

/** Describes what the Relay plugin adds without words: connections, edges, page info and their arguments. */
export function describeRelay(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    if (type.name.startsWith("__")) continue;
    type.description ??= type.name.endsWith("Edge") ? "A row and its cursor." : "A page of rows.";
    for (const field of Object.values(type.getFields())) {
      field.description ??= FIELDS[field.name];
      for (const argument of field.args) argument.description ??= ARGUMENTS[argument.name];
    }
  }
  return schema;
}
