import { expect, test } from "vitest";
import { DEBIAN } from "../adapter/installation.ts";
import { PLAYER_BOX } from "../assets/collision.ts";
import { TRAVEL, type Graph, type Reach } from "../assets/graph.ts";
import type { QuakeMap } from "../assets/quake-map.ts";
import type { Vector } from "../assets/vector.ts";
import { MAPS } from "../rules/commands.ts";
import { Grounds } from "../strategy/grounds.ts";
import { Routes, type Place } from "./routes.ts";
import { Walker } from "./walker.ts";

const grounds = new Grounds(DEBIAN);

/** As the file counts them: lava 2, slime 4, and what its maker says is not to be entered, 256. */
const DEADLY_BITS = 2 + 4 + 256;

/** Whether a way's end is deadly by the file, or by the box of something that hurts. */
function isDeadly({ graph, hazards }: QuakeMap, { to, end }: Reach): boolean {
  const hurts = hazards.some(({ burns, box: { minimum, maximum } }) =>
    ([0, 1, 2] as const).every(
      (axis) =>
        !burns &&
        end[axis] + PLAYER_BOX.maximum[axis] >= minimum[axis] &&
        end[axis] + PLAYER_BOX.minimum[axis] <= maximum[axis],
    ),
  );
  return hurts || (graph.held(to) & DEADLY_BITS) !== 0;
}

/** The ways that are taken from one place to another. */
function waysBetween(routes: Routes, from: Place, to: Place): Reach[] {
  const ways: Reach[] = [];
  let { point, area } = from;
  for (let next = routes.next(area, point, to.area); next; next = routes.next(area, point, to.area)) {
    ways.push(next.reach);
    [point, area] = [next.reach.end, next.reach.to];
    if (ways.length > routes.graph.areas) throw new Error("a way in a ring");
  }
  return ways;
}

const WALKED = [2, 3, 4, 5, 7, 10, 11, 18];

/** Every area to which one comes alive, by nothing but a search from way to way. */
function reachedAlive(map: QuakeMap, from: number): Set<number> {
  const reached = new Set([from]);
  for (const area of reached)
    for (const number of map.graph.from(area)) {
      const reach = map.graph.reaches[number]!;
      if (WALKED.includes(reach.travel) && !isDeadly(map, reach)) reached.add(reach.to);
    }
  return reached;
}

test.each(MAPS)("on %s no way leads into lava, slime or a pit where another leads around it", async (name) => {
  const { map, routes } = await grounds.of(name);
  const places = [...map.spawns, ...map.items.map(({ origin }) => origin)].map((point) => routes.place(point));
  let walked = 0;
  const wrong: string[] = [];
  for (const from of places) {
    const alive = reachedAlive(map, from.area);
    for (const to of places) {
      const dies = waysBetween(routes, from, to).some((way) => isDeadly(map, way));
      walked += dies ? 0 : 1;
      if (dies && alive.has(to.area)) wrong.push(`${from.point.join(" ")} to ${to.point.join(" ")}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(walked).toBeGreaterThan(places.length ** 2 * 0.8);
});

const LAVA = 2;
/** From area 1 to area 4 leads a short way by area 2, and a long one by area 3; to area 5 only one by area 2. */
function crossing(held: Readonly<Record<number, number>>): Graph {
  const at: Vector[] = [
    [0, 0, 0],
    [0, 0, 0],
    [100, 0, 0],
    [100, 900, 0],
    [200, 0, 0],
    [100, -100, 0],
  ];
  const pairs = [
    [1, 2],
    [1, 3],
    [2, 4],
    [2, 5],
    [3, 4],
    [5, 1],
    [4, 1],
  ] as const;
  const reaches = pairs.map(([from, to]) => {
    const [start, end] = [at[from]!, at[to]!];
    return { from, to, start, end, travel: TRAVEL.walk, takesMs: 10 };
  });
  const numbers = (wanted: (reach: Reach) => boolean) =>
    reaches.flatMap((reach, index) => (wanted(reach) ? index : []));
  return {
    areas: at.length,
    reaches,
    centre: (area) => at[area]!,
    held: (area) => held[area] ?? 0,
    from: (area) => numbers(({ from }) => from === area),
    into: (area) => numbers(({ to }) => to === area),
    areaAt: ([x, y]) => at.findIndex(([ax, ay], area) => area > 0 && Math.hypot(ax - x, ay - y) < 20),
  };
}

test.each<[string, Readonly<Record<number, number>>, (origin: Vector) => boolean, number, boolean]>([
  ["nothing, the short way", {}, () => false, 2, false],
  ["lava in the short way, the long one", { 2: LAVA }, () => false, 3, false],
  ["slime in it, the long one", { 2: 4 }, () => false, 3, false],
  ["a mark not to enter it, the long one", { 2: 256 }, () => false, 3, false],
  ["water in it, the short way", { 2: 1 }, () => false, 2, false],
  ["a pit that the map alone knows, the long one", {}, ([x, y]) => x === 100 && y === 0, 3, false],
  ["lava everywhere, the short way as a last resort", { 2: LAVA, 3: LAVA }, () => false, 2, true],
])("with %s is taken", (_sentence, held, kills, by, isLastResort) => {
  const routes = new Routes(crossing(held), kills);
  expect(routes.next(1, [0, 0, 0], 4)).toMatchObject({ reach: { to: by }, kills: isLastResort });
});

test("what only a deadly way leads to is reported as out of reach, though a walker would go there", () => {
  const routes = new Routes(crossing({ 2: LAVA }));
  const [from, to] = [routes.place([0, 0, 0]), routes.place([100, -100, 0])];
  expect(routes.takesMs(from, to)).toBeNull();
  expect(routes.next(from.area, from.point, to.area)).toMatchObject({ reach: { to: 2 }, kills: true });
  expect(routes.takesMs(to, routes.place([200, 0, 0]))).toBeGreaterThan(0);
  const step = new Walker(routes).step(
    { origin: [0, 0, 0], velocity: [0, 0, 0], isGrounded: true, timeMs: 0 },
    to.point,
  );
  expect(step).toMatchObject({ state: "WALKING", yaw: 0 });
});

test("the time of a way is its own, whether it kills or not", () => {
  const [safe, deadly] = [new Routes(crossing({})), new Routes(crossing({ 2: LAVA, 3: LAVA }))];
  expect(deadly.next(1, [0, 0, 0], 4)?.takesMs).toBeCloseTo(safe.next(1, [0, 0, 0], 4)!.takesMs, 6);
});
