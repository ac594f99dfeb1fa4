import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { literal } from "../../platform/literal.ts";
import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import type { SignedIn } from "../../platform/viewer.ts";
import { SESSIONS_MAX, type SiweRefusal } from "../rules.ts";
import { deleteAccount, revokeSession, setPassword, type SessionStarted } from "../service/accounts.ts";
import { exportAccount } from "../service/export.ts";
import {
  createSiweChallenge,
  linkWallet,
  resetPassword,
  signInWithEthereum,
  unlinkWallet,
} from "../service/wallets.ts";
import { asked, startedFields, withCookie } from "./people.ts";
import { NOBODY } from "../../platform/viewer.ts";

declareRefusals<
  | SiweRefusal
  | "CHAIN_UNAVAILABLE"
  | "WALLET_TAKEN"
  | "LAST_WAY_IN"
  | "ACCOUNT_SUSPENDED"
  | "WRONG_PASSWORD"
  | "MONEY_IN_PLAY"
  | "MONEY_LEFT"
>({
  SIWE_MALFORMED: {
    message: "This is not a message of the form EIP-4361 with version, issuedAt and expirationTime.",
    hint: "Sign exactly what createSiweChallenge gave you.",
  },
  SIWE_WRONG_SITE: { message: "This message is for another site.", hint: "Ask this site for a challenge." },
  SIWE_WRONG_CHAIN: { message: "This message is for another chain.", hint: "Ask this site for a challenge." },
  SIWE_EXPIRED: { message: "This message is too old, too new or expired.", hint: "Ask for a new challenge." },
  SIWE_NONCE_USED: { message: "This message was used already, or is unknown.", hint: "Ask for a new challenge." },
  SIWE_BAD_SIGNATURE: { message: "This address did not sign this message.", hint: "Sign with the wallet it names." },
  CHAIN_UNAVAILABLE: {
    message: "The chain cannot be asked whether this contract wallet signed.",
    hint: "Try again later with a new challenge, or sign in another way.",
  },
  WALLET_TAKEN: { message: "This wallet belongs to an account.", hint: "Sign in with it, or unlink it there." },
  LAST_WAY_IN: {
    message: "This is the only way into your account.",
    hint: "Link another wallet or set a password first.",
  },
  ACCOUNT_SUSPENDED: { message: "An operator suspended this account.", hint: "Ask an operator why." },
  MONEY_IN_PLAY: {
    message: "Money of yours is in bets, stakes or withdrawals that are not over.",
    hint: "Wait for them, or cancel the withdrawal: what comes back would be nobody's.",
  },
  MONEY_LEFT: {
    message: "There is money left on your account.",
    hint: "Withdraw it first, or send giveUpMoney: true and nobody can reach it any more.",
  },
  WRONG_PASSWORD: { message: "The current password is wrong.", hint: "Check it, or reset it with a linked wallet." },
});

const PROOF = [
  "SIWE_MALFORMED",
  "SIWE_WRONG_SITE",
  "SIWE_WRONG_CHAIN",
  "SIWE_EXPIRED",
  "SIWE_NONCE_USED",
  "SIWE_BAD_SIGNATURE",
  "CHAIN_UNAVAILABLE",
] as const;

const WalletRef = builder.prismaObject("Wallet", {
  description: "A wallet that signs its owner in.",
  access: "owner",
  fields: (t) => ({
    address: t.expose("address", { type: "Address", description: "Its address, checksummed (EIP-55)." }),
    linkedAt: t.expose("linkedAt", { type: "DateTime", description: "When it was linked." }),
  }),
});

