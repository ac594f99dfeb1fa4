import type { Platform } from "../../platform/platform.ts";
import { holdLanes, putToSleep } from "../store/tasks.ts";

const LANES_MAX = 500;

/** Puts lanes to sleep in which nothing waits, so that claims pass over them: some at a time. Gives behind which lane to go on. */
export function restLanes({ db }: Platform, after: number): Promise<number> {
  return db.transact(async (tx) => {
    const lanes = (await tx.query(holdLanes, [after, LANES_MAX])).map(({ id }) => id);
    if (lanes.length > 0) await tx.query(putToSleep, [lanes]);
    return lanes.length === LANES_MAX ? (lanes.at(-1) ?? 0) : 0;
  });
}
