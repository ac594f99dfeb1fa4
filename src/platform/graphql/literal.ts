/** Text as a pattern that matches only itself: Prisma compares without case by ILIKE, where _ and % stand for others. */
export const literal = (text: string): string => text.replaceAll(/[\\%_]/g, "\\$&");