const SessionNode = builder.prismaNode("Session", {
  id: { field: "id" },
  nullable: true,
  access: "owner",
  findUnique: (id, { viewer }) => ({ id, userId: viewer.kind === "anonymous" ? NOBODY : viewer.userId }),
  description: "One of the viewer's sessions. Its token is known to its device only.",
  fields: (t) => ({
    device: t.exposeString("device", { nullable: true, description: "The browser or program, as it named itself." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it began." }),
    lastUsedAt: t.expose("lastUsedAt", { type: "DateTime", description: "When it was last used, to five minutes." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "When it ends unless it is used." }),
    current: t.boolean({
      description: "Whether it is the one that asks.",
      resolve: ({ id }, _args, { viewer }) => viewer.kind === "session" && viewer.sessionId === id,
    }),
  }),
});
const own = (viewer: SignedIn) => ({ userId: viewer.userId });

builder.objectFields(ViewerRef, (t) => ({
  wallets: t.prismaField({
    type: [WalletRef],
    description: "The viewer's wallets, oldest first.",
    resolve: (query, viewer, _args, { platform }) =>
      platform.prisma.wallet.findMany({ ...query, where: own(viewer), orderBy: { id: "asc" }, take: 100 }),
  }),
  sessions: t.prismaField({
    type: [SessionNode],
    description: `The viewer's live sessions, newest first, at most ${SESSIONS_MAX}: one more ends the one that was used least lately.`,
    cost: SESSIONS_MAX,
    resolve: (query, viewer, _args, { platform }) =>
      platform.prisma.session.findMany({
        ...query,
        where: { ...own(viewer), revokedAt: null, expiresAt: { gt: platform.clock.now() } },
        orderBy: { id: "desc" },
        take: SESSIONS_MAX,
      }),
  }),
  export: t.field({
    type: "JSON",
    description:
      "Everything that is stored about the viewer, without secrets: profile, wallets, keys, bots, contests, ledger, teams, tasks and workflows, XP with its events, achievements and badges, what was published and said; null for a key.",
    nullable: true,
    resolve: (viewer, _args, { platform }) => (viewer.kind === "session" ? exportAccount(platform, viewer) : null),
  }),
}));

builder.queryField("user", (t) =>
  t.prismaField({
    type: "User",
    nullable: true,
    access: "public",
    description: "A person by the handle, whatever the case; null when there is none.",
    args: { handle: t.arg.string({ required: true, description: "The handle." }) },
    resolve: (query, _root, { handle }, { platform }) =>
      platform.prisma.user.findFirst({
        ...query,
        where: { handle: { equals: literal(handle), mode: "insensitive" }, deletedAt: null },
      }),
  }),
);

type Text = Parameters<Parameters<typeof command<Record<string, never>, object, never, "public">>[1]["input"]>[0];
const signedInput = (t: Text) => ({
  message: t.string({ required: true, description: "The message of createSiweChallenge, exactly as it was given." }),
  signature: t.string({ required: true, description: "The wallet's signature of it (EIP-191), 0x and hex." }),
});

command("createSiweChallenge", {
  description:
    "Gives a message to be signed by a wallet (EIP-4361), for signing in, linking or resetting a password. Good for 5 minutes and one use.",
  gives: success<{ message: string; expiresAt: string }>("What to sign."),
  access: "public",
  noKey: "nobody is signed in yet whose key it could be; each call gives a fresh nonce",
  input: (t) => ({ address: t.field({ type: "Address", required: true, description: "The wallet's address." }) }),
  success: (t) => ({
    message: t.exposeString("message", { description: "Sign these very bytes with the wallet." }),
    expiresAt: t.field({
      type: "DateTime",
      description: "Until when it is good.",
      resolve: ({ expiresAt }) => new Date(expiresAt),
    }),
  }),
  refusals: [],
  resolve: (input, context) => createSiweChallenge(context.platform, asked(context), input),
});

command("signInWithEthereum", {
  description:
    "Signs you in with a wallet, contract wallets (EIP-1271, ERC-6492) included; a new wallet becomes a new user, of whom there are 5 an hour and address. At most 10 sign-ins a minute and address.",
  gives: success<SessionStarted>("Your session."),
  access: "public",
  noKey: "nobody is signed in yet whose key it could be; the signed nonce is good once",
  input: signedInput,
  success: startedFields,
  refusals: [...PROOF, "ACCOUNT_SUSPENDED"],
  resolve: async (input, context) =>
    withCookie(context, await signInWithEthereum(context.platform, asked(context), input)),
});

command("resetPassword", {
  description: "Sets a new password by the signature of a wallet of yours, and ends every other session.",
  gives: success<SessionStarted>("Your new session."),
  access: "public",
  noKey: "nobody is signed in yet whose key it could be; the signed nonce is good once",
  input: (t) => ({
    ...signedInput(t),
    password: t.string({ required: true, description: "The new password, 12 to 256 characters." }),
  }),
  success: startedFields,
  refusals: [...PROOF, "PASSWORD_TOO_SHORT", "NOT_FOUND"],
  resolve: async (input, context) => withCookie(context, await resetPassword(context.platform, asked(context), input)),
});

command("linkWallet", {
  description: "Links another wallet to your account by its signature.",
  gives: success<{ address: string }>("The linked wallet."),
  access: "session",
  noKey: "the signed nonce is good once",
  input: signedInput,
  success: (t) => ({ address: t.expose("address", { type: "Address", description: "The wallet's address." }) }),
  refusals: [...PROOF, "WALLET_TAKEN"],
  resolve: (input, { platform, viewer }) => linkWallet(platform, viewer, input),
});

command("unlinkWallet", {
  description: "Takes a wallet off your account; the last way in stays.",
  gives: success<{ address: string }>("The wallet that is no longer yours here."),
  access: "session",
  input: (t) => ({ address: t.field({ type: "Address", required: true, description: "The wallet's address." }) }),
  success: (t) => ({ address: t.expose("address", { type: "Address", description: "The wallet's address." }) }),
  refusals: ["NOT_FOUND", "LAST_WAY_IN"],
  resolve: (input, { platform, viewer }) => unlinkWallet(platform, viewer, input),
});

command("setPassword", {
  description:
    "Changes your password, or gives an account its first one; your other sessions end. Needs a session. At most 10 tries a minute.",
  gives: success<{ userId: string }>("The password is set."),
  access: "session",
  noKey: "of its input a hash would be kept, and a fast hash of a password must not be",
  input: (t) => ({
    current: t.string({ required: false, description: "The present password; without one, leave it out." }),
    password: t.string({ required: true, description: "The new one, 12 to 256 characters." }),
  }),
  success: (t) => ({
    user: t.prismaField({
      type: "User",
      description: "You.",
      resolve: (query, { userId }, _args, { platform }) =>
        platform.prisma.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
    }),
  }),
  refusals: ["PASSWORD_TOO_SHORT", "WRONG_PASSWORD"],
  resolve: (input, { platform, viewer }) => setPassword(platform, viewer, input),
});

command("revokeSession", {
  description: "Ends one of your sessions. Its open subscriptions go silent within 5 seconds.",
  gives: success<{ sessionId: string }>("The session has ended."),
  access: "session",
  input: (t) => ({ sessionId: t.globalID({ required: true, for: [SessionNode], description: "The session." }) }),
  success: (t) => ({
    session: t.prismaField({
      type: SessionNode,
      description: "The ended session.",
      resolve: (query, { sessionId }, _args, { platform }) =>
        platform.prisma.session.findUniqueOrThrow({ ...query, where: { id: sessionId } }),
    }),
  }),
  refusals: ["NOT_FOUND"],
  resolve: (input, { platform, viewer }) =>
    revokeSession(platform, viewer, { ...input, sessionId: input.sessionId.id }),
});

command("deleteAccount", {
  description:
    "Deletes your account for good: handle, e-mail, password, wallets, keys and sessions go; bots are archived and lose what was written of them, what they said in the Pit goes; contests stay; deposits, withdrawals and the audit log keep the addresses of your wallets, because who moved money must stay provable. Money that is in play or on its way out keeps the account (MONEY_IN_PLAY), and so does real money that is left (MONEY_LEFT). Needs a session.",
  gives: success<{ deleted: boolean }>("The account is gone."),
  access: "session",
  noKey: "whoever would ask again is gone",
  input: (t) => ({
    handle: t.string({ required: true, description: "Your own handle, to confirm." }),
    giveUpMoney: t.boolean({
      required: false,
      description: "True gives up what money is left: nobody can reach it any more. Left out, MONEY_LEFT is refused.",
    }),
  }),
  success: (t) => ({ deleted: t.exposeBoolean("deleted", { description: "Always true." }) }),
  refusals: ["MONEY_IN_PLAY", "MONEY_LEFT"],
  resolve: async (input, context) => {
    const outcome = await deleteAccount(context.platform, context.viewer, input);
    if (outcome.ok) context.setSessionCookie?.(null, new Date(0));
    return outcome;
  },
});
