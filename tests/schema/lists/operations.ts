import {
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";

/** A list of the schema, as Type.field, with an operation that selects it and what hangs on its rows. */
export type ListCase = { name: string; operation: string };

type Field = GraphQLField<unknown, unknown>;
type Step = { field: Field; of: string };

const NESTED_ROWS = 2;
const PAGE_ROWS = 100;

const isComposite = (type: GraphQLNamedType) => isObjectType(type) || isInterfaceType(type) || isUnionType(type);
const isPage = (type: GraphQLNamedType) => type.name.endsWith("Connection");
const isList = ({ type }: Field) => isListType(isNonNullType(type) ? type.ofType : type) || isPage(getNamedType(type));

/** Connections are read through `nodes`; their edges say the same again. */
const isEnvelope = ({ name }: GraphQLNamedType) => /(?:Connection|Edge)$|^PageInfo$/.test(name);

/**
 * Every list of objects that can be reached from Query. Those on an object of which there is one become cases; those on the
 * rows of other lists are selected with these rows, `levels` deep. `values` are GraphQL literals by the name of an argument.
 */
export function listsOf(schema: GraphQLSchema, values: Readonly<Record<string, string>>, levels: number) {
  const write = new Writer(schema, values, levels);
  const root = schema.getQueryType();
  const paths = new Map<string, Step[]>(root ? [[root.name, []]] : []);
  const cases: ListCase[] = [];
  for (const [name, path] of paths) {
    const type = schema.getType(name);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const of = getNamedType(field.type);
      const step = { field, of: name };
      if (!isComposite(of) || !write.canCall(field)) continue;
      if (isList(field)) cases.push({ name: `${name}.${field.name}`, operation: write.operation([...path, step]) });
      else if (!paths.has(of.name)) paths.set(of.name, [...path, step]);
    }
  }
  return { cases, lists: reachableLists(schema), selected: write.selected };
}

/** All lists of objects that rows or objects can have, whatever leads to them. */
function reachableLists(schema: GraphQLSchema): string[] {
  const seen = new Set<GraphQLNamedType>();
  const queue: GraphQLNamedType[] = [schema.getQueryType() ?? []].flat();
  const lists: string[] = [];
  for (let type = queue.shift(); type; type = queue.shift()) {
    if (seen.has(type)) continue;
    seen.add(type);
    if (isUnionType(type) || isInterfaceType(type)) queue.push(...schema.getPossibleTypes(type));
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const of = getNamedType(field.type);
      if (!isComposite(of)) continue;
      queue.push(of);
      if (isList(field) && !isEnvelope(type)) lists.push(`${type.name}.${field.name}`);
    }
  }
  return lists;
}

class Writer {
  /** The lists that some operation selects. */
  readonly selected = new Set<string>();
  private readonly schema: GraphQLSchema;
  private readonly values: Readonly<Record<string, string>>;
  private readonly levels: number;

  constructor(schema: GraphQLSchema, values: Readonly<Record<string, string>>, levels: number) {
    this.schema = schema;
    this.values = values;
    this.levels = levels;
  }

  canCall({ args, name }: Field): boolean {
    return args.every((arg) => !isNonNullType(arg.type) || this.valueOf(name, arg.name) !== undefined);
  }

  operation(path: readonly Step[]): string {
    const text = path.reduceRight((inner, { field, of }, index) => {
      const last = index === path.length - 1;
      return `${this.call(field, of, PAGE_ROWS)} ${last ? this.rows(field, this.levels, []) : `{ ${inner} }`}`;
    }, "");
    return `{ ${text} }`;
  }

  private valueOf(field: string, argument: string): string | undefined {
    return this.values[`${field}.${argument}`] ?? this.values[argument];
  }

  private call(field: Field, of: string, rows: number): string {
    const paged = field.args.some(({ name }) => name === "first");
    const needed = field.args.filter(
      ({ type, name }) => isNonNullType(type) || this.values[`${field.name}.${name}`] !== undefined,
    );
    const given = [
      ...(paged ? [`first: ${rows}`] : []),
      ...needed.map(({ name }) => `${name}: ${this.valueOf(field.name, name)}`),
    ];
    if (isList(field)) this.selected.add(`${of}.${field.name}`);
    return `${of}__${field.name}: ${field.name}${given.length > 0 ? `(${given.join(", ")})` : ""}`;
  }

  private rows(field: Field, levels: number, above: readonly string[]): string {
    const type = getNamedType(field.type);
    if (!isPage(type) || !isObjectType(type)) return `{ ${this.fields(type, levels, above)} }`;
    const nodes = type.getFields()["nodes"];
    return `{ nodes { ${nodes ? this.fields(getNamedType(nodes.type), levels, above) : ""} } pageInfo { hasNextPage } }`;
  }

  /** All leaves, and what hangs on them so many levels down. A relation straight back to where one came from is left out. */
  private fields(type: GraphQLNamedType, levels: number, above: readonly string[]): string {
    if (isInterfaceType(type) || isUnionType(type)) {
      // All kinds of events three levels deep are more than GraphQL's own validation goes through.
      const below = Math.min(levels, 2);
      const each = this.schema
        .getPossibleTypes(type)
        .map((of) => `... on ${of.name} { ${this.fields(of, below, above)} }`);
      return ["__typename", ...each].join(" ");
    }
    if (!isObjectType(type)) return "";
    const chosen = Object.values(type.getFields()).flatMap((field) => {
      if (!this.canCall(field)) return [];
      const of = getNamedType(field.type);
      const call = this.call(field, type.name, NESTED_ROWS);
      if (!isComposite(of)) return [call];
      if (levels === 0 || (isList(field) && above.filter((name) => name === type.name).length > 0)) return [];
      return [`${call} ${this.rows(field, levels - 1, [...above, type.name])}`];
    });
    return ["__typename", ...chosen].join(" ");
  }
}

/** The most rows that each list had anywhere in an answer. */
export function rowsIn(answer: unknown, most = new Map<string, number>()): Map<string, number> {
  if (Array.isArray(answer)) answer.forEach((each) => rowsIn(each, most));
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return most;
  for (const [key, value] of Object.entries(answer)) {
    const nodes: unknown = Reflect.get(Object(value) as object, "nodes");
    const rows = Array.isArray(value) ? value : Array.isArray(nodes) ? nodes : null;
    if (rows) most.set(key, Math.max(most.get(key) ?? 0, rows.length));
    rowsIn(value, most);
  }
  return most;
}
