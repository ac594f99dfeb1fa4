export const VISIBILITIES = ["UNLISTED", "PUBLIC"] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export const REACTIONS = ["LIKE", "INSIGHTFUL", "FUNNY", "CELEBRATE"] as const;
export type ReactionKind = (typeof REACTIONS)[number];

export const ORDERS = ["NEWEST", "MOST_REACTIONS"] as const;
export type ConversationOrder = (typeof ORDERS)[number];

export const TITLE_LENGTH_MAX = 120;
export const TAGS_MAX = 8;
export const TAG_LENGTH_MAX = 32;
export const COMMENT_LENGTH_MAX = 2_000;
export const REPORT_LENGTH_MAX = 500;
/** How many bots, and how many people, one may follow. */
export const FOLLOWS_MAX = 1_000;

export const SOCIAL_REFUSALS = [
  "INVALID_TITLE",
  "INVALID_TAGS",
  "INVALID_TRANSCRIPT",
  "TRANSCRIPT_TOO_LARGE",
  "INVALID_COMMENT",
  "INVALID_REASON",
  "ALREADY_REPORTED",
  "FOLLOW_ONESELF",
  "FOLLOW_LIMIT",
] as const;
export type SocialRefusal = (typeof SOCIAL_REFUSALS)[number];

const lengthOf = (text: string): number => Array.from(text).length;

// Controls, separators of lines, lone surrogates, and marks that turn the direction of text.
const NOT_IN_LINES = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const NOT_IN_TEXT = /[\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]|(?![\n\t])\p{Cc}/u;

/** Whether a title is one line of 1 to 120 characters. */
export const isTitle = (title: string): boolean =>
  title.trim() !== "" && lengthOf(title.trim()) <= TITLE_LENGTH_MAX && !NOT_IN_LINES.test(title);

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Tags as they are kept, each once and in order; null where one is no slug or there are too many. */
export function tagsOf(given: readonly string[]): string[] | null {
  const tags = [...new Set(given)].toSorted();
  const wrong = tags.length > TAGS_MAX || tags.some((tag) => tag.length > TAG_LENGTH_MAX || !SLUG.test(tag));
  return wrong ? null : tags;
}

/** Whether a text of some lines has 1 to `max` characters, none of which is a control or turns its direction. */
export const isText = (text: string, max: number): boolean =>
  text.trim() !== "" && lengthOf(text.trim()) <= max && !NOT_IN_TEXT.test(text);
