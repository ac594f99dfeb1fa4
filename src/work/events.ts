import type { Append } from "../platform/streams.ts";
import type { TaskEvent } from "./rules/task.ts";

/** The name of a task's stream. */
export const taskStream = (taskId: string) => `task:${taskId}`;

/** The feed that moves when a lane's tasks may be claimed. */
export const offersTopic = (scope: string) => `offers:${scope}`;

/** The feed of what is laid on one bot. */
export const assignedTopic = (botId: string) => `assigned:${botId}`;

/** What a task's stream tells, in order. */
export type ToldOfTask = TaskEvent | { type: "TaskCreated" };

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
