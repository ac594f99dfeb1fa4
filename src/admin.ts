// Commands of an operator on the server's own machine: npm run admin -- grant HANDLE
import { join } from "node:path";
import { depositReport, unfreezeWithdrawals } from "./chain/service/operators.ts";
import { explainPayment, unknownReport } from "./chain/service/unknown-payments.ts";
import { describeBase, inspectRepository } from "./codebattles/service/repository.ts";
import { describeSandbox, sandboxState } from "./codebattles/service/sandbox.ts";
import { spar } from "./codebattles/service/spar.ts";
import { readConfig, type Config } from "./config.ts";
import { grantOperator, resetByOperator } from "./identity/service/operators.ts";
import { systemClock } from "./platform/clock.ts";
import { openDatabase } from "./platform/database.ts";
import { borrowEmbeddedPostgres } from "./platform/postgres/embedded.ts";
import { migrate } from "./platform/postgres/migrate.ts";
import { sayStartError } from "./platform/start-error.ts";
import { systemRandom } from "./platform/random.ts";
import { describeServers, setDrainingByHand } from "./quake/service/drain.ts";

const USAGE = `npm run admin -- COMMAND
  grant HANDLE            make a user an operator
  revoke HANDLE           take it back
  reset-password HANDLE   give a user a new password, shown once, and end every session
  deposits                how far the chain is read, what holds withdrawals back, what is nobody's, what was taken back
  unfreeze REASON WHY     let withdrawals go on after a DEPOSIT_REVERSED or a SHORTFALL; WHY is for the audit log
  payments                what a hot wallet paid and was not signed here, and which withdrawals that may have been
  explain TX WAS WHY      say what such a payment was: the id of its withdrawal, lost (one that the database has lost) or none
  servers                 the Quake servers of all nodes, with their ids and states
  drain SERVER WHY        let a Quake server finish its round and take no other; WHY is for the audit log
  resume SERVER WHY       let a drained Quake server take rounds again
  sandbox                 try whether code battles can run here, and say what is missing
  spar URL PROMPT         let the house gladiator work on a repository in a sandbox, and show what it does
  repository URL [REV]    fetch a repository as for a code battle, and say how it would be set up and tested
`;

type Acting = Parameters<typeof grantOperator>[0];
/** What a command says, and whether it did what it was told. */
type Said = { done: boolean; text: string };
type Command = { words: number; run(platform: Acting, words: readonly string[]): Promise<Said> };

/** A command about a user, who may not be there. */
const ofUser = (run: (platform: Acting, handle: string) => Promise<string | null>): Command => ({
  words: 1,
  run: async (platform, [handle = ""]) => {
    const text = await run(platform, handle);
    return { done: text !== null, text: text ?? `There is no user ${handle}.` };
  },
});

/** What operators want of a game server, by its id. */
const ofServer = (draining: boolean): Command => ({
  words: 2,
  run: (platform, [serverId = "", ...why]) =>
    setDrainingByHand(platform, { serverId, reason: why.join(" "), draining }),
});

const COMMANDS: Record<string, Command> = {
  grant: ofUser(async (platform, handle) =>
    (await grantOperator(platform, handle, true)) ? `${handle} is an operator.` : null,
  ),
  revoke: ofUser(async (platform, handle) =>
    (await grantOperator(platform, handle, false)) ? `${handle} is no operator any more.` : null,
  ),
  "reset-password": ofUser(async (platform, handle) => {
    const password = await resetByOperator(platform, handle);
    return password === null ? null : `The new password of ${handle}: ${password}`;
  }),
  servers: { words: 0, run: async (platform) => ({ done: true, text: await describeServers(platform) }) },
  drain: ofServer(true),
  resume: ofServer(false),
  deposits: { words: 0, run: async (platform) => ({ done: true, text: await depositReport(platform) }) },
  payments: { words: 0, run: async (platform) => ({ done: true, text: await unknownReport(platform) }) },
  explain: {
    words: 3,
    run: async (platform, [txHash = "", was = "", ...why]) => {
      const { done, said } = await explainPayment(platform, { txHash, was, why: why.join(" ") });
      return { done, text: said };
    },
  },
  unfreeze: {
    words: 2,
    run: async (platform, [reason = "", ...why]) => {
      const { lifted, said } = await unfreezeWithdrawals(platform, { reason, why: why.join(" ") });
      return { done: lifted, text: said };
    },
  },
};

/** The server's own: what is no mirror does not last in it. */
const storeOf = ({ dataDir, production, settings }: Config) => ({
  folder: join(dataDir, "repositories/mirrors"),
  isPrivateAllowed: !production,
  mibMax: settings.codeMirrorsMibMax,
});

/** Commands that need no database. */
const TRIES: Record<string, { words: number; run(config: Config, words: readonly string[]): Promise<Said> }> = {
  sandbox: {
    words: 0,
    run: async ({ sandbox }) => {
      const state = await sandboxState(sandbox);
      return { done: state.usable, text: describeSandbox(state) };
    },
  },
  repository: {
    words: 1,
    run: async (config, [url = "", revision = null]) => {
      const base = await inspectRepository(storeOf(config), url, revision);
      return typeof base === "string"
        ? { done: false, text: `Refused: ${base}` }
        : { done: true, text: describeBase(base) };
    },
  },
  spar: {
    words: 2,
    run: async (config, [url = "", ...prompt]) => {
      const order = { store: storeOf(config), sandbox: config.sandbox, url, prompt: prompt.join(" ") };
      const sparred = await spar(order, (event) => void process.stdout.write(`${JSON.stringify(event)}\n`));
      if (typeof sparred === "string") return { done: false, text: `Refused: ${sparred}` };
      const { by, exitCode, diff } = sparred;
      return { done: by === "EXIT" && exitCode === 0, text: `${by} ${exitCode}\n${diff}` };
    },
  },
};

async function main([name = "", ...words]: readonly string[]): Promise<number> {
  const [command, trial] = [COMMANDS[name], TRIES[name]];
  const wanted = (command ?? trial)?.words ?? Infinity;
  if (words.filter((word) => word !== "").length < wanted) {
    process.stderr.write(USAGE);
    return 2;
  }
  const config = readConfig(process.env);
  const { done, text } = trial
    ? await trial.run(config, words)
    : await withDatabase(config, (platform) => (command as Command).run(platform, words));
  (done ? process.stdout : process.stderr).write(`${text}\n`);
  return done ? 0 : 1;
}

async function withDatabase(config: Config, run: (platform: Acting) => Promise<Said>): Promise<Said> {
  const embedded = config.databaseUrl === null ? await borrowEmbeddedPostgres(config.dataDir) : null;
  const url = embedded?.url ?? config.databaseUrl ?? "";
  await migrate(url);
  const db = openDatabase(url, 1);
  try {
    return await run({ db, clock: systemClock, random: systemRandom });
  } finally {
    await db.close();
    await embedded?.stop();
  }
}

process.exitCode = await main(process.argv.slice(2)).catch(sayStartError);
