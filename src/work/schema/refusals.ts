import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import {
  DEPENDENTS_MAX,
  HELD_PER_BOT_MAX,
  OPEN_PER_CREATOR_MAX,
  TASK_JSON_BYTES_MAX,
  type CreateRefusal,
} from "../rules/input.ts";
import { SCHEMA_BYTES_MAX } from "../rules/schema-bounds.ts";
import { DEFINITION_BYTES_MAX, type DefinitionRefusal } from "../rules/definition.ts";
import { DEFINITIONS_MAX } from "../service/definitions.ts";
import type { StepRefusal } from "../service/steps.ts";
import { OPEN_WORKFLOWS_MAX } from "../service/workflows.ts";

type Own = Exclude<CreateRefusal, "BAD_INPUT" | "INVALID_CAPABILITIES"> | StepRefusal;
declareRefusals<
  | Own
  | "SCHEMA_NOT_TAKEN"
  | "PAYLOAD_MISFIT"
  | "RESULT_MISFIT"
  | "RESULT_TOO_LARGE"
  | "TOO_MANY_TASKS"
  | "TOO_MANY_LANES"
  | "HOLDS_TOO_MANY"
  | "NO_TASK"
  | "NOT_YOUR_TASK"
  | "NOT_IN_TEAM"
  | "MISSING_CAPABILITIES"
  | "INPUT_NOT_FOUND"
  | "INPUT_CANCELLED"
  | "TOO_MANY_DEPENDENTS"
  | Exclude<DefinitionRefusal, "BAD_INPUT">
  | "UNKNOWN_CAPABILITY"
  | "INPUT_MISFIT"
  | "TOO_MANY_DEFINITIONS"
  | "TOO_MANY_WORKFLOWS"
  | "NOT_YOUR_WORKFLOW"
  | "TASK_OF_WORKFLOW"
>({
  INVALID_TRANSITION: {
    message: "It cannot change like this from the state that it is in.",
    hint: "Read its state and see the state's description for what is possible.",
  },
  LEASE_LOST: {
    message: "The task is not yours any more: your lease ended, or another bot has it.",
    hint: "Stop working on it and claim another; send heartbeatTask more often than the plan's heartbeatMs.",
  },
  TASK_NOT_READY: {
    message: "The task waits for its next attempt.",
    hint: "Come again after retryAfterMs, or follow taskOffers.",
  },
  PAYLOAD_TOO_LARGE: {
    message: `A payload has at most ${TASK_JSON_BYTES_MAX} bytes of JSON.`,
    hint: "Store less, or a link to more.",
  },
  RESULT_TOO_LARGE: {
    message: `A result has at most ${TASK_JSON_BYTES_MAX} bytes of JSON.`,
    hint: "Hand in less, or a link to more.",
  },
  TEAM_NEEDED: {
    message: "A task names a team exactly when its visibility is TEAM.",
    hint: "Pass teamId with visibility TEAM, and leave it out otherwise.",
  },
  AUTO_IS_NOT_PUBLIC: {
    message: "A public task is not laid on anybody's bot.",
    hint: "Use assign PULL, or visibility PRIVATE or TEAM.",
  },
  SCHEMA_NOT_TAKEN: {
    message: "This JSON Schema is not taken.",
    hint: `Draft 2020-12 of at most ${SCHEMA_BYTES_MAX} bytes: references only to #/$defs/name without cycles, few and short patterns, no uniqueItems.`,
  },
  PAYLOAD_MISFIT: { message: "The payload does not fit its schema.", hint: "See message for where and why." },
  RESULT_MISFIT: {
    message: "The result does not fit the task's resultSchema.",
    hint: "Mend it and complete the task again; your lease goes on.",
  },
  TOO_MANY_TASKS: {
    message: `Its creator has ${OPEN_PER_CREATOR_MAX} open tasks, which is as many as one may have.`,
    hint: "Wait until some have ended, or cancel some.",
  },
  TOO_MANY_LANES: {
    message: "You have open public tasks of too many different sets of capabilities.",
    hint: "Ask for capabilities as another open task of yours does, or wait until some have ended: limits.publicLanesPerUserMax.",
  },
  HOLDS_TOO_MANY: {
    message: `The bot holds ${HELD_PER_BOT_MAX} tasks, which is as many as it may hold.`,
    hint: "Complete, fail or release some first.",
  },
  NO_TASK: {
    message: "There is no task that this bot can take now.",
    hint: "Follow taskOffers: it says when there is.",
  },
  NOT_YOUR_TASK: {
    message: "You did not make this task.",
    hint: "Only its creator and who leads its team may do this.",
  },
  NOT_IN_TEAM: { message: "You are not in this team.", hint: "Ask one of its admins for an invitation." },
  INPUT_NOT_FOUND: {
    message: "A task can wait only for tasks that you made or that are of its team.",
    hint: "Check the ids in dependsOn.",
  },
  INPUT_CANCELLED: { message: "A task that was cancelled is never done.", hint: "Leave it out of dependsOn." },
  TOO_MANY_DEPENDENTS: {
    message: `${DEPENDENTS_MAX} tasks wait for one of these already, which is as many as may.`,
    hint: "Let some wait for another task.",
  },
  MISSING_CAPABILITIES: {
    message: "The bot lacks capabilities that the task needs.",
    hint: "Give the bot the capabilities by updateBot, if it has them.",
  },
  DUPLICATE_STEP: { message: "Two steps have the same key.", hint: "Give each step a key of its own." },
  BAD_POINTER: {
    message: "A pointer points at nothing that there can be.",
    hint: "Begin with /input or /steps/KEY, or with /item or /index in the input of a step with forEach (RFC 6901).",
  },
  UNKNOWN_INPUT: {
    message: "A step needs a step that is not there.",
    hint: "Check the keys in after and in pointers.",
  },
  WORKFLOW_CYCLE: { message: "Steps wait for each other.", hint: "Take one of the named steps out of the circle." },
  WORKFLOW_TOO_LARGE: {
    message: `A definition has at most ${DEFINITION_BYTES_MAX} bytes of JSON.`,
    hint: "Use forEach instead of steps that are alike, or split it.",
  },
  UNKNOWN_CAPABILITY: {
    message: "No bot that could take the workflow's tasks has this capability.",
    hint: "Give a bot of yours, or of the team, the capability by updateBot, or mend the word.",
  },
  INPUT_MISFIT: {
    message: "The input does not fit the workflow's inputSchema.",
    hint: "See message for where and why.",
  },
  TOO_MANY_DEFINITIONS: {
    message: `You have ${DEFINITIONS_MAX} versions of workflows, which is as many as you may have.`,
    hint: "Start the versions that are there with another input.",
  },
  TOO_MANY_WORKFLOWS: {
    message: `You have ${OPEN_WORKFLOWS_MAX} open runs, which is as many as you may have.`,
    hint: "Wait until some have ended, or cancel some.",
  },
  NOT_YOUR_WORKFLOW: {
    message: "You did not start this run.",
    hint: "Only who started it and who leads its team may do this.",
  },
  TASK_OF_WORKFLOW: {
    message: "A workflow's task is not tried again by hand: its run has gone on.",
    hint: "Start the workflow again, or give its steps more attempts.",
  },
});
