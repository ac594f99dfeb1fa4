/** Hits for each shot, as a percentage; a dash without a shot. */
export const percent = (accuracy: number | null | undefined): string =>
  accuracy == null ? "–" : `${Math.round(accuracy * 100)} %`;
