import { describe, expect, test } from "vitest";
import { A, B, FIGHT, NONCE, Sealed, SEED, START_MS, type Name } from "../../../tests/harness/sealed-fight.ts";
import { commitmentOf, sealedDefault, timePasses } from "./commitment.ts";
import { isOver } from "./fight-state.ts";
import type { Action } from "./pit-rules-1.ts";

const OTHER_NONCE = "ff112233445566778899aabbccddee00";

/** A fight that waits for reveals: what both committed to. */
function committed(a: Action = "RECOVER", b: Action = "RECOVER"): Sealed {
  const fight = new Sealed();
  fight.commit("a", a);
  fight.commit("b", b);
  return fight;
}

/** A fight in which a, whose bank is used up, has missed a step that b still has time for. */
function missed(step: "COMMIT" | "REVEAL"): Sealed {
  const fight = committed();
  fight.reveal("b");
  fight.nowMs += 35_000;
  fight.reveal("a");
  if (step === "REVEAL") {
    fight.commit("a");
    fight.commit("b");
  }
  fight.nowMs += 5_000;
  fight.tell(timePasses(fight.state, SEED));
  return fight;
}

describe("an exchange", () => {
  test("is committed to, revealed, and resolved; nothing is told of a first commitment or a first reveal", () => {
    const fight = new Sealed();
    expect(fight.told()).toEqual(["FightStarted", "ExchangeRequested"]);
    expect([fight.commit("b", "JAB_HIGH"), fight.events.length]).toEqual(["OK", 2]);
    expect(fight.commit("a", "KICK_LOW")).toBe("OK");
    expect(fight.told().slice(2)).toEqual(["RevealRequested"]);
    expect([fight.reveal("a", "KICK_LOW"), fight.events.length]).toEqual(["OK", 3]);
    expect(fight.reveal("b", "JAB_HIGH")).toBe("OK");
    expect(fight.told().slice(3)).toEqual(["ExchangeResolved", "ExchangeRequested"]);
    expect(fight.last("ExchangeResolved")?.sides).toMatchObject([
      { botId: A, action: "KICK_LOW", timedOut: false, nonce: NONCE },
      { botId: B, action: "JAB_HIGH", timedOut: false, nonce: NONCE },
    ]);
  });

  test("says from its first word that it is sealed, and an open one says nothing of it", () => {
    const [first, second] = new Sealed().events;
    expect([first, second]).toMatchObject([{ sealed: true }, { sealed: true }]);
    expect(new Sealed(false).events.some((event) => "sealed" in event)).toBe(false);
  });

  test("shows both commitments, bound before anything is revealed, and the same text whatever was chosen", () => {
    const [one, two] = [committed("JAB_HIGH", "GRAB"), committed("SPECIAL", "RECOVER")];
    const textOf = (fight: Sealed) => JSON.stringify(fight.last("RevealRequested"));
    expect(textOf(one)).toContain(
      commitmentOf({ fightId: FIGHT, botId: B, round: 1, exchange: 1, action: "GRAB", nonce: NONCE }),
    );
    const blank = (text: string) => text.replaceAll(/"[0-9a-f]{64}"/g, '"…"');
    expect(blank(textOf(one))).toBe(blank(textOf(two)));
  });
});

