import { expect, test } from "vitest";
import { readLooks } from "./looks.ts";
import { pngOfTga } from "./pictures.ts";
import { PNG } from "pngjs";

const still = { cutOut: false, vertexLit: false, scroll: [0, 0], twoSided: false, hidden: false };

test("a script says which picture a surface shows, and what shines through it", () => {
  const looks = readLooks(`
    // a comment with a { brace
    textures/a/wall
    {
      surfaceparm metalsteps
      { map $lightmap
        rgbGen identity }
      { map textures/a/Wall.tga
        blendFunc filter }
    }
    textures/a/grate
    {
      cull none
      {
        map textures/a/other.jpg
        blendfunc GL_ONE GL_ONE
        alphaFunc GE128
        tcMod scroll 0.1 -.2
        rgbGen vertex
      }
    }
    textures/a/wall
    { surfaceparm sky }
    textures/a/sky { surfaceparm sky }
  `);
  expect(looks.get("textures/a/wall")).toEqual({ ...still, picture: "textures/a/wall", blend: "NONE" });
  expect(looks.get("textures/a/grate")).toEqual({
    picture: "textures/a/other",
    blend: "ADD",
    cutOut: true,
    vertexLit: true,
    scroll: [0.1, -0.2],
    twoSided: true,
    hidden: false,
  });
  expect(looks.get("textures/a/sky")?.hidden).toBe(true);
});

/** Two lines of two pixels, the lower line first, each pixel as blue, green, red. */
const tga = (kind: number, body: readonly number[]) =>
  Uint8Array.from([0, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 24, 0, ...body]);

test.each([
  ["plain", tga(2, [1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9])],
  ["in runs", tga(10, [0x81, 1, 2, 3, 0x01, 4, 5, 6, 7, 8, 9])],
])("a TGA file that is %s comes out as PNG, the upper line first", (_how, file) => {
  const { width, height, data } = PNG.sync.read(Buffer.from(pngOfTga(file)));
  expect([width, height, ...data]).toEqual([2, 2, 6, 5, 4, 255, 9, 8, 7, 255, 3, 2, 1, 255, 3, 2, 1, 255]);
});

test.each([
  ["cut off", tga(2, [1, 2, 3])],
  ["of another kind", tga(9, [])],
  ["empty", new Uint8Array()],
])("a TGA file that is %s is refused", (_how, file) => {
  expect(() => pngOfTga(file)).toThrow(/BAD_FORMAT/);
});
