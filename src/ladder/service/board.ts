import type { Platform } from "../../platform/platform.ts";
import { standing } from "../store/board.ts";

/** A bot's place on a board, 1 is best: by the histogram above its Elo and its place among equals, never by counting. */
export async function rankOf(
  { db }: Platform,
  { ladder, elo, botId }: { ladder: string; elo: number; botId: string },
): Promise<number> {
  const [row] = await db.query(standing, [ladder, elo, botId]);
  return row?.rank ?? 1;
}
