import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runBot, type Ended, type Move, type RunBot } from "../../src/sdk/bot.ts";
import { verifyReplay } from "../../src/verify.ts";
import { ask, mutate, newBot, newKey, newPerson, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { ledgerCheck } from "../harness/ledger-check.ts";
import { until } from "../harness/until.ts";

const NORTH = 10n ** 18n;
const MILLION = 1_000_000n * NORTH;
const NONCE = "00112233445566778899aabbccddeeff";

let app: App;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_ROUND_PAUSE_MS: 20 });
});
afterAll(() => app.stop());

type Fighter = { key: string; headers: Record<string, string>; botId: string; name: string };
let made = 0;

/** Somebody with today's grant and a bot in the Pit. */
async function fighter(): Promise<Fighter> {
  const { token } = await newPerson(app.url);
  const key = await newKey(app.url, token, ["PLAY", "BET"]);
  const name = `Sealed_${made++}`;
  const botId = await newBot(app.url, key, name);
  await mutate(app.url, key, "enterPit", { botId });
  await mutate(app.url, key, "claimFaucet", {});
  return { key, headers: { authorization: `Bearer ${token}` }, botId, name };
}
const twoFighters = () => Promise.all([fighter(), fighter()]);

type Called = {
  code?: string;
  path?: string[];
  callout: { id: string; sealed: boolean; fight: { id: string; sealed: boolean } | null };
};
const SHOWN = "callout { id sealed fight { id ... on Fight { sealed } } }";
const callOut = async ({ key, botId }: Fighter, targetId: string, input: object = {}) =>
  (await mutate(app.url, key, "createCallout", { botId, targetId, ...input }, SHOWN)) as unknown as Called;
const accept = async ({ key }: Fighter, calloutId: string, input: object = {}) =>
  (await mutate(app.url, key, "acceptCallout", { calloutId, ...input }, SHOWN)) as unknown as Called;

async function sealedFight(one: Fighter, two: Fighter): Promise<string> {
  const { callout } = await callOut(one, two.botId, { sealed: true });
  return (await accept(two, callout.id)).callout.fight?.id ?? "";
}
async function balanceOf({ headers }: Fighter): Promise<bigint> {
  const { data } = await ask(app.url, "{ viewer { balance { available } } }", {}, headers);
  return BigInt((data as never as { viewer: { balance: { available: string } } }).viewer.balance.available);
}
async function provenReplay(fightId: string): Promise<string[]> {
  const checks = verifyReplay(await (await fetch(`${app.url}/replays/${fightId}.json`)).json());
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  return checks.map(({ name }) => name);
}

const strongest = ({ legalActions }: Move) =>
  (["SPECIAL", "JAB_HIGH"] as const).find((action) => legalActions.includes(action)) ?? "RECOVER";
const runs = ({ key, name: bot }: Fighter, options: Partial<RunBot>) =>
  runBot({ url: app.url, key, bot, contests: 1, onMove: strongest, ...options });

describe("a million NORTH", () => {
  test("is fought for by two owners in a sealed fight, to its end, and paid less 3 %", async () => {
    const [one, two] = await twoFighters();
    const ended: Ended[] = [];
    const told: boolean[] = [];
    const steps = new Set<string>();
    const onEnd = (each: Ended) => void ended.push(each);
    const onCallout = ({ sealed }: { sealed: boolean }) => (told.push(sealed), true);
    const first = runs(one, { onEnd });
    const second = runs(two, { onEnd, onCallout, onMove: ({ step }) => (steps.add(step), "RECOVER") });
    const { callout } = await callOut(one, two.botId, { wager: String(MILLION) });
    expect(callout.sealed).toBe(true);
    expect(await balanceOf(one)).toBe(0n);
    expect(await Promise.all([first, second])).toEqual([1, 1]);
    expect(told).toEqual([true]);
    expect([...steps]).toEqual(["COMMIT"]);
    expect(ended.map(({ contest }) => contest.status)).toEqual(["COMPLETED", "COMPLETED"]);
    // Who only recovers cannot win. Both stakes are 2,000,000; the house keeps 60,000.
    expect([await balanceOf(one), await balanceOf(two)]).toEqual([1_940_000n * NORTH, 0n]);
    const fightId = ended[0]?.contest.id ?? "";
    expect(await provenReplay(fightId)).toContain("RULES");
    const { data } = await ask(app.url, "query($id: ID!) { fight(id: $id) { sealed wager } }", { id: fightId });
    expect(data).toEqual({ fight: { sealed: true, wager: String(MILLION) } });
    const { code, said } = await ledgerCheck(String(app.platform.db.pool.options.connectionString));
    expect([code, said]).toEqual([0, expect.stringContaining("The ledger is sound")]);
  }, 60_000);

  test("is not fought for openly, and nothing is taken for it", async () => {
    const [one, two] = await twoFighters();
    const refused = await callOut(one, two.botId, { wager: String(MILLION), sealed: false });
    expect(refused).toMatchObject({ code: "WAGER_NEEDS_SEALED", path: ["input", "sealed"] });
    expect(await balanceOf(one)).toBe(MILLION);
  });
});

