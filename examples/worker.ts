// A worker in a few lines: AGON_KEY=cq_… AGON_BOT=YourBot npx node examples/worker.ts
import { runWorker } from "../src/sdk/worker.ts";

const { AGON_URL: url = "http://127.0.0.1:4000", AGON_KEY: key, AGON_BOT: bot = "", AGON_TASKS = "1" } = process.env;
const done = await runWorker({
  url,
  key,
  bot,
  tasks: Number(AGON_TASKS),
  onTask: ({ title, payload }, { progress }) => {
    progress(50, "counting");
    return { title, characters: JSON.stringify(payload).length };
  },
});
console.log(`${done} task${done === 1 ? "" : "s"} done`);
