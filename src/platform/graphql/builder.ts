import SchemaBuilder from "@pothos/core";
import DataloaderPlugin from "@pothos/plugin-dataloader";
import PrismaPlugin from "@pothos/plugin-prisma";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import { GraphQLError } from "graphql";
import type { Json } from "../canonical-json.ts";
import type { Amount } from "../money.ts";
import { getDatamodel, type default as PrismaTypes } from "../../generated/pothos.ts";
import { hasScope, isSignedIn, type KeyScope } from "../viewer.ts";
import type { Context } from "./context.ts";
import { decodeNodeId, encodeNodeId } from "./node-ids.ts";

/**
 * Who may read a type or field. `public` needs no key; `owner` and `viewer` things hang on the viewer or load only for
 * their owner; `session` is refused to keys; `scope` and `operator` name what the credentials need. Every type or field says one (a test walks them).
 */
export type Access = "public" | "viewer" | "session" | "owner" | "operator" | KeyScope;

/** The streams and feeds that a root field's answer depends on, by its arguments; null for one that must not be kept. */
export type CacheTags = (args: Readonly<Record<string, unknown>>) => readonly string[] | null;

export type SchemaTypes = {
  Context: Context;
  PrismaTypes: PrismaTypes;
  AuthScopes: { signedIn: boolean; operator: boolean; scope: KeyScope };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Cursor: { Input: string; Output: string };
    Sha256: { Input: string; Output: Uint8Array | string };
    Address: { Input: string; Output: string };
    TokenAmount: { Input: Amount; Output: bigint | string };
    UserText: { Input: string; Output: string };
    JSON: { Input: Json; Output: unknown };
    UUID: { Input: string; Output: string };
  };
  DefaultFieldNullability: false;
};

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- Pothos is extended by merging its global namespace
  namespace PothosSchemaTypes {
    interface ObjectTypeOptions {
      access?: Access;
      /** Streams and feeds that tell when rows of this type change; `kind:*` is any of a kind. */
      movedBy?: readonly string[];
    }
    interface InterfaceTypeOptions {
      access?: Access;
      movedBy?: readonly string[];
    }
    interface FieldOptions {
      access?: Access;
      /** Depends on time or on who asks: an answer that shows it is never kept for others. */
      volatile?: boolean;
      /** On a root field: its answer is the same for everybody and may be kept until one of these moves. */
      cache?: CacheTags;
      /** What a field costs on one row, in points: of a list that is asked for no page, how many rows it counts for. 1 when absent, of a list 2. */
      cost?: number;
    }
  }
}

/** The one schema builder. Descriptions are required by a test on the printed schema. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ScopeAuthPlugin, RelayPlugin, PrismaPlugin, DataloaderPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: (context) => context.platform.prisma,
    dmmf: getDatamodel(),
    exposeDescriptions: false,
    filterConnectionTotalCount: true,
    onUnusedQuery: null,
    maxConnectionSize: 100,
    defaultConnectionSize: 20,
  },
  relay: {
    encodeGlobalID: (typename, id) => encodeNodeId(typename, String(id)),
    decodeGlobalID: (id) => {
      const { typename, id: uuid } = decodeNodeId(id);
      return { typename, id: uuid };
    },
    nodesOnConnection: true,
    clientMutationId: "omit",
    cursorType: "String",
    nodeQueryOptions: {
      access: "public",
      description: "Any object by its id; null when there is none that you may read.",
    },
    nodesQueryOptions: {
      access: "public",
      description: "Up to 100 objects by their ids, in the order asked; null where there is none that you may read.",
    },
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    treatErrorsAsUnauthorized: false,
    authScopes: ({ viewer }) => ({
      signedIn: isSignedIn(viewer),
      operator: hasScope(viewer, "ADMIN"),
      scope: (scope) => hasScope(viewer, scope),
    }),
    unauthorizedError: (_parent, { viewer }) => unauthorized(isSignedIn(viewer)),
  },
});

function unauthorized(signedIn: boolean): GraphQLError {
  const [code, message, hint] = signedIn
    ? [
        "FORBIDDEN",
        "Your credentials do not allow this.",
        "Use a key with the scope that the field's description names.",
      ]
    : ["NOT_AUTHENTICATED", "This needs a key or a session.", "Send X-API-Key, or sign in; see /skills.md."];
  return new GraphQLError(message, { extensions: { code, hint } });
}

builder.queryType({ description: "Everything that can be read. Public data needs no key." });
builder.mutationType({
  description: "Everything that changes state. Each answers a union of its success and its named refusals.",
});
builder.subscriptionType({
  description: "Live streams. Logged streams resume from a cursor without a gap; feeds give the newest snapshot.",
});
