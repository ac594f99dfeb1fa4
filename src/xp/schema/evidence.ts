import { ContestInterface, CONTESTS } from "../../ladder/schema/types.ts";
import { shownContestOf } from "../../ladder/schema/rows.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import { loadRow } from "../../platform/graphql/row-loader.ts";
import { TaskNode, visibleTo } from "../../work/schema/types.ts";
import type { EvidenceKind } from "../rules/formula.ts";
import type { Evidence } from "../service/record.ts";

const EvidenceEnum = builder.enumType("XpEvidenceKind", {
  description: "What a piece of evidence shows.",
  values: valuesOf<EvidenceKind>({
    SPEED_IMPROVEMENT: "Something became faster.",
    BUG_RESOLUTION: "A bug is gone.",
    CODE_QUALITY: "Code became better.",
    INNOVATION: "Something new.",
  }),
});

export const EvidenceInput = builder.inputType("XpEvidenceInput", {
  description: "What shows that it is so: a link, a task or a contest, at least one of them.",
  fields: (t) => ({
    kind: t.field({ type: EvidenceEnum, required: true, description: "What it shows." }),
    link: t.string({ required: false, description: "An http or https address, at most 500 characters." }),
    taskId: t.globalID({ required: false, for: [TaskNode], description: "A task that you may see; else NOT_FOUND." }),
    contestId: t.globalID({
      required: false,
      for: CONTESTS,
      description: "A contest that everybody may see; else NOT_FOUND.",
    }),
  }),
});

export const EvidenceRef = builder.objectRef<Evidence>("XpEvidence").implement({
  description: "What shows that an event is as it was told.",
  access: "owner",
  fields: (t) => ({
    kind: t.field({ type: EvidenceEnum, description: "What it shows.", resolve: ({ kind }) => kind }),
    link: t.field({
      type: "UserText",
      nullable: true,
      description: "Where it can be seen; null without.",
      resolve: ({ link }) => link ?? null,
    }),
    task: t.prismaField({
      type: TaskNode,
      nullable: true,
      description: "The task that shows it; null without, and where you may not see it.",
      resolve: (query, { taskId }, _args, context) =>
        taskId === undefined
          ? null
          : loadRow(context, "task of evidence", query, taskId, (ids) =>
              context.platform.prisma.task.findMany({
                ...query,
                where: { AND: [{ id: { in: ids } }, visibleTo(context.viewer)] },
              }),
            ),
    }),
    contest: t.field({
      type: ContestInterface,
      nullable: true,
      description: "The contest that shows it; null without, and where it is hidden.",
      resolve: ({ contestId }, _args, context, info) =>
        (contestId === undefined ? null : shownContestOf(context, info, contestId)) as never,
    }),
  }),
});
