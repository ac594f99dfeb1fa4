const snake = (typename: string) => typename.replaceAll(/(?<=[a-z0-9])[A-Z]/g, "_$&").toLowerCase();

/** The opaque id of a row as the API writes it: its type and the UUID's 32 hex digits, as in bot_0198c7…. */
export function encodeNodeId(typename: string, uuid: string): string {
  return `${snake(typename)}_${uuid.replaceAll("-", "")}`;
}
