import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";

/** Gives the placeholder of an argument's value. `take` turns what was sent into SQL's value; undefined is left to GraphQL. */
export type Parameter = (name: string, take?: (value: unknown) => unknown) => string;

/**
 * How one field is read: a value as SQL that gives what GraphQL would serialise, an object, a list, or the first rows of a
 * connection. `row` is the alias of the object's row and `child` that of the rows to come.
 */
export type ReadField =
  | { kind: "value"; sql: (row: string) => string }
  | { kind: "object"; type: string; from: (child: string, row: string, parameter: Parameter) => string }
  | {
      kind: "list" | "page";
      type: string;
      from: (child: string, row: string) => string;
      order: (child: string) => string;
    };

const types = new Map<string, Map<string, ReadField>>();

/** Says how fields of a type are read in one statement. A field that nobody said this of runs by its resolver. */
export function readable(type: string, fields: Readonly<Record<string, ReadField>>): void {
  const known = types.get(type) ?? new Map<string, ReadField>();
  for (const [name, field] of Object.entries(fields)) {
    if (known.has(name)) throw new Error(`${type}.${name} is said to be read in two ways`);
    known.set(name, field);
  }
  types.set(type, known);
}

/** The names of the fields of a type that can be read in one statement, for the test that compares both ways. */
export const readableFields = (type: string): string[] => [...(types.get(type)?.keys() ?? [])];

/** A value that is a column or an expression of SQL, in the row's alias. */
export const value = (sql: (row: string) => string): ReadField => ({ kind: "value", sql });

/** Columns that GraphQL shows as they are. */
export function columns(names: Readonly<Record<string, string>>): Record<string, ReadField> {
  return Object.fromEntries(Object.entries(names).map(([name, column]) => [name, value((row) => `${row}.${column}`)]));
}

/** A UUID column as the opaque id of a type. */
export const globalId = (prefix: string, column = "id"): ReadField =>
  value((row) => `'${prefix}_' || replace(${row}.${column}::text, '-', '')`);

