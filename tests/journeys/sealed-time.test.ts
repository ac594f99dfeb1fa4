import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runBot, type Move } from "../../src/sdk/bot.ts";
import type { AgonError } from "../../src/sdk/client.ts";
import { verifyReplay } from "../../src/verify.ts";
import { ask, mutate, newBot, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

const NORTH = 10n ** 18n;
const NONCE = "00112233445566778899aabbccddeeff";

let app: App;
beforeAll(async () => {
  app = await startTestApp({
    LIMIT_CALLOUT_INTERVAL_MS: 0,
    LIMIT_ROUND_PAUSE_MS: 20,
    LIMIT_ACTION_TIMEOUT_MS: 1_500,
    LIMIT_TIME_BANK_MS: 0,
  });
});
afterAll(() => app.stop());

type Fighter = { key: string; token: string; botId: string; name: string };

async function fighter(name: string): Promise<Fighter> {
  const { token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  const botId = await newBot(app.url, key, name);
  await mutate(app.url, key, "enterPit", { botId });
  await mutate(app.url, key, "claimFaucet", {});
  return { key, token, botId, name };
}

/** A sealed fight for 100,000 NORTH. */
async function meet(one: Fighter, two: Fighter): Promise<string> {
  const input = { botId: one.botId, targetId: two.botId, sealed: true, wager: String(100_000n * NORTH) };
  const made = await mutate(app.url, one.key, "createCallout", input, "callout { id }");
  const calloutId = (made["callout"] as unknown as { id: string }).id;
  const met = await mutate(app.url, two.key, "acceptCallout", { calloutId }, "callout { fight { id } }");
  return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
}

/** Commits to RECOVER whenever that is asked for, and reveals nothing. */
async function commitOnly({ key, botId }: Fighter, fightId: string): Promise<void> {
  for (let round = 1, exchange = 1; ; ) {
    const text = `pit1|${fightId}|${round}|${exchange}|${botId}|RECOVER|${NONCE}`;
    const hash = createHash("sha256").update(text).digest("hex");
    const turn = { botId, fightId, round, exchange };
    const { code } = (await mutate(app.url, key, "commitFightAction", { ...turn, hash })) as { code?: string };
    if (code === "FIGHT_OVER") return;
    const { data } = await ask(app.url, "query($id: ID!) { fight(id: $id) { state { round exchange } } }", {
      id: fightId,
    });
    ({ round, exchange } = (data as never as { fight: { state: { round: number; exchange: number } } }).fight.state);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

type Side = { action: string; timedOut: boolean; commitment: string | null; nonce: string | null };
async function sidesOf(fightId: string): Promise<Side[][]> {
  const { data } = await ask(
    app.url,
    "query($id: ID!) { fight(id: $id) { exchanges { sides { action timedOut commitment nonce } } } }",
    { id: fightId },
  );
  return (data as never as { fight: { exchanges: { sides: Side[] }[] } }).fight.exchanges.map(({ sides }) => sides);
}

test("who commits and never reveals forfeits after three exchanges; the other is paid, and the defaults are proven", async () => {
  const [one, two] = [await fighter("Reveals"), await fighter("Withholds")];
  const fightId = await meet(one, two);
  const onMove = ({ legalActions }: Move) => (legalActions.includes("JAB_HIGH") ? "JAB_HIGH" : "RECOVER");
  const playing = runBot({ url: app.url, key: one.key, bot: one.name, contests: 1, onMove });
  await Promise.all([playing, commitOnly(two, fightId)]);
  const sides = await sidesOf(fightId);
  expect(sides.length).toBe(3);
  for (const [mine, theirs] of sides) {
    expect(mine).toMatchObject({ timedOut: false, nonce: expect.any(String) });
    expect(theirs).toMatchObject({ timedOut: true, nonce: null, commitment: expect.any(String) });
    expect(["BLOCK_HIGH", "BLOCK_LOW", "RECOVER"]).toContain(theirs?.action);
  }
  const { data } = await ask(
    app.url,
    "query($id: ID!) { fight(id: $id) { phase endReason winner { name } } viewer { balance { available } } }",
    { id: fightId },
    { authorization: `Bearer ${one.token}` },
  );
  // 200,000 less 3 % of them, on top of the 900,000 that were left.
  expect(data).toEqual({
    fight: { phase: "FORFEITED", endReason: "TIMEOUTS", winner: { name: "Reveals" } },
    viewer: { balance: { available: String(1_094_000n * NORTH) } },
  });
  const checks = verifyReplay(await (await fetch(`${app.url}/replays/${fightId}.json`)).json());
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

test("a run that takes up a fight in which an earlier one has committed says that the nonce is lost, and plays on", async () => {
  const [one, two] = [await fighter("Forgets"), await fighter("Waits")];
  const fightId = await meet(one, two);
  const turn = { fightId, round: 1, exchange: 1 };
  await mutate(app.url, one.key, "commitFightAction", { ...turn, botId: one.botId, hash: "0".repeat(64) });
  const errors: AgonError[] = [];
  const stopping = new AbortController();
  const options = { url: app.url, signal: stopping.signal, onMove: () => "RECOVER" as const };
  const onError = (error: AgonError) => void errors.push(error);
  const runs = [
    runBot({ ...options, key: one.key, bot: one.name, onError }),
    runBot({ ...options, key: two.key, bot: two.name }),
  ];
  const sides = await until(async () => {
    const found = await sidesOf(fightId);
    return found.length >= 2 && found;
  }, "two exchanges");
  stopping.abort();
  await Promise.all(runs);
  expect(errors.map(({ code }) => code)).toEqual(["NONCE_LOST"]);
  expect(sides[0]).toMatchObject([{ timedOut: true, nonce: null }, { timedOut: false }]);
  expect(sides[1]).toMatchObject([{ timedOut: false, action: "RECOVER" }, { timedOut: false }]);
  await mutate(app.url, one.key, "concedeFight", { botId: one.botId, fightId });
}, 60_000);
