import { expect, test } from "vitest";
import { endingOf, isLeftover, memoryBytes } from "./sandbox.ts";

const seen = { exitCode: 0, timedOut: false, stopped: false, oomKills: 0 };

test.each([
  ["a program that ends well ends by itself", {}, "EXIT"],
  ["so does one that fails", { exitCode: 3 }, "EXIT"],
  ["137 without a kill for memory is another kill", { exitCode: 137 }, "EXIT"],
  ["137 with one is memory", { exitCode: 137, oomKills: 1 }, "MEMORY"],
  ["who goes on after a child was killed for memory ends by itself", { exitCode: 1, oomKills: 2 }, "EXIT"],
  ["time comes before memory", { exitCode: 137, oomKills: 1, timedOut: true }, "TIME"],
  ["who is stopped after its time is late", { exitCode: null, timedOut: true, stopped: true }, "TIME"],
  ["who is stopped is stopped", { exitCode: null, stopped: true }, "STOPPED"],
] as const)("%s", (_sentence, change, ending) => expect(endingOf({ ...seen, ...change })).toBe(ending));

test("memory is that of the programs and of the files", () => {
  const limits = { memoryMiB: 1_024, diskMiB: 1_024, filesMax: 200_000, processesMax: 256, cpus: 1 };
  expect(memoryBytes(limits)).toBe(2_112 * 1_048_576);
});

const owner = { boot: "a", pidNamespace: "pid:[1]", pid: 7, startedAt: "100" };
const here = { boot: "a", pidNamespace: "pid:[1]" };

test.each([
  ["what a living process made stays", here, "100", false],
  ["what a dead one made goes", here, null, true],
  ["a number that is used again is another process", here, "200", true],
  [
    "a process of another container cannot be seen, so what it made stays",
    { ...here, pidNamespace: "pid:[2]" },
    null,
    false,
  ],
  ["what was made before the machine was started anew goes", { ...here, boot: "b" }, "100", true],
] as const)("%s", (_sentence, from, startedAt, left) => expect(isLeftover(owner, from, startedAt)).toBe(left));
