/** The form of the map's file that is understood here: part of its address, so that no old one is taken from a cache. */
const FORMAT = 1;
const INTRO_BYTES = 12;

export type Vec3 = readonly [x: number, y: number, z: number];
export type Item = { id: number; className: string; use: string; origin: Vec3 };
export type Group = {
  first: number;
  count: number;
  picture: number | null;
  blend: "NONE" | "ALPHA" | "ADD";
  cutOut: boolean;
  twoSided: boolean;
  scroll: readonly [number, number];
};

/** A map as the server takes it out of the game: triangles in the map's units, z up, three corners each. */
export type MapFile = {
  name: string;
  position: Float32Array;
  texture: Float32Array;
  light: Float32Array;
  colour: Uint8Array;
  corners: Uint32Array;
  groups: readonly Group[];
  pictures: readonly Blob[];
  lightPicture: Blob;
  items: readonly Item[];
};

type Place = { offset: number; bytes: number };
type Head = Pick<MapFile, "name" | "groups" | "items"> &
  Record<"position" | "texture" | "light" | "colour" | "corners", Place> & {
    pictures: (Place & { type: string })[];
    lightPicture: Place & { type: string };
  };

/** Why there is no picture of a map, in words for people. */
export class NoMap extends Error {}

/** Loads a map; throws `NoMap` with the server's own words when it has none. */
export async function loadMapFile(name: string, signal: AbortSignal): Promise<MapFile> {
  const response = await fetch(`/quake/maps/${encodeURIComponent(name)}?v=${FORMAT}`, { signal });
  if (!response.ok) throw new NoMap(await wordsOf(response));
  return readMapFile(await response.arrayBuffer());
}

async function wordsOf(response: Response): Promise<string> {
  const told = (await response.json().catch(() => null)) as { errors?: { message: string }[] } | null;
  return told?.errors?.[0]?.message ?? `The server answered ${response.status}.`;
}

function readMapFile(file: ArrayBuffer): MapFile {
  const view = new DataView(file);
  if (new TextDecoder().decode(file.slice(0, 4)) !== "AGMP" || view.getUint32(4, true) !== FORMAT)
    throw new NoMap("This map was packed for another version of this page: load it anew.");
  const body = INTRO_BYTES + view.getUint32(8, true);
  const head = JSON.parse(new TextDecoder().decode(file.slice(INTRO_BYTES, body))) as Head;
  const floats = ({ offset, bytes }: Place) => new Float32Array(file, body + offset, bytes / 4);
  const blob = ({ offset, bytes, type }: Place & { type: string }) =>
    new Blob([new Uint8Array(file, body + offset, bytes)], { type });
  return {
    name: head.name,
    groups: head.groups,
    items: head.items,
    position: floats(head.position),
    texture: floats(head.texture),
    light: floats(head.light),
    colour: new Uint8Array(file, body + head.colour.offset, head.colour.bytes),
    corners: new Uint32Array(file, body + head.corners.offset, head.corners.bytes / 4),
    pictures: head.pictures.map(blob),
    lightPicture: blob(head.lightPicture),
  };
}