describe("either side's request seals a fight:", () => {
  test.each([
    ["the challenger's", { sealed: true }, {}, true],
    ["the target's, which the callout then shows", {}, { sealed: true }, true],
    ["both", { sealed: true }, { sealed: true }, true],
    ["the target cannot take the challenger's back", { sealed: true }, { sealed: false }, true],
    ["without one it is open", {}, {}, false],
  ])("%s", async (_sentence, asked, answered, sealed) => {
    const [one, two] = await twoFighters();
    const { callout } = await callOut(one, two.botId, asked);
    expect(callout.sealed).toBe("sealed" in asked);
    const met = await accept(two, callout.id, answered);
    expect([met.callout.sealed, met.callout.fight?.sealed]).toEqual([sealed, sealed]);
    await mutate(app.url, one.key, "concedeFight", { botId: one.botId, fightId: met.callout.fight?.id });
  });

  test("one of two in a queue, and the other plays it all the same", async () => {
    const [one, two] = await twoFighters();
    const ended: Ended[] = [];
    const queue = { ladder: "PIT", mode: "RATED" } as const;
    await Promise.all([
      runs(one, { queue: { ...queue, sealed: true }, onEnd: (each) => void ended.push(each) }),
      runs(two, { queue, onMove: () => "RECOVER" }),
    ]);
    const { data } = await ask(app.url, "query($id: ID!) { fight(id: $id) { sealed rated } }", {
      id: ended[0]?.contest.id,
    });
    expect(data).toEqual({ fight: { sealed: true, rated: true } });
  }, 60_000);

  test.each(["House_Random", "House_Drill", "House_Sage", "House_Learner"])(
    "%s plays one whole, and its record is proven",
    async (name) => {
      const one = await fighter();
      const { data } = await ask(app.url, "query($name: String!) { bot(name: $name) { id } }", { name });
      const house = (data as never as { bot: { id: string } | null }).bot;
      const playing = runs(one, {});
      const { callout } = await callOut(one, house?.id ?? "", { sealed: true });
      expect(callout.fight?.sealed).toBe(true);
      expect(await playing).toBe(1);
      expect(await provenReplay(callout.fight?.id ?? "")).toContain("RULES");
    },
    60_000,
  );
});

