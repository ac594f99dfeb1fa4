/** A place in a logged stream. The epoch changes when a database is restored, so that old cursors are not believed. */
export type StreamCursor = { stream: string; epoch: string; seq: number };

/** The opaque text of a cursor. */
export function encodeCursor({ stream, epoch, seq }: StreamCursor): string {
  return Buffer.from(`${epoch} ${seq} ${stream}`).toString("base64url");
}

/** The place that a cursor's text names, or null when it is not a cursor. */
export function decodeCursor(text: string): StreamCursor | null {
  const match = /^([0-9a-f]{8}) (\d{1,9}) ([a-z]+(?::[\w-]+)?)$/.exec(Buffer.from(text, "base64url").toString("utf8"));
  if (!match) return null;
  const [, epoch = "", seq = "", stream = ""] = match;
  return { epoch, seq: Number(seq), stream };
}
