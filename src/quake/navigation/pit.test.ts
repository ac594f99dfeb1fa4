import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PASSWORD, startGame } from "../../../tests/harness/quake-game.ts";
import type { GameServer } from "../adapter/game-server.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { joinServer, type Player } from "../adapter/player.ts";
import { Grounds } from "../strategy/grounds.ts";
import type { StrategyAction, StrategyView } from "../strategy/contract.ts";
import { Pilot } from "../strategy/pilot.ts";
import type { Ground } from "../strategy/view.ts";

// On a real server, at the speed of life: who wants nothing but to run or jump into the pit of fan is kept from it.

const RUNNERS = 2;
const LASTS_MS = 25_000;
/** By turns each runs at the pit for so long, and walks to another place. */
const TURN_MS = 2_500;
let ground: Ground;
let server: GameServer;

beforeAll(async () => {
  ground = await new Grounds(DEBIAN).of("fan");
  server = await startGame({ map: "fan" });
});
afterAll(() => server.stop());

type Runner = { player: Player; attempts: number; turned: number };

/** What a runner wants: to be in the middle of the pit, by foot or by leaps, or to be elsewhere for a while. */
function wishOf({ nowMs, self }: StrategyView, number: number): StrategyAction {
  const turn = Math.floor(nowMs / TURN_MS);
  const { items } = ground.map;
  if (turn % 2 === 0) return { goTo: { item: (turn * 7 + number * 13) % items.length } };
  const { minimum, maximum } = ground.map.hazards[0]!.box;
  const [x, y] = [(minimum[0] + maximum[0]) / 2 - self.origin[0], (minimum[1] + maximum[1]) / 2 - self.origin[1]];
  const length = Math.max(1, Math.hypot(x, y));
  return { move: { x: x / length, y: y / length }, jump: turn % 4 === 1 };
}

async function runner(number: number): Promise<Runner> {
  const guid = randomUUID().replaceAll("-", "").toUpperCase();
  const where = { host: "127.0.0.1", port: server.port, from: `127.0.8.${number + 1}`, flavour: "MODERN" } as const;
  const joining = await joinServer({ ...where, timescale: 1, name: `runner ${number}`, guid, password: PASSWORD });
  if (!joining.ok) throw new Error(joining.refusal);
  const running: Runner = { player: joining.player, attempts: 0, turned: 0 };
  const pilot = new Pilot(ground, 120_000);
  joining.player.onEvent((event) => {
    if (event.type !== "SNAPSHOT") return;
    const action = wishOf(pilot.see(event.snapshot), number);
    const intent = pilot.act(action, event.snapshot);
    if (action.move) running.attempts++;
    // Who looks where it goes runs straight ahead; one that is turned aside does not.
    if (action.move && intent.forward !== 127) running.turned++;
    joining.player.act(intent);
  });
  return running;
}

test("bots that are told to run and to leap into the pit are kept from it, though they are at its edge again and again", async () => {
  const deaths: unknown[] = [];
  server.onLine((line) => {
    if (line.type === "KILLED") deaths.push(line);
  });
  const runners = await Promise.all(Array.from({ length: RUNNERS }, (_none, number) => runner(number)));
  await sleep(LASTS_MS);
  // Each is told so five times. Where moves come late, on a busy machine, some of these ten end below.
  expect(deaths.length).toBeLessThan(4);
  for (const { attempts, turned } of runners) {
    expect(attempts).toBeGreaterThan(100);
    expect(turned).toBeGreaterThan(10);
  }
  for (const { player } of runners) await player.leave();
}, 60_000);
