import { useEffect, useMemo, useState } from "react";
import { useSubscription } from "urql";
import type {
  BattleToldFragment,
  CodeBattleLiveSubscription,
  CodeBattleLiveSubscriptionVariables,
} from "../generated/graphql.ts";
import { BattleLiveDocument, type Battle } from "./documents.ts";

export type Told = BattleToldFragment;
type Item = CodeBattleLiveSubscription["battleEvents"];

/** After these the rest of the page is read again: what they changed is not in them. */
const CHANGES: ReadonlySet<string> = new Set([
  "StageChanged",
  "GladiatorEntered",
  "GladiatorFinished",
  "EntryCollected",
  "EntryJudged",
  "VotingOpened",
  "BattleEnded",
  "BranchPushed",
  "BranchRefused",
  "BattleHidden",
  "StreamGap",
]);

/** What a battle has told: the stored beginning, then everything behind it as it comes. */
export function useTold(battle: Battle, readAgain: () => void): Told[] {
  // The cursor of the first answer: a later answer only brings what has been followed already.
  const [after] = useState(battle.events.pageInfo.endCursor ?? null);
  const [first] = useState(battle.events.nodes);
  const [{ data: items = [] }] = useSubscription<
    CodeBattleLiveSubscription,
    Item[],
    CodeBattleLiveSubscriptionVariables
  >({ query: BattleLiveDocument, variables: { id: battle.id, after } }, (before = [], { battleEvents }) => [
    ...before,
    battleEvents,
  ]);
  const changes = items.filter(({ event }) => CHANGES.has(event.__typename)).length;
  useEffect(() => {
    if (changes > 0) readAgain();
    // Once for each change: `readAgain` is the page's own and changes with every render.
  }, [changes]);
  return useMemo(
    () => [...first, ...items.flatMap(({ event }) => (event.__typename === "StreamGap" ? [] : [event as Told]))],
    [first, items],
  );
}
