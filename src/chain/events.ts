import type { Append } from "../platform/streams.ts";
import type { ObservationState } from "./rules/deposits.ts";
import type { WaitReason, WithdrawalStatus } from "./rules/withdrawals.ts";

/** Moves when a withdrawal is asked for. */
export const PAYMENTS_TOPIC = "withdrawals";

/** Tells a user's own stream where one of its withdrawals stands now. */
export const withdrawalChanged = (
  userId: string,
  change: { withdrawalId: string; status: WithdrawalStatus; waitingFor: WaitReason | null; txHash: string | null },
): Append => ({ stream: `user:${userId}`, events: [{ type: "WithdrawalChanged", ...change }] });

/** Tells a user's own stream where one of its deposits stands now; final is what can be withdrawn. */
export const depositChanged = (
  userId: string,
  change: { depositId: string; status: ObservationState; final: boolean },
): Append => ({ stream: `user:${userId}`, events: [{ type: "DepositChanged", ...change }] });