type Asked = { step: string; round: number; exchange: number; you: { commitment: string | null } };
/** The moves that a bot is asked for from now on; what is pending comes first. */
function inbox({ key, botId }: Fighter) {
  const client = socket(app.url, key);
  const moves: (Asked & { pending: boolean })[] = [];
  const query = `subscription($botId: ID!) { botEvents(botId: $botId) { pending event { __typename ... on MoveRequested { step round exchange you { commitment } } } } }`;
  client.subscribe<{ botEvents: { pending: boolean; event: { __typename: string } & Asked } }>(
    { query, variables: { botId } },
    {
      next: ({ data }) => {
        const item = data?.botEvents;
        if (item?.event.__typename === "MoveRequested") moves.push({ ...item.event, pending: item.pending });
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { moves, close: () => client.dispose() };
}

const hashOf = (fightId: string, botId: string, action: string, exchange = 1, nonce = NONCE) =>
  createHash("sha256").update(`pit1|${fightId}|1|${exchange}|${botId}|${action}|${nonce}`).digest("hex");

const answer = async (field: string, { key, botId }: Fighter, fightId: string, input: object) =>
  String(
    (await mutate(app.url, key, field, { botId, fightId, round: 1, exchange: 1, ...input }))["code"] ?? "ACCEPTED",
  );

describe("by hand", () => {
  test("who comes again is asked for what is open: the commitment, then the reveal with what it committed to", async () => {
    const [one, two] = await twoFighters();
    const fightId = await sealedFight(one, two);
    const first = inbox(one);
    await until(() => first.moves.length === 1, "the commitment that is asked for");
    await first.close();
    const hash = hashOf(fightId, one.botId, "GRAB");
    const again = inbox(one);
    await until(() => again.moves.length === 1, "the same once more");
    expect([...first.moves, ...again.moves]).toMatchObject([
      { step: "COMMIT", round: 1, exchange: 1, pending: true, you: { commitment: null } },
      { step: "COMMIT", round: 1, exchange: 1, pending: true, you: { commitment: null } },
    ]);
    expect(await answer("commitFightAction", one, fightId, { hash })).toBe("ACCEPTED");
    const theirs = hashOf(fightId, two.botId, "RECOVER");
    expect(await answer("commitFightAction", two, fightId, { hash: theirs })).toBe("ACCEPTED");
    await until(() => again.moves.length === 2, "the reveal that is asked for");
    await again.close();
    const late = inbox(one);
    await until(() => late.moves.length === 1, "the reveal once more");
    await late.close();
    expect([again.moves[1], late.moves[0]]).toMatchObject([
      { step: "REVEAL", pending: false, you: { commitment: hash } },
      { step: "REVEAL", pending: true, you: { commitment: hash } },
    ]);
    expect(await answer("revealFightAction", two, fightId, { action: "RECOVER", nonce: NONCE })).toBe("ACCEPTED");
    expect(await answer("revealFightAction", one, fightId, { action: "GRAB", nonce: NONCE })).toBe("ACCEPTED");
    const { data } = await ask(
      app.url,
      "query($id: ID!) { fight(id: $id) { phase exchanges { sides { action nonce commitment timedOut } } } }",
      { id: fightId },
    );
    expect(data).toEqual({
      fight: {
        phase: "WAITING_FOR_COMMITMENTS",
        exchanges: [
          {
            sides: [
              { action: "GRAB", nonce: NONCE, commitment: hash, timedOut: false },
              { action: "RECOVER", nonce: NONCE, commitment: theirs, timedOut: false },
            ],
          },
        ],
      },
    });
    await mutate(app.url, one.key, "concedeFight", { botId: one.botId, fightId });
    await provenReplay(fightId);
  }, 30_000);

  test("what does not count gets its own refusal, with a hint, and nothing is written", async () => {
    const [[one, two], [other, foe]] = await Promise.all([twoFighters(), twoFighters()]);
    const fightId = await sealedFight(one, two);
    const open = (await accept(foe, (await callOut(other, foe.botId)).callout.id)).callout.fight?.id ?? "";
    const rows = async () => {
      const { rows: found } = await app.platform.db.pool.query(
        "SELECT f.id, f.version, f.state, (SELECT count(*) FROM stream_event WHERE stream = 'fight:' || f.id) AS events FROM fight f WHERE f.phase LIKE 'WAITING%' ORDER BY f.id",
      );
      return JSON.stringify(found);
    };
    const hash = hashOf(fightId, one.botId, "GRAB");
    const reveal = { action: "GRAB", nonce: NONCE };
    const refused = async (field: string, who: Fighter, input: object, code: string, id = fightId) => {
      const before = await rows();
      expect(await answer(field, who, id, input)).toBe(code);
      expect(await rows()).toBe(before);
    };
    await refused("submitFightAction", one, { action: "GRAB" }, "FIGHT_SEALED");
    await refused("commitFightAction", other, { hash }, "FIGHT_NOT_SEALED", open);
    await refused("revealFightAction", other, reveal, "FIGHT_NOT_SEALED", open);
    await refused("commitFightAction", other, { hash }, "NOT_IN_FIGHT");
    await refused("commitFightAction", { ...one, botId: two.botId }, { hash }, "NOT_YOUR_BOT");
    await refused("commitFightAction", one, { hash, exchange: 2 }, "EXCHANGE_CLOSED");
    await refused("revealFightAction", one, reveal, "REVEAL_TOO_EARLY");
    const once = { hash, idempotencyKey: "once" };
    expect(await answer("commitFightAction", one, fightId, once)).toBe("ACCEPTED");
    await refused("commitFightAction", one, once, "ACCEPTED");
    await refused("commitFightAction", one, { ...once, hash: "0".repeat(64) }, "IDEMPOTENCY_KEY_REUSED");
    await refused("commitFightAction", one, { hash }, "ALREADY_COMMITTED");
    await answer("commitFightAction", two, fightId, { hash: hashOf(fightId, two.botId, "RECOVER") });
    await refused("commitFightAction", one, { hash: "0".repeat(64) }, "ALREADY_COMMITTED");
    await refused("revealFightAction", one, { ...reveal, action: "RECOVER" }, "COMMITMENT_MISMATCH");
    await refused("revealFightAction", one, { ...reveal, nonce: NONCE.toUpperCase() }, "BAD_NONCE");
    await refused("revealFightAction", one, { ...reveal, nonce: NONCE.slice(1) }, "BAD_NONCE");
    expect(await answer("revealFightAction", one, fightId, { ...reveal, idempotencyKey: "reveal" })).toBe("ACCEPTED");
    await refused("revealFightAction", one, { ...reveal, idempotencyKey: "reveal" }, "ACCEPTED");
    await refused("revealFightAction", one, reveal, "ALREADY_REVEALED");
    await mutate(app.url, one.key, "concedeFight", { botId: one.botId, fightId });
    await refused("revealFightAction", two, { action: "RECOVER", nonce: NONCE }, "FIGHT_OVER");
    await mutate(app.url, other.key, "concedeFight", { botId: other.botId, fightId: open });
  }, 30_000);
});
