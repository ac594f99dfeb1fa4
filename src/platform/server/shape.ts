import {
  getOperationAST,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ConstArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";

type Variables = Readonly<Record<string, unknown>>;

/** How a subscription of one logged stream or feed is opened from a cursor. */
export type Shape = {
  /** Whether all that it selects is public, so that one execution serves everybody. */
  shareable: boolean;
  /** The operation without its cursor: the same for all who differ in nothing else, whatever their white space. */
  key(variables: Variables): string;
  /** The cursor that the operation itself asks for; undefined when it is not a cursor at all. */
  after(variables: Variables): string | null | undefined;
  /** The operation from a cursor on; without one it starts now. */
  from(cursor: string | null): DocumentNode;
};

const known = new WeakMap<DocumentNode, Map<string, Shape | null>>();

/** The shape of a subscription; null when it is none, or its cursor is not plain to see. */
export function shapeOf(schema: GraphQLSchema, document: DocumentNode, operationName?: string | null): Shape | null {
  const shapes = known.get(document) ?? new Map<string, Shape | null>();
  known.set(document, shapes);
  const found = shapes.get(operationName ?? "");
  if (found !== undefined) return found;
  const operation = getOperationAST(document, operationName);
  const made = operation?.operation === "subscription" ? makeShape(schema, document, operation) : null;
  if (operation) shapes.set(operationName ?? "", made);
  return made;
}

function makeShape(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Shape | null {
  const [field, ...more] = operation.selectionSet.selections;
  if (field?.kind !== Kind.FIELD || more.length > 0) return null;
  const named = cursorNamedBy(field);
  if (!named || (named.variable !== null && !isOnlyCursor(operation, document, named.variable))) return null;
  const { args = [] } = schema.getSubscriptionType()?.getFields()[field.name.value] ?? {};
  const isLogged = args.some(({ name }) => name === "after");
  const from = (cursor: string | null) =>
    withCursor(document, operation, field, isLogged ? cursor : null, named.variable);
  const text = print(from(null));
  const names = (operation.variableDefinitions ?? [])
    .map((each) => each.variable.name.value)
    .filter((name) => name !== named.variable)
    .toSorted();
  return {
    shareable: isPublic(schema, document),
    key: (variables) => JSON.stringify([text, operation.name?.value, names.map((name) => [name, variables[name]])]),
    after: (variables) => (named.variable === null ? named.literal : cursorIn(variables[named.variable] ?? null)),
    from,
  };
}

/** How a field names its cursor: by a variable, in its text or not at all; null when that is no cursor. */
function cursorNamedBy({
  arguments: given = [],
}: FieldNode): { variable: string | null; literal: string | null } | null {
  const after = given.find(({ name }) => name.value === "after")?.value;
  if (!after || after.kind === Kind.NULL) return { variable: null, literal: null };
  if (after.kind === Kind.STRING) return { variable: null, literal: after.value };
  return after.kind === Kind.VARIABLE ? { variable: after.name.value, literal: null } : null;
}

const cursorIn = (given: unknown) => (given === null || typeof given === "string" ? given : undefined);

/** Whether a variable has no default and stands nowhere else: only then can it be taken out. */
function isOnlyCursor(operation: OperationDefinitionNode, document: DocumentNode, name: string): boolean {
  let uses = 0;
  visit(document, { Variable: (node) => void (uses += node.name.value === name ? 1 : 0) });
  const definition = operation.variableDefinitions?.find((each) => each.variable.name.value === name);
  return uses === 2 && definition?.defaultValue === undefined;
}

function withCursor(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  field: FieldNode,
  cursor: string | null,
  variable: string | null,
): DocumentNode {
  const after: ConstArgumentNode[] =
    cursor === null
      ? []
      : [
          {
            kind: Kind.ARGUMENT,
            name: { kind: Kind.NAME, value: "after" },
            value: { kind: Kind.STRING, value: cursor },
          },
        ];
  const others = (field.arguments ?? []).filter(({ name }) => name.value !== "after");
  const changed: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: (operation.variableDefinitions ?? []).filter((each) => each.variable.name.value !== variable),
    selectionSet: { ...operation.selectionSet, selections: [{ ...field, arguments: [...others, ...after] }] },
  };
  return { ...document, definitions: document.definitions.map((each) => (each === operation ? changed : each)) };
}

const accessOf = (extensions: Readonly<Record<string | symbol, unknown>> | undefined) =>
  (extensions?.["pothosOptions"] as { access?: string } | undefined)?.access;

/** Whether each selected field, by its own word or else by its type's, is for everybody. */
function isPublic(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let open = true;
  const look = () => {
    const [field, parent] = [types.getFieldDef(), types.getParentType()];
    const own = accessOf(field?.extensions);
    // A type without a word of its own (a connection, an edge) is as open as what it holds.
    const word = parent === schema.getSubscriptionType() ? own : (own ?? accessOf(parent?.extensions) ?? "public");
    if (word !== "public") open = false;
  };
  visit(document, visitWithTypeInfo(types, { Field: look }));
  return open;
}
