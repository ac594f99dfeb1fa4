import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import type { BattleRefusal } from "../rules/battle.ts";
import type { GitHubRefusal } from "../rules/github.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";

declareRefusals<RepositoryRefusal>({
  BAD_REPOSITORY_URL: {
    message: "This is not the URL of a repository.",
    hint: "Write it as https://host/owner/name.git, without a user, a password or a query.",
  },
  PRIVATE_ADDRESS: {
    message: "The repository's host is in a private network.",
    hint: "Only hosts with public addresses are asked.",
  },
  REPOSITORY_NOT_FOUND: {
    message: "There is no such repository, or it is not shown without a token.",
    hint: "Check the URL; pass a token that may read it.",
  },
  REPOSITORY_DENIED: {
    message: "The repository's server lets nobody in with this.",
    hint: "Pass a token that may read it, or a fresh one.",
  },
  COMMIT_NOT_FOUND: {
    message: "The repository has no such branch, tag or commit.",
    hint: "Name a branch or a tag, or a whole commit id of 40 digits.",
  },
  REPOSITORY_UNREACHABLE: { message: "The repository's server does not answer.", hint: "Try again later." },
  REPOSITORY_REDIRECTED: {
    message: "The repository's server points elsewhere.",
    hint: "Use the URL that it points to; redirections are not followed.",
  },
  REPOSITORY_TOO_LARGE: { message: "The repository is larger than 500 MiB.", hint: "Use a smaller one." },
  FILE_TOO_LARGE: { message: "A file of the repository is larger than 50 MiB.", hint: "Use a commit without it." },
  TOO_MANY_FILES: { message: "The repository has more than 50,000 files.", hint: "Use a smaller one." },
  UNSAFE_OBJECTS: {
    message: "The repository has objects that git itself calls unsafe.",
    hint: "See what git fsck says of it.",
  },
  LINK_LEAVES_REPOSITORY: {
    message: "A symbolic link of the repository leads out of it.",
    hint: "Use a commit without that link.",
  },
  REPOSITORY_TOO_SLOW: {
    message: "The repository's server did not answer within two minutes.",
    hint: "Try again later.",
  },
  GIT_UNUSABLE: { message: "This server has no git that it can start.", hint: "Tell its operator: git is missing." },
});

declareRefusals<GitHubRefusal>({
  GITHUB_CLOSED: {
    message: "This server has no GitHub App.",
    hint: "Add the repository by its URL; the operator sets the GITHUB_ settings.",
  },
  GITHUB_NOT_CONNECTED: {
    message: "The app is not installed on this repository any more, or you have disconnected it.",
    hint: "Connect GitHub again.",
  },
  GITHUB_SUSPENDED: { message: "The installation is suspended at GitHub.", hint: "Its owner resumes it there." },
  GITHUB_DENIED: {
    message: "GitHub does not let you, or the app, do this with the repository.",
    hint: "To push you must be able to write to it yourself, and the app needs its permissions.",
  },
  GITHUB_RATE_LIMITED: {
    message: "GitHub was asked too often for this installation.",
    hint: "Wait for retryAfterMs.",
  },
  GITHUB_UNREACHABLE: { message: "GitHub does not answer.", hint: "Try again later." },
});

declareRefusals({
  NOT_ON_GITHUB: {
    message: "The battle's repository is not one of a GitHub installation.",
    hint: "Make the pull request where its branch was pushed to.",
  },
  BRANCH_NOT_PUSHED: { message: "The entry's branch is not there.", hint: "Call pushCodeBattle first." },
  NOTHING_TO_PULL: {
    message: "GitHub makes no pull request of it: the base has all of it, or there is no such branch.",
    hint: "Name another base.",
  },
});

declareRefusals<BattleRefusal>({
  BATTLE_NOT_STARTED: { message: "The battle has not started.", hint: "Start it first." },
  BATTLE_STARTED: { message: "The battle has started.", hint: "Enter the next one." },
  BATTLE_OVER: { message: "The battle is over.", hint: "Create another one." },
  WRONG_STAGE: { message: "The battle is at another stage.", hint: "Follow battleEvents." },
});

declareRefusals({
  REPOSITORY_KNOWN: { message: "You have this repository already.", hint: "It is in viewer { codeRepositories }." },
  TOO_MANY_REPOSITORIES: { message: "You have 50 repositories.", hint: "Remove one first." },
  NO_TEST_COMMAND: {
    message: "Nobody has said how the repository is tested.",
    hint: "Pass `test` to reviewRepositorySetup, such as npm test.",
  },
  SETUP_NOT_REVIEWED: {
    message: "You have not said yes to the repository's set-up.",
    hint: "Look at its setup and call reviewRepositorySetup.",
  },
  PRIVATE_REPOSITORY: {
    message: "Nobody can enter a battle on a private repository by themselves.",
    hint: "Set open to false and invite gladiators.",
  },
  TOO_MANY_BATTLES: { message: "You have 10 battles that are not over.", hint: "Wait for one, or cancel one." },
  TOO_FEW_GLADIATORS: {
    message: "Fewer than two gladiators can be drawn.",
    hint: "Wait for entries of others, or invite more; of one owner or team only one is drawn for an open battle.",
  },
  RATED_BATTLE: {
    message: "The battle is rated, and its gladiators are drawn.",
    hint: "Wait for its result; an operator ends one that cannot go on.",
  },
  GLADIATOR_BUSY: { message: "A gladiator has just begun another battle.", hint: "Try again." },
  NOT_A_GLADIATOR: { message: "The bot is no gladiator.", hint: "Its owner calls setGladiator first." },
  AGENT_NOT_INSTALLED: {
    message: "This server has no program of that agent.",
    hint: "Use another kind; the operator installs agents where AGENTS_DIR says.",
  },
  MODEL_KEY_NEEDED: {
    message: "The bot has no key for this agent's model.",
    hint: "Pass modelKey: a key that was given for another kind of agent is not kept.",
  },
  NO_MODEL_KEY: { message: "The bot has no model key.", hint: "There is nothing to remove." },
  BATTLE_BY_INVITATION: { message: "This battle's owner invites its gladiators.", hint: "Enter an open battle." },
  BATTLE_IS_OPEN: { message: "Nobody is invited into an open battle.", hint: "Let owners call enterCodeBattle." },
  OWN_BATTLE: { message: "Your bots cannot enter your own open battle.", hint: "Make one by invitation." },
  ALREADY_ENTERED: { message: "The bot is in this battle already.", hint: "There is nothing more to do." },
  BATTLE_FULL: { message: "The battle has 64 entries.", hint: "Enter the next one." },
  NOT_INVITED: {
    message: "Nobody invited the bot, or the invitation is answered or over.",
    hint: "See viewer { codeInvitations }.",
  },
  BATTLE_NOT_COMPLETED: { message: "The battle has no result.", hint: "Wait until it is COMPLETED." },
  NOTHING_TO_PUSH: { message: "No entry is left to be pushed.", hint: "Each is pushed once." },
  NO_BALLOT: {
    message: "There is nothing to vote on.",
    hint: "Votes are cast where the battle takes them, from when its entries are judged until its votesUntil.",
  },
  OWN_GLADIATOR: { message: "You have a gladiator in this battle.", hint: "Vote in battles of others." },
  ALREADY_VOTED: { message: "You have voted in this battle.", hint: "One vote a person." },
});
