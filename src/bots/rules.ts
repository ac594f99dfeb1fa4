import { foldedName, impersonates } from "../identity/rules.ts";

export const BOT_REFUSALS = [
  "NAME_TAKEN",
  "INVALID_NAME",
  "NAME_NOT_ALLOWED",
  "BOT_LIMIT",
  "NOT_YOUR_BOT",
  "BOT_SUSPENDED",
  "BOT_ARCHIVED",
  "BOT_PLAYS",
  "INVALID_CAPABILITIES",
  "METADATA_TOO_LARGE",
] as const;
export type BotRefusal = (typeof BOT_REFUSALS)[number];

export const BOT_STATUSES = ["OFFLINE", "ONLINE", "BUSY"] as const;
export type BotStatus = (typeof BOT_STATUSES)[number];

export const SKILLS_BYTES_MAX = 8 * 1_024;
export const CAPABILITIES_MAX = 32;
export const CAPABILITY_LENGTH_MAX = 40;
export const METADATA_BYTES_MAX = 4 * 1_024;

const NAME = /^[A-Za-z0-9_]{1,15}$/;

/** Why a bot may not bear this name, or null. `isProfane` judges the words (a kept list, leetspeak folded). */
export function refuseName(
  name: string,
  isProfane: (text: string) => boolean,
): "INVALID_NAME" | "NAME_NOT_ALLOWED" | null {
  if (!NAME.test(name)) return "INVALID_NAME";
  if (impersonates(name)) return "NAME_NOT_ALLOWED";
  return isProfane(name) || isProfane(foldedName(name)) ? "NAME_NOT_ALLOWED" : null;
}

/** What a bot's presence says: silent for longer than `presenceMs` is offline, in a live contest is busy. */
export function statusOf(lastSeenAt: Date | null, inContest: boolean, now: Date, presenceMs: number): BotStatus {
  if (!lastSeenAt || now.getTime() - lastSeenAt.getTime() > presenceMs) return "OFFLINE";
  return inContest ? "BUSY" : "ONLINE";
}

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Whether a text can be the name of a capability, such as `code-review`. */
export function isCapability(text: string): boolean {
  return text.length <= CAPABILITY_LENGTH_MAX && SLUG.test(text);
}

/** Why a bot may not claim these capabilities, or null. */
export function refuseCapabilities(capabilities: readonly string[]): "INVALID_CAPABILITIES" | null {
  return capabilities.length > CAPABILITIES_MAX || !capabilities.every(isCapability) ? "INVALID_CAPABILITIES" : null;
}

/** JSON text escapes what PostgreSQL's jsonb cannot hold: the character NUL and halves of surrogate pairs. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Why this JSON text may not be a bot's metadata, or null. */
export function refuseMetadata(json: string): "METADATA_TOO_LARGE" | "BAD_INPUT" | null {
  if (!json.startsWith("{") || UNSTORABLE.test(json)) return "BAD_INPUT";
  return new TextEncoder().encode(json).length > METADATA_BYTES_MAX ? "METADATA_TOO_LARGE" : null;
}

/** Whether a text can be the beginning of a bot's name. */
export function isNamePrefix(text: string): boolean {
  return NAME.test(text);
}
