/**
 * What a server answers of the packets that come from one address outside of a connection: ten at once, then one a second,
 * RCON commands and queries together. It drops the rest without a word.
 */
export const SERVER_BUCKET = { burst: 10, perSecond: 1 } as const;

/** What we use of it: two stay for others behind our address. */
export const OWN_BURST = SERVER_BUCKET.burst - 2;

/** How full a bucket was at a time. */
export type Bucket = { level: number; atMs: number };

export const EMPTY_BUCKET: Bucket = { level: 0, atMs: 0 };

const levelAt = ({ level, atMs }: Bucket, nowMs: number): number =>
  Math.max(0, level - ((nowMs - atMs) / 1_000) * SERVER_BUCKET.perSecond);

/** In how many milliseconds one more packet fits; 0 is now. */
export const waitMs = (bucket: Bucket, nowMs: number): number =>
  Math.max(0, Math.ceil(((levelAt(bucket, nowMs) + 1 - OWN_BURST) / SERVER_BUCKET.perSecond) * 1_000));

/** The bucket after one more packet. */
export const poured = (bucket: Bucket, nowMs: number): Bucket => ({ level: levelAt(bucket, nowMs) + 1, atMs: nowMs });
