import {
  getNamedType,
  getNullableType,
  GraphQLError,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isUnionType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type ConstValueNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import { isConnection } from "./connection-fields.ts";

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;
/** The rows of a list that neither says its size nor is asked for a page: most are the two sides of something. */
const LIST_DEFAULT = 2;
/** Objects that describe the schema are in memory: so many of them cost what one of the database costs. */
const META_PER_POINT = 250;
const POINTS_COUNTED_MAX = 1e9;

/** What says how many rows there are: those of a page, or those that are named. */
const PAGING = new Set(["first", "last", "ids"]);

type Values = Readonly<Record<string, unknown>>;
type Price = { cost: number; refused: GraphQLError | null };

/**
 * The price of an operation from its coerced variables: each object counts once for every row of the lists above it. A
 * list has as many rows as are asked for, else as many as its field's `cost` says. Only for valid documents: fragments
 * form no cycle, and written out they are no longer than tokensMax.
 */
export function priceOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Values,
): Price {
  const operation = document.definitions.find(
    (each) => each.kind === Kind.OPERATION_DEFINITION && (!operationName || each.name?.value === operationName),
  );
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return { cost: 1, refused: null };
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      sizeIn(defaultValue),
    ]),
  );
  const pricing = new Pricing(schema, document, { ...defaults, ...variables });
  const cost = pricing.of(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, 1);
  return { cost: Math.max(1, Math.ceil(cost)), refused: pricing.refused };
}

class Pricing {
  refused: GraphQLError | null = null;
  private readonly schema: GraphQLSchema;
  private readonly values: Values;
  private readonly fragments: ReadonlyMap<string, { type: string; selections: SelectionSetNode }>;

  constructor(schema: GraphQLSchema, document: DocumentNode, values: Values) {
    this.schema = schema;
    this.values = values;
    this.fragments = new Map(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION
          ? [[each.name.value, { type: each.typeCondition.name.value, selections: each.selectionSet }] as const]
          : [],
      ),
    );
  }

  /** What selections cost on so many rows of a type. */
  of(within: SelectionSetNode | undefined, type: GraphQLNamedType | undefined, rows: number): number {
    let cost = 0;
    for (const each of within?.selections ?? []) {
      if (each.kind === Kind.FIELD) cost += this.ofField(each, type, rows);
      else if (each.kind === Kind.INLINE_FRAGMENT) {
        const on = each.typeCondition ? this.schema.getType(each.typeCondition.name.value) : type;
        cost += this.of(each.selectionSet, on, rows);
      } else {
        const fragment = this.fragments.get(each.name.value);
        cost += this.of(fragment?.selections, fragment && this.schema.getType(fragment.type), rows);
      }
      if (cost > POINTS_COUNTED_MAX) return cost;
    }
    return cost;
  }

  private ofField(field: FieldNode, type: GraphQLNamedType | undefined, rows: number): number {
    const declared = declaredOf(field.name.value, type);
    const own = costOption(declared);
    if (!field.selectionSet) return own === null ? 0 : rows * own;
    const within = declared && getNamedType(declared.type);
    if (declared === SchemaMetaFieldDef || declared === TypeMetaFieldDef)
      return Math.max(1, this.of(field.selectionSet, within, 1) / META_PER_POINT);
    const page = this.pageOf(field);
    if (declared && isListType(getNullableType(declared.type))) {
      const size = page ?? own ?? rowsOfMeta(this.schema, type, field.name.value) ?? LIST_DEFAULT;
      // The nodes of a connection are the rows of the page above them.
      const listed = isPageOf(type) ? 1 : size;
      return rows * listed + this.of(field.selectionSet, within, rows * listed);
    }
    const size = page ?? (isConnection(field) ? PAGE_DEFAULT : 1);
    return rows * (own ?? 1) + this.of(field.selectionSet, within, rows * size);
  }

  /** How many rows a field is asked for; null where it is not asked for a number. */
  private pageOf(field: FieldNode): number | null {
    const sizes = (field.arguments ?? [])
      .filter(({ name }) => PAGING.has(name.value))
      .map(({ value }) =>
        value.kind === Kind.INT
          ? Number(value.value)
          : value.kind === Kind.LIST
            ? value.values.length
            : value.kind === Kind.VARIABLE
              ? rowsOf(this.values[value.name.value])
              : PAGE_DEFAULT,
      );
    if (sizes.some((each) => each < 0 || each > PAGE_MAX))
      this.refused ??= new GraphQLError(`A page has 0 to ${PAGE_MAX} rows.`, {
        extensions: { code: "PAGE_TOO_LARGE", hint: "Ask for at most 100, and page on with `after`." },
      });
    return sizes.length === 0 ? null : Math.max(1, ...sizes);
  }
}

/** What a default says of a page: its number, or the things it names. */
const sizeIn = (value: ConstValueNode | undefined): unknown =>
  value?.kind === Kind.INT ? Number(value.value) : value?.kind === Kind.LIST ? value.values : undefined;

/** What is no number and no list is refused by GraphQL, in its own words. */
const rowsOf = (sent: unknown): number =>
  typeof sent === "number" ? sent : Array.isArray(sent) ? sent.length : PAGE_DEFAULT;

type Declared = GraphQLField<unknown, unknown>;

function declaredOf(name: string, type: GraphQLNamedType | undefined): Declared | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

const costOption = (field: Declared | undefined): number | null =>
  (field?.extensions["pothosOptions"] as { cost?: number } | undefined)?.cost ?? null;

const isPageOf = (type: GraphQLNamedType | undefined) => type?.name.endsWith("Connection") ?? false;

const META_ROWS = new WeakMap<GraphQLSchema, Readonly<Record<string, number>>>();

/** How many rows a list of the schema's description has: all types, and of what types have on average. */
function rowsOfMeta(schema: GraphQLSchema, type: GraphQLNamedType | undefined, name: string): number | null {
  if (!type?.name.startsWith("__")) return null;
  const rows = META_ROWS.get(schema) ?? countMeta(schema);
  META_ROWS.set(schema, rows);
  return rows[`${type.name}.${name}`] ?? LIST_DEFAULT;
}

function countMeta(schema: GraphQLSchema): Readonly<Record<string, number>> {
  const types = Object.values(schema.getTypeMap());
  const composite = types.filter((type) => isObjectType(type) || isInterfaceType(type));
  const fields = composite.flatMap((type) => Object.values(type.getFields()));
  const each = (things: readonly unknown[]) => things.length / types.length;
  return {
    "__Schema.types": types.length,
    "__Schema.directives": schema.getDirectives().length,
    "__Type.fields": each(fields),
    "__Type.interfaces": each(composite.flatMap((type) => type.getInterfaces())),
    "__Type.possibleTypes": each(types.filter(isUnionType).flatMap((type) => type.getTypes())),
    "__Type.enumValues": each(types.filter(isEnumType).flatMap((type) => type.getValues())),
    "__Type.inputFields": each(types.filter(isInputObjectType).flatMap((type) => Object.values(type.getFields()))),
    "__Field.args": fields.flatMap(({ args }) => args).length / fields.length,
  };
}
