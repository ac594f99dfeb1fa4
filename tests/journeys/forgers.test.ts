import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBattleGround, type BattleGround, type Bout } from "../harness/battle-ground.ts";
import { BROKEN, filesIn, FIX, repositoryWith } from "../harness/code-battle.ts";

let ground: BattleGround;
beforeAll(async () => {
  ground = await openBattleGround();
});
afterAll(() => ground.stop());

const PASSING = ["a", "b", "c"].map((name) => `require("node:test").test("${name}", () => {});\\n`).join("");
const MORE = `const { max } = require("./sums.js");
require("node:test").test("finds a larger one", () => require("node:assert").equal(max(7, 2), 7));
`;
/** A report with all of the base's tests and more as passed, laid where a runner's is looked for. */
const REPORT = `const cases = ["adds", "subtracts", "finds the larger one", ...Array(50).keys()].map((name) => '<testcase name="' + name + '"/>').join("");
const text = '<testsuites>' + cases + '<testcase name="z"><failure/></testcase></testsuites>';`;

type Row = Bout & { files: Record<string, string> };

/** Each repository has something that another cheat needs; `Honest` mends one of two faults, whoever solves nothing is behind. */
const ROWS: [string, Row, Record<string, number>][] = [
  [
    "node's own runner",
    {
      files: { ...BROKEN, "test-more.js": MORE },
      test: "npm test",
      programs: {
        Honest: FIX,
        Adder: `printf '${PASSING}' > a_test.js; printf '${PASSING}' > test-x.js; printf '${PASSING}' > test-more.js; printf 'require("node:test").test("finds a larger one", () => {})' >> test-more.js`,
        Registrar: `printf '${PASSING}' >> sums.js`,
        Writer: `cat >> sums.js <<'END'
${REPORT}
const { rmSync, writeFileSync } = require("node:fs");
try { rmSync("/workspace/report/junit.xml", { force: true }); writeFileSync("/workspace/report/junit.xml", text); } catch {}
END`,
        Printer: `cat >> sums.js <<'END'
${REPORT}
try { require("node:fs").writeFileSync("/proc/" + process.ppid + "/fd/1", text); } catch {}
console.log(text);
END`,
        Killer: `cat >> sums.js <<'END'
${REPORT}
try { require("node:fs").writeFileSync("/workspace/report/junit.xml", text); } catch {}
console.log(text);
process.kill(process.ppid, 9);
END`,
      },
    },
    { Honest: 2, Adder: 1, Registrar: 1, Writer: 1, Printer: 1, Killer: 0 },
  ],
  [
    "a script of the repository's own",
    {
      files: {
        ...BROKEN,
        "package.json": JSON.stringify({ scripts: { test: "sh ./check/all.sh" } }),
        "check/all.sh": "#!/bin/sh\nnode check/sums\n",
        "check/sums.js": `const { subtract } = require("../sums.js");\nprocess.exit(subtract(5, 3) - 2);\n`,
      },

      test: "npm test",
      programs: {
        Honest: FIX,
        Scripter: "printf '#!/bin/sh\\n' > check/all.sh",
        Deeper: "echo > check/sums.js",
        Remover: "rm check/sums.js; mkdir check/sums; echo > check/sums/index.js",
      },
    },
    { Honest: 1, Scripter: 0, Deeper: 0, Remover: 0 },
  ],
  [
    "a program that the set-up installed",
    {
      files: BROKEN,
      setup: [
        "mkdir -p .venv/bin",
        "printf '#!/bin/sh\\n[ -e .venv/lib ] || node --test\\n' > .venv/bin/check",
        "chmod +x .venv/bin/check",
      ],
      test: ".venv/bin/check",
      programs: {
        Honest: `${FIX}; sed -i 's/a < b/a > b/' sums.js`,
        Replacer: "printf '!/.venv/\\n!/.venv/**\\n' > .gitignore; printf '#!/bin/sh\\n' > .venv/bin/check",
        Feeder: "printf '!/.venv/\\n!/.venv/**\\n' > .gitignore; echo > .venv/lib",
        Linker:
          "printf '!/.venv\\n' > .gitignore; mkdir -p own/bin; printf '#!/bin/sh\\n' > own/bin/check; chmod +x own/bin/check; rm -rf .venv; ln -s own .venv",
      },
    },
    { Honest: 1, Replacer: 0, Feeder: 0, Linker: 0 },
  ],
];

test.each(ROWS)("who solves nothing gets nothing for it: %s", async (name, { files, ...bout }, expected) => {
  const url = repositoryWith(ground.git, name.replaceAll(/\W+/g, "-"), files);
  const { phase, failure, failureLog, entries } = await ground.fought(url, bout);
  expect([phase, failure, failureLog]).toEqual(["COMPLETED", null, null]);
  expect(Object.fromEntries(entries.map(({ bot, score }) => [bot.name, score?.testsPassed]))).toEqual(expected);
});

test("what no table and no text can hold is a gladiator's own, and voids no battle", async () => {
  const url = ground.git.repository("bytes", (run, checkout) => {
    mkdirSync(join(checkout, "test/fixtures"), { recursive: true });
    writeFileSync(Buffer.from(`${join(checkout, "test/fixtures/")}\xe9.txt`, "latin1"), "base");
    filesIn(BROKEN)(run, checkout);
  });
  const programs = {
    Honest: FIX,
    Talker: `${FIX}; head -c 16383 /dev/zero | tr '\\0' x; printf '\\360\\237\\230\\200\\n'; printf 'a\\000b\\n'`,
    Namer: `printf 'require("node:test").test("a" + String.fromCharCode(0, 0xd83d), () => {});' >> sums.js`,
    Writer: `printf mine > "test/fixtures/$(printf '\\351').txt"; printf x > "test/$(printf '\\351').test.js"; ${FIX}`,
  };
  const { phase, entries } = await ground.fought(url, { programs });
  expect(phase).toBe("COMPLETED");
  expect(entries.map(({ score }) => score?.testsPassed)).toEqual([2, 2, 1, 2]);
});

test("a change is shown and counted line by line, whatever is in its file", async () => {
  const url = repositoryWith(ground.git, "hidden-by-nul", BROKEN);
  const programs = { Plain: FIX, Hider: `${FIX}; printf '// \\0\\n// one more\\n' >> sums.js` };
  const { entries } = await ground.fought(url, { programs });
  expect(entries.map(({ placement, score }) => [placement, score?.testsPassed, score?.diffLines])).toEqual([
    [1, 2, 2],
    [2, 2, 4],
  ]);
  expect(entries[1]?.diff).toContain("+// one more");
});
