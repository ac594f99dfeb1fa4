import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What becomes of one request and its answer on a line that fails. */
export const FATES = ["whole", "request lost", "cut while it works", "answer swallowed", "answer torn"] as const;
export type Fate = (typeof FATES)[number];

/** A line to a server that loses what its dice say; `met` counts how often each fate was met. */
export type FaultyLine = { url: string; met: Readonly<Record<Fate, number>>; stop(): Promise<void> };

/** Opens a line to a server. Each request draws its fate, two of six are left whole; requests must not be pipelined. */
export async function openFaultyLine(to: string, roll: (limit: number) => number): Promise<FaultyLine> {
  const port = Number(new URL(to).port);
  const met = { whole: 0, "request lost": 0, "cut while it works": 0, "answer swallowed": 0, "answer torn": 0 };
  const ends = new Set<Socket>();
  const server = createServer((here) => {
    const there = connect(port, "127.0.0.1");
    const cut = () => (here.destroy(), there.destroy());
    for (const end of [here, there]) {
      ends.add(end);
      end.on("error", cut);
      end.on("close", () => (ends.delete(end), cut()));
    }
    let fate: Fate = "whole";
    here.on("data", (request) => {
      fate = FATES[roll(FATES.length + 1)] ?? "whole";
      met[fate]++;
      if (fate === "request lost") return cut();
      there.write(request, () => fate === "cut while it works" && cut());
    });
    there.on("data", (answer) => {
      if (fate === "answer swallowed") return void cut();
      if (fate === "answer torn") return void here.write(answer.subarray(0, answer.length / 2), cut);
      here.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    met,
    stop: () => {
      for (const end of ends) end.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
