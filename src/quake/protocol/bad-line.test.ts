import { describe, expect, test } from "vitest";
import { chances } from "../../../tests/harness/chances.ts";
import { ModelServer, type World } from "../../../tests/harness/quake-server.ts";
import { EMPTY_ENTITY, EMPTY_PLAYER, type EntityState } from "./fields.ts";
import { IDLE, Link, type LinkEvent } from "./link.ts";
import { CHANNEL_FLAVOURS } from "./netchan.ts";

const TICKS = 300;
const TICK_MS = 50;

/** A line that loses a tenth, repeats a tenth and holds a tenth back for up to four ticks. */
function badLine(chance: () => number) {
  const held: { datagram: Uint8Array; until: number }[] = [];
  return (datagrams: Uint8Array[], tick: number): Uint8Array[] => {
    for (const datagram of datagrams) {
      if (chance() < 0.1) continue;
      const copies = chance() < 0.1 ? 2 : 1;
      for (let copy = 0; copy < copies; copy++)
        held.push({ datagram, until: tick + (chance() < 0.1 ? 1 + Math.floor(chance() * 4) : 0) });
    }
    const due = held.filter(({ until }) => until <= tick);
    held.splice(0, held.length, ...held.filter(({ until }) => until > tick));
    return due.map(({ datagram }) => datagram);
  };
}

const entity = (number: number, chance: () => number): EntityState => ({
  ...EMPTY_ENTITY,
  number,
  type: Math.floor(chance() * 16),
  posBaseX: Math.floor(chance() * 8_000) - 4_000,
  posBaseY: Math.fround(chance() * 1_000),
  aposBaseYaw: Math.fround(chance() * 360 - 180),
  event: Math.floor(chance() * 1_024),
  time: Math.floor(chance() * 2 ** 31),
  solid: Math.floor(chance() * 2 ** 24),
});

function nextWorld(world: World, chance: () => number): World {
  const kept = world.entities.flatMap((old) => {
    if (chance() < 0.05) return [];
    return chance() < 0.5 ? [old] : [{ ...old, posBaseX: old.posBaseX + 1, event: (old.event + 1) & 1_023 }];
  });
  const born = chance() < 0.3 ? [entity(Math.floor(chance() * 1_023), chance)] : [];
  const entities = [...kept.filter(({ number }) => number !== born[0]?.number), ...born];
  const { player } = world;
  return {
    serverTime: world.serverTime + TICK_MS,
    flags: 0,
    player: {
      ...player,
      originX: Math.fround(player.originX + chance() * 10 - 5),
      weaponTime: Math.floor(chance() * 800) - 400,
      viewHeight: Math.floor(chance() * 256) - 128,
      stats: player.stats.map((value, index) => (index === 0 ? Math.floor(chance() * 200) - 50 : value)),
      powerups: player.powerups.map((value) => (chance() < 0.02 ? Math.floor(chance() * 2 ** 31) : value)),
    },
    entities: entities.toSorted((a, b) => a.number - b.number),
  };
}

/** Plays a session over a bad line; what both ends hold at its end. */
function play(flavour: "MODERN" | "LEGACY", seed: number) {
  const chance = chances(seed);
  const terms = { flavour, challenge: Math.floor(chance() * 2 ** 32) | 0, qport: 4_711 };
  const configstrings = new Map([[1, "\\sv_serverid\\77"], ...long(chance)]);
  const baselines = new Map(Array.from({ length: 40 }, (_none, number) => [number * 3, entity(number * 3, chance)]));
  const gamestate = { configstrings, baselines, commandSequence: 0, client: 1, checksumFeed: 991, serverId: 77 };
  const server = new ModelServer(terms, gamestate);
  const link = new Link(terms, 1);
  const [down, up] = [badLine(chance), badLine(chance)];
  const events: LinkEvent[] = [];
  let world: World = { serverTime: 1_000, flags: 0, player: EMPTY_PLAYER, entities: [] };
  for (let tick = 0; tick < TICKS; tick++) {
    world = nextWorld(world, chance);
    if (server.isInside && tick % 10 === 0) server.command(`cs 700 "${tick}"\n`);
    if (tick % 15 === 0) link.command(`say ${tick}`);
    for (const datagram of down(server.tell(world), tick)) events.push(...link.receive(datagram, tick * TICK_MS));
    for (const datagram of up(link.send({ ...IDLE, forward: tick % 128 }, tick * TICK_MS), tick))
      server.receive(datagram);
  }
  return { server, link, events };
}

/** Configstrings that make the gamestate three fragments long. */
const long = (chance: () => number) =>
  Array.from(
    { length: 12 },
    (_none, index) => [600 + index, Array.from({ length: 250 }, () => Math.floor(chance() * 10)).join("")] as const,
  );

describe.each(CHANNEL_FLAVOURS)("over a line that loses, repeats and reorders, a %s client", (flavour) => {
  test.each(Array.from({ length: 6 }, (_none, index) => index + 1))("sees what the server showed (seed %i)", (seed) => {
    const { server, events } = play(flavour, seed);
    const seen = events.flatMap((event) => (event.type === "SNAPSHOT" ? [event.snapshot] : []));
    expect(seen.length).toBeGreaterThan(TICKS / 2);
    for (const { sequence, ...world } of seen) expect(world).toEqual(server.sent.get(sequence));
    expect(seen.map(({ sequence }) => sequence)).toEqual(
      [...new Set(seen.map(({ sequence }) => sequence))].toSorted((a, b) => a - b),
    );
  });

  test("hears every command once and in order, and is heard so", () => {
    const { server, events } = play(flavour, 99);
    const heard = events.flatMap((event) =>
      event.type === "CONFIGSTRING" ? [`cs ${event.index} "${event.text}"\n`] : [],
    );
    const said = [...server.texts.values()];
    expect(heard.length).toBeGreaterThan(TICKS / 10 - 6);
    expect(heard).toEqual(said.slice(0, heard.length));
    expect(server.heard.length).toBeGreaterThan(TICKS / 15 - 3);
    expect(server.heard).toEqual(Array.from({ length: server.heard.length }, (_none, index) => `say ${index * 15}`));
  });

  test("moves forward in time only", () => {
    const { server } = play(flavour, 7);
    expect(server.moves.length).toBeGreaterThan(TICKS / 2);
    for (const [index, { serverTime }] of server.moves.entries())
      expect(serverTime).toBeGreaterThan(server.moves[index - 1]?.serverTime ?? -1);
  });

  test("enters the game by a gamestate in fragments", () => {
    const { events } = play(flavour, 3);
    const [gamestate] = events.flatMap((event) => (event.type === "GAMESTATE" ? [event.gamestate] : []));
    expect(gamestate?.configstrings.size).toBe(13);
    expect(gamestate?.baselines.size).toBe(40);
    expect(events.filter(({ type }) => type === "ENTERED")).toHaveLength(1);
  });
});
