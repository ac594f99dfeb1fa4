import type { Platform } from "../../platform/platform.ts";
import { whyClosed } from "../events.ts";
import { LADDER_RULES, type LadderKind } from "../rules/ladders.ts";

/** Whether bots can wait on a ladder now, and why not, where that is known. */
export type Opening = { open: boolean; because: string | null };

/** How ladders stand. */
export function openings(platform: Platform, ladders: readonly LadderKind[]): Promise<Opening[]> {
  return Promise.all(ladders.map((ladder) => openingOf(platform, ladder)));
}

/** Whether bots can wait on a ladder now. */
export async function isOpen(platform: Platform, ladder: LadderKind): Promise<boolean> {
  return (await openingOf(platform, ladder)).open;
}

async function openingOf(platform: Platform, ladder: LadderKind): Promise<Opening> {
  const { queue, hosted } = LADDER_RULES[ladder];
  const because = hosted ? await whyClosed.call(platform, ladder) : null;
  return { open: queue && because === null, because };
}
