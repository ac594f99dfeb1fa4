import { bwrapDriver } from "../adapter/bwrap.ts";
import { mibOf } from "../adapter/mirrors.ts";
import type { Probe, SandboxDriver } from "../adapter/sandbox.ts";
import { SLOTS } from "../adapter/slots.ts";
import { reapSockets } from "../adapter/socket-folder.ts";
import type { Platform } from "../../platform/platform.ts";
import type { DriverName, Limits, SandboxConfig } from "../rules/sandbox.ts";

/** What operators see of the sandbox. */
export type SandboxState = Probe & { driver: DriverName; limits: Limits };

/** What a node keeps on its disk for battles, MiB. */
export const keptOnDisk = async ({ repositories }: Pick<Platform, "repositories">) => ({
  mirrorsMiB: await mibOf(`${repositories.folder}/mirrors`),
  layersMiB: await mibOf(`${repositories.folder}/layers`),
});

/** The driver that the operator chose. What speaks Docker's API is a tenth of the server's start: only who uses it loads it. */
export async function openDriver({ driver, dockerSocket }: SandboxConfig): Promise<SandboxDriver> {
  if (driver === "bwrap") return bwrapDriver(SLOTS);
  const { dockerDriver } = await import("../adapter/docker.ts");
  return dockerDriver(dockerSocket);
}

/** Makes a trial sandbox and looks from inside; says what is missing when there can be none. */
export async function sandboxState(config: SandboxConfig): Promise<SandboxState> {
  const driver = await openDriver(config);
  return { ...(await driver.probe()), driver: driver.name, limits: config.limits };
}

/** Takes away the sandboxes that a killed server left on this machine. */
export async function reapSandboxes({ log, sandbox }: Pick<Platform, "log" | "sandbox">): Promise<void> {
  await reapSockets();
  const count = await (await openDriver(sandbox)).reap();
  if (count > 0) log.warn({ count }, "sandboxes of a process that was killed are taken away");
}

/** The state in lines for people. */
export function describeSandbox({ driver, usable, about, missing, limits }: SandboxState): string {
  const { memoryMiB, diskMiB, processesMax, cpus } = limits;
  const held = `A gladiator may use ${memoryMiB} MiB of memory, ${diskMiB} MiB of disk, ${processesMax} processes and ${cpus} processor.`;
  const verdict = usable ? `${driver} works here (${about}).` : `${driver} does not work here; no code battle can run:`;
  return [verdict, ...missing.map((what) => `- ${what}`), held].join("\n");
}
