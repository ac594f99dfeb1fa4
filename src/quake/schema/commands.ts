import { command, success } from "../../platform/graphql/command.ts";
import { voidMatch } from "../service/void.ts";
import { MatchNode } from "./match.ts";

command("voidMatch", {
  description:
    "Voids a match: one that is not over stops without a result, a completed one is taken back from ratings, records and statistics. For operators; audited.",
  gives: success<{ matchId: string }>("The voided match."),
  access: "operator",
  input: (t) => ({
    matchId: t.globalID({ required: true, for: [MatchNode], description: "The match." }),
    reason: t.string({ required: true, description: "Why, for the audit log." }),
  }),
  success: (t) => ({
    match: t.prismaField({
      type: MatchNode,
      description: "The match.",
      resolve: (query, { matchId }, _args, { platform }) =>
        platform.prisma.contest.findUniqueOrThrow({ ...query, where: { id: matchId } }),
    }),
  }),
  refusals: ["NOT_FOUND", "ALREADY_VOID"],
  resolve: ({ matchId, ...input }, { platform, viewer }) =>
    voidMatch(platform, viewer, { ...input, matchId: matchId.id }),
});
