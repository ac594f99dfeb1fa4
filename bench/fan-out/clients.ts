// N subscribers in a process of their own: they count frames and say when all have come.
import WebSocket from "ws";

const [url = "", count = "0", events = "0", query = ""] = process.argv.slice(2);
const wanted = Number(count) * Number(events);
let received = 0;

const subscriber = (id: number) =>
  new Promise<void>((resolve, reject) => {
    const socket = new WebSocket(url, "graphql-transport-ws");
    socket.once("error", reject);
    socket.once("open", () => socket.send('{"type":"connection_init"}'));
    socket.once("message", () => {
      socket.send(JSON.stringify({ id: `subscriber-${id}`, type: "subscribe", payload: { query } }));
      socket.on("message", () => {
        received++;
        if (received === wanted) process.send?.("all");
      });
      resolve();
    });
  });

for (let id = 0; id < Number(count); id += 50)
  await Promise.all(Array.from({ length: Math.min(50, Number(count) - id) }, (_none, each) => subscriber(id + each)));
setTimeout(() => process.send?.("ready"), 1_000);