/** A timestamptz column as RFC 3339 in UTC with milliseconds. */
export const dateTime = (column: string): ReadField =>
  value((row) => `to_char(${row}.${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/** A bytea column as hexadecimal digits. */
export const hex = (column: string): ReadField => value((row) => `encode(${row}.${column}, 'hex')`);

/** Takes an argument that is one of a list; GraphQL says what is wrong with any other. */
export const oneOf =
  (words: readonly string[]) =>
  (sent: unknown): unknown =>
    typeof sent === "string" && words.includes(sent) ? sent : undefined;

/** Takes an argument that is text which PostgreSQL can hold. */
export const textArgument = (sent: unknown): unknown =>
  typeof sent === "string" && !sent.includes("\0") ? sent : undefined;

/** An operation as one SQL statement whose only column is the JSON text of GraphQL's `data`. */
export type CompiledRead = {
  text: string;
  /** The statement's values for variables as they were sent, or null where GraphQL itself must look at them. */
  values(variables: Readonly<Record<string, unknown>>): unknown[] | null;
};

/** Compiles a query whose every field is readable; null for any other. The query must be valid. */
export function compileRead(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledRead | null {
  try {
    return new Compiler(schema, document, operation).read();
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

class NotReadable extends Error {
  override readonly name = "NotReadable";
}

/** What becomes JSON, as a row: a name that GraphQL cannot spell, as a column of that name would hide the row. */
const WHOLE_ROW = '"."';
/** Names of columns are cut at 63 bytes by PostgreSQL: longer aliases would change. */
const KEY_LENGTH_MAX = 63;
const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

const pageSize = (sent: unknown): unknown => {
  const size = sent ?? PAGE_DEFAULT;
  return Number.isInteger(size) && Number(size) >= 0 && Number(size) <= PAGE_MAX ? size : undefined;
};

type Selected = { name: string; nodes: FieldNode[] };
type Taker = (variables: Readonly<Record<string, unknown>>) => unknown;

class Compiler {
  private readonly schema: GraphQLSchema;
  private readonly operation: OperationDefinitionNode;
  private readonly fragments: Map<string, FragmentDefinitionNode>;
  private readonly takers: Taker[] = [];
  private aliases = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = new Map(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
  }

  read(): CompiledRead {
    const { selectionSet, directives, variableDefinitions } = this.operation;
    if (directives?.length) throw new NotReadable();
    const columnsOfRoot = this.columns("Query", [selectionSet], "");
    const text = `SELECT row_to_json(${WHOLE_ROW})::text AS data FROM (SELECT ${columnsOfRoot}) ${WHOLE_ROW}`;
    const defaults = defaultsOf(variableDefinitions ?? []);
    const takers = this.takers;
    return { text, values: (variables) => take(takers, { ...defaults, ...variables }) };
  }

  /** The columns of an object: one a response key, in the order in which they were asked for. */
  private columns(type: string, sets: readonly SelectionSetNode[], row: string): string {
    const selected = new Map<string, Selected>();
    for (const set of sets) this.collect(type, set, selected);
    return [...selected]
      .map(([key, { name, nodes }]) => `${this.field(type, name, nodes, row)} AS "${key}"`)
      .join(", ");
  }

  private collect(type: string, set: SelectionSetNode, into: Map<string, Selected>): void {
    for (const each of set.selections) {
      if (each.directives?.length) throw new NotReadable();
      if (each.kind === Kind.FIELD) {
        const key = each.alias?.value ?? each.name.value;
        if (key.length > KEY_LENGTH_MAX) throw new NotReadable();
        const known = into.get(key);
        if (known) known.nodes.push(each);
        else into.set(key, { name: each.name.value, nodes: [each] });
        continue;
      }
      const fragment = each.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(each.name.value) : each;
      if (!fragment || !this.covers(type, fragment.typeCondition?.name.value ?? type)) throw new NotReadable();
      this.collect(type, fragment.selectionSet, into);
    }
  }

  /** Whether a condition holds for every object of a type. */
  private covers(type: string, condition: string): boolean {
    if (type === condition) return true;
    const [own, wider] = [this.schema.getType(type), this.schema.getType(condition)];
    return isObjectType(own) && isAbstractType(wider) && this.schema.isSubType(wider, own);
  }

  private field(type: string, name: string, nodes: readonly FieldNode[], row: string): string {
    if (name === "__typename" && isObjectType(this.schema.getType(type))) return `'${type}'::text`;
    const field = types.get(type)?.get(name);
    const [node] = nodes;
    if (!field || !node) throw new NotReadable();
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (field.kind === "object") return this.object(field, node, sets, row);
    if (field.kind === "page") return this.page(type, field, node, sets, row);
    if (node.arguments?.length) throw new NotReadable();
    if (field.kind === "value") return field.sql(row);
    return this.rows(field, (child) => this.columns(field.type, sets, child), row, "");
  }

  private object(
    field: Extract<ReadField, { kind: "object" }>,
    node: FieldNode,
    sets: readonly SelectionSetNode[],
    row: string,
  ): string {
    const child = this.alias();
    const from = this.withArguments(node, (parameter) => field.from(child, row, parameter));
    return `(SELECT row_to_json(${WHOLE_ROW}) FROM (SELECT ${this.columns(field.type, sets, child)} ${from}) ${WHOLE_ROW})`;
  }

  /** A connection of which only the first rows are asked for; cursors are left to the resolvers. */
  private page(
    type: string,
    field: Extract<ReadField, { kind: "list" | "page" }>,
    node: FieldNode,
    sets: readonly SelectionSetNode[],
    row: string,
  ): string {
    const connection = this.typeOf(type, node.name.value);
    const limit = this.withArguments(node, (parameter) => parameter("first", pageSize));
    const selected = new Map<string, Selected>();
    for (const set of sets) this.collect(connection, set, selected);
    const parts = [...selected].map(([key, { name: part, nodes }]) => {
      if (part !== "nodes") throw new NotReadable();
      const wanted = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      return `${this.rows(field, (child) => this.columns(field.type, wanted, child), row, ` LIMIT ${limit}::int4`)} AS "${key}"`;
    });
    return `(SELECT row_to_json(${WHOLE_ROW}) FROM (SELECT ${parts.join(", ")}) ${WHOLE_ROW})`;
  }

  private rows(
    field: Extract<ReadField, { kind: "list" | "page" }>,
    columnsOf: (child: string) => string,
    row: string,
    limit: string,
  ): string {
    const child = this.alias();
    const rows = `SELECT ${columnsOf(child)} ${field.from(child, row)} ORDER BY ${field.order(child)}${limit}`;
    return `(SELECT COALESCE(json_agg(${WHOLE_ROW}), '[]') FROM (${rows}) ${WHOLE_ROW})`;
  }

  /** Text made with a field's arguments; one that the text does not use is left to the resolver. */
  private withArguments(node: FieldNode, make: (parameter: Parameter) => string): string {
    const given = new Map(node.arguments?.map((each) => [each.name.value, each.value]));
    const text = make((name, turn = (sent) => sent) => {
      const read = readerOf(given.get(name));
      given.delete(name);
      this.takers.push((variables) => turn(read(variables)));
      return `$${this.takers.length}`;
    });
    if (given.size > 0) throw new NotReadable();
    return text;
  }

  private typeOf(type: string, name: string): string {
    const found = this.schema.getType(type);
    const field = isObjectType(found) || isInterfaceType(found) ? found.getFields()[name] : undefined;
    if (!field) throw new NotReadable();
    return getNamedType(field.type).name;
  }

  private alias(): string {
    this.aliases++;
    return `r${this.aliases}`;
  }
}

function readerOf(node: ValueNode | undefined): Taker {
  if (!node) return () => undefined;
  if (node.kind === Kind.VARIABLE) return (variables) => variables[node.name.value];
  if (node.kind === Kind.INT) return () => Number(node.value);
  if (node.kind === Kind.STRING || node.kind === Kind.ENUM) return () => node.value;
  throw new NotReadable();
}

function defaultsOf(definitions: NonNullable<OperationDefinitionNode["variableDefinitions"]>): Record<string, unknown> {
  return Object.fromEntries(
    definitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, readerOf(defaultValue)({})] as const] : [],
    ),
  );
}

function take(takers: readonly Taker[], variables: Readonly<Record<string, unknown>>): unknown[] | null {
  const values = takers.map((taker) => taker(variables));
  return values.includes(undefined) ? null : values;
}
