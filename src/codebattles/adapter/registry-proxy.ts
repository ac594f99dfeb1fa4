import { randomUUID } from "node:crypto";
import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findHost } from "../../platform/find-host.ts";
import { registryAsked } from "../rules/registry.ts";
import { TOOLS } from "./arena.ts";
import type { Mount } from "./sandbox.ts";

/** A socket behind which set-ups find package registries, and nothing else. */
export type RegistryProxy = { mounts: Mount[]; close(): Promise<void> };

const PLACE = { socket: "/opt/agon/registry.sock", forward: "/opt/agon/forward.mjs", port: "8098" } as const;
const PROXY = `http://127.0.0.1:${PLACE.port}`;
const CONNECTIONS_MAX = 64;

/** How a set-up is started so that its programs ask for packages through the socket. */
export const BEHIND_PROXY = {
  shell: `exec ${TOOLS.node} ${PLACE.forward} ${PLACE.port} ${PLACE.socket} sh -c "$AGON_SETUP"`,
  environment: { HTTPS_PROXY: PROXY, https_proxy: PROXY, npm_config_https_proxy: PROXY, npm_config_audit: "false" },
} as const;

/** Where a registry is found: an address of its host that may be asked, and the port; null where there is none. */
export type Way = (host: string) => Promise<{ host: string; port: number } | null>;

/** The way to public addresses alone; in development a mirror in a private network is as good. */
export const wayToRegistry =
  (isPrivateAllowed: boolean): Way =>
  async (host) => {
    const found = await findHost(host, isPrivateAllowed);
    if (found.ok) return { host: found.address, port: 443 };
    if (found.fault === "UNREACHABLE") throw new Error(`${host} has no address`);
    return null;
  };

/** Opens the way to the registries: it passes bytes on to them, and sees nothing of these but the host's name. */
export async function openRegistryProxy(folder: string, way: Way): Promise<RegistryProxy> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const socket = join(folder, `${randomUUID()}.sock`);
  const open = new Set<Socket>();
  const server = createServer((_request, response) => void response.writeHead(403).end());
  server.maxConnections = CONNECTIONS_MAX;
  server.on("connect", (request, client) => {
    client.on("error", () => client.destroy());
    const pass = async () => {
      const asked = registryAsked(request.url ?? "");
      // The address that is found good is the one that is used.
      const place = asked === null ? null : await way(asked);
      if (place === null) return void client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const registry = connect(place, () => client.write("HTTP/1.1 200 Connection established\r\n\r\n"));
      open.add(registry);
      registry.on("error", () => client.destroy()).on("close", () => open.delete(registry));
      client.on("close", () => registry.destroy());
      client.pipe(registry).pipe(client);
    };
    pass().catch(() => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  await chmod(socket, 0o666); // one sandbox is shown it; nobody else comes into its folder
  const forward = fileURLToPath(new URL("../house/forward.mjs", import.meta.url));
  return {
    mounts: [
      { from: forward, to: PLACE.forward, kind: "READ_ONLY" },
      { from: socket, to: PLACE.socket, kind: "SOCKET" },
    ],
    close: async () => {
      for (const each of open) each.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(socket, { force: true });
    },
  };
}