describe("what does not count in a step", () => {
  type Does = (fight: Sealed) => string;
  const turn = { botId: A, round: 1, exchange: 1 };
  const hash = "0".repeat(64);
  const anyReveal = { type: "REVEAL", fightId: FIGHT, ...turn, action: "RECOVER", nonce: NONCE } as const;
  const waits: Record<string, () => Sealed> = {
    "before any commitment": () => new Sealed(),
    "after a's commitment": () => {
      const fight = new Sealed();
      fight.commit("a");
      return fight;
    },
    "after both commitments": () => committed(),
    "after a's reveal": () => {
      const fight = committed();
      fight.reveal("a");
      return fight;
    },
    "once a has missed its commitment": () => missed("COMMIT"),
    "once b alone has committed": () => {
      const fight = missed("COMMIT");
      fight.commit("b");
      return fight;
    },
    "once a has missed its reveal": () => missed("REVEAL"),
    "of an open fight": () => new Sealed(false),
  };
  const cases: [string, string, Does, string][] = [
    [
      "before any commitment",
      "an action",
      (f) => f.tell({ type: "SUBMIT", ...turn, action: "RECOVER" }),
      "FIGHT_SEALED",
    ],
    ["before any commitment", "a reveal", (f) => f.reveal("a"), "REVEAL_TOO_EARLY"],
    [
      "before any commitment",
      "another exchange",
      (f) => f.tell({ type: "COMMIT", ...turn, exchange: 2, hash }),
      "EXCHANGE_CLOSED",
    ],
    [
      "before any commitment",
      "another round",
      (f) => f.tell({ type: "COMMIT", ...turn, round: 2, hash }),
      "EXCHANGE_CLOSED",
    ],
    [
      "before any commitment",
      "a stranger's",
      (f) => f.tell({ type: "COMMIT", ...turn, botId: "c", hash }),
      "NOT_IN_FIGHT",
    ],
    ["after a's commitment", "a second one", (f) => f.commit("a", "GRAB"), "ALREADY_COMMITTED"],
    ["after a's commitment", "its reveal", (f) => f.reveal("a"), "REVEAL_TOO_EARLY"],
    ["after both commitments", "another commitment", (f) => f.commit("a", "GRAB"), "ALREADY_COMMITTED"],
    [
      "after both commitments",
      "an action",
      (f) => f.tell({ type: "SUBMIT", ...turn, action: "RECOVER" }),
      "FIGHT_SEALED",
    ],
    ["after both commitments", "another action", (f) => f.reveal("a", "GRAB"), "COMMITMENT_MISMATCH"],
    ["after both commitments", "another nonce", (f) => f.reveal("a", "RECOVER", OTHER_NONCE), "COMMITMENT_MISMATCH"],
    ["after both commitments", "a nonce of no form", (f) => f.reveal("a", "RECOVER", "secret"), "BAD_NONCE"],
    ["after both commitments", "another exchange", (f) => f.tell({ ...anyReveal, exchange: 2 }), "EXCHANGE_CLOSED"],
    ["after both commitments", "another fight", (f) => f.tell({ ...anyReveal, fightId: A }), "COMMITMENT_MISMATCH"],
    ["after both commitments", "a stranger's", (f) => f.tell({ ...anyReveal, botId: "c" }), "NOT_IN_FIGHT"],
    ["after a's reveal", "a second one", (f) => f.reveal("a"), "ALREADY_REVEALED"],
    ["once a has missed its commitment", "it is late", (f) => f.commit("a"), "EXCHANGE_CLOSED"],
    ["once b alone has committed", "nothing is to be revealed", (f) => f.reveal("a"), "NOT_COMMITTED"],
    ["once b alone has committed", "it is late", (f) => f.commit("a"), "EXCHANGE_CLOSED"],
    ["once a has missed its reveal", "it is late", (f) => f.reveal("a"), "EXCHANGE_CLOSED"],
    ["of an open fight", "a commitment", (f) => f.commit("a"), "FIGHT_NOT_SEALED"],
    ["of an open fight", "a reveal", (f) => f.reveal("a"), "FIGHT_NOT_SEALED"],
  ];

  test.each(cases)("%s: %s", (step, _what, does, refusal) => {
    const fight = waits[step]?.() ?? new Sealed();
    const before = structuredClone([fight.state, fight.events]);
    expect(does(fight)).toBe(refusal);
    expect([fight.state, fight.events]).toEqual(before);
  });

  test("a copy of the opponent's commitment cannot be opened: the bot is in it", () => {
    const fight = new Sealed();
    fight.commit("b", "GRAB");
    const copied = commitmentOf({ fightId: FIGHT, botId: B, round: 1, exchange: 1, action: "GRAB", nonce: NONCE });
    fight.tell({ type: "COMMIT", ...turn, hash: copied });
    fight.reveal("b", "GRAB");
    expect(fight.reveal("a", "GRAB")).toBe("COMMITMENT_MISMATCH");
  });

  test("what cannot be paid for: a ronin's second special, with 20 of the 50 that it costs", () => {
    const fight = committed("SPECIAL");
    fight.reveal("a", "SPECIAL");
    fight.reveal("b");
    fight.commit("a", "SPECIAL");
    fight.commit("b");
    expect(fight.reveal("a", "SPECIAL")).toBe("ILLEGAL_REVEAL");
    fight.reveal("b");
    fight.late();
    expect(fight.last("ExchangeResolved")?.sides[0]).toMatchObject({ timedOut: true, nonce: null });
    expect(fight.state.fighters[0].timeouts).toBe(2);
  });

  test("after the end, everything", () => {
    const fight = committed();
    fight.tell({ type: "CONCEDE", botId: A });
    expect([fight.commit("a"), fight.reveal("b")]).toEqual(["FIGHT_OVER", "FIGHT_OVER"]);
    expect(fight.tell({ type: "SUBMIT", ...turn, action: "RECOVER" })).toBe("FIGHT_OVER");
  });
});

