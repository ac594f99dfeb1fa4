import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from "vitest";
import { openArena, type Arena } from "../../../tests/harness/arena.ts";
import { until } from "../../../tests/harness/until.ts";
import { DEBIAN } from "../adapter/installation.ts";
import { EMPTY_PLAYER } from "../protocol/fields.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { BUTTON } from "../protocol/usercmd.ts";
import { ACTION_LASTS_MS, eyesTopic, handsTopic } from "../rules/hands.ts";
import type { StrategyView } from "../strategy/contract.ts";
import { Grounds } from "../strategy/grounds.ts";
import type { Ground } from "../strategy/view.ts";
import { Hands, type HandsMessage } from "./hands.ts";

// Remote control on the node that plays the match, with the hub that brings it actions from other nodes.

let arena: Arena;
let ground: Ground;
let hands: Hands;
let matchId: string;
beforeAll(async () => {
  arena = await openArena();
  ground = await new Grounds(DEBIAN).of("aggressor");
});
afterAll(() => arena.stop());
beforeEach(() => {
  matchId = arena.platform.random.id(new Date());
  hands = new Hands(arena.platform, matchId, ground, 120_000);
});
afterEach(() => hands.close());

const [ANN, BOB] = ["ann", "bob"];

/** Somebody alive where players begin. */
function standing(): Snapshot {
  const list = (values: Record<number, number>) => Array.from({ length: 16 }, (_none, index) => values[index] ?? 0);
  const [x, y, z] = ground.map.spawns[0]!;
  const self = { client: 2, originX: x, originY: y, originZ: z, viewHeight: 26, weapon: 2 };
  const player = { ...EMPTY_PLAYER, ...self, stats: list({ 0: 100, 3: 0b110 }), ammo: list({ 2: 80 }) };
  return { sequence: 1, serverTime: 1_000, flags: 0, player: { ...player, persistent: list({}) }, entities: [] };
}

const tell = (message: HandsMessage) => arena.platform.hub.tell(handsTopic(matchId), JSON.stringify(message));
const act = (botId: string, action: { fire?: boolean; crouch?: boolean }) => tell({ type: "ACT", botId, action });

test("the action that came last is done, for half a second and by its own bot alone", async () => {
  const now = () => hands.think(ANN, standing());
  expect(now()).toBeNull();
  let toldAtMs = 0;
  const intent = await until(() => {
    toldAtMs = performance.now();
    act(ANN, { fire: true });
    act(ANN, { crouch: true });
    const done = now();
    return done && done.up < 0 ? done : null;
  }, "the action that came last");
  expect(intent.buttons & BUTTON.attack).toBe(0);
  expect(hands.think(BOB, standing())).toBeNull();
  await until(() => now() === null, "the end of the action");
  expect(performance.now() - toldAtMs).toBeGreaterThanOrEqual(ACTION_LASTS_MS);
});

test("whoever looks on gets views with the facts of the map first, and hears when the round is over", async () => {
  const seen: string[] = [];
  const leave = arena.platform.hub.listen(eyesTopic(matchId, ANN), (text) => void seen.push(text));
  tell({ type: "WATCH", botId: ANN, fresh: true });
  await until(() => {
    expect(hands.think(ANN, standing())).toBeNull();
    return seen.length > 1;
  }, "views");
  const [first, second] = seen.map((text) => JSON.parse(text) as StrategyView);
  expect(first?.facts?.items.length).toBe(ground.map.items.length);
  expect(second?.facts).toBeNull();
  hands.close();
  await until(() => seen.at(-1) === "", "the end");
  act(ANN, { fire: true });
  tell({ type: "WATCH", botId: ANN, fresh: true });
  expect(hands.think(ANN, standing())).toBeNull();
  leave();
});
