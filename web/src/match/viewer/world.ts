import {
  AdditiveBlending,
  BufferAttribute,
  BufferGeometry,
  DoubleSide,
  FrontSide,
  LinearFilter,
  LinearMipmapLinearFilter,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  NoColorSpace,
  NormalBlending,
  RepeatWrapping,
  Texture,
} from "three";
import type { Group, MapFile } from "./map-file.ts";
import { floorsOf, rimsOf } from "./floors.ts";

/** Three's light maps are divided by π; the game's own screens are brighter than its pictures. */
const FULL_LIGHT = Math.PI * 1.6;
const LIGHT_CHANNEL = 1;
const RIM_LIFT = 1.5;

/** The map in the scene, what of it moves, and its floors' edges drawn as lines. */
export type World = {
  mesh: Mesh<BufferGeometry, MeshBasicMaterial[]>;
  rims: LineSegments<BufferGeometry, LineBasicMaterial>;
  /** Lets liquids flow: to a time in seconds. */
  flow(at_s: number): void;
  /** Frees the pictures; what they are drawn on belongs to the scene. */
  dispose(): void;
};

/** Builds the map. Pictures are read by the browser beside the page's own work. */
export async function buildWorld(map: MapFile): Promise<World> {
  const [light, ...pictures] = await Promise.all([map.lightPicture, ...map.pictures].map(textureOf));
  if (!light) throw new Error("a map without its picture of light");
  light.channel = LIGHT_CHANNEL;
  light.generateMipmaps = false;
  light.minFilter = LinearFilter;
  const geometry = geometryOf(map);
  const materials = map.groups.map((group) => materialOf(group, light, pictures));
  const mesh = new Mesh(geometry, materials);
  mesh.matrixAutoUpdate = false;
  const rims = new LineSegments(rimGeometry(map), new LineBasicMaterial({ transparent: true, opacity: 0.8 }));
  const flowing = map.groups.flatMap(({ scroll }, index) => {
    const texture = materials[index]?.map;
    return texture && (scroll[0] !== 0 || scroll[1] !== 0) ? [{ scroll, texture }] : [];
  });
  return {
    mesh,
    rims,
    flow: (at_s) => {
      for (const { scroll, texture } of flowing) texture.offset.set((scroll[0] * at_s) % 1, (scroll[1] * at_s) % 1);
    },
    dispose: () => {
      for (const each of [light, ...pictures, ...flowing.map(({ texture }) => texture)]) each.dispose();
      for (const each of [light, ...pictures]) each.image.close();
    },
  };
}

async function textureOf(picture: Blob): Promise<Texture<ImageBitmap>> {
  const texture = new Texture(await createImageBitmap(picture, { colorSpaceConversion: "none" }));
  // The game mixes light and colour as they are stored; the first line of a picture is at 0.
  texture.colorSpace = NoColorSpace;
  texture.flipY = false;
  texture.wrapS = texture.wrapT = RepeatWrapping;
  texture.minFilter = LinearMipmapLinearFilter;
  texture.anisotropy = 4;
  texture.needsUpdate = true;
  return texture;
}

function geometryOf({ position, texture, light, colour, corners, groups }: MapFile): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(position, 3));
  geometry.setAttribute("uv", new BufferAttribute(texture, 2));
  geometry.setAttribute("uv1", new BufferAttribute(light, 2));
  geometry.setAttribute("color", new BufferAttribute(colour, 4, true));
  geometry.setIndex(new BufferAttribute(corners, 1));
  for (const [index, { first, count }] of groups.entries()) geometry.addGroup(first, count, index);
  return geometry;
}

function materialOf(
  { picture, blend, cutOut, twoSided, scroll }: Group,
  light: Texture,
  pictures: readonly Texture[],
): MeshBasicMaterial {
  const found = picture === null ? null : (pictures[picture] ?? null);
  const moves = scroll[0] !== 0 || scroll[1] !== 0;
  return new MeshBasicMaterial({
    // A picture that flows has a place of its own.
    map: found && moves ? found.clone() : found,
    lightMap: light,
    lightMapIntensity: FULL_LIGHT,
    vertexColors: true,
    side: twoSided ? DoubleSide : FrontSide,
    transparent: blend !== "NONE",
    depthWrite: blend === "NONE",
    blending: blend === "ADD" ? AdditiveBlending : NormalBlending,
    alphaTest: cutOut ? 0.5 : 0,
  });
}

function rimGeometry(map: MapFile): BufferGeometry {
  const rims = rimsOf(floorsOf(map));
  const positions = new Float32Array(rims.length * 6);
  for (const [index, [a, b]] of rims.entries())
    positions.set([a[0], a[1], a[2] + RIM_LIFT, b[0], b[1], b[2] + RIM_LIFT], index * 6);
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  return geometry;
}
