/** A backslash separates; quotes and semicolons would end the command that carries the text; only visible ASCII travels. */
const FORBIDDEN = /[\\";%]|[^ -~]/;
export const INFO_CHARACTERS_MAX = 1_023;

/** Reads `\key\value\key\value`; of a key that comes twice the first counts, as in the engine. */
export function parseInfo(text: string): Map<string, string> {
  const info = new Map<string, string>();
  const parts = text.replace(/^\\/, "").split("\\");
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const key = (parts[index] ?? "").toLowerCase();
    if (!info.has(key)) info.set(key, parts[index + 1] ?? "");
  }
  return info;
}

/** Whether a text may stand in an info string without ending it or the command around it. */
export const isInfoText = (text: string): boolean => !FORBIDDEN.test(text);

/** Writes an info string; null when a key or value would break it, or all is too long. */
export function formatInfo(info: Readonly<Record<string, string | number>>): string | null {
  const parts = Object.entries(info).flatMap(([key, value]) => [key, String(value)]);
  if (!parts.every(isInfoText)) return null;
  const text = parts.map((part) => `\\${part}`).join("");
  return text.length > INFO_CHARACTERS_MAX ? null : text;
}
