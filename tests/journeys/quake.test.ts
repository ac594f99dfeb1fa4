import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import type { GameServer } from "../../src/quake/adapter/game-server.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { startGame } from "../harness/quake-game.ts";
import { until } from "../harness/until.ts";

let app: App;
let game: GameServer;
let other: GameServer;
/** One that has no RCON password yet. */
let later: GameServer;
const [silent, unnamed] = [createSocket("udp4"), createSocket("udp4")];
let operator: { token: string };

beforeAll(async () => {
  [game, other, later] = await Promise.all([startGame(), startGame(), startGame()]);
  for (const each of [game, other]) each.command("set", "rconpassword", "right");
  for (const each of [silent, unnamed]) {
    each.bind(0, "127.0.0.1");
    await once(each, "listening");
  }
  const named = [
    `quake://:right@127.0.0.1:${game.port}`,
    `quake://:wrong@127.0.0.1:${other.port}`,
    `quake://:any@127.0.0.1:${silent.address().port}`,
    "quake://:any@nowhere.invalid:27960",
  ];
  app = await startTestApp({}, {}, { AGON_QUAKE_REMOTE: named.join(",") });
  operator = await newPerson(app.url, "quake_operator");
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = 'quake_operator'");
});
afterAll(async () => {
  await app.stop();
  await Promise.all([game, other, later].map((server) => server.stop()));
  silent.close();
  unnamed.close();
});

const QUERY = "{ gameServers { id remote address state answer map players answeredInMs downBecause drainReason } }";

type Shown = {
  id: string;
  remote: boolean;
  address: string;
  state: string;
  answer: string | null;
  answeredInMs: number | null;
  downBecause: string | null;
};

const admin = () => ({ authorization: `Bearer ${operator.token}` });

async function servers(): Promise<Shown[]> {
  const { data, errors } = await ask(app.url, QUERY, {}, admin());
  if (!data) throw new Error(JSON.stringify(errors));
  return (data as unknown as { gameServers: Shown[] }).gameServers;
}

const serverAt = async (port: number) => (await servers()).find(({ address }) => address.endsWith(`:${port}`));

