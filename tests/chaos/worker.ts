// Workers as a process of their own, which tests kill: one for each bot of AGON_BOTS. AGON_FAILS is the part of their attempts that fail.
import { setTimeout as sleep } from "node:timers/promises";
import { runWorker, TaskFailed } from "../../src/sdk/worker.ts";

const { AGON_URL: url = "", AGON_KEY: key, AGON_BOTS: bots = "", AGON_AT_ONCE = "1", AGON_FAILS = "0" } = process.env;
const work = (bot: string) =>
  runWorker({
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
await Promise.all(bots.split(",").map(work));
