import {
  GraphQLError,
  Kind,
  specifiedRules,
  validate,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentSpreadNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionSetNode,
} from "graphql";
import type { Settings } from "../settings.ts";
import { priceOf } from "./price.ts";

type Limits = Pick<
  Settings,
  "depthMax" | "aliasesMax" | "directivesMax" | "tokensMax" | "costPerOperationMax" | "suggestions"
>;

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
  const repeated = repeatedField(document);
  if (repeated !== null)
    return refusal(
      "TOO_LONG",
      `${repeated} is asked for again and again in one place: of all fields of one key in one place at most ${SAME_KEY_PAIRS_MAX} pairs are compared.`,
      "Ask for each field once; what a fragment asks for again counts again.",
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

/** Whether fields of one key fit together is asked of each pair of them: 500 in one place would hold the process for seconds. */
const SAME_KEY_PAIRS_MAX = 20_000;

/** The response key that is one too many for the pairs to compare, fragments written out; null where they are few enough. */
function repeatedField(document: DocumentNode): string | null {
  const fragments = fragmentsOf(document);
  const places: SelectionSetNode[][] = document.definitions.flatMap((each) =>
    each.kind === Kind.OPERATION_DEFINITION ? [[each.selectionSet]] : [],
  );
  let pairs = 0;
  for (let place = places.pop(); place; place = places.pop()) {
    const fields = Map.groupBy(
      place.flatMap((each) => fieldsOf(each, fragments, new Set())),
      keyOf,
    );
    for (const [key, same] of fields) {
      pairs += (same.length * (same.length - 1)) / 2;
      if (pairs > SAME_KEY_PAIRS_MAX) return key;
      const within = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (within.length > 0) places.push(within);
    }
  }
  return null;
}

const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value;

/** The fields of selections and of the fragments in them, one that is spread within itself once. */
function fieldsOf(
  { selections }: SelectionSetNode,
  fragments: ReturnType<typeof fragmentsOf>,
  above: ReadonlySet<SelectionSetNode>,
): FieldNode[] {
  return selections.flatMap((each) => {
    if (each.kind === Kind.FIELD) return [each];
    const within = withinFragment(each, fragments);
    return !within || above.has(within) ? [] : fieldsOf(within, fragments, new Set([...above, within]));
  });
}

const withinFragment = (
  each: FragmentSpreadNode | InlineFragmentNode,
  fragments: ReturnType<typeof fragmentsOf>,
): Selections => (each.kind === Kind.INLINE_FRAGMENT ? each.selectionSet : fragments.get(each.name.value));

const EXAMINED = new WeakMap<Limits, WeakMap<DocumentNode, readonly GraphQLError[]>>();

/** What is wrong with a document whatever its variables: its shape or its validity. Looked at once for each document. */
export function examine(schema: GraphQLSchema, document: DocumentNode, limits: Limits): readonly GraphQLError[] {
  const examined = EXAMINED.get(limits) ?? new WeakMap<DocumentNode, readonly GraphQLError[]>();
  EXAMINED.set(limits, examined);
  const known = examined.get(document);
  if (known) return known;
  const shape = refuseShape(document, limits);
  const errors = shape ? [shape] : validate(schema, document, specifiedRules, { hideSuggestions: !limits.suggestions });
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
  const { cost, refused } = priceOf(schema, document, operationName, variables);
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
