import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { request } from "node:http";
import { until } from "./until.ts";

/** A container engine with a socket of Docker's API: podman and runc, with all that it keeps in a folder of its own. */
export type Engine = { socket: string; stop(): Promise<void> };

/** What an engine answers to a GET; null when it does not. */
export const engineAnswers = (socketPath: string, path: string) =>
  new Promise<string | null>((resolve) => {
    const parts: string[] = [];
    const asked = request({ socketPath, path }, (reply) =>
      reply.on("data", (bytes) => void parts.push(String(bytes))).on("end", () => resolve(parts.join(""))),
    );
    asked.once("error", () => resolve(null)).end();
  });

/** Starts an engine whose socket others may use until it is stopped. */
export async function startEngine(folder: string): Promise<Engine> {
  const socket = `${folder}/engine.sock`;
  const places = ["--root", `${folder}/kept`, "--runroot", `${folder}/run`, "--tmpdir", `${folder}/tmp`];
  const how = ["--runtime", "/usr/sbin/runc", "--cgroup-manager", "cgroupfs", "--events-backend", "none"];
  const serve = ["system", "service", "--time=0", `unix://${socket}`];
  const child: ChildProcess = spawn("podman", [...places, ...how, ...serve], {
    // Its monitors leave a file where they stand when a container runs out of memory.
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr?.on("data", (bytes) => void said.push(String(bytes)));
  await until(async () => (await engineAnswers(socket, "/_ping")) ?? child.exitCode !== null, "the container engine");
  if (child.exitCode !== null) throw new Error(`podman did not start: ${said.join("").slice(-1_000)}`);
  return {
    socket,
    stop: async () => {
      child.kill("SIGTERM");
      await until(() => child.exitCode !== null || child.signalCode !== null, "the engine's end");
      // podman keeps its own folder mounted on itself.
      spawnSync("umount", [`${folder}/kept/overlay`]);
      // The monitors of its last containers may still write their ends there.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
