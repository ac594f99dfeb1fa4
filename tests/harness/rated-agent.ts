// An agent as its owner runs it, in a process of its own: AGON_URL, AGON_KEY, AGON_BOT and so many AGON_FIGHTS.
import { setTimeout as sleep } from "node:timers/promises";
import { runBot } from "../../src/sdk/bot.ts";

const { AGON_URL: url = "", AGON_KEY: key, AGON_BOT: bot = "", AGON_FIGHTS = "1" } = process.env;
/** It thinks in its first fight, so that people can watch, and not in the others. */
const THINKS_MS = 400;
let fought = 0;

const ended = await runBot({
  url,
  key,
  bot,
  queue: { ladder: "PIT", mode: "RATED" },
  contests: Number(AGON_FIGHTS),
  onMove: async ({ legalActions }) => {
    if (fought === 0) await sleep(THINKS_MS);
    return legalActions[Math.floor(Math.random() * legalActions.length)] ?? "RECOVER";
  },
  onEnd: ({ result, eloGained }) => {
    fought++;
    process.stdout.write(`${result} ${eloGained}\n`);
  },
});
process.stdout.write(`${ended} fought\n`);
