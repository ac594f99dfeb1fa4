/** Remote control: what is told between the node that plays a match and those that serve its players. */

/** An action that is not followed by another is over after this long. */
export const ACTION_LASTS_MS = 500;
/** Views are made for this long after somebody asked for them. */
export const WATCH_LASTS_MS = 5_000;
export const WATCH_AGAIN_MS = 1_000;
export const VIEWS_PER_SECOND_MAX = 20;
/** Subscriptions to what one bot sees, on one node: each is made and sent by itself, up to 20 times a second. */
export const ONLOOKERS_MAX = 4;

/** The topic that the node of a match hears. */
export const handsTopic = (matchId: string) => `quake-hands:${matchId}`;
/** The topic of what a bot sees. */
export const eyesTopic = (matchId: string, botId: string) => `quake-eyes:${matchId}:${botId}`;

export type SeatRefusal = "NOT_IN_MATCH" | "MATCH_NOT_LIVE" | "PLAYED_BY_STRATEGY";
export type RemoteRefusal = SeatRefusal | "INVALID_ACTION" | "TOO_MANY_VIEWS";

/** How a bot stands in a match. */
export type RemoteSeat = { phase: string; plays: boolean; coded: boolean };

/** Why a bot cannot be played from afar; to look on, a match need only not be over. */
export function refuseRemote(seat: RemoteSeat | undefined, to: "ACT" | "LOOK"): SeatRefusal | null {
  if (!seat?.plays) return "NOT_IN_MATCH";
  if (seat.coded) return "PLAYED_BY_STRATEGY";
  const isOver = seat.phase === "COMPLETED" || seat.phase === "VOIDED";
  return isOver || (to === "ACT" && seat.phase !== "LIVE") ? "MATCH_NOT_LIVE" : null;
}
