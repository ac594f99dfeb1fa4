import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runBot, type Ended, type Move } from "../../src/sdk/bot.ts";
import { verifyReplay } from "../../src/verify.ts";
import { ask, mutate, newBot, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

const NONCE = "00112233445566778899aabbccddeeff";
/** The paces as the rules have them: how long a step takes, and what each side has in its bank at first. */
const PACES = {
  PIT: { stepMs: 5_000, bankMs: 30_000 },
  PIT_SLOW: { stepMs: 60_000, bankMs: 0 },
} as const;

let app: App;
const open = async (limits: Record<string, number>) => {
  app = await startTestApp({ LIMIT_CALLOUT_INTERVAL_MS: 0, LIMIT_ROUND_PAUSE_MS: 20, ...limits });
};
afterEach(() => app.stop());

type Fighter = { key: string; botId: string; name: string };
let made = 0;
async function fighter(): Promise<Fighter> {
  const { key } = await newPerson(app.url);
  const name = `Slow_${made++}`;
  const botId = await newBot(app.url, key, name);
  await mutate(app.url, key, "enterPit", { botId });
  return { key, botId, name };
}
const twoFighters = () => Promise.all([fighter(), fighter()]);

async function meet(one: Fighter, two: Fighter, ladder: string): Promise<string> {
  const input = { botId: one.botId, targetId: two.botId, sealed: true, ladder };
  const { callout } = (await mutate(app.url, one.key, "createCallout", input, "callout { id }")) as never as {
    callout: { id: string };
  };
  const met = await mutate(app.url, two.key, "acceptCallout", { calloutId: callout.id }, "callout { fight { id } }");
  return (met["callout"] as unknown as { fight: { id: string } }).fight.id;
}

const hashOf = (fightId: string, { botId }: Fighter, action: string) =>
  createHash("sha256").update(`pit1|${fightId}|1|1|${botId}|${action}|${NONCE}`).digest("hex");
const act = async (field: string, { key, botId }: Fighter, fightId: string, input: object) =>
  String(
    (await mutate(app.url, key, field, { botId, fightId, round: 1, exchange: 1, ...input }))["code"] ?? "ACCEPTED",
  );
const commit = (who: Fighter, fightId: string) =>
  act("commitFightAction", who, fightId, { hash: hashOf(fightId, who, "RECOVER") });
const reveal = (who: Fighter, fightId: string) =>
  act("revealFightAction", who, fightId, { action: "RECOVER", nonce: NONCE });

type Request = { __typename: string; at: string; fighters: { botId: string; bankMs: number; deadlineAt: string }[] };
type Side = { timedOut: boolean; commitment: string | null };
type Told = { events: { nodes: Request[] }; exchanges: { sides: Side[] }[]; ladder: string; sealed: boolean };
async function fightOf(id: string): Promise<Told> {
  const { data, errors } = await ask(
    app.url,
    `query($id: ID!) { fight(id: $id) { ladder sealed exchanges { sides { timedOut commitment } } events(first: 100) { nodes { __typename at
       ... on ExchangeRequested { fighters { botId bankMs deadlineAt } } ... on RevealRequested { fighters { botId bankMs deadlineAt } } } } } }`,
    { id },
  );
  expect(errors).toBeUndefined();
  return (data as unknown as { fight: Told }).fight;
}
/** An event is dated when it is written: a little behind the instant from which its deadlines count. */
const WRITTEN_WITHIN_MS = 3_000;
type Asked = { name: string; bankMs: number[]; stepMs: number[] };
/** Each request with what every fighter is given beyond its own bank, in milliseconds, as far as the event's date says. */
const stepsOf = ({ events }: Told): Asked[] =>
  events.nodes
    .filter(({ __typename: name }) => name === "ExchangeRequested" || name === "RevealRequested")
    .map(({ __typename: name, at, fighters }) => ({
      name,
      bankMs: fighters.map(({ bankMs }) => bankMs),
      stepMs: fighters.map(({ deadlineAt, bankMs }) => Date.parse(deadlineAt) - Date.parse(at) - bankMs),
    }));
/** Both sides are given a ladder's time for a step. */
function hasPace({ stepMs }: Asked, paceMs: number): void {
  expect(stepMs).toHaveLength(2);
  for (const each of stepMs) {
    expect(each).toBeLessThanOrEqual(paceMs);
    expect(each).toBeGreaterThan(paceMs - WRITTEN_WITHIN_MS);
  }
}

test.each(["PIT", "PIT_SLOW"] as const)(
  "in a sealed fight on %s the commitment and the reveal have its pace each",
  async (ladder) => {
    const { stepMs, bankMs } = PACES[ladder];
    await open({});
    const [one, two] = await twoFighters();
    const fightId = await meet(one, two, ladder);
    for (const who of [one, two]) expect(await commit(who, fightId)).toBe("ACCEPTED");
    for (const who of [one, two]) expect(await reveal(who, fightId)).toBe("ACCEPTED");
    const told = await fightOf(fightId);
    expect(told).toMatchObject({ ladder, sealed: true });
    const asked = stepsOf(told);
    expect(asked.map(({ name }) => name)).toEqual(["ExchangeRequested", "RevealRequested", "ExchangeRequested"]);
    expect(asked[0]?.bankMs).toEqual([bankMs, bankMs]);
    for (const each of asked) hasPace(each, stepMs);
    expect(told.exchanges.flatMap(({ sides }) => sides.map(({ timedOut }) => timedOut))).toEqual([false, false]);
  },
  30_000,
);

test("two that ask for it in the queue of PIT_SLOW play a sealed fight to its end, and its record is proven", async () => {
  await open({});
  const [one, two] = await twoFighters();
  const ended: Ended[] = [];
  const steps = new Set<string>();
  const strongest = ({ legalActions, step }: Move) => {
    steps.add(step);
    return (["SPECIAL", "JAB_HIGH"] as const).find((action) => legalActions.includes(action)) ?? "RECOVER";
  };
  const run = (
    { key, name: bot }: Fighter,
    onMove: (move: Move) => "RECOVER" | "SPECIAL" | "JAB_HIGH",
    sealed: boolean,
  ) =>
    runBot({
      url: app.url,
      key,
      bot,
      contests: 1,
      queue: { ladder: "PIT_SLOW", mode: "RATED", sealed },
      onMove,
      onEnd: (each) => void ended.push(each),
    });
  await Promise.all([run(one, strongest, true), run(two, () => "RECOVER", false)]);
  expect(ended.map(({ contest }) => contest.status)).toEqual(["COMPLETED", "COMPLETED"]);
  expect([...steps]).toEqual(["COMMIT"]);
  const fightId = ended[0]?.contest.id ?? "";
  const told = await fightOf(fightId);
  expect(told).toMatchObject({ ladder: "PIT_SLOW", sealed: true });
  for (const each of stepsOf(told)) {
    hasPace(each, PACES.PIT_SLOW.stepMs);
    expect(each.bankMs).toEqual([0, 0]);
  }
  const checks = verifyReplay(await (await fetch(`${app.url}/replays/${fightId}.json`)).json());
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

test("a step of PIT_SLOW ends by its own pace, whatever the other ladder's is: who does not commit, or not reveal, is late", async () => {
  await open({ LIMIT_SLOW_ACTION_TIMEOUT_MS: 1_500, LIMIT_ACTION_TIMEOUT_MS: 600_000 });
  const [one, two, other, foe] = [...(await twoFighters()), ...(await twoFighters())] as const;
  const [slow, usual] = [await meet(one, two, "PIT_SLOW"), await meet(other, foe, "PIT")];
  for (const [who, fightId] of [
    [one, slow],
    [two, slow],
    [other, usual],
    [foe, usual],
  ] as const)
    expect(await commit(who, fightId)).toBe("ACCEPTED");
  expect(await reveal(one, slow)).toBe("ACCEPTED");
  const seen = await until(async () => {
    const told = await fightOf(slow);
    return told.exchanges.length >= 2 && told;
  }, "the reveal and the commitments after it to be late");
  const [withheld, silent] = seen.exchanges;
  expect(withheld?.sides.map(({ timedOut }) => timedOut)).toEqual([false, true]);
  expect(withheld?.sides.every(({ commitment }) => commitment !== null)).toBe(true);
  expect(silent?.sides).toEqual([1, 2].map(() => ({ timedOut: true, commitment: null })));
  const askedAtMs = seen.events.nodes
    .filter(({ __typename: name }) => name.endsWith("Requested"))
    .map(({ at }) => Date.parse(at));
  expect((askedAtMs[2] ?? 0) - (askedAtMs[1] ?? 0)).toBeGreaterThanOrEqual(1_500);
  expect((await fightOf(usual)).exchanges).toEqual([]);
  expect(await reveal(other, usual)).toBe("ACCEPTED");
}, 60_000);
