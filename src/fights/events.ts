import type { Job } from "../platform/jobs.ts";

/** Jobs that a fight enqueues in its own transactions; app.ts says who hears of them. */
export const FIGHT_JOBS = { started: "fight-started", ended: "fight-ended" } as const;

/** The job that tells others of a fight's start or end. */
export function fightJob(moment: keyof typeof FIGHT_JOBS, contestId: string): Job {
  const task = FIGHT_JOBS[moment];
  return { task, payload: { contestId }, key: `${task}:${contestId}` };
}
