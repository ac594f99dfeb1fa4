import {
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";

/** A field of the schema as Type.field, and the whole way to it, with an operation that selects it and what hangs on its rows. */
export type ListCase = { field: string; name: string; operation: string };

type Field = GraphQLField<unknown, unknown>;
/** A field on the way; `on` is the kind of its rows with which the way goes on, where they are of several kinds. */
type Step = { field: Field; of: string; on?: string };
type Way = { type: GraphQLObjectType; steps: readonly Step[] };

const NESTED_ROWS = 2;
const PAGE_ROWS = 100;

const isComposite = (type: GraphQLNamedType) => isObjectType(type) || isInterfaceType(type) || isUnionType(type);
const isPage = (type: GraphQLNamedType) => type.name.endsWith("Connection");
const isList = ({ type }: Field) => isListType(isNonNullType(type) ? type.ofType : type) || isPage(getNamedType(type));

/** Connections are read through `nodes`; their edges say the same again. */
const isEnvelope = ({ name }: GraphQLNamedType) => /(?:Connection|Edge)$|^PageInfo$/.test(name);

/** What a field gives one or many of: the type of a connection's nodes, or of the field itself. */
function rowTypeOf(field: Field): GraphQLNamedType {
  const type = getNamedType(field.type);
  const nodes = isPage(type) && isObjectType(type) ? type.getFields()["nodes"] : undefined;
  return nodes ? getNamedType(nodes.type) : type;
}

/**
 * Cases for every list of objects that can be reached from Query, each with all that its rows have beside them one level
 * down. `top` are the lists on an object of which there is one. `beneath` are those on the rows of other lists, each on the
 * shortest way over such rows, and the objects on rows that are no rows themselves. `values` are GraphQL literals by the
 * name of an argument.
 */
export function listsOf(schema: GraphQLSchema, values: Readonly<Record<string, string>>) {
  const write = new Writer(schema, values);
  const root = schema.getQueryType();
  if (!root) throw new Error("a schema without queries");
  const single = waysFrom([{ type: root, steps: [] }], (field) => write.canCall(field) && !isList(field));
  const listed = single.flatMap((way) => listsAlong(way).filter(({ field }) => write.canCall(field)));
  const top = listed.map(({ steps }) => write.caseOf(steps)).map((each) => ({ ...each, name: each.field }));
  const below = beneath(schema, write, listed).map(({ steps }) => write.caseOf(steps));
  return { top, beneath: below, lists: reachableLists(schema) };
}

type Listed = Step & { steps: readonly Step[] };
const listsAlong = ({ type, steps }: Way): Listed[] =>
  Object.values(type.getFields())
    .filter((field) => isList(field) && isComposite(getNamedType(field.type)))
    .map((field) => ({ field, of: type.name, steps: [...steps, { field, of: type.name }] }));

/** The shortest ways to all objects that lie behind fields that `goes` takes; `known` are not looked for. */
function waysFrom(starts: readonly Way[], goes: (field: Field) => boolean, known: readonly string[] = []): Way[] {
  const seen = new Set([...known, ...starts.map(({ type }) => type.name)]);
  const ways = [...starts];
  for (const { type, steps } of ways)
    for (const field of Object.values(type.getFields())) {
      const to = rowTypeOf(field);
      if (!isObjectType(to) || seen.has(to.name) || !goes(field)) continue;
      seen.add(to.name);
      ways.push({ type: to, steps: [...steps, { field, of: type.name }] });
    }
  return ways;
}

/** The ways to what hangs on the rows of `listed`. */
function beneath(schema: GraphQLSchema, write: Writer, listed: readonly Listed[]): { steps: readonly Step[] }[] {
  const goes = (field: Field) => write.canCall(field);
  const plain = waysOfRows(listed, goes);
  const known = plain.map(({ type }) => type.name);
  const ways = [...plain, ...waysFrom(waysToKinds(schema, listed, known), goes, known)];
  const lists = ways.flatMap((way) => listsAlong(way).filter(({ field }) => write.canCall(field)));
  const rows = new Set([...listed, ...lists].map(({ field }) => rowTypeOf(field).name));
  const objects = ways.filter(({ type, steps }) => !rows.has(type.name) && steps.at(-1)?.on === undefined);
  return [...lists, ...objects];
}

/** From rows of one kind to all that hangs on them; lists near to Query lead to more rows than those of a single object. */
function waysOfRows(listed: readonly Listed[], goes: (field: Field) => boolean): Way[] {
  const starts = listed.flatMap(({ field, steps }) => {
    const type = rowTypeOf(field);
    return isObjectType(type) ? [{ type, steps }] : [];
  });
  const near = starts.filter(({ steps }) => steps.length <= 1);
  const ways = waysFrom(firstOfEach(near), goes, []);
  const known = ways.map(({ type }) => type.name);
  const further = starts.filter(({ type }) => !known.includes(type.name));
  return [...ways, ...waysFrom(firstOfEach(further), goes, known)];
}

const firstOfEach = (ways: readonly Way[]): Way[] =>
  ways.filter(({ type }, index) => ways.findIndex((way) => way.type === type) === index);

/** Through every list of rows of several kinds to each kind: which of the lists have it, such as an event, they know. */
function waysToKinds(schema: GraphQLSchema, listed: readonly Listed[], known: readonly string[]): Way[] {
  return listed.flatMap(({ field, of, steps }) => {
    const type = rowTypeOf(field);
    if (!isInterfaceType(type) && !isUnionType(type)) return [];
    const kinds = schema.getPossibleTypes(type).filter(({ name }) => !known.includes(name));
    return kinds.map((kind) => ({ type: kind, steps: [...steps.slice(0, -1), { field, of, on: kind.name }] }));
  });
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
  private readonly schema: GraphQLSchema;
  private readonly values: Readonly<Record<string, string>>;

  constructor(schema: GraphQLSchema, values: Readonly<Record<string, string>>) {
    this.schema = schema;
    this.values = values;
  }

  canCall({ args, name }: Field): boolean {
    return args.every((arg) => !isNonNullType(arg.type) || this.valueOf(name, arg.name) !== undefined);
  }

  /** The way, and at its end all that the last step's rows have. The first list on it has a whole page of rows. */
  caseOf(steps: readonly Step[]): ListCase {
    const names = steps.map(({ field, of, on }) => `${of}.${field.name}${on === undefined ? "" : ` (${on})`}`);
    const last = steps.at(-1);
    if (!last) throw new Error("a way of no steps");
    const paged = steps.findIndex(({ field }) => isList(field));
    const text = steps.reduceRight(
      (inner, { field, of, on }, index) => {
        const rows = on === undefined ? inner : `__typename ... on ${on} { ${inner} }`;
        return `${this.call(field, of, index === paged ? PAGE_ROWS : NESTED_ROWS)} ${this.enveloped(field, rows)}`;
      },
      this.fields(rowTypeOf(last.field), 1),
    );
    return { field: `${last.of}.${last.field.name}`, name: names.join(" → "), operation: `{ ${text} }` };
  }

  private valueOf(field: string, argument: string): string | undefined {
    return this.values[`${field}.${argument}`] ?? this.values[argument];
  }

  private call(field: Field, of: string, rows: number): string {
    const paged = field.args.some(({ name }) => name === "first" && !this.values[`${field.name}.first`]);
    const needed = field.args.filter(
      ({ type, name }) => isNonNullType(type) || this.values[`${field.name}.${name}`] !== undefined,
    );
    const given = [
      ...(paged ? [`first: ${rows}`] : []),
      ...needed.map(({ name }) => `${name}: ${this.valueOf(field.name, name)}`),
    ];
    return `${of}__${field.name}: ${field.name}${given.length > 0 ? `(${given.join(", ")})` : ""}`;
  }

  private enveloped(field: Field, rows: string): string {
    return isPage(getNamedType(field.type)) ? `{ nodes { ${rows} } pageInfo { hasNextPage } }` : `{ ${rows} }`;
  }

  /** All leaves, and what hangs on them so many levels down. */
  private fields(type: GraphQLNamedType, levels: number): string {
    if (isInterfaceType(type) || isUnionType(type)) {
      const kinds = this.schema.getPossibleTypes(type);
      return ["__typename", ...kinds.map((of) => `... on ${of.name} { ${this.fields(of, levels)} }`)].join(" ");
    }
    if (!isObjectType(type)) return "";
    const chosen = Object.values(type.getFields()).flatMap((field) => {
      if (!this.canCall(field)) return [];
      const below = rowTypeOf(field);
      if (!isComposite(below)) return [this.call(field, type.name, NESTED_ROWS)];
      if (levels === 0) return [];
      return [`${this.call(field, type.name, NESTED_ROWS)} ${this.enveloped(field, this.fields(below, levels - 1))}`];
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
