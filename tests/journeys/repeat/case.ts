export type Input = Record<string, unknown>;
export type Result = { __typename: string; code?: string; path?: string[]; [field: string]: unknown };

/** A mutation: its input, another one, what the same says without a key, and how many effects it had. */
export type Case = {
  input: () => Promise<Input>;
  selection?: string;
  other: (input: Input) => Promise<object>;
  again: string;
  effects: (input: Input) => Promise<number>;
};

/** The raw UUID of a global id. */
export const uuidOf = (id: unknown) =>
  String(id)
    .slice(-32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
