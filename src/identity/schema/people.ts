import { builder } from "../../platform/graphql/builder.ts";
import { columns, dateTime, globalId, readable } from "../../platform/graphql/compiled.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { isSignedIn, KEY_SCOPES, type SignedIn } from "../../platform/viewer.ts";
import { registerUser, signIn, signOut, type SessionStarted } from "../service/accounts.ts";
import { createApiKey, revokeApiKey, rotateApiKey, type KeyMade } from "../service/keys.ts";
import type { IdentityRefusal } from "../rules.ts";
import type { Context } from "../../platform/graphql/context.ts";

type WaysInRefusal = "WALLET_TAKEN" | "LAST_WAY_IN" | "ACCOUNT_SUSPENDED" | "WRONG_PASSWORD" | "CHAIN_UNAVAILABLE";

declareRefusals<Exclude<IdentityRefusal, WaysInRefusal> | "NOT_YOUR_BOT">({
  HANDLE_TAKEN: { message: "Somebody has this handle already.", hint: "Choose another handle." },
  EMAIL_TAKEN: { message: "There is an account with this e-mail.", hint: "Sign in instead." },
  INVALID_HANDLE: {
    message: "This handle cannot be used.",
    hint: "2 to 30 letters, digits, _ or -, beginning with a letter or digit; some names are reserved.",
  },
  INVALID_EMAIL: { message: "This is no e-mail address.", hint: "Write it as name@host.tld." },
  PASSWORD_TOO_SHORT: {
    message: "A password has 12 to 256 characters.",
    hint: "Four random words are easy to remember.",
  },
  WRONG_LOGIN: { message: "Handle, e-mail or password is wrong.", hint: "Check them, then try again." },
  KEY_LIMIT: { message: "You have as many live keys as a user may have.", hint: "Revoke one that you do not use." },
  ALREADY_ROTATED: {
    message: "This key was rotated before and works on for its grace only.",
    hint: "Use the key that took its place; if that is lost, sign in and rotate or make another.",
  },
  GRACE_TOO_LONG: {
    message: "The grace is longer than 24 hours or negative.",
    hint: "Choose graceMs from 0 to 86400000.",
  },
  NOT_YOUR_BOT: {
    message: "You have no such bot, or your key is bound to another.",
    hint: "Use the id of a bot of yours, with a key that reaches it.",
  },
});

export const KeyScopeEnum = builder.enumType("KeyScope", {
  description: "What a key may do. READ is implied by every other scope.",
  values: Object.fromEntries(KEY_SCOPES.map((scope) => [scope, { description: SCOPE_WORDS(scope) }])) as Record<
    (typeof KEY_SCOPES)[number],
    { description: string }
  >,
});

function SCOPE_WORDS(scope: (typeof KEY_SCOPES)[number]): string {
  const words = {
    READ: "Read what the viewer may read.",
    PLAY: "Register and play with bots.",
    WORK: "Take tasks.",
    BET: "Place bets.",
    WITHDRAW: "Withdraw funds.",
    REPORT: "Report XP as a trusted caller.",
    ADMIN: "Operate the platform; needs an operator.",
  };
  return words[scope];
}

export const UserNode = builder.prismaNode("User", {
  id: { field: "id" },
  nullable: true,
  access: "public",
  movedBy: ["people"],
  description: "A person (or the system user `house`) who owns bots.",
  fields: (t) => ({
    handle: t.exposeString("handle", { description: "The user's unique handle." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When the user registered." }),
  }),
});
readable("User", {
  id: globalId("user"),
  createdAt: dateTime("created_at"),
  ...columns({ handle: "handle" }),
});

const own = (viewer: SignedIn) => ({ userId: viewer.userId });

const ApiKeyNode = builder.prismaNode("ApiKey", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) =>
    isSignedIn(viewer) ? { id, ...own(viewer) } : { id, userId: "00000000-0000-0000-0000-000000000000" },
  description: "One of the viewer's API keys. The key itself is shown once, when it is made.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "What the owner calls it." }),
    prefix: t.exposeString("prefix", { description: "The first 12 characters, to tell keys apart." }),
    scopes: t.field({
      type: [KeyScopeEnum],
      description: "What it may do.",
      select: { scopes: true },
      resolve: ({ scopes }) => scopes as (typeof KEY_SCOPES)[number][],
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      nullable: true,
      description: "When it stops working; null for never.",
    }),
    lastUsedAt: t.expose("lastUsedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was last used, to the minute; null when never.",
    }),
    revokedAt: t.expose("revokedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was revoked; null while it works.",
    }),
  }),
});

