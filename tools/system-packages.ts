import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { runStep, say } from "./steps.ts";

/** Programs that tests run for real and npm cannot bring, with the Debian package of each. */
const NEEDED = [
  { program: "chromium", package: "chromium" },
  { program: "redis-server", package: "redis-server" },
] as const;

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs what is missing with apt when root on Debian, else names it; true when everything is there. */
export async function ensureSystemPackages(): Promise<boolean> {
  const missing = NEEDED.filter(({ program }) => !isInstalled(program)).map((needed) => needed.package);
  if (missing.length === 0) return true;
  if (process.getuid?.() === 0 && isInstalled("apt-get")) {
    say(`Installing ${missing.join(", ")}`);
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const args = ["install", "-y", "-qq", "--no-install-recommends", ...missing];
    await runStep({ name: "update", command: "apt-get", args: ["update", "-qq"], env });
    if (await runStep({ name: "install", command: "apt-get", args, env })) return true;
  }
  say(`The tests need ${missing.join(" and ")}: install them with your system's packages, then run npm test again.`);
  return false;
}