describe("time", () => {
  test("each step has 5 s and the bank, to the millisecond, and both draw on one bank", () => {
    const fight = new Sealed();
    fight.commit("a");
    fight.nowMs += 15_000;
    expect(fight.commit("b")).toBe("OK");
    const [a, b] = fight.last("RevealRequested")?.fighters ?? [];
    expect([a?.bankMs, b?.bankMs]).toEqual([30_000, 20_000]);
    expect([a?.deadlineAt, b?.deadlineAt].map((at) => Date.parse(at ?? "") - START_MS)).toEqual([50_000, 40_000]);
    fight.at(40_000 - 1);
    expect(fight.state.phase).toBe("WAITING_FOR_REVEALS");
    fight.nowMs = START_MS + 23_000;
    fight.reveal("b");
    fight.reveal("a");
    // b needed 8 s: 3 s of its bank; a too.
    expect(fight.last("ExchangeRequested")?.fighters.map(({ bankMs }) => bankMs)).toEqual([27_000, 17_000]);
  });

  test("at its deadline a step counts, a millisecond later it is closed", () => {
    const [right, late] = [new Sealed(), new Sealed()];
    right.nowMs += 35_000;
    late.nowMs += 35_001;
    expect([right.commit("a"), late.commit("a")]).toEqual(["OK", "EXCHANGE_CLOSED"]);
    const [inTime, passed] = [committed(), committed()];
    inTime.nowMs += 35_000;
    passed.nowMs += 35_001;
    expect([inTime.reveal("a"), passed.reveal("a")]).toEqual(["OK", "EXCHANGE_CLOSED"]);
  });

  test.each([
    ["WAITING_FOR_COMMITMENTS", () => new Sealed()],
    ["WAITING_FOR_REVEALS", () => committed()],
  ] as const)("an outage in %s moves the deadlines and costs nobody's bank", (phase, make) => {
    const fight = make();
    expect(fight.tell({ type: "EXTEND", byMs: 60_000 })).toBe("OK");
    expect(fight.last("DeadlineExtended")?.fighters.map(({ deadlineAt }) => Date.parse(deadlineAt) - START_MS)).toEqual(
      [95_000, 95_000],
    );
    fight.at(94_999);
    expect(fight.state.phase).toBe(phase);
    fight.nowMs = START_MS + 64_000;
    for (const name of ["a", "b"] as const) if (phase === "WAITING_FOR_COMMITMENTS") fight.commit(name);
    for (const name of ["a", "b"] as const) fight.reveal(name);
    expect(fight.last("ExchangeRequested")?.fighters.map(({ bankMs }) => bankMs)).toEqual([30_000, 30_000]);
  });
});

/** One exchange in which the named sides miss a step; what the others commit to, they reveal. */
function exchange(fight: Sealed, misses: Partial<Record<Name, "COMMIT" | "REVEAL">>): void {
  const { round, exchange: number } = fight.state;
  const isOpen = () => !isOver(fight.state) && fight.state.round === round && fight.state.exchange === number;
  for (const name of ["a", "b"] as const) if (misses[name] !== "COMMIT") fight.commit(name);
  while (fight.state.phase === "WAITING_FOR_COMMITMENTS" && isOpen()) fight.late();
  if (isOpen()) for (const name of ["a", "b"] as const) if (!misses[name]) fight.reveal(name);
  while (fight.state.phase === "WAITING_FOR_REVEALS" && isOpen()) fight.late();
}

