import { BotNode } from "../../bots/schema.ts";
import { UserNode } from "../../identity/schema/people.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { encodeNodeId } from "../../platform/graphql/node-ids.ts";
import { ViewerRef } from "../../platform/graphql/viewer.ts";
import { nameOf } from "../rules/repository.ts";

/** What an invited owner decides by. The battle itself, prompt and address, is shown once the answer is yes. */
const InvitationRef = builder.prismaObject("CodeEntry", {
  variant: "BattleInvitation",
  access: "owner",
  description:
    "An invitation of one of your gladiators that you have not answered: enough to decide by. What the battle asks for you see once you have accepted.",
  fields: (t) => ({
    battleId: t.id({
      description: "The battle: pass it to answerBattleInvitation. You see it there once you have accepted.",
      select: { battleId: true },
      resolve: ({ battleId }) => encodeNodeId("CodeBattle", battleId),
    }),
    bot: t.relation("bot", { type: BotNode, description: "Your bot that is invited." }),
    by: t.field({
      type: UserNode,
      description: "Whose battle it is.",
      select: (_args, _context, nestedSelection) => ({ battle: { select: { owner: nestedSelection(true) } } }),
      resolve: ({ battle }) => battle.owner as never,
    }),
    repositoryName: t.field({
      type: "UserText",
      description: "The repository's name without its host, such as acme/api.",
      select: { battle: { select: { repository: { select: { url: true } } } } },
      resolve: ({ battle }) => nameOf(battle.repository.url),
    }),
    public: t.boolean({
      description: "Whether everybody sees the battle.",
      select: { battle: { select: { public: true } } },
      resolve: ({ battle }) => battle.public,
    }),
    gladiatorsMax: t.int({
      description: "How many gladiators are drawn at most, 2 to 8.",
      select: { battle: { select: { gladiatorsMax: true } } },
      resolve: ({ battle }) => battle.gladiatorsMax,
    }),
    timeLimitMs: t.int({
      description: "How long each gladiator may work, milliseconds.",
      select: { battle: { select: { timeLimitMs: true } } },
      resolve: ({ battle }) => battle.timeLimitMs,
    }),
    at: t.expose("createdAt", { type: "DateTime", description: "When it was sent." }),
  }),
});

builder.objectField(ViewerRef, "codeInvitations", (t) =>
  t.prismaConnection({
    type: InvitationRef,
    cursor: "id",
    description:
      "Invitations of the viewer's gladiators into battles that have not started, newest first. Answer them with answerBattleInvitation. At most 100 a page.",
    resolve: (query, { userId }, _args, { platform }) =>
      platform.prisma.codeEntry.findMany({
        ...query,
        where: { status: "INVITED", bot: { ownerId: userId }, battle: { phase: "DRAFT" } },
        orderBy: { id: "desc" },
      }),
  }),
);
