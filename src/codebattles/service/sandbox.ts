import { bwrapDriver } from "../adapter/bwrap.ts";
import { MODEL_SOCKETS, reapSockets } from "../adapter/model-proxy.ts";
import type { Probe, SandboxDriver } from "../adapter/sandbox.ts";
import { SLOTS } from "../adapter/slots.ts";
import type { Platform } from "../../platform/platform.ts";
import { LIMITS, type DriverName, type Limits, type SandboxConfig } from "../rules/sandbox.ts";

/** What operators see of the sandbox. */
export type SandboxState = Probe & { driver: DriverName; limits: Limits };

/** The driver that the operator chose. What speaks Docker's API is a tenth of the server's start: only who uses it loads it. */
export async function openDriver({ driver, dockerSocket }: SandboxConfig): Promise<SandboxDriver> {
  if (driver === "bwrap") return bwrapDriver(SLOTS);
  const { dockerDriver } = await import("../adapter/docker.ts");
  return dockerDriver(dockerSocket);
}

/** Makes a trial sandbox and looks from inside; says what is missing when there can be none. */
export async function sandboxState(config: SandboxConfig): Promise<SandboxState> {
  const driver = await openDriver(config);
  return { ...(await driver.probe()), driver: driver.name, limits: LIMITS };
}

/** Takes away the sandboxes that a killed server left on this machine. */
export async function reapSandboxes({ log, sandbox }: Pick<Platform, "log" | "sandbox">): Promise<void> {
  await reapSockets(MODEL_SOCKETS);
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
