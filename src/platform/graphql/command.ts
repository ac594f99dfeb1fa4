import type {
  InputFieldMap,
  InputShapeFromFields,
  InputFieldBuilder,
  ObjectRef,
  FieldMap,
  ObjectFieldBuilder,
} from "@pothos/core";
import { isRepeated } from "../idempotency.ts";
import { refuse, type Outcome, type Refusal } from "../refusal.ts";
import { hasScope, isSignedIn, refuseBound, type SignedIn, type Viewer } from "../viewer.ts";
import { builder, type Access, type SchemaTypes } from "./builder.ts";
import type { Context } from "./context.ts";
import { refusalRef } from "./refusal-types.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
type InputBuilder = InputFieldBuilder<Types, "InputObject">;
type Input<Fields extends InputFieldMap> = InputShapeFromFields<Fields> & {
  idempotencyKey?: string | null | undefined;
};

/** The success type's description, which also carries its shape. */
export type Gives<Success> = { description: string; shape?: Success };

/** Names the plain JSON that a use case answers when it succeeds. */
export const success = <Success extends object>(description: string): Gives<Success> => ({ description });

/** A mutation: one input, one result union. */
export type Command<Fields extends InputFieldMap, Success extends object, Code extends string, Who extends Access> = {
  description: string;
  /** What the success carries, with its description: `success<{ botId: string }>("The registered bot.")`. */
  gives: Gives<Success>;
  access: Who;
  input: (t: InputBuilder) => Fields;
  success: (t: ObjectFieldBuilder<Types, Success>) => FieldMap;
  refusals: readonly Code[];
  /** Why it takes no idempotency key, in words for the schema's readers; every command without such a reason takes one. */
  noKey?: string;
  /** Whether the viewer may see what came of it, asked where a key may repeat what is long done: ALREADY_DONE otherwise. */
  stillSeen?: (done: Success, context: Context) => Promise<boolean>;
  /** What only the owner or a key for all of the owner's bots may do: one that is bound to a bot does not speak for its owner. */
  ofOwner?: true;
  resolve: (
    input: Input<Fields>,
    context: Context & { viewer: Who extends "public" ? Viewer : SignedIn },
  ) => Promise<Outcome<Success, Code | CommonRefusal>>;
};

/** Refusals that any command may give. */
export type CommonRefusal =
  | "NOT_AUTHENTICATED"
  | "MISSING_SCOPE"
  | "SESSION_NEEDED"
  | "IDEMPOTENCY_KEY_REUSED"
  | "ALREADY_DONE"
  | "BAD_INPUT"
  | "RATE_LIMITED";

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

function refusalsOf({
  refusals,
  access,
  noKey,
}: {
  refusals: readonly string[];
  access: Access;
  noKey?: string;
}): string[] {
  const common: CommonRefusal[] = ["BAD_INPUT", "RATE_LIMITED"];
  if (access !== "public") common.push("NOT_AUTHENTICATED", access === "session" ? "SESSION_NEEDED" : "MISSING_SCOPE");
  if (noKey === undefined) common.push("IDEMPOTENCY_KEY_REUSED", "ALREADY_DONE");
  return [...new Set([...refusals, ...common])];
}

function refuseAccess(
  viewer: Viewer,
  { access, ofOwner }: { access: Access; ofOwner?: true },
): Refusal<CommonRefusal> | null {
  if (access === "public") return null;
  if (!isSignedIn(viewer)) return refuse("NOT_AUTHENTICATED");
  // What changes who may come in is not for keys: a stolen key must not become an account.
  if (access === "session") return viewer.kind === "session" ? null : refuse("SESSION_NEEDED");
  const allowed =
    access === "operator"
      ? hasScope(viewer, "ADMIN")
      : access === "viewer" || access === "owner"
        ? viewer.kind === "session" || hasScope(viewer, "READ")
        : hasScope(viewer, access);
  if (!allowed) return refuse("MISSING_SCOPE");
  return ofOwner ? refuseBound(viewer) : null;
}

/** What no text of ours can be: one with the character NUL, which PostgreSQL's text does not hold, or with half of a surrogate pair. */
function refuseText(input: object): Refusal<CommonRefusal> | null {
  const found = Object.entries(input).find(([, value]) => holdsNoText(value));
  return found
    ? refuse("BAD_INPUT", { path: ["input", found[0]], message: "Text is well-formed Unicode without NUL." })
    : null;
}

/** However deep it stands, names of JSON included; inputs are as deep as the schema is, JSON 64 levels. */
function holdsNoText(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0") || !value.isWellFormed();
  return typeof value === "object" && value !== null && Object.entries(value).flat().some(holdsNoText);
}

/**
 * Adds the mutation `name(input: NameInput!): NameResult!`, where NameResult is NameSuccess or one of its refusals, and
 * where the input takes an idempotency key. Credentials are checked before `resolve` runs.
 */
export function command<
  Fields extends InputFieldMap,
  Success extends object,
  const Code extends string,
  const Who extends Access,
>(name: string, options: Command<Fields, Success, Code, Who>): ObjectRef<Types, Success> {
  const ref = builder
    .objectRef<Success>(`${pascal(name)}Success`)
    .implement({ description: options.gives.description, access: "public", fields: options.success });
  const result = builder.unionType(`${pascal(name)}Result`, {
    description: `What ${name} answers: its success or a named refusal.`,
    types: () => [ref, ...refusalsOf(options).map(refusalRef)],
    resolveType: (value) => typeOf(value as Outcome<object>, ref),
  });
  const input = builder.inputType(`${pascal(name)}Input`, {
    description: `What ${name} takes.${options.noKey ? ` No idempotency key: ${options.noKey}.` : ""}`,
    fields: (t) => ({
      ...options.input(t as InputBuilder),
      ...(options.noKey ? {} : { idempotencyKey: idempotencyKey(t as InputBuilder) }),
    }),
  });
  builder.mutationField(name, (t) =>
    t.field({
      type: result as never,
      description: options.description,
      access: options.access,
      args: { input: t.arg({ type: input as never, required: true, description: "What to do." }) },
      resolve: async (_root: unknown, args: unknown, context: Context) => {
        const { input: given } = args as { input: Input<Fields> };
        const refusal = refuseAccess(context.viewer, options) ?? refuseText(given);
        if (refusal) return refusal as never;
        const outcome = await options.resolve(given, context as never);
        const isOld = outcome.ok && isRepeated(outcome);
        const isHidden = isOld && options.stillSeen && !(await options.stillSeen(outcome, context));
        return (isHidden ? refuse("ALREADY_DONE") : outcome) as never;
      },
    }),
  );
  return ref;
}

function typeOf(value: Outcome<object>, ref: unknown): never {
  return (value.ok ? ref : refusalRef(value.code)) as never;
}

const idempotencyKey = (t: InputBuilder) =>
  t.string({
    required: false,
    description:
      "At most 64 characters of your choice. The same key and input again gives the stored result instead of a second effect; kept 24 hours at least.",
  });
