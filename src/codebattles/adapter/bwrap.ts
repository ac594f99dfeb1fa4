import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdir, readFile, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { arch, geteuid, platform } from "node:process";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { endingOf, OPEN_FILES_MAX, TMP_MIB } from "../rules/sandbox.ts";
import { PROCESSORS, seccompProgram, type Processor } from "../rules/seccomp.ts";
import { emptyGroup, findCgroups, foldersOf, makeGroup, oomKills, removeGroup, type Cgroups } from "./cgroups.ts";
import { boundOutput } from "./output.ts";
import { claimSlot, groupOf, releaseSlot, takeLeftovers, type Slot } from "./slots.ts";
import {
  ENVIRONMENT,
  SandboxError,
  type Command,
  type Ended,
  type Mount,
  type Probe,
  type Sandbox,
  type SandboxDriver,
  type SandboxSpec,
} from "./sandbox.ts";
import { tryDriver } from "./trial.ts";
import { watch } from "./watch.ts";

/** How much of what it says is shown when it does not start. */
const COMPLAINT_MAX = 500;

const execute = promisify(execFile);

/** What the driver calls, and where Debian has it. */
const TOOLS = {
  bwrap: "bubblewrap",
  bash: "bash",
  setpriv: "util-linux",
  unshare: "util-linux",
  mount: "mount",
} as const;
/** What of the host's /etc programs need: where Debian's commands point, and whom to trust. */
const HOST_ETC = ["alternatives", "ssl/certs"] as const;

/**
 * Closes what this process was started with (the filter is 3, the state 4, all above was inherited), enters the sandbox's
 * control groups, mounts what it may see and cannot reach where it can (in a mount namespace that ends with the program),
 * and goes on as the command. Its arguments are lists that end with `--`.
 */
const LAUNCH = `
for open in /proc/$$/fd/*; do number=\${open##*/}; [ "$number" -le 4 ] || eval "exec $number>&-"; done
ulimit -c 0; ulimit -n ${OPEN_FILES_MAX}
while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 125; shift; done; shift
while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 125; shift 2; done; shift
exec "$@"
`;

/** Sandboxes by bubblewrap: namespaces, control groups and a seccomp filter, without a daemon. `root` keeps their records and workspaces. */
export function bwrapDriver(root: string): SandboxDriver {
  return {
    name: "bwrap",
    probe: () => probe(root),
    create: (spec) => create(root, spec),
    reap: () => reap(root),
  };
}

async function probe(root: string): Promise<Probe> {
  const missing = await missingHere();
  if (missing.length > 0) return { usable: false, about: "", missing };
  const cgroups = await cgroupsHere();
  const version = typeof cgroups === "string" ? "none" : cgroups.version;
  return tryDriver({ create: (spec) => create(root, spec) }, `bubblewrap, cgroup version ${version}`);
}

async function missingHere(): Promise<string[]> {
  if (platform !== "linux") return ["bubblewrap runs on Linux only: set SANDBOX_DRIVER=docker."];
  const missing = geteuid?.() === 0 ? [] : ["The server is not root: start it as root, or set SANDBOX_DRIVER=docker."];
  if (!PROCESSORS.some((known) => known === arch)) missing.push(`There is no system call filter for ${arch}.`);
  for (const [tool, debian] of Object.entries(TOOLS))
    if (!(await execute(tool, ["--version"]).catch(() => null)))
      missing.push(`${tool} is not installed: apt-get install ${debian}.`);
  const cgroups = await cgroupsHere();
  if (typeof cgroups === "string") missing.push(cgroups);
  return missing;
}

const cgroupsHere = async () => findCgroups(await readFile("/proc/self/mountinfo", "utf8"));

