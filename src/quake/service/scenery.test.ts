import { expect, test } from "vitest";
import { Sceneries } from "./scenery.ts";

test("where the game is not installed, a map that is known is refused with the way to install it", async () => {
  const nowhere = { engine: "/nowhere/ioq3ded", data: "/nowhere" };
  const sceneries = new Sceneries(nowhere, "/nowhere/kept");
  expect(await sceneries.of("fan")).toMatchObject({
    ok: false,
    status: 503,
    code: "GAME_NOT_INSTALLED",
    hint: "npm run setup:quake installs it.",
  });
  expect(await sceneries.of("nowhere")).toMatchObject({ ok: false, status: 404, code: "MAP_UNKNOWN" });
});
