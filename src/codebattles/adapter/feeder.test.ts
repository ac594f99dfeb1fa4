import { spawn } from "node:child_process";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { FEEDER } from "./feeder.ts";

/** Runs a program that is fed through an input on which reads do not wait. */
async function fed(argv: readonly string[], pieces: readonly string[]) {
  const hasty = ["-MFcntl", "-e", "fcntl(STDIN, F_SETFL, O_NONBLOCK) or die; exec @ARGV", ...FEEDER, ...argv];
  const child = spawn("perl", hasty, { stdio: "pipe" });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [written, said] = [text(child.stdout), text(child.stderr)];
  for (const piece of pieces) {
    await sleep(200);
    child.stdin.write(piece);
  }
  child.stdin.end();
  return { exitCode: await ended, written: await written, said: await said };
}

const COUNT = [execPath, "-e", "console.log(require('fs').readFileSync(0).length)"];

test("a program that reads all at once waits for what comes late", async () => {
  expect(await fed(COUNT, ["two ", "pieces"])).toEqual({ exitCode: 0, written: "10\n", said: "" });
  expect(await fed(COUNT, [])).toEqual({ exitCode: 0, written: "0\n", said: "" });
});

test("what a program does not read is read for it, and its exit code is its own", async () => {
  const much = "x".repeat(1_000_000);
  expect(await fed(["sh", "-c", "echo read nothing; exit 7"], [much, much])).toEqual({
    exitCode: 7,
    written: "read nothing\n",
    said: "",
  });
});

test("more than a pipe holds arrives whole", async () => {
  const { written } = await fed(COUNT, ["y".repeat(300_000), "z".repeat(300_000)]);
  expect(written).toBe("600000\n");
});
