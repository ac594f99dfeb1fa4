// What filming a match costs, and what its replay weighs: node bench/quake-frames.ts
import { gzipSync } from "node:zlib";
import { encodeReplay } from "../src/quake/rules/replay.ts";
import { playedFrames } from "../tests/harness/quake-frames.ts";

const SECONDS = 120;
const ROUNDS = 20;
const frames = playedFrames({ players: 4, seconds: SECONDS, chanceSeed: 7 });
const rest = {
  match: "quake_match_",
  map: "aggressor",
  lengthMs: SECONDS * 1_000,
  players: [],
  kills: [],
  scores: [],
  items: [],
};

/** Milliseconds of the fastest of several runs. */
function fastest(run: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  });
  return Math.min(...times);
}

const plain = () => JSON.stringify(frames);
const columns = () => JSON.stringify(encodeReplay({ ...rest, frames }));
const [plainBytes, columnBytes] = [gzipSync(plain()).length, gzipSync(columns()).length];
const [plainMs, columnMs] = [fastest(() => gzipSync(plain())), fastest(() => gzipSync(columns()))];
const liveMs = fastest(() => frames.map((frame) => JSON.stringify(frame)));

const row = (name: string, bytes: number, ms: number) =>
  process.stdout.write(
    `${name.padEnd(26)} ${bytes} bytes a round, ${((ms * 1_000) / frames.length).toFixed(1)} µs a frame\n`,
  );
row("frames as JSON, gzipped", plainBytes, plainMs);
row("columns of the replay", columnBytes, columnMs);
process.stdout.write(`${(plainBytes / columnBytes).toFixed(2)} times smaller\n`);
process.stdout.write(`live: ${((liveMs * 1_000) / frames.length).toFixed(1)} µs a frame, ten a second\n`);