describe("silence", () => {
  test("who misses its commitment plays what the seed draws; the other still reveals", () => {
    const fight = new Sealed();
    fight.commit("a", "JAB_HIGH");
    fight.late();
    expect(fight.last("RevealRequested")?.fighters.map(({ commitment }) => commitment?.length)).toEqual([
      64,
      undefined,
    ]);
    expect(fight.last("ExchangeResolved")).toBeUndefined();
    fight.reveal("a", "JAB_HIGH");
    expect(fight.last("ExchangeResolved")?.sides).toMatchObject([
      { action: "JAB_HIGH", timedOut: false },
      { action: sealedDefault(SEED, B, 1, 1), timedOut: true, commitment: null, nonce: null },
    ]);
    expect(fight.state.fighters.map(({ timeouts }) => timeouts)).toEqual([0, 1]);
  });

  test("when both miss it, nobody is asked to reveal", () => {
    const fight = new Sealed();
    fight.late();
    expect(fight.told().slice(2)).toEqual(["ExchangeResolved", "ExchangeRequested"]);
    expect(fight.state.fighters.map(({ timeouts }) => timeouts)).toEqual([1, 1]);
  });

  test("a missed reveal is a time-out that counts twice, and the other's reveal is told only then", () => {
    const fight = committed("GRAB", "SPECIAL");
    fight.reveal("a", "GRAB");
    expect(JSON.stringify(fight.events)).not.toContain("GRAB");
    fight.late();
    const [a, b] = fight.last("ExchangeResolved")?.sides ?? [];
    expect(a).toMatchObject({ action: "GRAB", nonce: NONCE });
    expect(b).toMatchObject({ timedOut: true, nonce: null, action: sealedDefault(SEED, B, 1, 1) });
    expect(b?.commitment).toHaveLength(64);
    expect(fight.state.fighters[1]).toMatchObject({ timeouts: 2, timeoutsInARow: 1, bankMs: 0 });
  });

  test.each([
    [
      "three missed reveals forfeit the fight, before they could lose a round",
      ["REVEAL", "REVEAL", "REVEAL"],
      "TIMEOUTS",
    ],
    ["two of them, and two commitments", ["REVEAL", null, "COMMIT", "REVEAL", null, "COMMIT"], "TIMEOUTS"],
    ["six missed commitments", ["COMMIT", "COMMIT", null, "COMMIT", "COMMIT", null, "COMMIT", "COMMIT"], "TIMEOUTS"],
  ] as const)("%s", (_sentence, misses, reason) => {
    const fight = new Sealed();
    for (const miss of misses.slice(0, -1)) exchange(fight, miss ? { b: miss } : {});
    expect(isOver(fight.state)).toBe(false);
    exchange(fight, { b: misses.at(-1) ?? "REVEAL" });
    expect(fight.last("FightEnded")).toMatchObject({ phase: "FORFEITED", winnerBotId: A, reason });
    expect(fight.last("RoundEnded")).toBeUndefined();
  });

  test("three missed commitments in a row lose the round", () => {
    const fight = new Sealed();
    for (let time = 0; time < 3; time++) exchange(fight, { b: "COMMIT" });
    expect(fight.last("RoundEnded")).toMatchObject({ winnerBotId: A, reason: "TIMEOUTS" });
  });

  test.each([
    ["commitments", "COMMIT", "COMMIT"],
    ["reveals", "REVEAL", "REVEAL"],
    ["one of each", "COMMIT", "REVEAL"],
  ] as const)("both silent for three exchanges is no contest, whatever else they have lost: %s", (_what, a, b) => {
    const fight = new Sealed();
    for (let time = 0; time < 3; time++) exchange(fight, { a, b });
    expect(fight.last("FightEnded")).toMatchObject({ phase: "NO_CONTEST", winnerBotId: null, reason: "BOTH_SILENT" });
  });
});
