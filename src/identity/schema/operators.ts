import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { createSocketTicket, suspendUser } from "../service/operators.ts";
import { UserNode } from "./people.ts";

const AuditEntryRef = builder.prismaObject("AuditEntry", {
  description: "One change of identity, money or moderation, or one act of an operator.",
  access: "operator",
  fields: (t) => ({
    at: t.expose("at", { type: "DateTime", description: "When." }),
    principal: t.exposeString("principal", { description: "What acted: user:…, session:…, key:…, system." }),
    action: t.exposeString("action", { description: "What was done, such as user.suspended." }),
    subject: t.exposeString("subject", { description: "To what, such as bot:UUID." }),
    reason: t.exposeString("reason", { nullable: true, description: "Why; null where none was asked for." }),
  }),
});

builder.queryField("auditLog", (t) =>
  t.prismaConnection({
    type: AuditEntryRef,
    cursor: "id",
    access: "operator",
    authScopes: { operator: true },
    description: "The audit log, newest first, for operators. At most 100 a page.",
    args: {
      subject: t.arg.string({ required: false, description: "Only what concerns this, such as bot:UUID." }),
      action: t.arg.string({ required: false, description: "Only this action, such as user.suspended." }),
    },
    resolve: (query, _root, { subject, action }, { platform }) =>
      platform.prisma.auditEntry.findMany({
        ...query,
        where: { ...(subject == null ? {} : { subject }), ...(action == null ? {} : { action }) },
        orderBy: { id: "desc" },
      }),
  }),
);

for (const [name, suspended] of [
  ["suspendUser", true],
  ["unsuspendUser", false],
] as const) {
  command(name, {
    description: suspended
      ? "Suspends a user: keys and sessions stop working, open sockets within 5 seconds. For operators; audited."
      : "Lifts a user's suspension. For operators; audited.",
    gives: success<{ userId: string }>("The user."),
    access: "operator",
    input: (t) => ({
      userId: t.globalID({ required: true, for: [UserNode], description: "The user." }),
      reason: t.string({ required: true, description: "Why, for the audit log." }),
    }),
    success: (t) => ({
      user: t.prismaField({
        type: UserNode,
        description: "The user.",
        resolve: (query, { userId }, _args, { platform }) =>
          platform.prisma.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
      }),
    }),
    refusals: ["NOT_FOUND"],
    resolve: (input, { platform, viewer }) =>
      suspendUser(platform, viewer, { ...input, userId: input.userId.id, suspended }),
  });
}

command("createSocketTicket", {
  description:
    "A ticket for one WebSocket within 30 seconds: pass it as `ticket` in connection_init. For pages of other origins, so that no key stands in a URL.",
  gives: success<{ ticket: string; expiresAt: string }>("The ticket."),
  access: "viewer",
  input: () => ({}),
  success: (t) => ({
    ticket: t.exposeString("ticket", { description: "Good for one socket." }),
    expiresAt: t.field({
      type: "DateTime",
      description: "Until when.",
      resolve: ({ expiresAt }) => new Date(expiresAt),
    }),
  }),
  refusals: [],
  resolve: (input, { platform, viewer }) => createSocketTicket(platform, viewer, input),
});
