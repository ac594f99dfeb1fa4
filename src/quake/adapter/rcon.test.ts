import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { getActiveResourcesInfo } from "node:process";
import { afterEach, expect, test } from "vitest";
import { until } from "../../../tests/harness/until.ts";
import { openRcon, type Rcon } from "./rcon.ts";

// What calls itself a game server elsewhere, and is none: it may send whatever fits a datagram, as often as it likes.

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const print = (text: string): Buffer => Buffer.from(`\xff\xff\xff\xffprint\n${text}`, "latin1");

/** The way to a server that says something, and goes on saying it, once it has been asked. */
async function wayTo(say: (send: (datagram: Buffer) => void) => void): Promise<Rcon> {
  const server: Socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(server, "listening");
  server.on("message", (_asked, { port, address }) => say((datagram) => server.send(datagram, port, address)));
  const rcon = await openRcon({ host: "127.0.0.1", port: server.address().port, password: "secret1" });
  open.push(server, rcon);
  return rcon;
}

test("a text that is longer than any of a game server ends nothing but what was asked", async () => {
  const rcon = await wayTo((send) => send(print("x".repeat(20_000))));
  expect(await rcon.ask()).toEqual({ ok: false, fault: "NOT_A_GAME_SERVER" });
  expect(await rcon.commandOnce("status")).toEqual({ ok: false, fault: "RCON_SILENT" });
});

/** Says one thing again and again, without a pause by which one would know that it is over. */
const repeated = (text: string, everyMs: number): Promise<Rcon> =>
  wayTo((send) => {
    const timer = setInterval(() => send(print(text)), everyMs);
    open.push({ close: () => clearInterval(timer) });
  });

test("an answer that never ends is taken for what came of it in time, and the next is asked", async () => {
  const rcon = await repeated("on and on\n", 20);
  for (const asked of [rcon.command("status"), rcon.command("serverinfo")])
    expect(await asked).toEqual({ ok: true, text: expect.stringMatching(/^(?:on and on\n)+$/) as string });
});

test("an answer that is too long is over at its limit", async () => {
  const rcon = await repeated("x".repeat(16_000), 1);
  expect(await rcon.command("status")).toEqual({ ok: true, text: "x".repeat(65_536) });
});

test("a host that cannot be reached leaves no socket behind", async () => {
  const sockets = () => getActiveResourcesInfo().filter((kind) => kind === "UDPWrap").length;
  const before = sockets();
  // To everybody at once nothing may be sent that does not say so first.
  const failing = openRcon({ host: "255.255.255.255", port: 27_960, password: "secret1" });
  await expect(failing).rejects.toThrow("EACCES");
  await until(() => sockets() <= before, "the end of its socket");
});
