import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { memoryBytes, type Limits } from "../rules/sandbox.ts";

/** The kernel's control groups as this machine has them: one tree (version 2), or one for each controller (version 1). */
export type Cgroups = { version: 1 | 2; roots: Readonly<Record<Controller, string>> };

const CONTROLLERS = ["memory", "pids", "cpu"] as const;
type Controller = (typeof CONTROLLERS)[number];

const CPU_PERIOD_US = 100_000;
const SWEEP_MS = 5;
const EMPTY_MAX_MS = 10_000;

/** Finds the trees; a text for operators when there is none that can be used. */
export async function findCgroups(mountinfo: string): Promise<Cgroups | string> {
  const mounts = mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type, , options = ""] = after.split(" ");
    const path = before.split(" ")[4];
    return path !== undefined && (type === "cgroup" || type === "cgroup2")
      ? [{ type, path, options: options.split(",") }]
      : [];
  });
  const rootOf = (controller: Controller) =>
    mounts.find(({ type, options }) => type === "cgroup" && options.includes(controller))?.path;
  const [memory, pids, cpu] = CONTROLLERS.map(rootOf);
  if (memory !== undefined && pids !== undefined && cpu !== undefined)
    return { version: 1, roots: { memory, pids, cpu } };
  const unified = mounts.find(({ type }) => type === "cgroup2")?.path;
  if (unified === undefined) return "No cgroup file system is mounted: mount one on /sys/fs/cgroup.";
  return enableControllers(unified);
}

/** Version 2 gives a controller to children only when their parent asks, and a parent that asks holds no processes itself. */
async function enableControllers(root: string): Promise<Cgroups | string> {
  const offered = (await readFile(join(root, "cgroup.controllers"), "utf8")).split(/\s+/);
  const lacking = CONTROLLERS.filter((controller) => !offered.includes(controller));
  if (lacking.length > 0)
    return `The cgroup controllers ${lacking.join(", ")} are not delegated to ${root}: with systemd set Delegate=yes on the service.`;
  const ask = () =>
    writeFile(join(root, "cgroup.subtree_control"), CONTROLLERS.map((controller) => `+${controller}`).join(" "));
  try {
    await ask().catch(async (error: unknown) => {
      if (codeOf(error) !== "EBUSY") throw error;
      await moveProcesses(root, join(root, "agon-server"));
      await ask();
    });
  } catch (error) {
    return `Control groups cannot be made under ${root} (${codeOf(error)}): start the server as root, and a container with a writable cgroup tree.`;
  }
  return { version: 2, roots: { memory: root, pids: root, cpu: root } };
}

/** The processes of a container's top group move into a leaf, as every init in a container does it. */
async function moveProcesses(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const pid of await processesOf([from])) await writeFile(join(to, "cgroup.procs"), String(pid)).catch(() => null);
}

/** The folders of one group, each once. */
export const foldersOf = ({ roots }: Cgroups, name: string) => [
  ...new Set(CONTROLLERS.map((controller) => join(roots[controller], name))),
];

/** Makes a group with its limits. */
export async function makeGroup(cgroups: Cgroups, name: string, limits: Limits): Promise<void> {
  for (const folder of foldersOf(cgroups, name)) await mkdir(folder, { recursive: true });
  const quota_us = String(Math.round(limits.cpus * CPU_PERIOD_US));
  const at = (controller: Controller, file: string) => join(cgroups.roots[controller], name, file);
  const bytes = String(memoryBytes(limits));
  await writeFile(at("pids", "pids.max"), String(limits.processesMax));
  if (cgroups.version === 2) {
    await writeFile(at("memory", "memory.max"), bytes);
    await writeFile(at("memory", "memory.swap.max"), "0").catch(ignoreMissing);
    await writeFile(at("cpu", "cpu.max"), `${quota_us} ${CPU_PERIOD_US}`);
  } else {
    await writeFile(at("memory", "memory.limit_in_bytes"), bytes);
    await writeFile(at("memory", "memory.memsw.limit_in_bytes"), bytes).catch(ignoreMissing);
    await writeFile(at("cpu", "cpu.cfs_period_us"), String(CPU_PERIOD_US));
    await writeFile(at("cpu", "cpu.cfs_quota_us"), quota_us);
  }
}

/** How many processes of a group the kernel has killed for memory so far. */
export async function oomKills({ version, roots }: Cgroups, name: string): Promise<number> {
  const file = version === 2 ? "memory.events" : "memory.oom_control";
  const text = await readFile(join(roots.memory, name, file), "utf8").catch(() => "");
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Kills until the group is empty: a bomb that forks while it is killed is killed again. */
export async function emptyGroup(folders: readonly string[]): Promise<void> {
  const until = Date.now() + EMPTY_MAX_MS;
  for (;;) {
    const pids = await processesOf(folders);
    if (pids.length === 0) return;
    if (Date.now() > until) throw new Error(`processes ${pids.slice(0, 5).join(", ")} of ${folders[0]} do not end`);
    for (const pid of pids) killQuietly(pid);
    await sleep(SWEEP_MS);
  }
}

/** Kills what is in a group and removes it. A program that is just starting may join it after it was found empty. */
export async function removeGroup(folders: readonly string[]): Promise<void> {
  const until = Date.now() + EMPTY_MAX_MS;
  for (const folder of folders)
    while (!(await isRemoved(folder))) {
      if (Date.now() > until) throw new Error(`the cgroup ${folder} cannot be removed`);
      await emptyGroup(folders);
      await sleep(SWEEP_MS);
    }
}

const isRemoved = (folder: string) =>
  rmdir(folder).then(
    () => true,
    (error: unknown) => codeOf(error) === "ENOENT",
  );

async function processesOf(folders: readonly string[]): Promise<number[]> {
  const lists = await Promise.all(
    folders.map((folder) => readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "")),
  );
  return [
    ...new Set(
      lists
        .join("\n")
        .split("\n")
        .map(Number)
        .filter((pid) => pid > 0),
    ),
  ];
}

function killQuietly(pid: number): void {
  try {
    kill(pid, "SIGKILL");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== "ENOENT") throw error;
}

/** What can be read of the memory group in which a process of this machine is. */
export type MemoryGroup = { oomKills(): Promise<number>; processes(): Promise<number> };

/** The group of a container's first process, also for who may not change groups. */
export async function memoryOf(pid: number): Promise<MemoryGroup> {
  const cgroups = await findCgroups(await readFile("/proc/self/mountinfo", "utf8"));
  const lines = (await readFile(`/proc/${pid}/cgroup`, "utf8")).split("\n").map((line) => line.split(":"));
  const named = (name: string) => lines.find(([, names = ""]) => names.split(",").includes(name))?.[2];
  const path = named("memory") ?? named("");
  if (typeof cgroups === "string" || path === undefined)
    throw new Error(`the control group of process ${pid} is not seen here`);
  return {
    oomKills: () => oomKills(cgroups, path),
    processes: async () => (await processesOf([join(cgroups.roots.memory, path)])).length,
  };
}
