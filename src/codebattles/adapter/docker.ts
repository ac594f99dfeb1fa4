import { randomInt } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "node:process";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { endingOf, memoryBytes, OPEN_FILES_MAX, SANDBOX_UID_FIRST, TMP_MIB } from "../rules/sandbox.ts";
import { seccompProfile } from "../rules/seccomp.ts";
import { memoryOf, type MemoryGroup } from "./cgroups.ts";
import { FEEDER } from "./feeder.ts";
import { imageTar, IMAGE } from "./image.ts";
import { boundOutput } from "./output.ts";
import { isOfTheDead, ownerHere } from "./owner.ts";
import {
  ENVIRONMENT,
  SandboxError,
  type Command,
  type Ended,
  type Probe,
  type Sandbox,
  type SandboxDriver,
  type SandboxSpec,
} from "./sandbox.ts";
import { tryDriver } from "./trial.ts";
import { watch } from "./watch.ts";

const OWNER_LABEL = "agon.sandbox.owner";
/** User numbers of containers lie after those that bubblewrap's slots have. */
const UID_FIRST = SANDBOX_UID_FIRST + 100_000;
const UIDS = 10_000_000;
const CPU_PERIOD_US = 100_000;
const SWEEP_MAX_MS = 3_000;
const LOOK_MS = 5;

/**
 * The first process of a container. It waits without forking, buries orphans, and at SIGUSR1 kills everything else: also
 * when a bomb has used up all processes and none could be started to do that.
 */
const KEEPER = ["perl", "-e", '$SIG{CHLD} = "IGNORE"; $SIG{USR1} = sub { kill KILL => -1 }; sleep 3600 while 1'];

/** Sandboxes by containers of any engine that speaks Docker's API on a local socket. They see this machine's /usr, as bubblewrap's do. */
export function dockerDriver(socketPath: string): SandboxDriver {
  const engine = new Docker({ socketPath });
  return {
    name: "docker",
    probe: () => probe(engine, socketPath),
    create: (spec) => create(engine, spec),
    reap: () => reap(engine),
  };
}

async function probe(engine: Docker, socketPath: string): Promise<Probe> {
  const lacks = (missing: string): Probe => ({ usable: false, about: "", missing: [missing] });
  if (platform !== "linux") return lacks("Sandboxes run on Linux only.");
  const version = await engine.version().catch(() => null);
  if (!version)
    return lacks(
      `No Docker API answers at ${socketPath}: start dockerd or \`podman system service\`, let the server's user open the socket, and name it in DOCKER_HOST.`,
    );
  const [name] = version.Components ?? [];
  return tryDriver({ create: (spec) => create(engine, spec) }, `${name?.Name ?? "engine"} ${version.Version}`);
}

async function create(engine: Docker, spec: SandboxSpec): Promise<Sandbox> {
  await ensureImage(engine);
  const container = await withFilter(engine, async (filter) =>
    engine.createContainer(await described(UID_FIRST + randomInt(UIDS), filter, spec)),
  );
  try {
    await container.start();
    return await sandboxOf(engine, container);
  } catch (error) {
    await remove(container);
    throw error;
  }
}

