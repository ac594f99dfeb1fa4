import { BotNode } from "../../bots/schema.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { command, success } from "../../platform/graphql/command.ts";
import { VOTES_MS } from "../rules/battle.ts";
import { GITHUB_REFUSALS } from "../rules/github.ts";
import { REPOSITORY_REFUSALS } from "../rules/repository.ts";
import { cancelBattle, createBattle, requestPush, startBattle } from "../service/battles.ts";
import { answerInvitation, enterBattle, inviteGladiator, removeModelKey, setGladiator } from "../service/entries.ts";
import { addRepository, removeRepository, reviewSetup } from "../service/repositories.ts";
import { voidBattle } from "../service/void.ts";
import { castVote } from "../service/votes.ts";
import { BattleNode, seenBy } from "./battle.ts";
import { ProgramEnum, SkillEnum } from "./entry.ts";
import { RepositoryNode } from "./repository.ts";

type Inputs = Parameters<Parameters<typeof command<Record<string, never>, object, never, "PLAY">>[1]["input"]>[0];
type Fields<Success extends object> = Parameters<
  Parameters<typeof command<Record<string, never>, Success, never, "PLAY">>[1]["success"]
>[0];

const repositoryField = <Success extends { repositoryId: string }>(t: Fields<Success>) => ({
  repository: t.prismaField({
    type: RepositoryNode,
    description: "The repository as it is now.",
    resolve: (query, { repositoryId }, _args, { platform }) =>
      platform.prisma.codeRepository.findUniqueOrThrow({ ...query, where: { id: repositoryId } }),
  }),
});
/** Of a command of the battle's owner, who sees it always. */
const ownBattleField = <Success extends { battleId: string }>(t: Fields<Success>) => ({
  battle: t.prismaField({
    type: BattleNode,
    description: "The battle as it is now.",
    resolve: (query, { battleId }, _args, { platform, viewer }) =>
      platform.prisma.contest.findFirstOrThrow({ ...query, where: { ...seenBy(viewer), id: battleId } }),
  }),
});
/** Of a command of others: a stored answer is given again when the battle may have been hidden. */
const battleField = <Success extends { battleId: string }>(t: Fields<Success>) => ({
  battle: t.prismaField({
    type: BattleNode,
    nullable: true,
    description: "The battle as it is now; null where it is hidden, and you neither own it nor have a gladiator in it.",
    resolve: (query, { battleId }, _args, { platform, viewer }) =>
      platform.prisma.contest.findFirst({ ...query, where: { ...seenBy(viewer), id: battleId } }),
  }),
});
const botId = (t: Inputs, description = "Your bot.") => t.globalID({ required: true, for: [BotNode], description });
const battleId = (t: Inputs) => t.globalID({ required: true, for: [BattleNode], description: "The battle." });
const repositoryId = (t: Inputs) =>
  t.globalID({ required: true, for: [RepositoryNode], description: "Your repository." });
type OfBattle = { battleId: { id: string } };
const uuid = <Input extends OfBattle>(input: Input) => ({ ...input, battleId: input.battleId.id });
const OWN = ["NOT_YOUR_BOT", "BOT_SUSPENDED", "BOT_ARCHIVED"] as const;

