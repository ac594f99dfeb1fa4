import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A line to the server that can be cut and mended, or fall silent. */
export type Line = {
  url: string;
  lead(to: string): void;
  cut(): void;
  mend(): void;
  /** What is open now carries nothing any more, and neither end hears of it; so do the next connections, as many as are named. */
  hush(next?: number): void;
  stop(): Promise<void>;
};

type Pair = { here: Socket; there: Socket };

/** Opens a line; it leads nowhere until it is told where. */
export async function openLine(): Promise<Line> {
  const ends = new Set<Socket>();
  const pairs = new Set<Pair>();
  let [target, whole, deaf] = [0, true, 0];
  const hold = (end: Socket) => {
    ends.add(end);
    end.on("error", () => end.destroy());
    end.on("close", () => ends.delete(end));
  };
  const server = createServer((here) => {
    if (!whole || target === 0) return void here.destroy();
    hold(here);
    if (deaf-- > 0) return void here.resume();
    const there = connect(target, "127.0.0.1");
    hold(there);
    const pair = { here, there };
    pairs.add(pair);
    for (const [end, other] of [
      [here, there],
      [there, here],
    ] as const) {
      end.pipe(other);
      end.on("close", () => pairs.delete(pair) && other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    whole = false;
    for (const end of ends) end.destroy();
  };
  const hush = (next = 0) => {
    deaf = next;
    for (const { here, there } of pairs) for (const end of [here, there]) end.unpipe().resume();
    pairs.clear();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (to) => void (target = Number(new URL(to).port)),
    cut,
    mend: () => void (whole = true),
    hush,
    stop: () => (cut(), new Promise((resolve) => server.close(() => resolve()))),
  };
}
