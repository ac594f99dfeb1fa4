import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Batch, Frame } from "./frames.ts";
import { Outbox } from "./outbox.ts";
import { Parked } from "./parked.ts";
import { Turns } from "./turns.ts";

const frame = (n: number, length = 0): Frame => ({
  cursor: null,
  payload: Buffer.from(JSON.stringify({ n, filling: "x".repeat(length) })),
});
const numbersIn = (batch: Batch) => [...String(batch.eventStream).matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n));

/** A reader that notes what it is given, and takes no more than `max` batches. */
function reader(max = Infinity) {
  const numbers: number[] = [];
  let batches = 0;
  const give = (batch: Batch) => batches++ < max && numbers.push(...numbersIn(batch)) > 0;
  const parked = new Parked({ give, drained: () => Promise.resolve(true) }, () => undefined);
  return { parked, numbers, batches: () => batches };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_none, index) => from + index);

const open = (gone: (reader: Parked) => void = () => undefined, turns = new Turns()) => {
  const failed = (error: unknown) => expect.unreachable(String(error));
  return new Outbox(turns, { gone, failed });
};

/** How many turns of the event loop pass before an outbox has served everybody. */
async function turnsOf(outbox: Outbox): Promise<number> {
  let over = false;
  void outbox.settled().then(() => (over = true));
  for (let turns = 0; ; turns++) {
    if (over) return turns;
    await turn();
  }
}

test("10,000 readers are served in many turns of the event loop, each once", async () => {
  const outbox = open();
  const readers = Array.from({ length: 10_000 }, () => reader());
  for (const { parked } of readers) outbox.add(parked);
  await outbox.push(frame(0));
  // At most 256 readers a turn.
  expect(await turnsOf(outbox)).toBeGreaterThanOrEqual(39);
  expect(readers.every(({ numbers }) => numbers.length === 1)).toBe(true);
});

test("frames of one turn of the event loop leave in one batch, and those that come during a round in the next", async () => {
  const outbox = open();
  const readers = Array.from({ length: 1_000 }, () => reader());
  for (const { parked } of readers) outbox.add(parked);
  for (const n of range(0, 3)) await outbox.push(frame(n));
  await turn();
  expect(readers.at(0)?.numbers).toEqual([0, 1, 2]);
  expect(readers.at(-1)?.numbers).toEqual([]);
  for (const n of range(3, 8)) await outbox.push(frame(n));
  await outbox.settled();
  for (const { numbers, batches } of readers) expect([numbers, batches()]).toEqual([range(0, 8), 2]);
});

test("whoever comes and goes while others are served gets all that was pushed in between, in order", async () => {
  const outbox = open((gone) => outbox.delete(gone));
  type Guest = ReturnType<typeof reader> & { from: number; to: number };
  const guests: Guest[] = [];
  const present = new Set<Guest>();
  let seed = 7;
  const roll = (sides: number) => (seed = (seed * 48_271) % 2_147_483_647) % sides;
  for (let n = 0; n < 400; n++) {
    for (let comes = roll(8); comes > 0; comes--) {
      const guest = { ...reader(), from: n, to: Infinity };
      guests.push(guest);
      present.add(guest);
      outbox.add(guest.parked);
    }
    if (roll(4) === 0) await turn();
    const [leaves] = present;
    if (leaves && roll(3) === 0) {
      outbox.delete(leaves.parked);
      present.delete(leaves);
      leaves.to = n;
    }
    await outbox.push(frame(n));
  }
  await outbox.settled();
  // Who left may have missed what had not reached it yet, but nothing before what it got.
  const stayed = guests.filter(({ to }) => to === Infinity);
  for (const { numbers, from } of stayed) expect(numbers).toEqual(range(from, 400));
  for (const { numbers, from } of guests) expect(numbers).toEqual(range(from, from + numbers.length));
  expect(guests.filter(({ numbers, from, to }) => from + numbers.length > to)).toEqual([]);
  expect(stayed.length).toBeLessThan(guests.length);
});

test("whoever takes no more is let go, and the others are served", async () => {
  const gone: Parked[] = [];
  const outbox = open((each) => (gone.push(each), outbox.delete(each)));
  const [full, well] = [reader(1), reader()];
  for (const { parked } of [full, well]) outbox.add(parked);
  for (const n of range(0, 3)) {
    await outbox.push(frame(n));
    await outbox.settled();
  }
  expect(gone).toEqual([full.parked]);
  expect([full.numbers, well.numbers]).toEqual([[0], [0, 1, 2]]);
});

test("who pushes faster than readers are served is made to wait, with nothing lost", async () => {
  const outbox = open();
  const readers = Array.from({ length: 1_000 }, () => reader());
  for (const { parked } of readers) outbox.add(parked);
  let pushed = 0;
  const pushing = (async () => {
    for (; pushed < 100; pushed++) await outbox.push(frame(pushed, 10_000));
  })();
  // 64 KiB may wait: six such frames, and the one that is too many.
  for (let settled = 0; settled < 50; settled++) await Promise.resolve();
  expect(pushed).toBe(6);
  await pushing;
  await outbox.settled();
  for (const { numbers } of readers) expect(numbers).toEqual(range(0, 100));
});

test("several outboxes share the turns of one process", async () => {
  const turns = new Turns();
  const outboxes = Array.from({ length: 8 }, () => open(undefined, turns));
  const readers = outboxes.map((outbox) => {
    const own = Array.from({ length: 500 }, () => reader());
    for (const { parked } of own) outbox.add(parked);
    return own;
  });
  await Promise.all(outboxes.map((outbox) => outbox.push(frame(0))));
  await turn();
  // The eight steps of one turn are one of each.
  const served = readers.map((own) => own.filter(({ numbers }) => numbers.length > 0).length);
  expect(served.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(256);
  await Promise.all(outboxes.map((outbox) => outbox.settled()));
  expect(readers.flat().every(({ numbers }) => numbers.length === 1)).toBe(true);
});
