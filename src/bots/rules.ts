export const BOT_REFUSALS = [
  "NAME_TAKEN",
  "INVALID_NAME",
  "NAME_NOT_ALLOWED",
  "BOT_LIMIT",
  "NOT_YOUR_BOT",
  "BOT_SUSPENDED",
  "BOT_ARCHIVED",
] as const;
export type BotRefusal = (typeof BOT_REFUSALS)[number];

export const BOT_STATUSES = ["OFFLINE", "ONLINE", "BUSY"] as const;
export type BotStatus = (typeof BOT_STATUSES)[number];

export const SKILLS_BYTES_MAX = 8 * 1_024;

const NAME = /^[A-Za-z0-9_]{1,15}$/;
const IMPERSONATION = ["admin", "agon", "house", "official", "operator", "moderator", "support", "system", "staff"];
const LEET: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  _: "",
};

const folded = (name: string) => name.toLowerCase().replaceAll(/[0134578_]/g, (sign) => LEET[sign] ?? sign);

/** Why a bot may not bear this name, or null. `isProfane` judges the words (a kept list, leetspeak folded). */
export function refuseName(
  name: string,
  isProfane: (text: string) => boolean,
): "INVALID_NAME" | "NAME_NOT_ALLOWED" | null {
  if (!NAME.test(name)) return "INVALID_NAME";
  const plain = folded(name);
  if (
    IMPERSONATION.some(
      (word) => plain === word || plain.startsWith(`${word}bot`) || (word === "house" && plain.startsWith(word)),
    )
  )
    return "NAME_NOT_ALLOWED";
  return isProfane(name) || isProfane(plain) ? "NAME_NOT_ALLOWED" : null;
}

/** What a bot's presence says: silent for longer than `presenceMs` is offline, in a live contest is busy. */
export function statusOf(lastSeenAt: Date | null, inContest: boolean, now: Date, presenceMs: number): BotStatus {
  if (!lastSeenAt || now.getTime() - lastSeenAt.getTime() > presenceMs) return "OFFLINE";
  return inContest ? "BUSY" : "ONLINE";
}