async function create(root: string, spec: SandboxSpec): Promise<Sandbox> {
  const cgroups = await cgroupsHere();
  if (typeof cgroups === "string") throw new SandboxError(cgroups);
  const slot = await claimSlot(root);
  try {
    const shown = await furnish(slot, spec);
    await makeGroup(cgroups, groupOf(slot), spec.limits);
    return sandboxOf(slot, cgroups, shown);
  } catch (error) {
    await dismantle(slot, cgroups);
    throw error;
  }
}

/** Something of the host that programs see; `place` is where the sandbox's user finds it, to which it is bound where it is elsewhere. */
type Shown = Mount & { place: string };

/** The workspace, in memory and of a fixed size; the little of /etc that programs look into; the places of the mounts. */
async function furnish(slot: Slot, { limits, mounts }: SandboxSpec): Promise<Shown[]> {
  const etc = join(slot.folder, "etc");
  for (const folder of [slot.workspace, join(slot.folder, "mounts"), ...HOST_ETC.map((name) => join(etc, name))])
    await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(join(etc, "passwd"), "gladiator:x:1000:1000::/tmp:/bin/sh\n");
  await writeFile(join(etc, "group"), "gladiator:x:1000:\n");
  await writeFile(join(etc, "hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  const shown: Shown[] = [];
  for (const [index, { from: given, to, kind }] of mounts.entries()) {
    const from = await realpath(given);
    const isFound = await mayBeReached(from);
    const place = isFound ? from : join(slot.folder, "mounts", String(index));
    if (!isFound) await ((await stat(from)).isDirectory() ? mkdir(place) : writeFile(place, ""));
    shown.push({ from, to, kind, place });
  }
  const uid = String(slot.uid);
  const options = `size=${limits.diskMiB}m,nr_inodes=${limits.filesMax},uid=${uid},gid=${uid},mode=0700,nosuid,nodev`;
  await execute("mount", ["-t", "tmpfs", "-o", options, "agon-workspace", slot.workspace]);
  return shown;
}

/** Whether every user of the host may enter all folders above; a mount that is not made is two programs that are not started. */
async function mayBeReached(path: string): Promise<boolean> {
  const above = dirname(path);
  return above === path || (((await stat(above)).mode & 0o001) !== 0 && mayBeReached(above));
}

async function dismantle(slot: Slot, cgroups: Cgroups): Promise<void> {
  await removeGroup(foldersOf(cgroups, groupOf(slot)));
  await releaseSlot(slot);
}

async function reap(root: string): Promise<number> {
  const slots = await takeLeftovers(root);
  const cgroups = slots.length > 0 ? await cgroupsHere() : "";
  if (typeof cgroups === "string") return 0;
  for (const slot of slots) await dismantle(slot, cgroups);
  return slots.length;
}

function sandboxOf(slot: Slot, cgroups: Cgroups, shown: readonly Shown[]): Sandbox {
  const folders = foldersOf(cgroups, groupOf(slot));
  const kills = () => oomKills(cgroups, groupOf(slot));
  let running: Promise<Ended> | null = null;
  let destroyed: Promise<void> | null = null;
  return {
    id: String(slot.uid),
    run: async (command) => {
      if (running || destroyed)
        throw new SandboxError("a sandbox runs one program at a time, and none once it is destroyed");
      running = runOnce(() => launch(slot, folders, shown, command), command, { folders, kills });
      return running.finally(() => (running = null));
    },
    destroy: () => {
      destroyed ??= dismantle(slot, cgroups);
      return destroyed;
    },
  };
}

type Group = { folders: readonly string[]; kills: () => Promise<number> };

async function runOnce(start: () => ChildProcess, command: Command, { folders, kills }: Group): Promise<Ended> {
  const before = await kills();
  // Nothing is awaited between the start and the listeners: Node throws away what a program wrote that ends before somebody reads.
  const child = start();
  const output = boundOutput(command);
  const complaint: Buffer[] = [];
  const read = async (stream: Readable | null, from: "stdout" | "stderr") => {
    for await (const bytes of stream ?? []) {
      if (from === "stderr") complaint.push((bytes as Buffer).subarray(0, COMPLAINT_MAX));
      await output.take(bytes as Buffer, from);
    }
  };
  const { marks, close } = watch(command, () => child.kill("SIGKILL"));
  try {
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", (code) => resolve(code));
    });
    // One that is killed while it starts can leave a child behind, which holds its output open.
    const emptied = new Promise<void>((resolve, reject) => {
      child.once("exit", () => void emptyGroup(folders).then(resolve, reject));
    });
    const status = collect(child.stdio[4] as Readable);
    const ended = [closed, read(child.stdout, "stdout"), read(child.stderr, "stderr"), emptied] as const;
    const [exitCode] = await Promise.all(ended);
    if (!marks.timedOut && !marks.stopped && !(await status).includes("child-pid"))
      throw new SandboxError(`the sandbox did not start: ${Buffer.concat(complaint).toString().trim()}`);
    const seen = { exitCode, ...marks, oomKills: (await kills()) - before };
    return { by: endingOf(seen), exitCode, oomKills: seen.oomKills, droppedBytes: output.dropped() };
  } finally {
    close();
  }
}

