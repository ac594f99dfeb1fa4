import { useSubscription } from "urql";
import type { TaskFilter, TaskState } from "../generated/graphql.ts";
import { useFresh } from "../shell/use-fresh.ts";
import type { BoardCard } from "./documents.ts";
import { BoardLiveDocument } from "./task-documents.ts";

const EVERY_MS = 1_000;
/** What a bot works on, and what a person has to see to. */
export const AT_WORK: TaskState[] = ["PENDING", "ASSIGNED", "IN_PROGRESS"];
export const OPEN: TaskState[] = ["BLOCKED", ...AT_WORK, "AWAITING_APPROVAL"];

type Whose = { teamId?: string; public?: boolean; filterBy: TaskFilter };

/**
 * Follows a board: gives the open tasks that stand on it, null before the first are told. What stands beside them is read
 * again when a task came, left or waits for a person, or a run went on; not when bots only went on with theirs.
 */
export function useBoard(whose: Whose, again: () => void, pause = false): readonly BoardCard[] | null {
  const [{ data }] = useSubscription({ query: BoardLiveDocument, variables: whose, pause });
  const board = data?.taskBoardEvents;
  const goesOn = board?.changes.every(({ kind, state }) => kind === "CHANGED" && AT_WORK.includes(state));
  useFresh(board && (board.changes.length === 0 || !goesOn) ? board : undefined, again, EVERY_MS);
  return board?.tasks ?? null;
}
