import {
  GraphQLError,
  Kind,
  specifiedRules,
  validate,
  visit,
  type DocumentNode,
  type FragmentSpreadNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionSetNode,
} from "graphql";
import { isConnection } from "./connection-fields.ts";
import type { Settings } from "../settings.ts";

type Limits = Pick<Settings, "depthMax" | "aliasesMax" | "directivesMax" | "tokensMax" | "costPerOperationMax">;

const refusal = (code: string, message: string, hint: string) =>
  new GraphQLError(message, { extensions: { code, hint } });

/** Refuses what is too deep, too long, or has too many aliases or directives; null for an acceptable document. */
export function refuseShape(
  document: DocumentNode,
  { depthMax, aliasesMax, directivesMax, tokensMax }: Limits,
): GraphQLError | null {
  let [aliases, directives] = [0, 0];
  visit(document, {
    Field: (node) => void (aliases += node.alias ? 1 : 0),
    Directive: () => void (directives += 1),
  });
  if (aliases > aliasesMax)
    return refusal(
      "TOO_MANY_ALIASES",
      `An operation has at most ${aliasesMax} aliases.`,
      "Split it into several operations.",
    );
  if (directives > directivesMax)
    return refusal("TOO_MANY_DIRECTIVES", `An operation has at most ${directivesMax} directives.`, "Leave some out.");
  if (!isIntrospection(document) && depthOf(document) > depthMax)
    return refusal("TOO_DEEP", `An operation is at most ${depthMax} levels deep.`, "Ask for less at once.");
  // Twenty fragments that each spread the next one twice are a million fields: whoever walks them would never end.
  if (lengthOf(document) > tokensMax)
    return refusal(
      "TOO_LONG",
      `An operation has at most ${tokensMax} fields and fragments when its fragments are written out.`,
      "Spread fewer fragments within fragments.",
    );
  return null;
}

function isIntrospection(document: DocumentNode): boolean {
  return document.definitions.every(
    (definition) =>
      definition.kind !== Kind.OPERATION_DEFINITION ||
      definition.selectionSet.selections.every((each) => each.kind === Kind.FIELD && each.name.value.startsWith("__")),
  );
}

const fragmentsOf = (document: DocumentNode) =>
  new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each.selectionSet] as const] : [],
    ),
  );

type Selections = SelectionSetNode | undefined;

/** Folds the operations of a document over their selections, each fragment looked at once; cycles count as nothing. */
function folded(
  document: DocumentNode,
  fold: (selections: SelectionSetNode, of: (within: Selections) => number) => number,
): number {
  const known = new Map<SelectionSetNode, number>();
  const of = (selections: Selections): number => {
    if (!selections) return 0;
    const found = known.get(selections);
    if (found !== undefined) return found;
    known.set(selections, 0);
    const made = fold(selections, of);
    known.set(selections, made);
    return made;
  };
  return Math.max(
    0,
    ...document.definitions.map((each) => (each.kind === Kind.OPERATION_DEFINITION ? of(each.selectionSet) : 0)),
  );
}

function depthOf(document: DocumentNode): number {
  const fragments = fragmentsOf(document);
  return folded(document, ({ selections }, of) =>
    Math.max(
      0,
      ...selections.map((each) =>
        each.kind === Kind.FIELD ? 1 + of(each.selectionSet) : of(withinFragment(each, fragments)),
      ),
    ),
  );
}

/** How many fields and fragments an operation has when its fragments are written out. */
function lengthOf(document: DocumentNode): number {
  const fragments = fragmentsOf(document);
  return folded(document, ({ selections }, of) =>
    selections.reduce(
      (length, each) => length + 1 + of(each.kind === Kind.FIELD ? each.selectionSet : withinFragment(each, fragments)),
      0,
    ),
  );
}

type Fragments = ReturnType<typeof fragmentsOf>;

const withinFragment = (each: FragmentSpreadNode | InlineFragmentNode, fragments: Fragments): Selections =>
  each.kind === Kind.INLINE_FRAGMENT ? each.selectionSet : fragments.get(each.name.value);

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