async function act(field: string, input: object): Promise<Record<string, unknown>> {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const wanted = field === "removeGameServer" ? "removed" : "server { id state address }";
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Success { ${wanted} } ... on Refusal { code path } } }`;
  const { data, errors } = await ask(app.url, query, { input }, admin());
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as Record<string, unknown>;
}

test("operators see which servers elsewhere answer, and why the others are down", async () => {
  const all = () => servers().then((shown) => (shown.every(({ answer }) => answer !== null) ? shown : null));
  const shown = await until(all, "answers of all");
  const by = Object.fromEntries(shown.map((server) => [server.address, server]));
  expect(by[`127.0.0.1:${game.port}`]).toMatchObject({
    remote: true,
    state: "FREE",
    answer: "ANSWERS",
    map: "aggressor",
    players: 0,
  });
  expect(by[`127.0.0.1:${game.port}`]?.answeredInMs).toBeGreaterThanOrEqual(0);
  expect(by[`127.0.0.1:${other.port}`]).toMatchObject({ state: "DOWN", answer: "BAD_PASSWORD" });
  expect(by[`127.0.0.1:${other.port}`]?.downBecause).toMatch(/^The RCON password is not its own/);
  expect(by[`127.0.0.1:${silent.address().port}`]).toMatchObject({ state: "DOWN", answer: "SILENT", players: null });
  expect(by["nowhere.invalid:27960"]).toMatchObject({
    state: "DOWN",
    answer: "UNREACHABLE",
    map: null,
    answeredInMs: null,
  });
});

const PASSWORD = "not-a-word-of-it-anywhere";

describe("an operator who adds a server elsewhere", () => {
  const add = (address: string, rconPassword = PASSWORD) =>
    act("addGameServer", { address, rconPassword, reason: "more room" });

  test.each([
    ["quake://:x@127.0.0.1:27960", "BAD_SERVER_ADDRESS"],
    ["127.0.0.1:0", "BAD_SERVER_ADDRESS"],
    ["127.0.0.1:70000", "BAD_SERVER_ADDRESS"],
    ["127.0.0.1;quit", "BAD_SERVER_ADDRESS"],
    ["::1", "BAD_SERVER_ADDRESS"],
    ["", "BAD_SERVER_ADDRESS"],
    ["elsewhere.invalid", "SERVER_UNREACHABLE"],
    ["nowhere.invalid", "SERVER_KNOWN"],
  ])("%j: %s", async (address, code) => {
    expect(await add(address)).toEqual({ code, path: ["input", "address"] });
  });

  test("hears what is wrong with what answers, and with what does not", async () => {
    const echo = createSocket("udp4").bind(0, "127.0.0.1");
    await once(echo, "listening");
    echo.on("message", (bytes, { port }) => echo.send(bytes, port));
    expect(await add(`127.0.0.1:${echo.address().port}`)).toMatchObject({ code: "NOT_A_GAME_SERVER" });
    echo.close();
    expect(await add(`127.0.0.1:${unnamed.address().port}`)).toMatchObject({ code: "SERVER_SILENT" });
    expect(await add(`127.0.0.1:${later.port}`)).toMatchObject({ code: "RCON_NOT_SET_UP" });
    later.command("set", "rconpassword", PASSWORD);
    expect(await add(`127.0.0.1:${later.port}`, "x y")).toMatchObject({
      code: "BAD_INPUT",
      path: ["input", "rconPassword"],
    });
    expect(await add(`127.0.0.1:${later.port}`, 'x";quit;"')).toMatchObject({ code: "BAD_INPUT" });
    // The console is read after the network: the password may come a moment later.
    const refused = async () => {
      const answer = await add(`127.0.0.1:${later.port}`, "wrong");
      return answer["code"] === "RCON_NOT_SET_UP" ? null : answer;
    };
    expect(await until(refused, "the server's password")).toEqual({
      code: "WRONG_RCON_PASSWORD",
      path: ["input", "rconPassword"],
    });
  });

  test("adds it, sees it ready, drains it and removes it; its password is neither shown nor stored in clear", async () => {
    const added = await add(`127.0.0.1:${later.port}`);
    expect(added).toMatchObject({ server: { address: `127.0.0.1:${later.port}` } });
    const { id: serverId } = added["server"] as { id: string };
    expect(await add(`127.0.0.1:${later.port}`)).toMatchObject({ code: "SERVER_KNOWN" });
    const state = async () => (await serverAt(later.port))?.state;
    await until(async () => (await state()) === "FREE", "a free server");
    expect(await act("drainGameServer", { serverId, reason: "new disk" })).toMatchObject({
      server: { state: "DRAINING" },
    });
    expect(await act("resumeGameServer", { serverId, reason: "it is in" })).toMatchObject({
      server: { state: "FREE" },
    });
    const { rows } = await app.platform.db.pool.query<{ sealed: Buffer }>(
      "SELECT rcon_password AS sealed FROM remote_server",
    );
    expect(rows.some(({ sealed }) => sealed.includes(PASSWORD))).toBe(false);
    expect(JSON.stringify(await servers())).not.toContain(PASSWORD);
    const remove = async () => {
      const answer = await act("removeGameServer", { serverId, reason: "sold" });
      return answer["code"] === "SERVER_BUSY" ? null : answer;
    };
    expect(await until(remove, "a server that is not asked just now")).toEqual({ removed: true });
    expect(await act("removeGameServer", { serverId, reason: "sold" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await serverAt(later.port)).toBeUndefined();
  });
});

test("nobody else may ask them", async () => {
  const person = await newPerson(app.url);
  for (const token of [null, person.token]) {
    const { data, errors } = await ask(app.url, QUERY, {}, token ? { authorization: `Bearer ${token}` } : {});
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions?.["code"]).toBe(token ? "FORBIDDEN" : "NOT_AUTHENTICATED");
  }
});

type Ladder = { kind: string; open: boolean; closedBecause: string | null };
async function ladders(): Promise<Ladder[]> {
  const { data } = await ask(app.url, "{ ladders { kind open closedBecause } }");
  return (data as unknown as { ladders: Ladder[] }).ladders;
}
const quake = async () => (await ladders()).find(({ kind }) => kind === "QUAKE");

test("the ladder is open while one of them can be played on, and says why nobody can wait when none can", async () => {
  await until(async () => (await quake())?.open, "an open ladder");
  const serverId = (await serverAt(game.port))?.id;
  expect(await act("drainGameServer", { serverId, reason: "new disk" })).toMatchObject({ server: {} });
  await until(async () => (await quake())?.open === false, "a closed ladder");
  expect((await quake())?.closedBecause).toMatch(/^QUAKE is closed because no game server elsewhere can be played on/);
  for (const { open, closedBecause } of await ladders()) expect(open && closedBecause !== null).toBe(false);
});

test("whoever would wait for one all the same is refused by name", async () => {
  const { key } = await newPerson(app.url);
  const botId = await newBot(app.url, key, "TooEarly");
  const refused = await mutate(app.url, key, "joinQueue", { botId, ladder: "QUAKE" });
  expect(refused).toMatchObject({ code: "LADDER_CLOSED", path: ["input", "ladder"] });
});
