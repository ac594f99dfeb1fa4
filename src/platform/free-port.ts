import { createServer, type AddressInfo } from "node:net";

/** A port of an address that nobody listens on; null where the wanted one is taken. 0 takes any. */
export async function freePort(wanted = 0, host = "127.0.0.1"): Promise<number | null> {
  const server = createServer();
  const listening = new Promise<void>((resolve, reject) => server.once("error", reject).listen(wanted, host, resolve));
  const refused = await listening.then(
    () => null,
    (error: NodeJS.ErrnoException) => error,
  );
  if (refused?.code === "EADDRINUSE") return null;
  if (refused) throw refused;
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A port of this machine that nobody listens on: the wanted one if possible. */
export const anyPort = async (wanted = 0): Promise<number> => (await freePort(wanted)) ?? anyPort();
