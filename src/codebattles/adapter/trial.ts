import { LIMITS } from "../rules/sandbox.ts";
import { SandboxError, type Probe, type Sandbox, type SandboxDriver } from "./sandbox.ts";

const TRIAL_MAX_MS = 10_000;
const LOOK = "id -u; grep -E '^(NoNewPrivs|Seccomp|CapEff):' /proc/self/status; cat /proc/self/uid_map";

/** Makes a sandbox and looks from inside: one that does not hold what it promises is none. */
export async function tryDriver({ create }: Pick<SandboxDriver, "create">, about: string): Promise<Probe> {
  try {
    const sandbox = await create({ limits: LIMITS, mounts: [] });
    try {
      await look(sandbox);
    } finally {
      await sandbox.destroy();
    }
    return { usable: true, about, missing: [] };
  } catch (error) {
    return { usable: false, about, missing: [`A trial sandbox failed: ${(error as Error).message}`] };
  }
}

async function look(sandbox: Sandbox): Promise<void> {
  const said: string[] = [];
  const { exitCode } = await sandbox.run({
    argv: ["sh", "-c", LOOK],
    environment: {},
    input: null,
    timeMaxMs: TRIAL_MAX_MS,
    outputBytesMax: 4_096,
    onOutput: (bytes) => void said.push(bytes.toString()),
    stop: null,
  });
  const text = said.join("").replaceAll(/\s+/g, " ");
  const held = [/^(?!0 )\d+ /, /NoNewPrivs: 1 /, /Seccomp: 2 /, /CapEff: 0+ /].every((sign) => sign.test(text));
  if (exitCode !== 0 || !held)
    throw new SandboxError(`the kernel does not hold a program as it should; the trial said: ${text}`);
}
