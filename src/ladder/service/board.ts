import type { Platform } from "../../platform/platform.ts";
import { standings } from "../store/board.ts";

/** A standing whose place is asked for. */
export type Placed = { ladder: string; elo: number; botId: string };

/** Places on a board, 1 is best: by the histogram above an Elo and the place among equals, never by counting. */
export async function ranksOf({ db }: Platform, asked: readonly Placed[]): Promise<number[]> {
  const column = <K extends keyof Placed>(key: K) => asked.map((each) => each[key]);
  const rows = await db.query(standings, [column("ladder"), column("elo"), column("botId")]);
  return rows.map(({ rank }) => rank);
}
