import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A port that stays while what is behind it changes. */
export type Balancer = {
  port: number;
  /** Where new connections go: each to the next of these that takes it. */
  ports: readonly number[];
  stop(): void;
};

/** Listens on a port and passes each connection on to one of `ports`; connections that nobody takes are cut. */
export async function openBalancer(ports: readonly number[]): Promise<Balancer> {
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client.on("close", () => open.delete(client)).on("error", () => undefined));
    client.pause();
    void passOn(client, balancer.ports, turn++);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const balancer: Balancer = {
    port: (server.address() as AddressInfo).port,
    ports,
    stop: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
  return balancer;
}

async function passOn(client: Socket, ports: readonly number[], turn: number): Promise<void> {
  for (let tried = 0; tried < ports.length; tried++) {
    const upstream = await connected(ports[(turn + tried) % ports.length] ?? 0);
    if (!upstream) continue;
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    client.pipe(upstream).pipe(client);
    return;
  }
  client.destroy();
}

const connected = (port: number) =>
  new Promise<Socket | null>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
