const PERCENT = 37;
const DOT = 46;
const ASCII_MAX = 127;

/** Where the scrambled part of a legacy body begins. */
export const SCRAMBLED_FROM = { client: 12, server: 4 } as const;

/** What the scrambling of a legacy client message starts from. */
export const clientKey = (challenge: number, serverId: number, acknowledged: number): number =>
  (challenge ^ serverId ^ acknowledged) & 255;

/** What the scrambling of a legacy server message starts from. */
export const serverKey = (challenge: number, sequence: number): number => (challenge ^ sequence) & 255;

/**
 * Scrambles the body of a legacy packet from a byte on, or unscrambles it: each byte by a running key and the text of a
 * reliable command that both ends know. It changes the body in place.
 */
export function scramble(body: Uint8Array, from: number, startKey: number, text: string): void {
  let key = startKey;
  for (let index = from, at = 0; index < body.length; index++) {
    const character = text.charCodeAt(at);
    const code = Number.isNaN(character) ? 0 : character;
    at = at + 1 < text.length ? at + 1 : 0;
    key = (key ^ ((code > ASCII_MAX || code === PERCENT ? DOT : code) << (index & 1))) & 255;
    body[index] = (body[index] ?? 0) ^ key;
  }
}
