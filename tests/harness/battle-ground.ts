import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "../../src/app.ts";
import { newPerson } from "./agent.ts";
import { startTestApp } from "./app.ts";
import { battleAt, newGladiator, OVER, reviewed, startBattle, type Battle } from "./code-battle.ts";
import { startGitServer, type GitServer } from "./git-server.ts";

/** Programs by the names of their gladiators, shells' texts, and what of a battle between them is not as usual. */
export type Bout = { setup?: string[]; test?: string; programs: Record<string, string>; plan?: object };

/** A server that fights battles of one person over the repositories of a git server. */
export type BattleGround = {
  app: App;
  git: GitServer;
  key: string;
  /** A battle over a repository, to its end; its gladiators are called as their programs are. */
  fought(url: string, bout: Bout): Promise<Battle>;
  stop(): Promise<void>;
};

/** Opens a battle ground; `variables` are those of .env.example. */
export async function openBattleGround(variables: Record<string, string> = {}): Promise<BattleGround> {
  const dataDir = mkdtempSync(join(tmpdir(), "agon-battles-"));
  const git = await startGitServer();
  const app = await startTestApp({}, {}, { DATA_DIR: dataDir, ...variables });
  const { key } = await newPerson(app.url);
  let battles = 0;
  return {
    ...{ app, git, key },
    fought: (url, bout) => foughtOn(app.url, key, { ...bout, url, number: battles++ }),
    stop: async () => {
      await app.stop();
      await git.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Names are taken once on a server: each battle's end with its number, which is taken off again. */
async function foughtOn(server: string, key: string, bout: Bout & { url: string; number: number }): Promise<Battle> {
  const { url, number, setup = [], test = "npm test", programs, plan = {} } = bout;
  const repositoryId = await reviewed(server, key, { url }, { setup, test });
  const bots: string[] = [];
  for (const [who, text] of Object.entries(programs))
    bots.push(await newGladiator(server, key, `${who}_${number}`, { kind: "COMMAND", command: ["sh", "-c", text] }));
  const wanted = { repositoryId, prompt: "Fix it.", gladiatorsMax: bots.length, ...plan };
  const battle = await battleAt(server, key, await startBattle(server, key, wanted, bots), OVER);
  const plain = (text: string) => text.replace(new RegExp(`_${number}(?=$|:)`), "");
  return {
    ...battle,
    audit: battle.audit.map(({ operation, about }) => ({ operation, about: plain(about) })),
    entries: battle.entries.map((entry) => ({ ...entry, bot: { name: plain(entry.bot.name) } })),
  };
}
