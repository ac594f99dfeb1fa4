/** How a game server stands. Of a node's own, DOWN ones are started when they are needed. */
export const SERVER_STATES = ["DOWN", "STARTING", "FREE", "BUSY", "DRAINING"] as const;
export type ServerState = (typeof SERVER_STATES)[number];
