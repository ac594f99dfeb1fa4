import type { Page } from "playwright-core";

const PROMPT = 'Replace "subtract = (a, b) => a + b" with "subtract = (a, b) => a - b".';

/** On the page of a repository that was just taken: agrees to its tests without a set-up, and makes a battle of it. */
export async function makeBattle(page: Page, repository: string): Promise<void> {
  await page.getByLabel("Set-up, one command a line").fill("");
  await page.getByRole("button", { name: "Yes, this may run" }).click();
  await page.getByLabel("What the gladiators are asked to do").fill(PROMPT);
  await page.getByRole("button", { name: "Make the battle" }).click();
  await page.getByRole("heading", { level: 1, name: repository }).waitFor();
}

/** On the page of a battle that takes entries: lets two bots in, as the house's scribe and its tinker, and starts it. */
export async function letFight(page: Page, scribe: string, tinker: string): Promise<void> {
  for (const [bot, runs] of [
    [scribe, "House scribe"],
    [tinker, "House tinker"],
  ] as const) {
    await page.getByLabel("Gladiator", { exact: true }).selectOption({ label: bot });
    await page.getByLabel("Runs").selectOption({ label: runs });
    await page.getByRole("button", { name: "Let it in" }).click();
    await page.getByRole("log", { name: `What ${bot} says` }).waitFor();
  }
  await page.getByRole("button", { name: "Start the battle" }).click();
}