/** Docker takes the filter itself, podman the path of a file that has it. */
async function withFilter<T>(engine: Docker, work: (filter: string) => Promise<T>): Promise<T> {
  const profile = JSON.stringify(seccompProfile());
  const { Components } = await engine.version();
  if (!Components?.some(({ Name }) => Name.startsWith("Podman"))) return work(profile);
  const folder = await mkdtemp(join(tmpdir(), "agon-filter-"));
  try {
    const file = join(folder, "seccomp.json");
    await writeFile(file, profile);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An image of empty folders and links: all that programs need comes from the host. */
async function ensureImage(engine: Docker): Promise<void> {
  const known = await engine
    .getImage(IMAGE)
    .inspect()
    .catch(() => null);
  if (known) return;
  const [repo = "", tag = ""] = IMAGE.split(":");
  const stream = await engine.importImage(Readable.from([imageTar()]), { repo, tag });
  await new Promise((resolve, reject) =>
    engine.modem.followProgress(stream, (error, done) => (error ? reject(error) : resolve(done))),
  );
}

async function described(
  uid: number,
  filter: string,
  { limits, mounts }: SandboxSpec,
): Promise<Docker.ContainerCreateOptions> {
  const memory = memoryBytes(limits);
  // podman knows no owner and no number of files here: the user is alone, and files are memory to the kernel.
  const workspace = `rw,exec,nosuid,nodev,size=${limits.diskMiB}m,mode=0777`;
  const shown = ["/usr", "/etc/alternatives", "/etc/ssl/certs"].map((path) => `${path}:${path}:ro`);
  const given = mounts.map(({ from, to, kind }) => `${from}:${to}:${kind === "SOCKET" ? "rw" : "ro"}`);
  return {
    name: `agon-${uid}`,
    Image: IMAGE,
    Cmd: KEEPER,
    User: `${uid}:${uid}`,
    WorkingDir: "/workspace",
    Hostname: "arena",
    Labels: { [OWNER_LABEL]: JSON.stringify(await ownerHere()) },
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges", `seccomp=${filter}`],
      Memory: memory,
      MemorySwap: memory,
      PidsLimit: limits.processesMax,
      CpuPeriod: CPU_PERIOD_US,
      CpuQuota: Math.round(limits.cpus * CPU_PERIOD_US),
      Tmpfs: { "/workspace": workspace, "/tmp": `rw,exec,nosuid,nodev,size=${TMP_MIB}m,mode=1777` },
      Binds: [...shown, ...given],
      IpcMode: "private",
      LogConfig: { Type: "none", Config: {} },
      Ulimits: [
        { Name: "nofile", Soft: OPEN_FILES_MAX, Hard: OPEN_FILES_MAX },
        { Name: "nproc", Soft: 4_096, Hard: 4_096 },
        { Name: "core", Soft: 0, Hard: 0 },
      ],
    },
  };
}

async function sandboxOf(engine: Docker, container: Docker.Container): Promise<Sandbox> {
  const { State, Name } = await container.inspect();
  const group = await memoryOf(State.Pid);
  let running: Promise<Ended> | null = null;
  let destroyed: Promise<void> | null = null;
  return {
    id: Name.replace(/^\//, ""),
    run: async (command) => {
      if (running || destroyed)
        throw new SandboxError("a sandbox runs one program at a time, and none once it is destroyed");
      running = runOnce(engine, container, group, command);
      return running.finally(() => (running = null));
    },
    destroy: () => {
      destroyed ??= remove(container);
      return destroyed;
    },
  };
}

async function runOnce(
  engine: Docker,
  container: Docker.Container,
  group: MemoryGroup,
  command: Command,
): Promise<Ended> {
  const before = await group.oomKills();
  const output = boundOutput(command);
  const exec = await container.exec({
    Cmd: command.input === null ? [...command.argv] : [...FEEDER, ...command.argv],
    Env: Object.entries({ ...ENVIRONMENT, ...command.environment }).map(([name, value]) => `${name}=${value}`),
    AttachStdin: command.input !== null,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: command.input !== null });
  let over = false;
  const { marks, close } = watch(command, () => void endUntil(container, () => over).catch(() => stream.destroy()));
  try {
    stream.on("error", () => null); // it ended before it had read all
    if (command.input instanceof Uint8Array) stream.end(command.input);
    // What breaks off while it is read ends there: the program in the sandbox says that it is not whole.
    else command.input?.on("error", () => stream.end()).pipe(stream);
    for await (const { bytes, from } of frames(stream)) await output.take(bytes, from);
    over = true;
    await sweep(container, group);
    const { ExitCode: exitCode } = await exec.inspect();
    const seen = { exitCode, ...marks, oomKills: (await group.oomKills()) - before };
    return { by: endingOf(seen), exitCode, oomKills: seen.oomKills, droppedBytes: output.dropped() };
  } finally {
    over = true;
    close();
  }
}

/** What the engine sends: each piece has a head of eight bytes with its origin and its length. */
async function* frames(stream: Readable): AsyncGenerator<{ bytes: Buffer; from: "stdout" | "stderr" }> {
  const HEAD = 8;
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= HEAD && rest.length >= HEAD + rest.readUInt32BE(4)) {
      const end = HEAD + rest.readUInt32BE(4);
      yield { bytes: rest.subarray(HEAD, end), from: rest[0] === 2 ? "stderr" : "stdout" };
      rest = rest.subarray(end);
    }
  }
}

/** Kills all but the keeper again and again until the program is over: it may not have begun yet. The container itself if it lasts. */
async function endUntil(container: Docker.Container, isOver: () => boolean): Promise<void> {
  const until = Date.now() + SWEEP_MAX_MS;
  while (!isOver()) {
    await (Date.now() > until ? container.kill() : container.kill({ signal: "SIGUSR1" }));
    await sleep(LOOK_MS);
  }
}

/** Kills what a program has left behind; the container itself when that does not help. */
async function sweep(container: Docker.Container, group: MemoryGroup): Promise<void> {
  const until = Date.now() + SWEEP_MAX_MS;
  while ((await group.processes()) > 1) {
    if (Date.now() > until) return container.kill();
    await container.kill({ signal: "SIGUSR1" });
    await sleep(LOOK_MS);
  }
}

const GONE = [404, 409];

async function remove(container: Docker.Container): Promise<void> {
  await container.remove({ force: true, v: true }).catch((error: unknown) => {
    if (!GONE.includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
  });
}

async function reap(engine: Docker): Promise<number> {
  const listed = await engine.listContainers({ all: true, filters: { label: [OWNER_LABEL] } }).catch(() => []);
  let count = 0;
  for (const { Id, Labels } of listed) {
    if (!(await isOfTheDead(Labels[OWNER_LABEL] ?? "{}"))) continue;
    await remove(engine.getContainer(Id));
    count++;
  }
  return count;
}
