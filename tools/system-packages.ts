// What tests need beyond npm: Chromium for pages, Redis for several nodes, bubblewrap, podman and git for code battles. Installed with apt when root on Debian.
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { runStep, say } from "./steps.ts";

const WANTED = [
  { command: "chromium", apt: "chromium" },
  { command: "redis-server", apt: "redis-server" },
  { command: "bwrap", apt: "bubblewrap" },
  { command: "podman", apt: "podman" },
  { command: "runc", apt: "runc" }, // crun, which podman prefers, refuses hybrid control groups
  { command: "git", apt: "git" },
] as const;

const isInstalled = (command: string) =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(`${folder}/${command}`));

const missing = WANTED.filter(({ command }) => !isInstalled(command));
const canInstall = process.getuid?.() === 0 && isInstalled("apt-get");

if (missing.length > 0 && !canInstall) {
  const names = missing.map(({ apt }) => apt).join(" ");
  say(`The tests need ${names}. On Debian or Ubuntu: sudo apt-get install --no-install-recommends ${names}`);
  process.exit(1);
}
if (missing.length > 0) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const packages = missing.map(({ apt }) => apt);
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
  const installed =
    (await runStep({ name: "package lists", command: "apt-get", args: ["update", "-qq"], env })) &&
    (await runStep({ name: "packages", command: "apt-get", args: install, env }));
  if (!installed) process.exit(1);
}
