import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { DEBIAN } from "../../src/quake/adapter/installation.ts";
import { Archives } from "../../src/quake/assets/archives.ts";
import { startTestApp } from "../harness/app.ts";

// The maps of Quake as browsers get them, out of the installed game.

const MAPS = ["aggressor", "q3dm6ish", "dm4ish", "fan"] as const;
const BYTES_MAX = 3 * 2 ** 20;

let app: App;
let dataDir: string;
let archives: Archives;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-quake-maps-"));
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
  archives = await Archives.open(`${DEBIAN.data}/baseoa`);
});
afterAll(async () => {
  await app.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

type Raw = { status: number; headers: Record<string, unknown>; body: Buffer };

/** A request as it is: nothing is unpacked, and no path is made tidy on the way. */
function raw(path: string, headers: Record<string, string> = {}): Promise<Raw> {
  const { port } = new URL(app.url);
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    }).on("error", reject);
  });
}

type Head = {
  name: string;
  vertices: number;
  triangles: number;
  corners: { offset: number; bytes: number };
  position: { offset: number; bytes: number };
  groups: { first: number; count: number; picture: number | null }[];
  pictures: { type: string; offset: number; bytes: number }[];
  lightPicture: { offset: number; bytes: number };
  items: { className: string }[];
};

function read(file: Buffer): { head: Head; part: (place: { offset: number; bytes: number }) => Buffer } {
  const length = file.readUInt32LE(8);
  const head = JSON.parse(file.toString("utf8", 12, 12 + length)) as Head;
  return {
    head,
    part: ({ offset, bytes }) => file.subarray(12 + length + offset, 12 + length + offset + bytes),
  };
}

/** By the map's own file: triangles of polygons and meshes, without sky and what the map's makers alone see. */
async function trianglesOf(map: string): Promise<number> {
  const file = Buffer.from(await archives.read(`maps/${map}.bsp`));
  const lump = (index: number) => file.readInt32LE(8 + index * 8);
  const [materials, faces, bytes] = [lump(1), lump(13), file.readInt32LE(8 + 13 * 8 + 4)];
  let triangles = 0;
  for (let face = faces; face < faces + bytes; face += 104) {
    const material = materials + file.readInt32LE(face) * 72;
    const name = file.toString("latin1", material, material + 64).split("\0")[0] ?? "";
    const isHidden = (file.readInt32LE(material + 64) & 0x84) !== 0 || /\/(skies|common)\//.test(name);
    if ([1, 3].includes(file.readInt32LE(face + 8)) && !isHidden) triangles += file.readInt32LE(face + 24) / 3;
  }
  return triangles;
}

test.each(MAPS)("%s is all there, in at most 3 MB", async (map) => {
  const { status, headers, body } = await raw(`/quake/maps/${map}?v=1`, { "accept-encoding": "gzip" });
  expect([status, headers["content-encoding"], headers["content-type"]]).toEqual([
    200,
    "gzip",
    "application/octet-stream",
  ]);
  expect(body.length).toBeLessThanOrEqual(BYTES_MAX);
  const file = gunzipSync(body);
  expect([file.toString("latin1", 0, 4), file.readUInt32LE(4)]).toEqual(["AGMP", 1]);
  const { head, part } = read(file);
  expect([head.name, head.triangles]).toEqual([map, await trianglesOf(map)]);
  expect(head.groups.reduce((sum, { count }) => sum + count, 0)).toBe(head.triangles * 3);
  expect(part(head.position).length).toBe(head.vertices * 12);
  const corners = part(head.corners);
  for (let at = 0; at < corners.length; at += 4) expect(corners.readUInt32LE(at)).toBeLessThan(head.vertices);
  expect(head.items.length).toBeGreaterThan(20);
  expect(head.groups.filter(({ picture }) => picture === null)).toEqual([]);
  for (const picture of head.pictures)
    expect(part(picture).toString("latin1", 0, 8)).toMatch(picture.type === "image/png" ? /^.PNG/ : /^\xff\xd8\xff/);
  expect(part(head.lightPicture).toString("latin1", 1, 4)).toBe("PNG");
});

test("whoever has a map is not sent it again, and whoever cannot unpack gets it plain", async () => {
  const first = await raw("/quake/maps/fan", { "accept-encoding": "gzip" });
  expect(first.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  const etag = String(first.headers["etag"]);
  expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
  const again = await raw("/quake/maps/fan", { "if-none-match": `"other", W/${etag}` });
  expect([again.status, again.body.length, again.headers["etag"]]).toEqual([304, 0, etag]);
  expect((await raw("/quake/maps/fan", { "if-none-match": '"other"' })).status).toBe(200);
  const plain = await raw("/quake/maps/fan");
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(plain.body.equals(gunzipSync(first.body))).toBe(true);
});

test("what was taken out of the archives is kept in the data folder, once for each map", () => {
  const kept = readdirSync(join(dataDir, "quake-maps"));
  expect(kept.map((name) => name.replace(/-1-[0-9a-f]{16}\.gz$/, "")).toSorted()).toEqual([...MAPS].toSorted());
});

test.each([
  "nowhere",
  "",
  "oa_dm1",
  "../../../../etc/passwd",
  "..%2f..%2fsecret",
  "aggressor/../fan",
  "aggressor.bsp",
  "AGGRESSOR",
  "aggressor%00",
])("there is no map named %j", async (name) => {
  const { status, headers, body } = await raw(`/quake/maps/${name}`);
  expect(status).toBe(404);
  expect(headers["cache-control"]).toBe("no-store");
  const { errors } = JSON.parse(body.toString()) as { errors: { extensions: { code: string; hint: string } }[] };
  expect(errors[0]?.extensions.code).toBe("MAP_UNKNOWN");
  expect(errors[0]?.extensions.hint).toContain("aggressor");
});
