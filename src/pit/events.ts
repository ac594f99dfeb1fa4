import type { Append } from "../platform/streams.ts";
import type { CalloutStatus, LeftReason } from "./rules.ts";

/** The name of the Pit's one stream. */
export const PIT_STREAM = "pit";

type Between = { calloutId: string; challengerId: string; targetId: string };

/** What the Pit tells, in order. Ids are raw UUIDs; instants are RFC 3339. */
export type PitEvent =
  | { type: "AgentEntered"; botId: string }
  | { type: "AgentLeft"; botId: string; reason: LeftReason }
  | { type: "MessagePosted"; messageId: string; botId: string; text: string }
  | ({
      type: "CalloutCreated";
      ladder: string;
      wager: string;
      sealed: boolean;
      message: string | null;
      expiresAt: string;
    } & Between)
  | ({ type: "CalloutAccepted"; fightId: string } & Between)
  | ({ type: "CalloutDeclined" | "CalloutCancelled" | "CalloutExpired" } & Between)
  | { type: "PitFightAnnounced"; contestId: string }
  | { type: "PitFightEnded"; contestId: string; winnerBotId: string | null; voided: boolean };

/** Events for the Pit's stream. */
export const toPit = (...events: PitEvent[]): Append => ({ stream: PIT_STREAM, events });

/** Tells a bot's own stream that it was called out. */
export const calloutReceived = (targetId: string, calloutId: string): Append => ({
  stream: `bot:${targetId}`,
  events: [{ type: "CalloutReceived", calloutId }],
});

/** Tells a challenger's own stream what became of its callout. */
export const calloutAnswered = (challengerId: string, calloutId: string, status: CalloutStatus): Append => ({
  stream: `bot:${challengerId}`,
  events: [{ type: "CalloutAnswered", calloutId, status }],
});
