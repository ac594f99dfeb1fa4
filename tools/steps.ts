import { spawn } from "node:child_process";

/** One command of a tool's run. */
export type Step = { name: string; command: string; args: string[]; env?: Record<string, string> };

/** Runs a command with the terminal's output; true when it succeeded. */
export function runStep({ command, args, env }: Step): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

/** Writes one line for people. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
