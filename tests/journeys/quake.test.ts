import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import type { GameServer } from "../../src/quake/adapter/game-server.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { startGame } from "../harness/quake-game.ts";

let app: App;
let game: GameServer;
let silent: Socket;
let operator: { token: string };

beforeAll(async () => {
  game = await startGame();
  game.command("set", "rconpassword", "right");
  silent = createSocket("udp4").bind(0, "127.0.0.1");
  await once(silent, "listening");
  const servers = [
    `quake://:right@127.0.0.1:${game.port}`,
    `quake://:wrong@127.0.0.1:${game.port}`,
    `quake://:any@127.0.0.1:${silent.address().port}`,
    "quake://:any@nowhere.invalid:27960",
  ];
  app = await startTestApp({}, {}, { AGON_QUAKE_REMOTE: servers.join(",") });
  operator = await newPerson(app.url, "quake_operator");
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = 'quake_operator'");
});
afterAll(async () => {
  await app.stop();
  await game.stop();
  silent.close();
});

const QUERY = "{ gameServers { address answer map players answeredInMs } }";

test("operators see which servers elsewhere answer, and what is wrong with the others", async () => {
  const { data } = await ask(app.url, QUERY, {}, { authorization: `Bearer ${operator.token}` });
  const servers = (data as unknown as { gameServers: { answer: string; answeredInMs: number | null }[] }).gameServers;
  expect(servers.map(({ answer }) => answer)).toEqual(["ANSWERS", "BAD_PASSWORD", "SILENT", "UNREACHABLE"]);
  expect(servers[0]).toMatchObject({ address: `127.0.0.1:${game.port}`, map: "aggressor", players: 0 });
  expect(servers[0]?.answeredInMs).toBeGreaterThanOrEqual(0);
  expect(servers[3]).toMatchObject({ address: "nowhere.invalid:27960", map: null, players: null, answeredInMs: null });
});

test("nobody else may ask them", async () => {
  const person = await newPerson(app.url);
  for (const token of [null, person.token]) {
    const { data, errors } = await ask(app.url, QUERY, {}, token ? { authorization: `Bearer ${token}` } : {});
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions?.["code"]).toBe(token ? "FORBIDDEN" : "NOT_AUTHENTICATED");
  }
});

test("the ladder says why nobody can wait for a Quake round", async () => {
  const { data } = await ask(app.url, "{ ladders { kind open closedBecause } }");
  const ladders = (data as unknown as { ladders: { kind: string; open: boolean; closedBecause: string | null }[] })
    .ladders;
  const quake = ladders.find(({ kind }) => kind === "QUAKE");
  expect(quake?.open).toBe(false);
  expect(quake?.closedBecause).toMatch(/^QUAKE is closed because /);
  for (const { open, closedBecause } of ladders) expect(open && closedBecause !== null).toBe(false);
});

test("whoever would wait for one all the same is refused by name", async () => {
  const { key } = await newPerson(app.url);
  const botId = await newBot(app.url, key, "TooEarly");
  const refused = await mutate(app.url, key, "joinQueue", { botId, ladder: "QUAKE" });
  expect(refused).toMatchObject({ code: "LADDER_CLOSED", path: ["input", "ladder"] });
});
