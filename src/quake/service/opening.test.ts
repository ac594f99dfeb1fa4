import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEBIAN, missingArchives, missingFiles } from "../adapter/installation.ts";
import { whyNoHost } from "./opening.ts";

test("without the engine the ladder says what to run", () => {
  expect(whyNoHost({ engine: "/nowhere/ioq3ded", data: "/nowhere" })).toBe(
    "QUAKE is closed because openarena-server is not installed here: npm run setup:quake installs it.",
  );
});

test("an engine without its game counts as missing, file by file", () => {
  const folder = mkdtempSync(join(tmpdir(), "agon-engine-"));
  const engine = join(folder, "ioq3ded");
  writeFileSync(engine, "");
  expect(missingFiles({ engine, data: folder })[0]).toBe(`${folder}/baseoa/pak0.pk3`);
  expect(missingFiles({ engine, data: folder })).not.toContain(engine);
  rmSync(folder, { recursive: true });
});

test("archives without the engine are enough for maps, and for rounds elsewhere", () => {
  const installation = { ...DEBIAN, engine: "/nowhere/ioq3ded" };
  expect(missingArchives(installation)).toEqual([]);
  expect(missingFiles(installation)).toEqual(["/nowhere/ioq3ded"]);
});

test("with the engine the ladder no longer asks for it", () => {
  expect(missingFiles(DEBIAN)).toEqual([]);
  expect(whyNoHost(DEBIAN)).not.toContain("not installed");
});
