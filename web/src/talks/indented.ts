const LENGTH_MAX = 4_000;
/** What is nested deep would become hundreds of times as long. */
const GROWTH_MAX = 8;

/** JSON in one line is set in several, where that says the same and stays readable; any other text is left as it is. */
export function indented(text: string): string {
  if (text.length > LENGTH_MAX || !/^[[{]/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    const set = JSON.stringify(value, null, 2);
    return JSON.stringify(value) === text && set.length <= GROWTH_MAX * text.length ? set : text;
  } catch {
    return text;
  }
}
