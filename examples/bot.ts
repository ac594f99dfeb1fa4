// A bot in a few lines: AGON_KEY=cq_… AGON_BOT=YourBot npx node examples/bot.ts
import { runBot } from "../src/sdk/bot.ts";

const { AGON_URL: url = "http://127.0.0.1:4000", AGON_KEY: key, AGON_BOT: bot = "" } = process.env;
const contests = await runBot({
  url,
  key,
  bot,
  queue: { ladder: "PIT", mode: "PRACTICE" },
  contests: 1,
  onMove: ({ legalActions, you }) => {
    if (you.stamina >= 50 && legalActions.includes("SPECIAL")) return "SPECIAL";
    return legalActions[Math.floor(Math.random() * legalActions.length)] ?? "RECOVER";
  },
  onEnd: ({ result, contest }) => console.log(result, contest.participants.map((each) => each.bot.name).join(" : ")),
});
console.log(`${contests} contest played`);
