import type { Tx } from "../platform/database.ts";
import type { Platform } from "../platform/platform.ts";
import { port } from "../platform/port.ts";
import type { Append } from "../platform/streams.ts";
import type { Complexity } from "./rules/input.ts";
import type { FailureReason, TaskEvent } from "./rules/task.ts";
import type { WorkflowEvent } from "./rules/workflow.ts";

/** The name of a task's stream. */
export const taskStream = (taskId: string) => `task:${taskId}`;

/** The feed that moves when a lane's tasks may be claimed. */
export const offersTopic = (scope: string) => `offers:${scope}`;

/** The feed that moves with every task of a person, or of a team. */
export const boardTopic = (whose: "user" | "team", id: string) => `board:${whose}:${id}`;

/** The feed that moves with every task that everybody's bots may take. */
export const PUBLIC_BOARD_TOPIC = "board:public";

/** Whose board it stands on: who made it, of which team it is, and for whose bots its lane is. */
type OnBoards = { creatorId: string; teamId: string | null; scope: string };

/** The boards on which a task stands. */
export const boardsOf = ({ creatorId, teamId, scope }: OnBoards): string[] => [
  boardTopic("user", creatorId),
  ...(teamId === null ? [] : [boardTopic("team", teamId)]),
  ...(scope === "public" ? [PUBLIC_BOARD_TOPIC] : []),
];

/** The feed of what is laid on one bot. */
export const assignedTopic = (botId: string) => `assigned:${botId}`;

/** What a task's stream tells, in order. */
export type ToldOfTask = TaskEvent | { type: "TaskCreated" };

/** The feed that moves when some run has something to take in. */
export const WORKFLOWS_TOPIC = "workflows";

/** The name of a run's stream. */
export const workflowStream = (workflowId: string) => `workflow:${workflowId}`;

/** What a run's stream tells, in order. */
export type ToldOfWorkflow = WorkflowEvent | { type: "WorkflowCreated" };

/** Events for a run's stream. */
export const toWorkflow = (workflowId: string, events: readonly ToldOfWorkflow[]): Append => ({
  stream: workflowStream(workflowId),
  events,
});

/** Events for a task's stream. */
export const toTask = (taskId: string, events: readonly ToldOfTask[]): Append => ({
  stream: taskStream(taskId),
  events,
});

/** Tells a bot's own stream that a task was laid on it. */
export const taskAssigned = (botId: string, taskId: string): Append => ({
  stream: `bot:${botId}`,
  events: [{ type: "TaskAssigned", taskId }],
});

/** A task at its end. One that FAILED may be retried and end again, then with more claims behind it; others end once. */
export type EndedTask = {
  taskId: string;
  state: "COMPLETED" | "FAILED" | "CANCELLED";
  failure: FailureReason | null;
  /** The bot that had it at its end, with its owner; null where none had, as with what a person decides. */
  bot: { id: string; ownerId: string } | null;
  creatorId: string;
  teamId: string | null;
  /** The project of the team that it names; null for none. */
  projectId: string | null;
  capabilities: readonly string[];
  complexity: Complexity;
  /** Whether a person decided instead of a bot. */
  approval: boolean;
  /** The attempt that ended it, from 1, and the newest lease's number. */
  attempt: number;
  fence: number;
  endedAt: Date;
  /** How long the attempt that ended it took from its start; null where it was not begun. */
  durationMs: number | null;
};

/** Hears, in the transaction that ends a task, that it ended; gives what is to be told of it. */
export type OnTaskEnded = (tx: Tx, platform: Platform, ended: EndedTask) => Promise<Append[]>;

/** The port by which those above work hear that a task ended. */
export const onTaskEnded = port<OnTaskEnded>("work.onTaskEnded");
