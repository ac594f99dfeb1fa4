import {
  getNamedType,
  getOperationAST,
  isCompositeType,
  Kind,
  OperationTypeNode,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { Access, CacheTags } from "../graphql/builder.ts";
import { compileRead, type CompiledRead } from "../graphql/compiled.ts";
import type { Settings } from "../settings.ts";
import { examine } from "./limits.ts";
import { nameOfRead, type NamedRead } from "./prepared-reads.ts";

/** What an operation's text says, worked out once and used for each of its requests. */
export type Plan = {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  operationName: string | null;
  /** How an answer that is the same for everybody is kept; null where it depends on the viewer or on time. */
  shared: Shared | null;
  /** The one SQL statement that answers it; null where it runs field by field. */
  compiled: (CompiledRead & NamedRead) | null;
};

/** What an answer that everybody may see depends on, by the types that it shows. */
export type Shared = { typeTags: readonly string[] };

/** Plans by text and operation name. */
export type Plans = { of(text: string, operationName: string | null): Plan | null };

const PLANS_MAX = 1_000;
/** A document takes some hundred times its text. */
const TEXTS_LENGTH_MAX = 512 * 1_024;
const TEXT_LENGTH_MAX = 16_384;

const NO_PLAN = Symbol("no plan");

/** Keeps the plans that were used last. Null for what is no valid query or mutation, or is too long to be kept. */
export function openPlans(schema: GraphQLSchema, settings: Settings): Plans {
  const plans = new LRUCache<string, Plan | typeof NO_PLAN>({
    max: PLANS_MAX,
    maxSize: TEXTS_LENGTH_MAX,
    sizeCalculation: (_plan, key) => key.length + 1,
  });
  return {
    of: (text, operationName) => {
      if (text.length > TEXT_LENGTH_MAX) return null;
      const key = operationName === null ? text : `${operationName} ${text}`;
      const known = plans.get(key);
      if (known !== undefined) return known === NO_PLAN ? null : known;
      const made = planOf(schema, text, operationName, settings);
      plans.set(key, made ?? NO_PLAN);
      return made;
    },
  };
}

function planOf(schema: GraphQLSchema, text: string, operationName: string | null, settings: Settings): Plan | null {
  const document = parsed(text, settings.tokensMax);
  const operation = document && getOperationAST(document, operationName);
  if (!document || !operation || operation.operation === OperationTypeNode.SUBSCRIPTION) return null;
  if (examine(schema, document, settings).length > 0) return null;
  const shared = operation.operation === OperationTypeNode.QUERY ? sharedOf(schema, document, operation) : null;
  const read = shared && compileRead(schema, document, operation);
  const compiled = read && { ...read, name: nameOfRead(read.text) };
  return { document, operation, operationName, shared, compiled };
}

/** Null for what is not GraphQL: the full pipeline says why. */
function parsed(text: string, maxTokens: number): DocumentNode | null {
  try {
    return parse(text, { maxTokens });
  } catch {
    return null;
  }
}

type Classified = {
  pothosOptions?: { access?: Access; volatile?: boolean; cache?: CacheTags; movedBy?: readonly string[] };
};
const optionsOf = (part: { extensions?: unknown } | null | undefined) =>
  (part?.extensions as Classified | undefined)?.pothosOptions ?? {};

/** Shared is what consists of cached root fields, and below them of public fields that depend on neither viewer nor time. */
function sharedOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Shared | null {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const several = document.definitions.length > fragments.length + 1;
  if (several || operation.selectionSet.selections.some(({ kind }) => kind !== Kind.FIELD)) return null;
  const info = new TypeInfo(schema);
  const tags = new Set<string>();
  let [shared, roots] = [true, 0];
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: () => {
        const [field, parent] = [info.getFieldDef(), info.getParentType()];
        if (!field || field.name.startsWith("__")) return;
        const { access, volatile, cache } = optionsOf(field);
        const open = access ?? optionsOf(parent).access ?? "public";
        const root = parent === schema.getQueryType();
        if (open !== "public" || volatile === true || (root && !cache)) shared = false;
        if (root) roots++;
        const type = getNamedType(field.type);
        if (isCompositeType(type)) for (const tag of optionsOf(type).movedBy ?? []) tags.add(tag);
      },
    }),
  );
  return shared && roots > 0 ? { typeTags: [...tags] } : null;
}
