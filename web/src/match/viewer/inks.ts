/** The site's colours as a canvas needs them: what the page's tokens say now. */
export type Inks = {
  overprint: string;
  paper: string;
  lanes: readonly string[];
};

const LANES = 8;

export function readInks(element: Element): Inks {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    overprint: token("--overprint"),
    paper: token("--paper"),
    lanes: Array.from({ length: LANES }, (_none, lane) => token(`--lane-${lane + 1}`)),
  };
}

export const laneOf = ({ lanes, paper }: Inks, side: number): string => lanes[side % LANES] ?? paper;
