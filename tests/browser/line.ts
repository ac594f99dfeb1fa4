import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A line between a browser and the server that can be cut and mended. */
export type Line = { url: string; lead(to: string): void; cut(): void; mend(): void; stop(): Promise<void> };

/** Opens a line; it leads nowhere until it is told where. */
export async function openLine(): Promise<Line> {
  const ends = new Set<Socket>();
  let [target, whole] = [0, true];
  const server = createServer((here) => {
    if (!whole || target === 0) return void here.destroy();
    const there = connect(target, "127.0.0.1");
    for (const [end, other] of [
      [here, there],
      [there, here],
    ] as const) {
      ends.add(end);
      end.pipe(other);
      end.on("error", () => other.destroy());
      end.on("close", () => (ends.delete(end), other.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    whole = false;
    for (const end of ends) end.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (to) => void (target = Number(new URL(to).port)),
    cut,
    mend: () => void (whole = true),
    stop: () => (cut(), new Promise((resolve) => server.close(() => resolve()))),
  };
}
