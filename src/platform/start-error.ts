import { stderr } from "node:process";

/** Why this process does not start, in words for whoever started it: what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Says to whoever started a command why it cannot begin, and gives its exit code; what is no such reason is thrown on. */
export function sayStartError(error: unknown): number {
  if (!(error instanceof StartError)) throw error;
  stderr.write(`${error.message}\n`);
  return 1;
}
