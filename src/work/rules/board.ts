import type { TaskState } from "./task.ts";

/** A task as it stands on a board; `version` is another whenever anything about it changed. */
export type Standing = { id: string; state: TaskState; version: number };

export const BOARD_CHANGES = ["APPEARED", "CHANGED", "LEFT"] as const;
export type BoardChangeKind = (typeof BOARD_CHANGES)[number];
/** What happened to a task on a board; one that left is as it stood there last. */
export type BoardChange = { kind: BoardChangeKind; taskId: string; state: TaskState };

/** What changed between two looks at a board: what left it, then what stands on it, in the board's order. */
export function changesOf(before: readonly Standing[], after: readonly Standing[]): BoardChange[] {
  const was = new Map(before.map((task) => [task.id, task]));
  const stays = new Set(after.map(({ id }) => id));
  const left = before.filter(({ id }) => !stays.has(id)).map((task) => changeOf("LEFT", task));
  const other = after.flatMap((task) => {
    const old = was.get(task.id);
    if (!old) return [changeOf("APPEARED", task)];
    return old.version === task.version && old.state === task.state ? [] : [changeOf("CHANGED", task)];
  });
  return [...left, ...other];
}

const changeOf = (kind: BoardChangeKind, { id: taskId, state }: Standing): BoardChange => ({ kind, taskId, state });
