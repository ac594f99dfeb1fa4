import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import {
  battleAt,
  BROKEN,
  FIX,
  newGladiator,
  OVER,
  repositoryWith,
  reviewed,
  startBattle,
} from "../harness/code-battle.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { leftBy } from "../harness/leftovers.ts";

let app: App;
let git: GitServer;
let dataDir: string;
let marker: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "agon-code-"));
  marker = join(dataDir, "a-program-of-a-gladiator-ran");
  git = await startGitServer();
  app = await startTestApp({}, {}, { DATA_DIR: dataDir });
});
afterAll(async () => {
  await app.stop();
  await git.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const EVIL = () => `evil() {
  git -C $1 config core.fsmonitor "touch ${marker}"
  git -C $1 config diff.external "touch ${marker}"
  git -C $1 config filter.evil.clean "touch ${marker}"
  git -C $1 config filter.evil.smudge "touch ${marker}"
  for hook in post-commit pre-commit post-index-change post-checkout reference-transaction; do
    printf '#!/bin/sh\\ntouch ${marker}\\n' > $1/.git/hooks/$hook; chmod +x $1/.git/hooks/$hook
  done
}
mkdir -p .git/hooks
echo '* filter=evil diff=evil' > .gitattributes
`;

test("what gladiators leave for git runs nowhere outside, and what is no work of theirs is not taken", {
  timeout: 120_000,
}, async () => {
  const { key } = await newPerson(app.url);
  const repositoryId = await reviewed(app.url, key, { url: repositoryWith(git, "left", BROKEN) });
  const programs = {
    Honest: FIX,
    Trapper: `${EVIL()} git init --quiet nested; echo text > nested/file; evil .; evil nested; ${FIX}`,
    Linker: `${FIX}; ln -s /etc/shadow shadow`,
    Climber: `${FIX}; ln -s ../../../outside link`,
    Nester: `${FIX}; printf '[submodule "../../e"]\\n\\tpath = e\\n\\turl = ext::sh -c "touch ${marker}"\\n' > .gitmodules`,
    Filler: `${FIX}; head -c 30000000 /dev/urandom > noise`,
  };
  const bots = [];
  for (const [name, text] of Object.entries(programs))
    bots.push(await newGladiator(app.url, key, name, { kind: "COMMAND", command: ["sh", "-c", text] }));
  const plan = { repositoryId, prompt: "Fix it.", gladiatorsMax: 6, timeLimitMs: 30_000 };
  const id = await startBattle(app.url, key, plan, bots);
  const { phase, entries } = await battleAt(app.url, key, id, OVER);
  expect(phase).toBe("COMPLETED");
  expect(entries.map(({ bot, outcome, score }) => [bot.name, outcome, score?.testsPassed])).toEqual([
    ["Honest", "JUDGED", 2],
    ["Trapper", "JUDGED", 2],
    ["Linker", "UNSAFE_FILES", undefined],
    ["Climber", "UNSAFE_FILES", undefined],
    ["Nester", "UNSAFE_FILES", undefined],
    ["Filler", "TOO_LARGE", undefined],
  ]);
  const trapped = entries.find(({ bot }) => bot.name === "Trapper")?.diff;
  expect(trapped).toContain("nested/file");
  expect(trapped).not.toContain("Subproject");
  expect(existsSync(marker)).toBe(false);
  expect(leftBy(process.pid)).toEqual([]);
});
