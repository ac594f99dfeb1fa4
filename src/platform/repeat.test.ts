import { expect, test } from "vitest";
import { repeat } from "./repeat.ts";

const AN_HOUR_MS = 3_600_000;

test("a stop does not wait for the end of a rest", async () => {
  let done = 0;
  const rounds = repeat(AN_HOUR_MS, async () => void done++);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await rounds.stop();
  expect(done).toBe(1);
});

test("a stop waits for work that runs, and there is no more of it", async () => {
  const ended = Promise.withResolvers<void>();
  const told: string[] = [];
  const rounds = repeat(0, () => ended.promise.then(() => void told.push("worked")));
  const stopping = rounds.stop().then(() => told.push("stopped"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  ended.resolve();
  await stopping;
  expect(told).toEqual(["worked", "stopped"]);
});
