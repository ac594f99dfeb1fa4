// Installs what Quake servers need and shows that one starts: npm run setup:quake
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { openLog } from "../src/platform/logging.ts";
import { DEBIAN, missingFiles, PACKAGE } from "../src/quake/adapter/installation.ts";
import { MAPS } from "../src/quake/rules/commands.ts";
import { openPool } from "../src/quake/service/pool.ts";
import { runStep, say } from "./steps.ts";

const FIRST_PORT = 29_400;
const UNITS = "/etc/systemd/system";

const isInstalled = (command: string) =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(`${folder}/${command}`));

/** The package would run a public server of its own on all addresses: a masked unit is never started. */
function maskPublicServer(): void {
  const unit = `${UNITS}/openarena-server.service`;
  if (existsSync(UNITS) && !existsSync(unit)) symlinkSync("/dev/null", unit);
}

async function install(): Promise<boolean> {
  maskPublicServer();
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const patience = ["-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];
  const args = ["install", "-y", "--no-install-recommends", ...patience, PACKAGE];
  say(`Installing ${PACKAGE}: about 420 MB to download, 435 MB on the disk.`);
  return (
    (await runStep({ name: "package lists", command: "apt-get", args: ["update", ...patience], env })) &&
    (await runStep({ name: "packages", command: "apt-get", args, env }))
  );
}

/** Loads each map on a real server; the names of those that do not load. */
async function loadMaps(): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), "agon-quake-setup-"));
  const log = openLog("error");
  const terms = { installation: DEBIAN, root, servers: 1, firstPort: FIRST_PORT, timeLimit_min: 2, timescale: 1, log };
  const pool = openPool(terms);
  const broken: string[] = [];
  for (const map of MAPS) {
    const rental = await pool.rent(map);
    if (!rental) broken.push(map);
    rental?.release();
  }
  await pool.stop();
  rmSync(root, { recursive: true, force: true });
  return broken;
}

const canInstall = process.getuid?.() === 0 && isInstalled("apt-get");
if (missingFiles(DEBIAN).length > 0 && canInstall && !(await install())) process.exit(1);

const missing = missingFiles(DEBIAN);
if (missing.length > 0) {
  say(`Quake servers need these files, which are missing:\n  ${missing.join("\n  ")}`);
  say(`On Debian: sudo apt-get install --no-install-recommends ${PACKAGE}`);
  process.exit(1);
}
const broken = await loadMaps();
if (broken.length > 0) {
  say(`${DEBIAN.engine} does not load ${broken.join(", ")}. Install ${PACKAGE} anew.`);
  process.exit(1);
}
say(`Quake servers can start: ${DEBIAN.engine} loads ${MAPS.join(", ")}`);
