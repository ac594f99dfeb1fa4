// The house gladiator: a program without a model, so that a battle runs with nothing installed. It understands one kind of
// order, `replace "this" with "that"` (and `in "file"` after it), and does what can be done with it in the repository.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";

const ORDER = /replace\s+["'`](.+?)["'`]\s+with\s+["'`](.*?)["'`](?:\s+in\s+["'`](.+?)["'`])?/gi;
const FILE_BYTES_MAX = 1_048_576;

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
say(changes > 0 ? `${changes} files are changed.` : "I found nothing to replace.");
