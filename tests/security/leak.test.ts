import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { firstDifference, openDuel } from "../harness/eavesdroppers.ts";

const ACTIONS = [
  ...["JAB_HIGH", "KICK_LOW", "HEAVY_HIGH", "SWEEP_LOW", "GRAB", "SPECIAL"],
  ...["BLOCK_HIGH", "BLOCK_LOW", "DODGE", "PARRY", "FEINT", "RECOVER"],
] as const;
type Seen = { before: string; answer: string; after: string };

/** Each in an app of its own, four side by side: nearly all of a fight here is waiting for what nobody says. */
async function fewAtOnce<Item, Heard>(
  items: readonly Item[],
  listen: (item: Item) => Promise<Heard>,
): Promise<Heard[]> {
  const heard: Heard[] = [];
  for (let from = 0; from < items.length; from += 4)
    heard.push(...(await Promise.all(items.slice(from, from + 4).map(listen))));
  return heard;
}

/** A fight in which the first fighter plays `action`, or nothing: all that everybody else receives until then. */
async function heardBefore(action: string | null): Promise<Seen> {
  const duel = await openDuel(false);
  try {
    expect(duel.status).toBe(200);
    const submit = (side: 0 | 1, played: string) =>
      duel.send({ field: "submitFightAction", side, input: { action: played } });
    const answer = action === null ? "" : await submit(0, action);
    const before = await duel.overhear();
    if (action === null) await submit(0, "RECOVER");
    await submit(1, "RECOVER");
    return { before, answer, after: await duel.until("ExchangeResolved") };
  } finally {
    await duel.close();
  }
}

test("before the resolution nobody receives a byte that depends on what was played, or whether", async () => {
  const [silence, ...heard] = await fewAtOnce([null, ...ACTIONS], heardBefore);
  if (!silence) throw new Error("the silent fight was not heard");
  expect(silence.before).toContain("MoveRequested");
  const answers = new Set<string>();
  for (const [index, seen] of heard.entries()) {
    const action = ACTIONS[index];
    expect(seen.before === silence.before ? action : firstDifference(seen.before, silence.before)).toBe(action);
    // The reading is not blind: after the resolution the action is there.
    expect(seen.after).toContain(`\\"action\\":\\"${action}\\"`);
    answers.add(seen.answer);
  }
  expect([...answers]).toHaveLength(1);
}, 240_000);

const NONCE = "00112233445566778899aabbccddeeff";
type Step = "NOTHING" | "COMMITS" | "REVEALS";
type SealedSeen = { committed: string; requested: string; answers: string[]; after: string };

/**
 * A sealed fight in which the first fighter does no more than `step`, of `action`, before the snapshots: all that everybody
 * else receives after its commitment, and after its reveal. Its hash is blanked: it is drawn with its nonce.
 */
async function heardSealed(action: string, step: Step): Promise<SealedSeen> {
  const duel = await openDuel(true);
  try {
    const hashOf = (side: 0 | 1, played: string) =>
      createHash("sha256").update(`pit1|${duel.fightId}|1|1|${duel.bots[side]}|${played}|${NONCE}`).digest("hex");
    const hash = hashOf(0, action);
    const commit = (side: 0 | 1, played: string) =>
      duel.send({ field: "commitFightAction", side, input: { hash: hashOf(side, played) } });
    const reveal = (side: 0 | 1, played: string) =>
      duel.send({ field: "revealFightAction", side, input: { action: played, nonce: NONCE } });
    const answers = step === "NOTHING" ? [] : [await commit(0, action)];
    const committed = await duel.overhear();
    if (step === "NOTHING") await commit(0, action);
    await commit(1, "RECOVER");
    await duel.until("RevealRequested");
    await duel.opponentHears("REVEAL");
    if (step === "REVEALS") answers.push(await reveal(0, action));
    const requested = (await duel.overhear()).replaceAll(hash, "HASH");
    expect(requested).toContain("HASH");
    expect(requested).not.toContain(NONCE);
    if (step !== "REVEALS") await reveal(0, action);
    await reveal(1, "RECOVER");
    return { committed, requested, answers, after: await duel.until("ExchangeResolved") };
  } finally {
    await duel.close();
  }
}

test("in a sealed fight nobody receives a byte before both reveals that depends on what was committed to, revealed, or whether", async () => {
  const [silence, bound] = await Promise.all([heardSealed("RECOVER", "NOTHING"), heardSealed("RECOVER", "COMMITS")]);
  const answers = new Set<string>();
  const differs = (seen: string, from: string) => (seen === from ? "" : firstDifference(seen, from));
  expect(differs(bound.committed, silence.committed)).toBe("");
  const actions = ["JAB_HIGH", "SPECIAL", "BLOCK_LOW", "PARRY", "RECOVER"];
  const heard = await fewAtOnce(actions, (action) => heardSealed(action, "REVEALS"));
  for (const [index, seen] of heard.entries()) {
    const action = actions[index];
    expect(differs(seen.committed, silence.committed)).toBe("");
    expect(differs(seen.requested, bound.requested)).toBe("");
    expect(seen.after).toContain(`\\"action\\":\\"${action}\\"`);
    expect(seen.after).toContain(NONCE);
    answers.add(seen.answers.join("\n"));
  }
  expect([...answers]).toHaveLength(1);
}, 240_000);
