import { expect, test } from "vitest";
import { Batching, BatchingFull } from "./batching.ts";

/** A run that the test ends when it wants to. */
class Runs {
  readonly started: string[][] = [];
  private readonly ends: (() => void)[] = [];

  readonly run = async (items: readonly string[]): Promise<string[]> => {
    this.started.push([...items]);
    await new Promise<void>((resolve) => this.ends.push(resolve));
    if (items.includes("guilty")) throw new Error("refused");
    return items.map((item) => `${item} done`);
  };

  async endOldest(): Promise<void> {
    this.ends.shift()?.();
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const open = (runs: Runs, { itemsMax = 100, waitingMax = 100 } = {}) =>
  new Batching(runs.run, { itemsMax, waitingMax });

test("one alone starts at once and is answered after its run", async () => {
  const runs = new Runs();
  let answer = "";
  void open(runs)
    .add("a")
    .then((result) => (answer = result));
  expect(runs.started).toEqual([["a"]]);
  await settled();
  expect(answer).toBe("");
  await runs.endOldest();
  expect(answer).toBe("a done");
});

test("two runs are in flight at most, and what arrives meanwhile forms the next in its order", async () => {
  const runs = new Runs();
  const batching = open(runs);
  const answers = ["a", "b", "c", "d", "e"].map((item) => batching.add(item));
  expect(runs.started).toEqual([["a"], ["b"]]);
  await runs.endOldest();
  expect(runs.started).toEqual([["a"], ["b"], ["c", "d", "e"]]);
  await runs.endOldest();
  await runs.endOldest();
  expect(await Promise.all(answers)).toEqual(["a done", "b done", "c done", "d done", "e done"]);
});

test("a run holds no more items than it may", async () => {
  const runs = new Runs();
  const batching = open(runs, { itemsMax: 2 });
  for (const item of ["a", "b", "c", "d", "e"]) void batching.add(item);
  await runs.endOldest();
  await runs.endOldest();
  expect(runs.started.slice(2)).toEqual([["c", "d"], ["e"]]);
});

test("an error reaches its own caller only, whoever shared the run", async () => {
  const runs = new Runs();
  const batching = open(runs);
  const answers = Promise.allSettled(["a", "b", "innocent", "guilty", "bystander"].map((item) => batching.add(item)));
  for (let ends = 0; ends < 6; ends++) await runs.endOldest();
  expect((await answers).map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(runs.started.slice(2)).toEqual([["innocent", "guilty", "bystander"], ["innocent"], ["guilty"], ["bystander"]]);
});

test("a run that fails does not stop what comes after it", async () => {
  const runs = new Runs();
  const batching = open(runs);
  const failed = batching.add("guilty").catch(() => "failed");
  await runs.endOldest();
  const later = batching.add("later");
  await runs.endOldest();
  expect([await failed, await later]).toEqual(["failed", "later done"]);
});

test("a full queue refuses without doing anything, and takes again when there is room", async () => {
  const runs = new Runs();
  const batching = open(runs, { waitingMax: 2 });
  for (const item of ["a", "b", "c", "d"]) void batching.add(item);
  await expect(batching.add("too many")).rejects.toThrow(BatchingFull);
  await runs.endOldest();
  void batching.add("e");
  for (let ends = 0; ends < 3; ends++) await runs.endOldest();
  expect(runs.started).toEqual([["a"], ["b"], ["c", "d"], ["e"]]);
});
