/** PostgreSQL types that typed SQL may give and take, with what they are in TypeScript. A trailing `?` means nullable. */
type Scalars = {
  uuid: string;
  text: string;
  int4: number;
  float8: number;
  bool: boolean;
  timestamptz: Date;
  bytea: Buffer;
  jsonb: unknown;
  json: unknown;
  /** Numbers wider than 2^53 arrive as decimal text. */
  numeric: string;
  int8: string;
  _text: string[];
  _uuid: string[];
  _int4: number[];
};
export type ColumnType = keyof Scalars | `${keyof Scalars & string}?`;
type Value<T extends ColumnType> = T extends `${infer Base extends keyof Scalars}?`
  ? Scalars[Base] | null
  : T extends keyof Scalars
    ? Scalars[T]
    : never;
export type Columns = Record<string, ColumnType>;
type RowOf<C extends Columns> = { [K in keyof C]: Value<C[K]> };

/** One named, prepared SQL statement and the type of its rows. */
export type Statement<R> = {
  readonly name: string;
  readonly text: string;
  readonly columns: Columns;
  readonly row?: R;
};

/** The row type of a statement. */
export type Row<S> = S extends Statement<infer Found> ? Found : never;

const declared = new Map<string, Statement<unknown>>();

/** Declares a named statement; its columns are checked against the database by a test. */
export function statement<const C extends Columns>(name: string, text: string, columns: C): Statement<RowOf<C>> {
  if (declared.has(name)) throw new Error(`statement ${name} is declared twice`);
  const made: Statement<RowOf<C>> = { name, text, columns };
  declared.set(name, made);
  return made;
}

/** Every statement declared so far, for the test that checks them. */
export function declaredStatements(): readonly Statement<unknown>[] {
  return [...declared.values()];
}
