// Inside of a sandbox there is no network: this listens on the sandbox's own loopback, passes what comes to the socket that was
// handed in, and runs a command beside it. forward.mjs PORT SOCKET COMMAND…
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import process from "node:process";

const [port, socket, command, ...args] = process.argv.slice(2);
const server = createServer((client) => {
  const host = connect(socket);
  client.on("error", () => host.destroy());
  host.on("error", () => client.destroy());
  client.pipe(host).pipe(client);
});
server.listen(Number(port), "127.0.0.1", () => {
  const child = spawn(command, args, { stdio: "inherit" });
  child.once("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(127);
  });
  child.once("exit", (code) => process.exit(code ?? 1));
});
