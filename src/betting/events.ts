import type { Append } from "../platform/streams.ts";
import type { RefundReason } from "./rules.ts";

/** The name of a pool's stream. */
export const poolStream = (contestId: string) => `pool:${contestId}`;
/** The feed of a pool's odds. */
export const oddsTopic = (contestId: string) => `odds:${contestId}`;

/** What a pool tells, in order. Ids are raw UUIDs, amounts decimal text in base units. */
export type PoolEvent =
  | { type: "PoolOpened"; exhibition: boolean; closesAt: string }
  | { type: "PoolPostponed"; closesAt: string }
  | { type: "PoolLocked"; total: string; backed: { botId: string; amount: string }[] }
  | { type: "PoolSettled"; winnerBotId: string; total: string; rake: string; givenBack: string }
  | { type: "PoolRefunded"; reason: RefundReason; total: string };

/** An event for a pool's stream. */
export const toPool = (contestId: string, event: PoolEvent): Append => ({
  stream: poolStream(contestId),
  events: [event],
});
