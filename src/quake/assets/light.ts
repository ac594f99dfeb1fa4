import { png } from "./pictures.ts";
import { PAGE_PX, type Surfaces } from "./surfaces.ts";

/** All pages of light of a map on one picture. */
export type LightAtlas = {
  /** A PNG file. */
  picture: Uint8Array;
  /** Where a point of a page lies on it. */
  at(page: number, u: number, v: number): [number, number];
  /** A place on it at which there is all light. */
  full: readonly [number, number];
  /** The light of a vertex that is on no page: three bytes. */
  colour(vertex: number): [number, number, number];
};

/** Light is stored at a quarter of its strength. */
const STRENGTH = 4;
const WHITE = 255;

/** Lays the pages side by side, one more that is white, and brightens them as the game does: with their hue kept. */
export function lightOf({ pages, colours }: Surfaces): LightAtlas {
  const columns = Math.ceil(Math.sqrt(pages.length + 1));
  const rows = Math.ceil((pages.length + 1) / columns);
  const [width, height] = [columns * PAGE_PX, rows * PAGE_PX];
  const rgba = new Uint8Array(width * height * 4).fill(WHITE);
  for (const [page, bytes] of pages.entries()) {
    const corner = (Math.floor(page / columns) * width + (page % columns)) * PAGE_PX;
    for (let pixel = 0; pixel < PAGE_PX * PAGE_PX; pixel++) {
      const to = corner + Math.floor(pixel / PAGE_PX) * width + (pixel % PAGE_PX);
      rgba.set(brightened(bytes, pixel * 3), to * 4);
    }
  }
  const at = (page: number, u: number, v: number): [number, number] => [
    ((page % columns) + u) / columns,
    (Math.floor(page / columns) + v) / rows,
  ];
  return {
    picture: png({ width, height, rgba }),
    at,
    full: at(pages.length, 0.5, 0.5),
    colour: (vertex) => brightened(colours, vertex * 4),
  };
}

function brightened(bytes: Uint8Array, at: number): [number, number, number] {
  const [red, green, blue] = [0, 1, 2].map((offset) => (bytes[at + offset] ?? 0) * STRENGTH);
  const strongest = Math.max(red ?? 0, green ?? 0, blue ?? 0, WHITE);
  const kept = (value = 0) => Math.round((value * WHITE) / strongest);
  return [kept(red), kept(green), kept(blue)];
}
