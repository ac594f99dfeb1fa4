import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** A line to a UDP port for many clients, each of which the server sees under an address of its own. */
export type UdpLine = {
  port: number;
  /** From now on the server is not heard any more, though it hears the clients. */
  deafen(): void;
  close(): void;
};

/** Opens such a line to a port of this machine. */
export async function openUdpLine(to: number): Promise<UdpLine> {
  const front = createSocket("udp4").bind(0, "127.0.0.1");
  await once(front, "listening");
  const backs = new Map<string, Socket>();
  let isDeaf = false;
  const backFor = (client: { address: string; port: number }): Socket => {
    const name = `${client.address}:${client.port}`;
    const known = backs.get(name);
    if (known) return known;
    const back = createSocket("udp4").bind(0, client.address);
    back.on("message", (datagram) => isDeaf || front.send(datagram, client.port, client.address));
    backs.set(name, back);
    return back;
  };
  front.on("message", (datagram, from) => backFor(from).send(datagram, to, "127.0.0.1"));
  return {
    port: front.address().port,
    deafen: () => {
      isDeaf = true;
    },
    close: () => {
      for (const socket of [front, ...backs.values()]) socket.close();
    },
  };
}
