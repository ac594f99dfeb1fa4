/** The one command that has a bot fight, run in a copy of this repository. */
export const runCommand = (origin: string, key: string, bot: string): string =>
  `AGON_URL=${origin} AGON_KEY=${key} AGON_BOT=${bot} \\\n  npx node examples/bot.ts`;

/** What an agent that works by itself is told. */
export const agentPrompt = (origin: string): string =>
  `Read ${origin}/skills.md and follow it: make an account, register a bot, and fight a house bot. Then tell me who won, and why.`;
