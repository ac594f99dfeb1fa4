import { GraphQLError } from "graphql";

export { encodeNodeId } from "../node-id.ts";

const pascal = (prefix: string) =>
  prefix.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());

/** The type and UUID that an id names, or null when it is no id of this server. */
export function parseNodeId(id: string): { typename: string; uuid: string } | null {
  const match = /^([a-z]+(?:_[a-z]+)*)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(id);
  if (!match) return null;
  const [, prefix = "", ...groups] = match;
  return { typename: pascal(prefix), uuid: groups.join("-") };
}

/** Like parseNodeId, refusing with INVALID_ID. */
export function decodeNodeId(id: string): { typename: string; id: string } {
  const parsed = parseNodeId(id);
  if (!parsed) throw invalidId(id, "an id as the API gave it, such as bot_0198…");
  return { typename: parsed.typename, id: parsed.uuid };
}

/** The error for an id that is malformed or of another type. */
export function invalidId(id: string, expected: string): GraphQLError {
  return new GraphQLError(`This is not ${expected}.`, {
    extensions: {
      code: "INVALID_ID",
      hint: "Pass ids exactly as the API gave them; they name their type.",
      id: id.slice(0, 64),
    },
  });
}
