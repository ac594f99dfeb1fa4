/** Text as a pattern of LIKE or ILIKE that matches only itself; Prisma compares without case by ILIKE, too. */
export const literal = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);