async function collect(stream: Readable): Promise<string> {
  const parts: string[] = [];
  for await (const part of stream) parts.push(String(part));
  return parts.join("");
}

function launch(slot: Slot, folders: readonly string[], shown: readonly Shown[], command: Command): ChildProcess {
  const binds = shown.flatMap(({ from, place }) => (from === place ? [] : [from, place]));
  const apart = binds.length > 0 ? ["unshare", "--mount", "--propagation", "slave"] : [];
  const argv = [...apart, "bash", "--norc", "-c", LAUNCH, "agon-launch", ...folders, "--", ...binds, "--"];
  const [file = "", ...rest] = [...argv, ...confined(slot, shown, command)];
  const child = spawn(file, rest, {
    stdio: [command.input === null ? "ignore" : "pipe", "pipe", "pipe", "pipe", "pipe"],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    cwd: "/",
  });
  const filter = child.stdio[3] as NodeJS.WritableStream;
  for (const stream of [child.stdin, filter]) stream?.on("error", () => null); // it ended before it had read all
  filter.end(seccompProgram(arch as Processor));
  if (command.input instanceof Uint8Array) child.stdin?.end(command.input);
  // What breaks off while it is read ends there: the program in the sandbox says that it is not whole.
  else if (child.stdin) command.input?.on("error", () => child.stdin?.destroy()).pipe(child.stdin);
  return child;
}

/**
 * The command as its sandbox runs it. bubblewrap that is started as root is no sandbox: what it runs is root on the host
 * and writes /proc/sys/kernel/core_pattern, whatever its namespaces are. So the user is changed first.
 */
function confined(slot: Slot, shown: readonly Shown[], { argv, environment }: Command): string[] {
  if (slot.uid < 1) throw new SandboxError("a sandbox must not run as root");
  const uid = String(slot.uid);
  const mounts = shown.flatMap(({ to, kind, place }) => [kind === "SOCKET" ? "--bind" : "--ro-bind", place, to]);
  const variables = Object.entries({ ...ENVIRONMENT, ...environment });
  return [
    ...["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs", "--inh-caps=-all"],
    ...["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"],
    ...["--uid", "1000", "--gid", "1000", "--hostname", "arena", "--cap-drop", "ALL"],
    ...["--seccomp", "3", "--json-status-fd", "4"],
    ...["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin"],
    ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
    ...["--ro-bind", join(slot.folder, "etc"), "/etc"],
    ...HOST_ETC.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
    ...["--proc", "/proc", "--dev", "/dev", "--size", String(TMP_MIB * 1_048_576), "--tmpfs", "/tmp"],
    ...["--bind", slot.workspace, "/workspace", "--chdir", "/workspace"],
    ...mounts,
    ...["--remount-ro", "/", "--clearenv"],
    ...variables.flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--", ...argv],
  ];
}
