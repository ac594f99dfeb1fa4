import type { Archives } from "./archives.ts";
import { readBsp } from "./bsp.ts";
import { readEntities } from "./entities.ts";
import { lightOf, type LightAtlas } from "./light.ts";
import { bare, readLooks, type Blend, type Look } from "./looks.ts";
import { findPicture, type Picture } from "./pictures.ts";
import { itemsOf, type ItemSpot } from "./quake-map.ts";
import { Collision } from "./collision.ts";
import { readSurfaces, type Face, type Surfaces } from "./surfaces.ts";

/** The form of the file that `packScenery` makes; a new one is a new number, and a new address for browsers. */
export const SCENERY_FORMAT = 1;

/** Triangles that look alike: `first` and `count` are of the list of corners. */
export type Group = {
  first: number;
  count: number;
  /** The place among the pictures; null where the game has none. */
  picture: number | null;
  blend: Blend;
  cutOut: boolean;
  twoSided: boolean;
  scroll: readonly [number, number];
};

/** A map as it is drawn: triangles in the map's own units, z up, with their pictures and their light. */
export type Scenery = {
  name: string;
  vertices: Record<"position" | "texture" | "light", Float32Array> & { colour: Uint8Array };
  corners: Uint32Array;
  groups: readonly Group[];
  pictures: readonly Picture[];
  light: Uint8Array;
  items: readonly ItemSpot[];
};

const SKY = 0x4;
const NOT_DRAWN = 0x80;
/** Clips and hints of the map's makers. */
const MAKERS = /^(textures\/)?common\//;

const isDrawn = ({ name, flags }: Surfaces["materials"][number]): boolean =>
  (flags & (SKY | NOT_DRAWN)) === 0 && !MAKERS.test(name.toLowerCase());

/** Reads how a map looks out of the game's archives. Throws an `AssetError`. */
export async function loadScenery(archives: Archives, name: string): Promise<Scenery> {
  const file = await archives.read(`maps/${name}.bsp`);
  const surfaces = readSurfaces(file);
  const looks = readLooks(await scriptsOf(archives));
  const dressed = await dress(archives, surfaces, looks);
  const light = lightOf(surfaces);
  const bsp = readBsp(file);
  const mesh = meshOf(surfaces, dressed, light);
  const items = itemsOf(new Collision(bsp), readEntities(bsp.entities));
  return { name, ...mesh, pictures: dressed.pictures, light: light.picture, items };
}

async function scriptsOf(archives: Archives): Promise<string> {
  const scripts: string[] = [];
  for (const name of archives.names("scripts/", ".shader"))
    scripts.push(Buffer.from(await archives.read(name)).toString("latin1"));
  return scripts.join("\n");
}

type Dress = Omit<Group, "first" | "count" | "picture"> & { file: string; vertexLit: boolean; faces: Face[] };
type Dressed = { groups: readonly Dress[]; placeOf: (file: string) => number | null };

/** Sorts what is drawn by how it looks; what light comes through is drawn last. */
async function dress(archives: Archives, surfaces: Surfaces, looks: ReadonlyMap<string, Look>) {
  const pictures = new Map<string, Picture | null>();
  const groups = new Map<string, Dress>();
  for (const face of surfaces.faces) {
    const material = surfaces.materials[face.material];
    if (!material || !isDrawn(material)) continue;
    const { picture: file, hidden, ...look } = lookFor(material.name, looks);
    if (hidden) continue;
    if (!pictures.has(file)) pictures.set(file, await findPicture(archives, file));
    const key = JSON.stringify([look, file]);
    const group = groups.get(key) ?? { ...look, file, faces: [] };
    group.faces.push(face);
    groups.set(key, group);
  }
  const found = [...pictures].flatMap(([file, picture]) => (picture ? [{ file, picture }] : []));
  const places = new Map(found.map(({ file }, place) => [file, place]));
  const rank = ({ blend }: Dress) => (blend === "NONE" ? 0 : 1);
  return {
    groups: [...groups.values()].toSorted((a, b) => rank(a) - rank(b)),
    placeOf: (file: string) => places.get(file) ?? null,
    pictures: found.map(({ picture }) => picture),
  };
}

