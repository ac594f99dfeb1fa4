/** Why this process does not start, in words for whoever started it: what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}
