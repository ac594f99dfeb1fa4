import { randomInt, randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { badWay } from "../../../tests/harness/bad-udp.ts";
import { chances } from "../../../tests/harness/chances.ts";
import { PASSWORD, startGame } from "../../../tests/harness/quake-game.ts";
import { until } from "../../../tests/harness/until.ts";
import { BUTTON } from "../protocol/usercmd.ts";
import type { SessionEvent } from "../protocol/session.ts";
import type { ChannelFlavour } from "../protocol/netchan.ts";
import { IDLE } from "../protocol/link.ts";
import type { ConsoleLine } from "../rules/console.ts";
import type { GameServer } from "./game-server.ts";
import { joinServer, type Player } from "./player.ts";
import { openRcon } from "./rcon.ts";

// A real OpenArena server, which npm run setup:quake installs.

const TIMESCALE = 4;
let server: GameServer;
const lines: ConsoleLine[] = [];
const players: Player[] = [];

const newGuid = () => randomUUID().replaceAll("-", "").toUpperCase();

beforeAll(async () => {
  server = await startGame({ timescale: TIMESCALE });
  server.onLine((line) => void lines.push(line));
});

afterEach(async () => {
  await Promise.all(players.splice(0).map((player) => player.leave()));
});

afterAll(async () => {
  await server.stop();
});

async function enter(name: string, password = PASSWORD, port = server.port, flavour: ChannelFlavour = "MODERN") {
  const guid = newGuid();
  const events: SessionEvent[] = [];
  const from = `127.0.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const options = { host: "127.0.0.1", port, flavour, timescale: TIMESCALE };
  const joining = await joinServer({ ...options, from, name, guid, password });
  if (!joining.ok) throw new Error(joining.refusal);
  const { player } = joining;
  player.onEvent((event) => void events.push(event));
  players.push(player);
  return { player, guid, events };
}

const has = (events: readonly SessionEvent[], type: SessionEvent["type"]) =>
  events.some((event) => event.type === type);

describe("a real server", () => {
  test("lets players in by its password, moves them, and tells of each by slot and guid", async () => {
    const [one, two] = [await enter("one"), await enter("two")];
    await until(() => has(one.events, "ENTERED") && has(two.events, "ENTERED"), "both players in the game");
    for (const { guid, player } of [one, two]) {
      const slot = player.snapshot?.player.client ?? -1;
      expect(lines).toContainEqual({ type: "IDENTIFIED", slot, guid });
      expect(lines).toContainEqual({ type: "BEGAN", slot });
    }
    const start = one.player.snapshot?.player;
    let yaw = 0;
    await until(() => {
      // Wherever it began, not all ways are walled.
      one.player.act({ ...IDLE, yaw: (yaw += 15), forward: 127, weapon: 2, buttons: BUTTON.attack });
      const now = one.player.snapshot?.player;
      const moved = Math.hypot(
        (now?.originX ?? 0) - (start?.originX ?? 0),
        (now?.originY ?? 0) - (start?.originY ?? 0),
      );
      return moved > 32 && (now?.ammo[2] ?? 100) < 100;
    }, "a player who runs and shoots");
    expect([one.player.faults, two.player.faults]).toEqual([0, 0]);
  });

  test("tells of a death in its log, with the numbers that all clients see", async () => {
    const { player, events } = await enter("three");
    await until(() => has(events, "ENTERED"), "the player in the game");
    const slot = player.snapshot?.player.client ?? -1;
    player.command("kill");
    await until(() => lines.some((line) => line.type === "KILLED" && line.victim === slot), "the death in the log");
    const obituary = () =>
      events
        .flatMap((event) => (event.type === "SNAPSHOT" ? event.snapshot.entities : []))
        .find(({ type }) => type === 13 + 60);
    await until(() => obituary() !== undefined, "the obituary");
    expect(obituary()).toMatchObject({ otherEntity: slot, otherEntity2: slot, eventParameter: 20 });
  });

  test("keeps its players over a restart of the map, with points at zero", async () => {
    const { player, events } = await enter("four");
    await until(() => has(events, "ENTERED"), "the player in the game");
    const slot = player.snapshot?.player.client ?? -1;
    const begun = lines.length;
    expect(server.command("map_restart", "0")).toBeNull();
    await until(() => lines.slice(begun).some((line) => line.type === "BEGAN" && line.slot === slot), "a new round");
    const time = player.snapshot?.player.commandTime ?? 0;
    await until(() => (player.snapshot?.player.commandTime ?? 0) > time + 500, "moves that count after the restart");
    expect(events.filter(({ type }) => type === "GAMESTATE")).toHaveLength(1);
  });

  test("plays with a client over a line that loses, repeats and reorders", async () => {
    const way = await badWay(server.port, chances(5));
    const { player, events } = await enter("lossy", PASSWORD, way.port);
    await until(() => has(events, "ENTERED"), "the player in the game");
    player.act({ ...IDLE, forward: 127, yaw: 90 });
    const times = () => events.flatMap((event) => (event.type === "SNAPSHOT" ? [event.snapshot.serverTime] : []));
    await until(() => times().length > 150, "snapshots over the bad line");
    expect(times()).toEqual(times().toSorted((a, b) => a - b));
    expect(way.lost).toBeGreaterThan(10);
    expect(player.faults).toBe(0);
    // Said once and lost as often as may be: it is repeated until it is heard.
    player.command("kill");
    const slot = player.snapshot?.player.client ?? -1;
    await until(() => lines.some((line) => line.type === "KILLED" && line.victim === slot), "the death");
    await player.leave();
    players.pop();
    way.close();
  });

  test("lets nobody in without the password", async () => {
    const { events } = await enter("nobody", "wrong");
    await until(() => has(events, "REFUSED"), "the refusal");
    expect(events).toContainEqual({ type: "REFUSED", reason: "Invalid password" });
  });

  test.each([
    [["say", "x;quit"]],
    [["say", "x\nquit"]],
    [["map", 'a" ; quit']],
    [["set", "g_password", "$rconpassword"]],
    [["exec", "../../etc/passwd"]],
    [["//comment"]],
    [[]],
  ])("its console is not reached by %j", (words) => {
    expect(server.command(...words)).toBe("COMMAND_UNSAFE");
  });

  test.each(["x;quit", 'x" "y', "x\\password\\y", "x\nKill: 0 1 3: ", "^1x"])("nobody joins as %j", async (name) => {
    await expect(enter(name)).rejects.toThrow("NAME_UNSAFE");
  });

  test("does not start with a map that is none of ours", async () => {
    await expect(startGame({ map: "aggressor;quit" })).rejects.toThrow(/^MAP_UNKNOWN: /);
  });

  test("answers RCON, split and whole, and says which password is wrong", async () => {
    const remote = { host: "127.0.0.1", port: server.port };
    const unset = await openRcon({ ...remote, password: "secret1" });
    expect(await unset.command("status")).toEqual({ ok: false, fault: "RCON_NOT_SET_UP" });
    expect(server.command("set", "rconpassword", "secret1")).toBeNull();
    const wrong = await openRcon({ ...remote, password: "secret2" });
    // The console is read after the network: the password may come a moment later.
    const refused = async () => {
      const answer = await wrong.command("status");
      return !answer.ok && answer.fault !== "RCON_NOT_SET_UP" ? answer.fault : null;
    };
    expect(await until(refused, "the server's password")).toBe("RCON_BAD_PASSWORD");
    expect(await unset.command("quit;status")).toEqual({ ok: false, fault: "COMMAND_UNSAFE" });
    const answer = await unset.command("serverinfo");
    expect(answer).toMatchObject({ ok: true });
    if (!answer.ok) throw new Error("no answer");
    expect(answer.text).toContain("mapname              aggressor");
    expect(answer.text.length).toBeGreaterThan(1_008);
    unset.close();
    wrong.close();
  });

  test("answers ten RCON commands in a row, because none is sent before it may be answered", async () => {
    server.command("set", "rconpassword", "secret1");
    const line = await openRcon({ host: "127.0.0.1", port: server.port, password: "secret1" });
    const answers = await Promise.all(Array.from({ length: 10 }, () => line.command("timelimit")));
    for (const answer of answers) expect(answer).toMatchObject({ ok: true });
    line.close();
  });

  test("of RCON commands sixteen wait, more are refused, and none waits for ever", async () => {
    const line = await openRcon({ host: "127.0.0.1", port: server.port, password: "secret1" });
    const asked = Array.from({ length: 20 }, () => line.command("timelimit"));
    expect(await Promise.all(asked.slice(16))).toEqual(
      Array.from({ length: 4 }, () => ({ ok: false, fault: "RCON_BUSY" })),
    );
    line.close();
    expect((await Promise.all(asked)).filter((answer) => !answer.ok).length).toBeGreaterThanOrEqual(19);
  });

  test("is said once what must not be done twice, and twice what may", async () => {
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    const heard: string[] = [];
    silent.on("message", (datagram) => void heard.push(datagram.subarray(4).toString()));
    const line = await openRcon({ host: "127.0.0.1", port: silent.address().port, password: "secret1" });
    const answers = [await line.commandOnce("map_restart", "0"), await line.command("timelimit")];
    expect(answers).toEqual([
      { ok: false, fault: "RCON_SILENT" },
      { ok: false, fault: "RCON_SILENT" },
    ]);
    expect(heard.map((packet) => packet.split(" ")[2])).toEqual(["map_restart", "timelimit", "timelimit"]);
    line.close();
    silent.close();
  });

  test("is asked later where other sockets of this address have asked it much", async () => {
    server.command("set", "rconpassword", "secret1");
    const line = await openRcon({ host: "127.0.0.1", port: server.port, password: "secret1" });
    for (let packet = 0; packet < 8; packet++) line.countOther();
    const askedAtMs = performance.now();
    expect(await line.command("timelimit")).toMatchObject({ ok: true });
    expect(performance.now() - askedAtMs).toBeGreaterThan(900);
    line.close();
  });

  test("of the legacy flavour plays with a client of that flavour", async () => {
    const legacy = await startGame({ flavour: "LEGACY", timescale: TIMESCALE });
    const { player, events } = await enter("old", PASSWORD, legacy.port, "LEGACY");
    await until(() => has(events, "ENTERED"), "the player in the game");
    for (const word of ["one", "two"]) player.command(`say ${word}`);
    const heard = () => events.flatMap((event) => (event.type === "COMMAND" ? [event.text] : [])).join("");
    await until(() => heard().includes("two"), "one's own words, after which all is scrambled by them");
    legacy.command("map_restart", "0");
    await until(() => heard().includes("map_restart"), "the restart");
    const count = () => events.filter(({ type }) => type === "SNAPSHOT").length;
    const before = count();
    await until(() => count() > before + 20, "snapshots after the restart");
    expect(player.faults).toBe(0);
    await legacy.stop();
  });
});
