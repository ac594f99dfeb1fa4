import type { Failure, Phase } from "./rules/battle.ts";
import type { GitHubRefusal } from "./rules/github.ts";
import type { Outcome } from "./rules/gladiator.ts";
import type { RepositoryRefusal } from "./rules/repository.ts";
import type { Ending } from "./rules/sandbox.ts";

/** The name of a battle's stream. */
export const battleStream = (battleId: string) => `battle:${battleId}`;

/** Why an entry was not pushed; PUSH_FAILED is this server's own fault. */
export type PushRefusal = RepositoryRefusal | GitHubRefusal | "PUSH_FAILED";

type OfBot<Type extends string, More extends object = object> = { type: Type; botId: string } & More;
type Placed = { botId: string; placement: number; ratingBefore: number | null; ratingAfter: number | null };

/** What a battle's stream tells, in order. */
export type BattleEvent =
  | { type: "StageChanged"; phase: Phase; attempt: number; failure: Failure | null }
  | OfBot<"GladiatorEntered">
  | OfBot<"GladiatorStarted", { seat: number }>
  | OfBot<"AssistantText" | "Output", { text: string }>
  | OfBot<"ToolUse", { tool: string; text: string }>
  | OfBot<"ToolResult", { text: string; failed: boolean }>
  | OfBot<"StreamTruncated">
  | OfBot<
      "GladiatorFinished",
      {
        by: Ending;
        exitCode: number | null;
        timeMs: number;
        inputTokens: number;
        outputTokens: number;
        untold: number;
      }
    >
  | OfBot<"FileChanged", { path: string; added: number; removed: number }>
  | OfBot<"EntryCollected", { outcome: Outcome; filesChanged: number; linesAdded: number; linesRemoved: number }>
  | OfBot<"EntryJudged", { checksPassed: number; testsPassed: number; regressions: number }>
  | { type: "VotingOpened"; until: string }
  | { type: "BattleEnded"; phase: Phase; placements: Placed[]; seed: string }
  | { type: "BattleHidden" }
  | OfBot<"BranchPushed", { branch: string }>
  | OfBot<"BranchRefused", { branch: string; refusal: PushRefusal }>;
