import type { Append } from "../platform/streams.ts";

/** The name of a bot's stream of XP. */
export const botXpStream = (botId: string) => `botxp:${botId}`;
/** The bot's one stream of what concerns it, which is kept for a week. */
export const inboxStream = (botId: string) => `bot:${botId}`;
/** The name of a person's. */
export const userXpStream = (userId: string) => `userxp:${userId}`;
/** The feed that moves when a public board may have. */
export const XP_BOARD_TOPIC = "xp-board";

/** The job that counts an ended task, enqueued in the transaction that ends it. */
export const XP_JOBS = { task: "xp-task" } as const;

/** What levels: the bot, its owner, or one of the bot's skills. */
export const LEVELLED = ["BOT", "USER", "SKILL"] as const;
export type Levelled = (typeof LEVELLED)[number];

export const XP_TOLD = ["XpGained", "LeveledUp", "AchievementUnlocked", "XpTakenBack"] as const;
/** What a stream of XP tells, in order. Ids are raw UUIDs. */
export type XpTold =
  | { type: "XpGained"; xpEventId: string; botId: string; computed: number; added: number; total: number }
  | { type: "LeveledUp"; what: Levelled; botId: string; skill: string | null; from: number; to: number }
  | { type: "AchievementUnlocked"; key: string; botId: string | null }
  | {
      type: "XpTakenBack";
      xpEventId: string;
      botId: string;
      removed: number;
      total: number;
      achievements: string[];
    };

/** Events for a stream of XP. */
export const toXp = (stream: string, events: readonly XpTold[]): Append => ({ stream, events });
