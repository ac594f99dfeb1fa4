// Holds a sandbox of a driver while a shell program runs in it, until this process is killed.
import type { DriverName } from "../../src/codebattles/adapter/sandbox.ts";
import { driverAt, runIn, SMALL } from "./sandboxes.ts";

const [, , name = "", place = "", shell = ""] = process.argv;
const sandbox = await driverAt(name as DriverName, place).create({ limits: SMALL, mounts: [] });
process.stdout.write(`sandbox ${sandbox.id}\n`);
await runIn(sandbox, ["sh", "-c", shell], {
  timeMaxMs: 600_000,
  onOutput: (bytes) => void process.stdout.write(bytes),
});
