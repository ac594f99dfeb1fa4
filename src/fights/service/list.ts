import type { LadderKind } from "../../ladder/rules/ladders.ts";
import { botIdOf, contestPage, contestPagesOf } from "../../ladder/service/record.ts";
import type { Page, PageOf } from "../../platform/keyset.ts";
import type { Platform } from "../../platform/platform.ts";

/** The ladders on which bots fight. */
export const FIGHT_LADDERS: readonly LadderKind[] = ["PIT", "PIT_SLOW"];

/** Whom fights are asked for: a bot by its id or by its name. */
export type BotAsked = { id: string } | { name: string };
export type FightFilter = { status: string | null; bot: BotAsked | null; ladder: string | null };

const NONE: PageOf<string> = { rows: [], hasPrevious: false, hasNext: false };

/** A page of fight ids, newest first; none for a bot that does not exist. */
export async function fightPage(
  platform: Platform,
  { status, bot, ladder }: FightFilter,
  page: Page<string>,
): Promise<PageOf<string>> {
  const filter = { status, ladders: ladder === null ? FIGHT_LADDERS : [ladder] };
  if (!bot) return contestPage(platform, filter, page);
  const botId = "id" in bot ? bot.id : await botIdOf(platform, bot.name);
  return botId === null ? NONE : ((await contestPagesOf(platform, [botId], filter, page))[0] ?? NONE);
}
