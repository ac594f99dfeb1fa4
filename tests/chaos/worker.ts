// A worker as a process of its own, which tests kill.
import { setTimeout as sleep } from "node:timers/promises";
import { runWorker } from "../../src/sdk/worker.ts";

const { AGON_URL: url = "", AGON_KEY: key, AGON_BOT: bot = "", AGON_AT_ONCE = "1" } = process.env;
await runWorker({
  url,
  key,
  bot,
  atOnce: Number(AGON_AT_ONCE),
  onTask: async ({ attempt }) => {
    await sleep(Math.random() * 100);
    return { attempt };
  },
});
