/** A server elsewhere that we may command by RCON. */
export type RemoteServer = { host: string; port: number; password: string };

/** Inside the quotes of a packet: nothing that ends them, and no blank. */
const PASSWORD = /^[!#-~]{1,64}$/;
const DEFAULT_PORT = 27_960;

/** Reads `quake://:password@host:port`; null when it is not that. */
export function parseRemoteServer(text: string): RemoteServer | null {
  const url = URL.parse(text);
  if (url?.protocol !== "quake:" || url.hostname === "" || (url.pathname !== "" && url.pathname !== "/")) return null;
  const password = decoded(url.password);
  if (password === null || !PASSWORD.test(password)) return null;
  return { host: url.hostname, port: url.port === "" ? DEFAULT_PORT : Number(url.port), password };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** What a server's answer to `status` says. Names in it are free text: rows are counted by their numbers alone. */
export type ServerStatus = { map: string; players: number };

const ROW = /^ *\d{1,2} +-?\d{1,6} +\S+ /;

/** Reads the answer to `status`; null when it is another. */
export function readStatus(text: string): ServerStatus | null {
  const lines = text.split("\n");
  const [, map] = /^map: ([\w-]{1,64})$/.exec(lines[0] ?? "") ?? [];
  const head = lines.findIndex((line) => line.startsWith("-- -----"));
  if (map === undefined || head === -1) return null;
  return { map, players: lines.slice(head + 1).filter((line) => ROW.test(line)).length };
}
