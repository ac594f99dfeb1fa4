import type { Job } from "../platform/jobs.ts";

/** Jobs that a match enqueues in its own transactions; app.ts says who hears of them. */
export const MATCH_JOBS = { ended: "match-ended" } as const;

/** The job that tells others of a match's end. */
export function matchEnded(contestId: string): Job {
  return { task: MATCH_JOBS.ended, payload: { contestId }, key: `${MATCH_JOBS.ended}:${contestId}` };
}

/** The topic that moves when a match is made, begins to be played or ends. */
export const MATCHES_TOPIC = "matches";

/** The topic that moves when a game server elsewhere is added, or has been given back. */
export const SERVERS_TOPIC = "game-servers";
