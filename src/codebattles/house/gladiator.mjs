// The house's gladiators: programs without a model, so that a battle runs with nothing installed. SCRIBE understands one kind of
// order, `replace "this" with "that"` (and `in "file"` after it), and does what can be done with it in the repository. TINKER
// does so too; where the tests still fail, it turns one operator at a time around, and keeps what makes them pass.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";

const ORDER = /replace\s+["'`](.+?)["'`]\s+with\s+["'`](.*?)["'`](?:\s+in\s+["'`](.+?)["'`])?/gi;
const FILE_BYTES_MAX = 1_048_576;
const TRIES_MAX = 200;
const TEST_MAX_MS = 20_000;
const NOT_SOURCE =
  /(^|\/)(\.git|node_modules|tests?|__tests__|spec)(\/|$)|[._-](test|spec)\.|(^|\/)(test_|\.)|\.(json|md|lock|ya?ml|toml)$/;
const TURNS = [
  ["+", "-"],
  ["-", "+"],
  ["*", "/"],
  ["/", "*"],
  ["<", ">"],
  [">", "<"],
  ["<", "<="],
  [">", ">="],
  ["<=", "<"],
  [">=", ">"],
  ["===", "!=="],
  ["!==", "==="],
  ["==", "!="],
  ["!=", "=="],
  ["&&", "||"],
  ["||", "&&"],
  ["true", "false"],
  ["false", "true"],
];

const skill = process.argv[2] ?? "SCRIBE";
const test = process.env["AGON_TEST"] ?? "";
const prompt = readFileSync(0, "utf8");
const say = (text) => process.stdout.write(`${text}\n`);

const files = readdirSync(".", { recursive: true })
  .map(String)
  .filter((path) => !/(^|\/)(\.git|node_modules)(\/|$)/.test(path))
  .filter((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= FILE_BYTES_MAX;
  })
  .toSorted();

let changes = 0;
for (const [, from, to, only] of prompt.matchAll(ORDER))
  for (const path of files) {
    if (only !== undefined && path !== only) continue;
    const text = readFileSync(path, "utf8");
    if (text.includes("\0") || !text.includes(from)) continue;
    writeFileSync(path, text.replaceAll(from, to));
    say(`I replaced ${JSON.stringify(from)} in ${path}.`);
    changes++;
  }

/** How many tests fail, as far as the output tells; 0 when the command ends well. */
function failing() {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", test], { encoding: "utf8", timeout: TEST_MAX_MS });
  if (status === 0) return 0;
  const text = `${stdout}${stderr}`;
  return Number(/(?:#|ℹ) fail (\d+)/.exec(text)?.[1] ?? /(\d+) failed/.exec(text)?.[1] ?? 1_000) || 1_000;
}

/** Each way to turn one operator of a text around. */
function* turned(text) {
  for (const [from, to] of TURNS)
    for (let at = text.indexOf(` ${from} `); at >= 0; at = text.indexOf(` ${from} `, at + 1))
      yield {
        line: text.slice(0, at).split("\n").length,
        from,
        to,
        text: `${text.slice(0, at)} ${to} ${text.slice(at + from.length + 2)}`,
      };
}

function tinker() {
  let left = failing();
  let tries = 0;
  say(left === 0 ? "The tests pass." : "The tests fail. I turn one operator at a time around.");
  for (const path of files.filter((each) => !NOT_SOURCE.test(each))) {
    for (const turn of turned(readFileSync(path, "utf8"))) {
      if (left === 0 || tries++ >= TRIES_MAX) return;
      const before = readFileSync(path, "utf8");
      writeFileSync(path, turn.text);
      const now = failing();
      if (now < left) {
        say(`${path}, line ${turn.line}: ${turn.to} instead of ${turn.from} makes more tests pass.`);
        left = now;
        changes++;
        break;
      }
      writeFileSync(path, before);
    }
  }
}

if (skill === "TINKER" && test !== "") tinker();
say(changes > 0 ? `I made ${changes} changes.` : "I found nothing to change.");
