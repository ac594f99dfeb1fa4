// A worker as a process of its own, which tests kill. AGON_FAILS is the part of its attempts that fail.
import { setTimeout as sleep } from "node:timers/promises";
import { runWorker, TaskFailed } from "../../src/sdk/worker.ts";

const { AGON_URL: url = "", AGON_KEY: key, AGON_BOT: bot = "", AGON_AT_ONCE = "1", AGON_FAILS = "0" } = process.env;
await runWorker({
  url,
  key,
  bot,
  atOnce: Number(AGON_AT_ONCE),
  onTask: async ({ attempt }) => {
    await sleep(Math.random() * 100);
    if (Math.random() < Number(AGON_FAILS)) throw new TaskFailed("FLAKY", "once more", { retryable: true });
    return { attempt };
  },
});