command("addRepository", {
  description:
    "Takes a git repository for your battles. It is fetched once; no program of it runs. Where its server shows it to everybody, battles on it can be public.",
  gives: success<{ repositoryId: string }>("The repository, with the set-up that its files tell."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({
    url: t.string({ required: true, description: "Its URL, such as https://host/owner/name.git." }),
    token: t.string({
      required: false,
      description: "What its server lets you in with, to read and to push. Kept sealed, shown never.",
    }),
    private: t.boolean({ required: false, description: "Hide battles on it also where everybody may read it." }),
  }),
  success: repositoryField,
  refusals: [...REPOSITORY_REFUSALS, "REPOSITORY_KNOWN", "TOO_MANY_REPOSITORIES"],
  resolve: (input, { platform, viewer }) => addRepository(platform, viewer, input),
});

command("reviewRepositorySetup", {
  description: "Says how your repository is made ready and tested. Without it no battle can be made.",
  gives: success<{ repositoryId: string }>("The repository with its reviewed set-up."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({
    repositoryId: repositoryId(t),
    setup: t.stringList({
      required: true,
      description: "Commands that make it ready, run once in a sandbox: at most 20 of 4,000 characters; none is fine.",
    }),
    test: t.string({ required: true, description: "The command that tests it, at most 4,000 characters." }),
  }),
  success: repositoryField,
  refusals: ["NOT_FOUND", "NO_TEST_COMMAND"],
  resolve: (input, { platform, viewer }) =>
    reviewSetup(platform, viewer, { ...input, repositoryId: input.repositoryId.id }),
});

command("removeRepository", {
  description: "Forgets your repository and its token. Battles on it keep what they have.",
  gives: success<{ repositoryId: string }>("It is forgotten."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({ repositoryId: repositoryId(t) }),
  success: (t) => ({ removed: t.boolean({ description: "Always true.", resolve: () => true }) }),
  refusals: ["NOT_FOUND"],
  resolve: (input, { platform, viewer }) =>
    removeRepository(platform, viewer, { ...input, repositoryId: input.repositoryId.id }),
});

command("setGladiator", {
  description: "Says what runs when your bot fights a code battle.",
  gives: success<{ botId: string }>("The bot is a gladiator."),
  access: "PLAY",
  input: (t) => ({
    botId: botId(t),
    kind: t.field({ type: ProgramEnum, required: true, description: "What runs." }),
    skill: t.field({ type: SkillEnum, required: false, description: "Of a HOUSE gladiator; TINKER when absent." }),
    command: t.stringList({
      required: false,
      description: "Of a COMMAND: the program and its arguments, at most 64 words of 65,536 characters together.",
    }),
    model: t.string({ required: false, description: "Of an agent: its model; the agent's own choice when absent." }),
    modelKey: t.string({
      required: false,
      description:
        "Of an agent: your key for its model, 1 to 500 visible ASCII characters. Kept sealed, shown never. When absent the one from before, if it was given for the same kind; one for another kind is forgotten.",
    }),
    tokenCap: t.int({ required: false, description: "How many tokens it may use a battle; no cap when absent." }),
  }),
  success: (t) => ({
    bot: t.prismaField({
      type: BotNode,
      description: "The bot.",
      resolve: (query, { botId: id }, _args, { platform }) =>
        platform.prisma.bot.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
  refusals: [...OWN, "AGENT_NOT_INSTALLED", "MODEL_KEY_NEEDED"],
  resolve: (input, { platform, viewer }) => {
    const { skill, command: words, model, modelKey, tokenCap } = input;
    const given = { skill, command: words, model, modelKey, tokenCap };
    const known = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? null]));
    return setGladiator(platform, viewer, { ...input, ...(known as Given), botId: input.botId.id });
  },
});
type Given = Pick<Parameters<typeof setGladiator>[2], "skill" | "command" | "model" | "modelKey" | "tokenCap">;

command("removeModelKey", {
  description:
    "Forgets your bot's model key. Its agent fights no more until setGladiator brings another key; a battle that it was drawn for keeps its copy until it is over.",
  gives: success<{ botId: string }>("The key is forgotten."),
  access: "PLAY",
  input: (t) => ({ botId: botId(t) }),
  success: (t) => ({ removed: t.boolean({ description: "Always true.", resolve: () => true }) }),
  refusals: ["NOT_YOUR_BOT", "NO_MODEL_KEY"],
  resolve: (input, { platform, viewer }) => removeModelKey(platform, viewer, { ...input, botId: input.botId.id }),
});

const CheckInput = builder.inputType("HiddenCheckInput", {
  description: "A check that no gladiator sees: a command, and what it must print.",
  fields: (t) => ({
    name: t.string({ required: true, description: "What it checks, 1 to 100 characters; shown with the result." }),
    command: t.string({ required: true, description: "Run by sh in the repository; at most 8,192 characters." }),
    prints: t.string({
      required: true,
      description: "What it must print, white space at both ends left out; it never enters the sandbox.",
    }),
  }),
});

command("createCodeBattle", {
  description:
    "Makes a battle on one commit of your repository. It is rated when it is open and its repository public, as `open` of the battle says. Published order: hidden checks passed, tests passed with the base's tests restored, fewer regressions, smaller diff, less time, fewer tokens.",
  gives: success<{ battleId: string }>("The battle, a DRAFT."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({
    repositoryId: repositoryId(t),
    revision: t.string({
      required: false,
      description: "A branch, tag or commit; the repository's own choice when absent.",
    }),
    prompt: t.string({ required: true, description: "What the gladiators are asked to do, 1 to 16,384 characters." }),
    gladiatorsMax: t.int({ required: false, description: "How many fight, 2 to 8; 2 when absent." }),
    timeLimitMs: t.int({
      required: false,
      description: "How long each may work, 5,000 to 3,600,000; 600,000 when absent.",
    }),
    open: t.boolean({
      required: false,
      description: "Owners enter their gladiators and the server draws; otherwise you invite. False when absent.",
    }),
    votes: t.boolean({
      required: false,
      description:
        "Whether people vote on the entries when they are judged, before anybody is placed; false when absent. Until then it is not said which bot made which change.",
    }),
    votesMs: t.int({
      required: false,
      description:
        "How long votes are taken, milliseconds: 10,000 to 3,600,000; 600,000 when absent. The gladiators wait.",
    }),
    checks: t.field({ type: [CheckInput], required: false, description: "At most 50 hidden checks." }),
  }),
  success: ownBattleField,
  refusals: [
    ...REPOSITORY_REFUSALS,
    ...GITHUB_REFUSALS,
    "NOT_FOUND",
    "SETUP_NOT_REVIEWED",
    "NO_TEST_COMMAND",
    "PRIVATE_REPOSITORY",
    "TOO_MANY_BATTLES",
  ],
  resolve: (input, { platform, viewer }) =>
    createBattle(platform, viewer, {
      ...input,
      repositoryId: input.repositoryId.id,
      revision: input.revision ?? null,
      gladiatorsMax: input.gladiatorsMax ?? 2,
      timeLimitMs: input.timeLimitMs ?? 600_000,
      open: input.open ?? false,
      votes: input.votes ?? false,
      votesMs: input.votesMs ?? VOTES_MS,
      checks: input.checks ?? [],
    }),
});

command("enterCodeBattle", {
  description: "Enters your gladiator into an open battle of somebody else. Whether it is drawn, its seed says.",
  gives: success<{ battleId: string }>("The battle that it is in."),
  access: "PLAY",
  input: (t) => ({ battleId: battleId(t), botId: botId(t) }),
  success: battleField,
  refusals: [
    ...OWN,
    "NOT_FOUND",
    "NOT_A_GLADIATOR",
    "AGENT_NOT_INSTALLED",
    "BATTLE_STARTED",
    "BATTLE_BY_INVITATION",
    "OWN_BATTLE",
    "ALREADY_ENTERED",
    "BATTLE_FULL",
  ],
  resolve: (input, { platform, viewer }) => enterBattle(platform, viewer, { ...uuid(input), botId: input.botId.id }),
});

command("inviteGladiator", {
  description: "Invites a gladiator into your battle; one of yours is in at once.",
  gives: success<{ battleId: string }>("The battle."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({ battleId: battleId(t), botId: botId(t, "The bot, anybody's.") }),
  success: ownBattleField,
  refusals: [
    ...OWN,
    "NOT_FOUND",
    "NOT_A_GLADIATOR",
    "AGENT_NOT_INSTALLED",
    "BATTLE_STARTED",
    "BATTLE_IS_OPEN",
    "BATTLE_BY_INVITATION",
    "OWN_BATTLE",
    "ALREADY_ENTERED",
    "BATTLE_FULL",
  ],
  resolve: (input, { platform, viewer }) =>
    inviteGladiator(platform, viewer, { ...uuid(input), botId: input.botId.id }),
});

command("answerBattleInvitation", {
  description: "Says yes or no to an invitation of your gladiator.",
  gives: success<{ battleId: string }>("The answer is taken."),
  access: "PLAY",
  input: (t) => ({
    battleId: battleId(t),
    botId: botId(t),
    accept: t.boolean({ required: true, description: "True is yes." }),
  }),
  success: (t) => ({ answered: t.boolean({ description: "Always true.", resolve: () => true }) }),
  refusals: [...OWN, "NOT_INVITED"],
  resolve: (input, { platform, viewer }) =>
    answerInvitation(platform, viewer, { ...uuid(input), botId: input.botId.id }),
});

const STEPS = ["BATTLE_NOT_STARTED", "BATTLE_STARTED", "BATTLE_OVER", "WRONG_STAGE"] as const;

command("startCodeBattle", {
  description: "Draws the gladiators of your battle and lets it begin.",
  gives: success<{ battleId: string }>("The battle, at its SETUP."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({ battleId: battleId(t) }),
  success: ownBattleField,
  refusals: [...STEPS, "NOT_FOUND", "TOO_FEW_GLADIATORS", "GLADIATOR_BUSY"],
  resolve: (input, { platform, viewer }) => startBattle(platform, viewer, uuid(input)),
});

command("cancelCodeBattle", {
  description:
    "Ends your battle without a result. Everything that runs is taken away. A rated one is ended only before its gladiators are drawn; behind that an operator can, with voidCodeBattle.",
  gives: success<{ battleId: string }>("The battle, CANCELLED."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({ battleId: battleId(t) }),
  success: ownBattleField,
  refusals: [...STEPS, "NOT_FOUND", "RATED_BATTLE"],
  resolve: (input, { platform, viewer }) => cancelBattle(platform, viewer, uuid(input)),
});

command("voidCodeBattle", {
  description:
    "Takes a completed battle back from ratings and records, and ends one that goes on without a result; its entries stay to be read. For operators; audited.",
  gives: success<{ battleId: string }>("The battle; its status is VOIDED, or CANCELLED where it had no result."),
  access: "operator",
  input: (t) => ({
    battleId: battleId(t),
    reason: t.string({ required: true, description: "Why, for the audit log." }),
  }),
  success: battleField,
  refusals: ["NOT_FOUND", "BATTLE_NOT_COMPLETED", "ALREADY_VOID"],
  resolve: (input, { platform, viewer }) => voidBattle(platform, viewer, uuid(input)),
});

command("pushCodeBattle", {
  description:
    "Pushes each entry of your completed battle as a branch agon/battle/gladiator of its own, one commit on the commit that was fought on. battleEvents tells how it went.",
  gives: success<{ battleId: string }>("The battle."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({ battleId: battleId(t) }),
  success: ownBattleField,
  refusals: ["NOT_FOUND", "BATTLE_NOT_COMPLETED", "NOTHING_TO_PUSH"],
  resolve: (input, { platform, viewer }) => requestPush(platform, viewer, uuid(input)),
});

command("voteCodeBattle", {
  description:
    "Votes for an entry, by its letter on your ballot, or says that you do not. One vote a person; it decides nothing, and then you see which bot made which change.",
  gives: success<{ battleId: string }>("The battle."),
  access: "PLAY",
  ofOwner: true,
  input: (t) => ({
    battleId: battleId(t),
    letter: t.string({
      required: false,
      description: "A letter of your ballot; without one you vote for none, once and for all.",
    }),
  }),
  success: battleField,
  refusals: ["NOT_FOUND", "NO_BALLOT", "OWN_GLADIATOR", "ALREADY_VOTED"],
  resolve: (input, { platform, viewer }) =>
    castVote(platform, viewer, { ...uuid(input), letter: input.letter ?? null }),
});
