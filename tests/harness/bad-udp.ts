import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** A way to a UDP port for one client, over which datagrams get lost, come twice and come late. */
export type BadWay = { port: number; lost: number; close(): void };

const LATE_MS = 30;

/** Opens such a way: a tenth is lost, a tenth comes twice, a tenth comes late, in both directions. */
export async function badWay(to: number, chance: () => number): Promise<BadWay> {
  const [front, back] = [createSocket("udp4"), createSocket("udp4")];
  front.bind(0, "127.0.0.1");
  back.connect(to, "127.0.0.1");
  await Promise.all([once(front, "listening"), once(back, "connect")]);
  let client = { port: 0, address: "" };
  const way: BadWay = { port: front.address().port, lost: 0, close };
  const timers = new Set<NodeJS.Timeout>();
  const pass = (send: () => void) => {
    if (chance() < 0.1) {
      way.lost++;
      return;
    }
    const copies = chance() < 0.1 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const timer = setTimeout(send, chance() < 0.1 ? LATE_MS : 0);
      timers.add(timer);
    }
  };
  front.on("message", (datagram, from) => {
    client = from;
    pass(() => back.send(datagram));
  });
  back.on("message", (datagram) => pass(() => front.send(datagram, client.port, client.address)));
  function close(): void {
    for (const timer of timers) clearTimeout(timer);
    for (const socket of [front, back] satisfies Socket[]) socket.close();
  }
  return way;
}
