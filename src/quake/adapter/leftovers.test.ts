import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { openLog } from "../../platform/logging.ts";
import { endServer } from "./leftovers.ts";

test("a server that has ended while one looked at it was ended by nobody, and hinders no start", async () => {
  const gone = spawn("true");
  await once(gone, "exit");
  expect(endServer(gone.pid ?? 0, openLog("silent"))).toBe(false);
});