function lookFor(name: string, looks: ReadonlyMap<string, Look>): Look & { picture: string } {
  const plain = { picture: bare(name), blend: "NONE", cutOut: false, twoSided: false, hidden: false } as const;
  const look = looks.get(name.toLowerCase());
  if (!look) return { ...plain, vertexLit: true, scroll: [0, 0] };
  return { ...look, picture: look.picture ?? bare(name) };
}

/** One list of vertices and one of corners, with only what is drawn. */
function meshOf(surfaces: Surfaces, { groups: dressed, placeOf }: Dressed, light: LightAtlas) {
  const count = dressed.reduce(
    (sum, { faces }) => sum + faces.reduce((own, face) => own + face.triangles.length, 0),
    0,
  );
  const corners = new Uint32Array(count);
  const writer = new VertexWriter(surfaces, light);
  const groups: Group[] = [];
  let at = 0;
  for (const { faces, file, vertexLit, ...look } of dressed) {
    const first = at;
    for (const face of faces) {
      const lit = face.page >= 0 ? "PAGE" : vertexLit ? "VERTEX" : "FULL";
      for (let corner = 0; corner < face.triangles.length; corner += 3) {
        const triangle = facing(surfaces, face.triangles.subarray(corner, corner + 3));
        for (const vertex of triangle) corners[at++] = writer.place(vertex, face.page, lit);
      }
    }
    groups.push({ ...look, picture: placeOf(file), first, count: at - first });
  }
  return { corners, groups, vertices: writer.vertices() };
}

/** The corners against the clock as seen from the side that is lit; the game's files go the other way round. */
function facing({ positions, normals }: Surfaces, triangle: Uint32Array): number[] {
  const [a = 0, b = 0, c = 0] = triangle;
  const along = (from: number, to: number, axis: number) =>
    (positions[to * 3 + axis] ?? 0) - (positions[from * 3 + axis] ?? 0);
  const cross = (axis: number) => {
    const [next, last] = [(axis + 1) % 3, (axis + 2) % 3];
    return along(a, b, next) * along(a, c, last) - along(a, b, last) * along(a, c, next);
  };
  const towards = [0, 1, 2].reduce((sum, axis) => sum + cross(axis) * (normals[a * 3 + axis] ?? 0), 0);
  return towards >= 0 ? [a, b, c] : [a, c, b];
}

type Lit = "PAGE" | "VERTEX" | "FULL";

/** Gives each vertex that is used a place of its own, once for each way in which it is lit. */
class VertexWriter {
  private readonly surfaces: Surfaces;
  private readonly atlas: LightAtlas;
  private readonly places = new Map<string, number>();
  private readonly position: number[] = [];
  private readonly texture: number[] = [];
  private readonly light: number[] = [];
  private readonly colour: number[] = [];

  constructor(surfaces: Surfaces, atlas: LightAtlas) {
    this.surfaces = surfaces;
    this.atlas = atlas;
  }

  place(vertex: number, page: number, lit: Lit): number {
    const key = `${vertex} ${lit === "PAGE" ? page : lit}`;
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = this.places.size;
    const { positions, texture, light } = this.surfaces;
    this.places.set(key, place);
    this.position.push(...positions.subarray(vertex * 3, vertex * 3 + 3));
    this.texture.push(...texture.subarray(vertex * 2, vertex * 2 + 2));
    const [u = 0, v = 0] = light.subarray(vertex * 2, vertex * 2 + 2);
    this.light.push(...(lit === "PAGE" ? this.atlas.at(page, u, v) : this.atlas.full));
    this.colour.push(...(lit === "VERTEX" ? this.atlas.colour(vertex) : [255, 255, 255]), 255);
    return place;
  }

  vertices(): Scenery["vertices"] {
    return {
      position: Float32Array.from(this.position),
      texture: Float32Array.from(this.texture),
      light: Float32Array.from(this.light),
      colour: Uint8Array.from(this.colour),
    };
  }
}
