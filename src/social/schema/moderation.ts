import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { moderate, reportContent } from "../service/moderation.ts";
import { contentField, contentInput, contentOf, type Inputs, type OfContent } from "./commands.ts";

const reason = (t: Inputs) => t.string({ required: true, description: "Why, 1 to 500 characters." });

command("reportContent", {
  description: "Tells operators that something should not be there. One open report a person; at most 20 an hour.",
  gives: success<{ reportId: string }>("An operator will look at it."),
  access: "PLAY",
  input: (t) => ({ ...contentInput(t), reason: reason(t) }),
  success: (t) => ({ reported: t.boolean({ description: "True: it was told.", resolve: () => true }) }),
  refusals: ["NOT_FOUND", "INVALID_REASON", "ALREADY_REPORTED"],
  resolve: ({ contentId, ...input }, { platform, viewer }) =>
    reportContent(platform, viewer, { ...input, content: contentOf(contentId) }),
});

for (const [name, description] of [
  [
    "hideContent",
    "Hides a conversation or comment from everybody but its author and operators, and closes its reports. For operators; audited.",
  ],
  ["restoreContent", "Shows it again, or says that it stays: its reports are closed. For operators; audited."],
] as const) {
  command(name, {
    description,
    gives: success<OfContent>("What it was about."),
    access: "operator",
    input: (t) => ({ ...contentInput(t as never), reason: reason(t as never) }),
    success: (t) => contentField(t as never),
    refusals: ["NOT_FOUND", "INVALID_REASON"],
    resolve: ({ contentId, ...input }, { platform, viewer }) =>
      moderate(platform, viewer, { ...input, content: contentOf(contentId) }, name),
  });
}

const ReportNode = builder.prismaObject("ContentReport", {
  access: "operator",
  description: "Somebody says that content should not be there.",
  fields: (t) => ({
    reporter: t.relation("reporter", { description: "Who says it." }),
    conversation: t.relation("conversation", { description: "The conversation, or the one that the comment is of." }),
    comment: t.relation("comment", { nullable: true, description: "The comment; null where it is the conversation." }),
    reason: t.expose("reason", { type: "UserText", description: "Why." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When." }),
    closedAt: t.expose("closedAt", {
      type: "DateTime",
      nullable: true,
      description: "When an operator decided; null while it is open.",
    }),
    outcome: t.exposeString("outcome", { nullable: true, description: "HIDDEN or KEPT; null while it is open." }),
  }),
});

builder.queryField("contentReports", (t) =>
  t.prismaConnection({
    type: ReportNode,
    cursor: "id",
    access: "operator",
    authScopes: { operator: true },
    description: "What people reported, newest first, for operators. At most 100 a page.",
    args: { open: t.arg.boolean({ required: false, defaultValue: true, description: "False gives closed ones." }) },
    resolve: (query, _root, { open }, { platform }) =>
      platform.prisma.contentReport.findMany({
        ...query,
        where: { closedAt: open === false ? { not: null } : null },
        orderBy: { id: "desc" },
      }),
  }),
);
