import pino, { type Logger } from "pino";

export type { Logger };

const SECRETS = ["password", "token", "key", "secret", "signature", "authorization", "cookie"];
const ERROR_PARTS = ["code", "table", "constraint", "syscall"] as const;
const CAUSES_MAX = 5;

/** JSON lines on stdout; whatever could be a secret is cut out whoever logs it. */
export function openLog(level: string): Logger {
  return pino({
    level,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: "[cut]" },
    serializers: { err: written, error: written },
  });
}

/**
 * What is written of an error: its words, its place and its causes. What else hangs on it stays unwritten, because a
 * database quotes whole rows in an error's detail, with mail addresses, chat and password hashes.
 */
function written(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const parts = ERROR_PARTS.flatMap((part) => {
    const value: unknown = Reflect.get(error, part);
    return value === undefined ? [] : [[part, value] as const];
  });
  const because = cause instanceof Error && depth < CAUSES_MAX ? { cause: written(cause, depth + 1) } : {};
  return { type: name, message, ...Object.fromEntries(parts), stack, ...because };
}
