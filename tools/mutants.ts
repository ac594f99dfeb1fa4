// Plants each fault of tests/mutants/table.ts in the code, one at a time, and demands that its tests turn red. Names given as
// arguments choose among them by a part of their name. The code is put back also after Ctrl-C, and a run that was killed
// outright is mended by the next one.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { MUTANTS, type Mutant } from "../tests/mutants/table.ts";
import { say } from "./steps.ts";

type Planted = { file: string; text: string };
type Verdict = "caught" | "survived" | "not run";

const FOLDER = "node_modules/.cache/agon";
const KEPT = `${FOLDER}/mutated.json`;
const REPORT = `${FOLDER}/report.json`;

function plant({ name, file, old, new: mutated }: Mutant): void {
  const text = readFileSync(file, "utf8");
  const parts = text.split(old);
  if (parts.length !== 2) throw new Error(`"${name}": its old text stands ${parts.length - 1} times in ${file}`);
  mkdirSync(FOLDER, { recursive: true });
  const planted: Planted = { file, text };
  writeFileSync(KEPT, JSON.stringify(planted));
  writeFileSync(file, parts.join(mutated));
}

/** Puts back what is planted, if anything is. */
function restore(): void {
  if (!existsSync(KEPT)) return;
  const { file, text } = JSON.parse(readFileSync(KEPT, "utf8")) as Planted;
  writeFileSync(file, text);
  rmSync(KEPT);
}

let running: ReturnType<typeof spawn> | null = null;

type Report = { numFailedTests: number; numPassedTests: number };

/** Runs the tests of a mutant; null when they did not come to run at all. */
async function runTests({ test, only }: Pick<Mutant, "test" | "only">): Promise<Report | null> {
  rmSync(REPORT, { force: true });
  const names = only === undefined ? [] : ["-t", only];
  const args = ["run", test, ...names, "--reporter=json", `--outputFile=${REPORT}`];
  const child = spawn("vitest", args, { stdio: "ignore" });
  running = child;
  await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  return existsSync(REPORT) ? (JSON.parse(readFileSync(REPORT, "utf8")) as Report) : null;
}

async function judge(mutant: Mutant): Promise<Verdict> {
  plant(mutant);
  try {
    const report = await runTests(mutant);
    // A file that does not even load proves nothing about what its tests look at.
    if (!report || report.numFailedTests + report.numPassedTests === 0) return "not run";
    return report.numFailedTests > 0 ? "caught" : "survived";
  } finally {
    restore();
  }
}

process.on("exit", restore);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    running?.kill("SIGTERM");
    restore();
    process.exit(1);
  });

restore();
const wanted = process.argv.slice(2);
const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
const escaped: string[] = [];
for (const mutant of chosen) {
  const verdict = await judge(mutant);
  say(`${verdict.padEnd(9)} ${mutant.name}  (${mutant.test})`);
  if (verdict !== "caught") escaped.push(mutant.name);
}
say(`${chosen.length - escaped.length} of ${chosen.length} mutants are caught`);
process.exit(escaped.length === 0 && chosen.length > 0 ? 0 : 1);
