/** The drivers there are. There is no third that would run programs without a sandbox. */
export const DRIVERS = ["bwrap", "docker"] as const;
export type DriverName = (typeof DRIVERS)[number];

/** What an operator says of sandboxes. */
export type SandboxConfig = { driver: DriverName; dockerSocket: string; limits: Limits };

/**
 * What one gladiator's sandbox may use. The workspace, which holds `diskMiB` and `filesMax`, and /tmp lie in memory of their own
 * size beside `memoryMiB`.
 */
export type Limits = { memoryMiB: number; diskMiB: number; filesMax: number; processesMax: number; cpus: number };

/** A battle's own limits: enough for every command line agent that was measured (at most 307 MiB each). */
export const LIMITS: Limits = { memoryMiB: 1_024, diskMiB: 1_024, filesMax: 200_000, processesMax: 256, cpus: 1 };

/** What a program may have open at once. */
export const OPEN_FILES_MAX = 1_024;
export const TMP_MIB = 64;

/** How a program in a sandbox ended. */
export const ENDINGS = ["EXIT", "TIME", "MEMORY", "STOPPED"] as const;
export type Ending = (typeof ENDINGS)[number];

/** What the driver saw of a program's end. */
export type Seen = { exitCode: number | null; timedOut: boolean; stopped: boolean; oomKills: number };

/** A shell's code for a program that SIGKILL ended. */
const KILLED = 137;

/**
 * Why a program ended. 137 alone says nothing: only the kernel's counter tells a kill for memory from another, and a
 * program that went on after one of its children was killed for memory ended by itself.
 */
export function endingOf({ exitCode, timedOut, stopped, oomKills }: Seen): Ending {
  if (timedOut) return "TIME";
  if (stopped) return "STOPPED";
  return oomKills > 0 && (exitCode === null || exitCode === KILLED) ? "MEMORY" : "EXIT";
}

/** All the memory that the kernel may give to a sandbox, in bytes: the programs', and what its files lie in. */
export const memoryBytes = ({ memoryMiB, diskMiB }: Limits) => (memoryMiB + diskMiB + TMP_MIB) * 1_048_576;

/** The user numbers of sandboxes: a range that systemd's table of uids leaves to nobody. */
export const SANDBOX_UID_FIRST = 2_100_000_000;
export const SANDBOXES_MAX = 500;

/** Who made a sandbox: a process of one start of this machine. */
export type Owner = { boot: string; pidNamespace: string; pid: number; startedAt: string };

/**
 * Whether what an owner left may be taken away by `here`. A process of another pid namespace cannot be seen from here:
 * what it made stays, unless the machine has been started anew.
 */
export function isLeftover(owner: Owner, here: Pick<Owner, "boot" | "pidNamespace">, startedAtNow: string | null) {
  if (owner.boot !== here.boot) return true;
  return owner.pidNamespace === here.pidNamespace && owner.startedAt !== startedAtNow;
}