ViewerRef.implement({
  description: "Who asks: the user behind the key or session, with what only they may see.",
  access: "viewer",
  fields: (t) => ({
    user: t.prismaField({
      type: "User",
      description: "The viewer's public profile.",
      resolve: (query, viewer, _args, { platform }) =>
        platform.prisma.user.findUniqueOrThrow({ ...query, where: { id: viewer.userId } }),
    }),
    scopes: t.field({
      type: [KeyScopeEnum],
      description: "What the credentials allow; all but ADMIN for a session of a user who is no operator.",
      resolve: (viewer) => scopesOf(viewer),
    }),
    operator: t.boolean({
      description: "Whether the viewer may operate the platform.",
      resolve: ({ operator }) => operator,
    }),
    email: t.string({
      nullable: true,
      description: "The viewer's e-mail; null without one.",
      resolve: async (viewer, _args, { platform }) =>
        (await platform.prisma.user.findUniqueOrThrow({ where: { id: viewer.userId }, select: { email: true } })).email,
    }),
    apiKeys: t.prismaField({
      type: [ApiKeyNode],
      description: "The viewer's keys that are not revoked, newest first.",
      resolve: (query, viewer, _args, { platform }) =>
        platform.prisma.apiKey.findMany({
          ...query,
          where: { ...own(viewer), revokedAt: null },
          orderBy: { id: "desc" },
          take: 100,
        }),
    }),
  }),
});

function scopesOf(viewer: SignedIn): (typeof KEY_SCOPES)[number][] {
  return viewer.kind === "key"
    ? [...viewer.scopes]
    : KEY_SCOPES.filter((scope) => scope !== "ADMIN" || viewer.operator);
}

builder.queryField("viewer", (t) =>
  t.field({
    type: ViewerRef,
    nullable: true,
    access: "public",
    description: "Who you are; null without a key or session.",
    resolve: (_root, _args, { viewer }) => (isSignedIn(viewer) ? viewer : null),
  }),
);

/** From where and with what an operation comes. */
export const asked = ({ viewer, address, userAgent }: Context) => ({ viewer, address, device: userAgent });

/** Hands a started session to a browser as a cookie. */
export function withCookie<T extends { ok: boolean }>(context: Context, outcome: T): T {
  const started = outcome as unknown as SessionStarted;
  if (outcome.ok) context.setSessionCookie?.(started.token, new Date(started.expiresAt));
  return outcome;
}

type Started = Parameters<
  Parameters<typeof command<Record<string, never>, SessionStarted, never, "public">>[1]["success"]
>[0];
/** What every way of signing in answers. */
export const startedFields = (t: Started) => ({
  user: t.prismaField({
    type: "User",
    description: "Who signed in.",
    resolve: (query, { userId }: SessionStarted, _args, { platform }) =>
      platform.prisma.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
  }),
  token: t.exposeString("token", {
    description: "The session's token: send it as `Authorization: Bearer …`. Browsers also got it as a cookie.",
  }),
  expiresAt: t.field({
    type: "DateTime",
    description: "When it ends unless it is used; a use moves this to 30 days from then, at most every five minutes.",
    resolve: ({ expiresAt }) => new Date(expiresAt),
  }),
});

command("registerUser", {
  description:
    "Registers you with a handle, an e-mail and a password of 12 characters at least, and signs you in. At most 5 an hour and address.",
  gives: success<SessionStarted>("Your new account and its first session."),
  access: "public",
  noKey: "nobody is signed in yet whose key it could be; the handle is taken once",
  input: (t) => ({
    handle: t.string({ required: true, description: "2 to 30 letters, digits, _ or -; unique whatever the case." }),
    email: t.string({ required: true, description: "Your e-mail; nobody else sees it." }),
    password: t.string({ required: true, description: "12 to 256 characters." }),
  }),
  success: startedFields,
  refusals: ["HANDLE_TAKEN", "EMAIL_TAKEN", "INVALID_HANDLE", "INVALID_EMAIL", "PASSWORD_TOO_SHORT"],
  resolve: async (input, context) =>
    withCookie(context, await registerUser(context.platform, asked(context), input)) as never,
});