/** What says how many rows there are: those of a page, or those that are named. */
const PAGING = new Set(["first", "last", "ids"]);

type Page = { size: number; refused: GraphQLError | null };

/** The cost of an operation from its coerced variables: each object counts once for every row of the pages above it. */
export function costOf(
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): { cost: number; refused: GraphQLError | null } {
  const fragments = fragmentsOf(document);
  const operation = document.definitions.find(
    (each) => each.kind === Kind.OPERATION_DEFINITION && (!operationName || each.name?.value === operationName),
  );
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return { cost: 1, refused: null };
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
    ),
  );
  const values = { ...defaults, ...variables };
  let refused: GraphQLError | null = null;
  // Only valid documents come here: fragments form no cycle, and written out they are no longer than tokensMax.
  const walk = (selections: SelectionSetNode | undefined, rows: number): number => {
    if (!selections) return 0;
    let cost = 0;
    for (const each of selections.selections) {
      if (each.kind !== Kind.FIELD) {
        cost += walk(withinFragment(each, fragments), rows);
        continue;
      }
      if (!each.selectionSet) continue;
      const page = pageOf(each, values);
      refused ??= page.refused;
      cost += rows + walk(each.selectionSet, rows * page.size);
      if (cost > 1e9) return cost;
    }
    return cost;
  };
  return { cost: Math.max(1, walk(operation.selectionSet, 1)), refused };
}

function pageOf(field: Parameters<typeof isConnection>[0], values: Readonly<Record<string, unknown>>): Page {
  const asked = (field.arguments ?? []).filter(({ name }) => PAGING.has(name.value));
  const sizes = asked.map(({ value }) =>
    value.kind === Kind.INT
      ? Number(value.value)
      : value.kind === Kind.LIST
        ? value.values.length
        : value.kind === Kind.VARIABLE
          ? rowsOf(values[value.name.value])
          : PAGE_DEFAULT,
  );
  const size = Math.max(...sizes, sizes.length === 0 && isConnection(field) ? PAGE_DEFAULT : 1);
  const refused = sizes.some((each) => each < 0 || each > PAGE_MAX)
    ? refusal("PAGE_TOO_LARGE", `A page has 0 to ${PAGE_MAX} rows.`, "Ask for at most 100, and page on with `after`.")
    : null;
  return { size, refused };
}

/** What is no number and no list is refused by GraphQL, in its own words. */
const rowsOf = (sent: unknown): number =>
  typeof sent === "number" ? sent : Array.isArray(sent) ? sent.length : PAGE_DEFAULT;

const EXAMINED = new WeakMap<Limits, WeakMap<DocumentNode, readonly GraphQLError[]>>();

/** What is wrong with a document whatever its variables: its shape or its validity. Looked at once for each document. */
export function examine(schema: GraphQLSchema, document: DocumentNode, limits: Limits): readonly GraphQLError[] {
  const examined = EXAMINED.get(limits) ?? new WeakMap<DocumentNode, readonly GraphQLError[]>();
  EXAMINED.set(limits, examined);
  const known = examined.get(document);
  if (known) return known;
  const shape = refuseShape(document, limits);
  const errors = shape ? [shape] : validate(schema, document, specifiedRules);
  examined.set(document, errors);
  return errors;
}

/** Whether an operation is valid, within its limits, and what it costs; errors otherwise. */
export function inspect(
  schema: GraphQLSchema,
  document: DocumentNode,
  limits: Limits,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): { cost: number; errors: readonly GraphQLError[] } {
  const wrong = examine(schema, document, limits);
  if (wrong.length > 0) return { cost: 0, errors: wrong };
  const { cost, refused } = costOf(document, operationName, variables);
  if (refused) return { cost, errors: [refused] };
  if (cost <= limits.costPerOperationMax) return { cost, errors: [] };
  return {
    cost,
    errors: [
      refusal(
        "COST_EXCEEDED",
        `This operation costs ${cost} points; at most ${limits.costPerOperationMax} are allowed.`,
        "Ask for smaller pages or fewer nested lists.",
      ),
    ],
  };
}
