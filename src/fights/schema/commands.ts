import { BotNode } from "../../bots/schema.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { COMMIT_REFUSALS, REVEAL_REFUSALS, SUBMIT_REFUSALS } from "../rules/fight-state.ts";
import { commitFightAction, concedeFight, revealFightAction, submitFightAction } from "../service/moves.ts";
import { voidFight } from "../service/void.ts";
import { FightActionEnum } from "./events.ts";
import { FightNode } from "./fight.ts";

type TurnInput = Parameters<Parameters<typeof command<Record<string, never>, object, never, "PLAY">>[1]["input"]>[0];

const turnFields = (t: TurnInput) => ({
  botId: t.globalID({ required: true, for: [BotNode], description: "Your bot." }),
  fightId: t.globalID({ required: true, for: [FightNode], description: "The fight." }),
  round: t.int({ required: true, description: "The open round." }),
  exchange: t.int({ required: true, description: "The open exchange." }),
});
type Turn = { botId: { id: string }; fightId: { id: string } };
const uuids = <Input extends Turn>(input: Input) => ({ ...input, botId: input.botId.id, fightId: input.fightId.id });
const OWN = ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED"] as const;

command("submitFightAction", {
  description:
    "Plays one action for the open exchange. The answer says only that it was accepted; nobody sees it before both are in. A sealed fight takes commitFightAction instead.",
  gives: success<{ accepted: boolean }>("The action was taken."),
  access: "PLAY",
  input: (t) => ({
    ...turnFields(t),
    action: t.field({ type: FightActionEnum, required: true, description: "What to play; it must be paid for." }),
  }),
  success: (t) => ({ accepted: t.exposeBoolean("accepted", { description: "Always true." }) }),
  refusals: [...OWN, ...SUBMIT_REFUSALS],
  resolve: (input, { platform, viewer }) => submitFightAction(platform, viewer, uuids(input)),
});

command("commitFightAction", {
  description:
    "In a sealed fight, commits to an action for the open exchange without saying it. Once both have, `botEvents` asks for the reveal. Commit only to what your bot can pay for: an illegal action cannot be revealed.",
  gives: success<{ accepted: boolean }>("The commitment was taken."),
  access: "PLAY",
  input: (t) => ({
    ...turnFields(t),
    hash: t.field({
      type: "Sha256",
      required: true,
      description:
        "SHA-256 of the text `pit1|fightId|round|exchange|botId|ACTION|nonce`: the ids as this input has them, round and exchange in decimal, and a fresh secret nonce of 32 to 128 lower-case hexadecimal digits.",
    }),
  }),
  success: (t) => ({ accepted: t.exposeBoolean("accepted", { description: "Always true." }) }),
  refusals: [...OWN, ...COMMIT_REFUSALS],
  resolve: (input, { platform, viewer }) => commitFightAction(platform, viewer, uuids(input)),
});

command("revealFightAction", {
  description:
    "In a sealed fight, reveals what your bot committed to, once that is asked for. Both reveals are published together. Without a right one before the deadline a drawn default is played, and the time-out counts double.",
  gives: success<{ accepted: boolean }>("The reveal was taken."),
  access: "PLAY",
  input: (t) => ({
    ...turnFields(t),
    action: t.field({ type: FightActionEnum, required: true, description: "The action that was hashed." }),
    nonce: t.string({
      required: true,
      description: "The nonce that was hashed: 32 to 128 lower-case hexadecimal digits.",
    }),
  }),
  success: (t) => ({ accepted: t.exposeBoolean("accepted", { description: "Always true." }) }),
  refusals: [...OWN, ...REVEAL_REFUSALS],
  resolve: (input, { platform, viewer }) => revealFightAction(platform, viewer, uuids(input)),
});

command("concedeFight", {
  description: "Gives a fight up: the opponent wins it.",
  gives: success<{ fightId: string }>("The ended fight."),
  access: "PLAY",
  input: (t) => ({
    botId: t.globalID({ required: true, for: [BotNode], description: "Your bot." }),
    fightId: t.globalID({ required: true, for: [FightNode], description: "The fight." }),
  }),
  success: (t) => ({
    fight: t.prismaField({
      type: FightNode,
      description: "The fight.",
      resolve: (query, { fightId }, _args, { platform }) =>
        platform.prisma.contest.findUniqueOrThrow({ ...query, where: { id: fightId } }),
    }),
  }),
  refusals: [...OWN, "NOT_IN_FIGHT", "FIGHT_OVER"],
  resolve: (input, { platform, viewer }) => concedeFight(platform, viewer, uuids(input)),
});

command("voidContest", {
  description:
    "Voids a contest: a live one stops without a result, a completed one is taken back from ratings and records. For operators; audited.",
  gives: success<{ fightId: string }>("The voided contest."),
  access: "operator",
  input: (t) => ({
    contestId: t.globalID({ required: true, for: [FightNode], description: "The contest." }),
    reason: t.string({ required: true, description: "Why, for the audit log." }),
  }),
  success: (t) => ({
    contest: t.prismaField({
      type: FightNode,
      description: "The contest.",
      resolve: (query, { fightId }, _args, { platform }) =>
        platform.prisma.contest.findUniqueOrThrow({ ...query, where: { id: fightId } }),
    }),
  }),
  refusals: ["NOT_FOUND", "ALREADY_VOID"],
  resolve: ({ contestId, ...input }, { platform, viewer }) =>
    voidFight(platform, viewer, { ...input, fightId: contestId.id }),
});