command("signIn", {
  description: "Signs you in with handle or e-mail and password. At most 10 a minute and address.",
  gives: success<SessionStarted>("Your session."),
  access: "public",
  noKey: "nobody is signed in yet whose key it could be; each call begins a session",
  input: (t) => ({
    login: t.string({ required: true, description: "Your handle or e-mail." }),
    password: t.string({ required: true, description: "Your password." }),
  }),
  success: startedFields,
  refusals: ["WRONG_LOGIN"],
  resolve: async (input, context) => withCookie(context, await signIn(context.platform, asked(context), input)),
});

command("signOut", {
  description: "Ends the session that asks, and clears the browser's cookie.",
  gives: success<{ signedOut: boolean }>("Whether a session was ended."),
  access: "viewer",
  noKey: "the session that would ask again is gone; ending it twice changes nothing",
  input: (t) => ({
    everywhere: t.boolean({ required: false, description: "True ends all of your sessions, on every device." }),
  }),
  success: (t) => ({
    signedOut: t.exposeBoolean("signedOut", {
      description: "False when a key asked: keys are revoked, not signed out.",
    }),
  }),
  refusals: [],
  resolve: ({ everywhere }, context) => {
    context.setSessionCookie?.(null, new Date(0));
    return signOut(context.platform, context.viewer, everywhere ?? false);
  },
});

const keyField = (
  t: Parameters<Parameters<typeof command<Record<string, never>, KeyMade, never, "viewer">>[1]["success"]>[0],
) => ({
  apiKey: t.prismaField({
    type: ApiKeyNode,
    description: "The key's entry.",
    resolve: (query, { apiKeyId }: KeyMade, _args, { platform }) =>
      platform.prisma.apiKey.findUniqueOrThrow({ ...query, where: { id: apiKeyId } }),
  }),
  key: t.exposeString("key", { description: "The key itself, shown this once: keep it now." }),
});

command("createApiKey", {
  description:
    "Makes an API key, at most 20 live ones, and with rotations at most 60 an hour. A key cannot make one that may do more than itself, or that works longer.",
  gives: success<KeyMade>("The new key."),
  access: "viewer",
  input: (t) => ({
    name: t.string({ required: true, description: "1 to 60 characters, for you to tell keys apart." }),
    scopes: t.field({ type: [KeyScopeEnum], required: true, description: "What it may do." }),
    botId: t.globalID({
      required: false,
      description: "Binds the key to one of your bots; without it, it acts for all of them.",
    }),
    expiresAt: t.field({ type: "DateTime", required: false, description: "When it stops working; never without it." }),
  }),
  success: keyField,
  refusals: ["KEY_LIMIT", "NOT_YOUR_BOT"],
  resolve: ({ botId, ...input }, { platform, viewer }) =>
    createApiKey(platform, viewer, { ...input, botId: botId?.id ?? null }),
});

command("rotateApiKey", {
  description:
    "Replaces a key by a new one of the same rights. The old one works on for graceMs and counts among the 20 until then; the new one is one of the 60 an hour.",
  gives: success<KeyMade>("The new key."),
  access: "viewer",
  input: (t) => ({
    apiKeyId: t.globalID({ required: true, for: [ApiKeyNode], description: "The key to replace." }),
    graceMs: t.int({ required: true, description: "How long the old key works on, 0 to 86400000 milliseconds." }),
  }),
  success: keyField,
  refusals: ["NOT_FOUND", "ALREADY_ROTATED", "GRACE_TOO_LONG", "KEY_LIMIT"],
  resolve: ({ apiKeyId, ...input }, { platform, viewer }) =>
    rotateApiKey(platform, viewer, { ...input, apiKeyId: apiKeyId.id }) as never,
});

command("revokeApiKey", {
  description:
    "Ends a key at once. Its open subscriptions go silent within 5 seconds. A key ends none that may do more than itself.",
  gives: success<{ apiKeyId: string }>("The revoked key."),
  access: "viewer",
  input: (t) => ({ apiKeyId: t.globalID({ required: true, for: [ApiKeyNode], description: "The key to end." }) }),
  success: (t) => ({
    apiKey: t.prismaField({
      type: ApiKeyNode,
      description: "The key's entry.",
      resolve: (query, { apiKeyId }, _args, { platform }) =>
        platform.prisma.apiKey.findUniqueOrThrow({ ...query, where: { id: apiKeyId } }),
    }),
  }),
  refusals: ["NOT_FOUND"],
  resolve: (input, { platform, viewer }) => revokeApiKey(platform, viewer, { ...input, apiKeyId: input.apiKeyId.id }),
});
