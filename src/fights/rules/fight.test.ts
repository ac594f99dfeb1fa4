import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { legalActions } from "./exchange.ts";
import { timePasses } from "./commitment.ts";
import { decide } from "./fight.ts";
import type { FightEvent } from "./fight-events.ts";
import { deadlineOf, isOver, openFight, type FightCommand, type FightState } from "./fight-state.ts";
import { ACTIONS, CHARACTERS, type Action, type Character } from "./pit-rules-1.ts";
import { replayFight } from "./replay.ts";

const START_MS = 1_000_000;
const SECRETS = { fightId: "", seed: new Uint8Array(32) };
const PIT = { actionMs: 5_000, bankMs: 30_000, roundPauseMs: 3_000 };

/** A fight that is told what happens, and what it told. */
class Told {
  state: FightState;
  events: FightEvent[] = [];
  nowMs = START_MS;

  constructor(characters: [Character, Character] = ["RONIN", "RONIN"]) {
    const [one, two] = characters;
    const fighters: [{ botId: string; character: Character }, { botId: string; character: Character }] = [
      { botId: "a", character: one },
      { botId: "b", character: two },
    ];
    this.state = openFight({ ladder: "PIT", rated: true, sealed: false, timing: PIT, fighters });
    this.tell({ type: "START" });
  }

  tell(command: FightCommand): string {
    const decision = decide(this.state, command, this.nowMs);
    if (!decision.ok) return decision.refusal;
    this.state = decision.state;
    this.events.push(...decision.events);
    return "OK";
  }

  play(botId: "a" | "b", action: Action): string {
    return this.tell({ type: "SUBMIT", botId, round: this.state.round, exchange: this.state.exchange, action });
  }

  /** Lets time pass to an instant after the start and the machine see it. */
  at(ms: number): string {
    this.nowMs = START_MS + ms;
    return this.tell(timePasses(this.state, SECRETS.seed));
  }

  /** Lets time pass until what is awaited has come too late. */
  late(): void {
    this.nowMs = deadlineOf(this.state) ?? this.nowMs;
    this.tell(timePasses(this.state, SECRETS.seed));
  }

  last<Type extends FightEvent["type"]>(type: Type): Extract<FightEvent, { type: Type }> | undefined {
    return this.events.findLast((event): event is Extract<FightEvent, { type: Type }> => event.type === type);
  }
}

describe("time", () => {
  test("a side has 5 s and its bank of 30 s, to the millisecond", () => {
    const fight = new Told();
    fight.at(34_999);
    expect(fight.last("ExchangeResolved")).toBeUndefined();
    fight.at(35_000);
    expect(fight.last("ExchangeResolved")?.sides).toMatchObject([
      { action: "BLOCK_HIGH", timedOut: true },
      { action: "BLOCK_HIGH", timedOut: true },
    ]);
  });

  test("what a move takes beyond 5 s is taken from the mover's bank only", () => {
    const fight = new Told();
    fight.play("a", "RECOVER");
    fight.nowMs = START_MS + 15_000;
    fight.play("b", "RECOVER");
    const [a, b] = fight.last("ExchangeRequested")?.fighters ?? [];
    expect([a?.bankMs, b?.bankMs]).toEqual([30_000, 20_000]);
    // 15 s after the start, and 5 s and the bank from then.
    expect(a?.deadlineAt).toBe(new Date(START_MS + 15_000 + 35_000).toISOString());
    expect(b?.deadlineAt).toBe(new Date(START_MS + 15_000 + 25_000).toISOString());
  });

  test("at its deadline a move counts, a millisecond later it is closed", () => {
    const [right, late] = [new Told(), new Told()];
    right.nowMs = START_MS + 35_000;
    expect(right.play("a", "RECOVER")).toBe("OK");
    late.nowMs = START_MS + 35_001;
    expect(late.play("a", "RECOVER")).toBe("EXCHANGE_CLOSED");
  });

  test("who times out has used up the bank, and the other keeps its own", () => {
    const fight = new Told();
    fight.play("a", "RECOVER");
    fight.late();
    expect(fight.last("ExchangeRequested")?.fighters.map(({ bankMs }) => bankMs)).toEqual([30_000, 0]);
  });

  test("who timed out before the other stays closed, also when an outage moves the deadlines", () => {
    const fight = new Told();
    fight.play("b", "RECOVER");
    fight.nowMs = START_MS + 15_000;
    fight.play("a", "RECOVER");
    // a has 20 s in its bank and b 30 s: 25 s and 35 s from now.
    fight.at(15_000 + 25_000);
    expect(fight.play("a", "RECOVER")).toBe("EXCHANGE_CLOSED");
    fight.tell({ type: "EXTEND", byMs: 60_000 });
    expect(fight.play("a", "RECOVER")).toBe("EXCHANGE_CLOSED");
    expect(fight.play("b", "RECOVER")).toBe("OK");
    expect(fight.last("ExchangeResolved")?.sides.map(({ timedOut }) => timedOut)).toEqual([true, false]);
  });

  test("an outage moves the deadlines and costs nobody's bank", () => {
    const fight = new Told();
    fight.tell({ type: "EXTEND", byMs: 60_000 });
    fight.nowMs = START_MS + 60_000 + 4_000;
    fight.play("a", "RECOVER");
    fight.play("b", "RECOVER");
    expect(fight.last("ExchangeRequested")?.fighters.map(({ bankMs }) => bankMs)).toEqual([30_000, 30_000]);
  });
});

/** One exchange in which the named sides are silent and the others recover. */
function exchange(fight: Told, silent: readonly ("a" | "b")[]): void {
  for (const side of ["a", "b"] as const) if (!silent.includes(side)) fight.play(side, "RECOVER");
  if (silent.length > 0) for (const before = fight.events.length; fight.events.length === before; ) fight.late();
}

describe("silence", () => {
  test("three time-outs in a row lose the round, and the count begins anew", () => {
    const fight = new Told();
    for (let time = 0; time < 3; time++) exchange(fight, ["b"]);
    expect(fight.last("RoundEnded")).toMatchObject({
      round: 1,
      winnerBotId: "a",
      reason: "TIMEOUTS",
      roundWins: [1, 0],
    });
    fight.late();
    exchange(fight, ["b"]);
    expect(fight.state.round).toBe(2);
    expect(fight.last("RoundEnded")?.round).toBe(1);
  });

  test("a move in between breaks the row", () => {
    const fight = new Told();
    for (const silent of [["b"], ["b"], [], ["b"], ["b"]] as const) exchange(fight, silent);
    expect(fight.last("RoundEnded")).toBeUndefined();
  });

  test("the sixth time-out of a fight forfeits it, before it could lose a round", () => {
    const fight = new Told();
    for (const silent of [["b"], ["b"], [], ["b"], ["b"], [], ["b"], ["b"]] as const) exchange(fight, silent);
    expect(fight.last("FightEnded")).toMatchObject({ phase: "FORFEITED", winnerBotId: "a", reason: "TIMEOUTS" });
    expect(fight.last("RoundEnded")).toBeUndefined();
  });

  test("both silent for three exchanges is no contest, though each has also lost the round", () => {
    const fight = new Told();
    for (let time = 0; time < 3; time++) exchange(fight, ["a", "b"]);
    expect(fight.last("FightEnded")).toMatchObject({ phase: "NO_CONTEST", winnerBotId: null, reason: "BOTH_SILENT" });
    expect(fight.last("RoundEnded")).toBeUndefined();
  });
});

describe("rounds", () => {
  test("twenty exchanges without a blow are a drawn round, and five of them a drawn fight", () => {
    const fight = new Told();
    for (let round = 1; round <= 5; round++) {
      for (let number = 1; number <= 20; number++) exchange(fight, []);
      expect(fight.last("RoundEnded")).toMatchObject({ round, winnerBotId: null, reason: "DRAWN", roundWins: [0, 0] });
      if (round < 5) fight.late();
    }
    expect(fight.last("FightEnded")).toMatchObject({ phase: "COMPLETED", winnerBotId: null, reason: "DRAW" });
  });

  test("after twenty exchanges the higher HP wins: a knight's 105 against 100", () => {
    const fight = new Told(["RONIN", "KNIGHT"]);
    for (let number = 1; number <= 20; number++) exchange(fight, []);
    expect(fight.last("RoundEnded")).toMatchObject({ winnerBotId: "b", reason: "HIGHER_HP" });
  });

  test("the next round begins after 3 s with fresh bars, and not before", () => {
    const fight = new Told();
    for (let number = 1; number <= 20; number++) exchange(fight, []);
    const ended = fight.nowMs - START_MS;
    fight.at(ended + 2_999);
    expect(fight.state.phase).toBe("ROUND_OVER");
    fight.at(ended + 3_000);
    expect(fight.last("ExchangeRequested")).toMatchObject({
      round: 2,
      exchange: 1,
      last: null,
      fighters: [
        { hp: 100, stamina: 60 },
        { hp: 100, stamina: 60 },
      ],
    });
  });
});

describe("what does not count", () => {
  test.each([
    ["a stranger", "c", 1, 1, "NOT_IN_FIGHT"],
    ["another exchange", "a", 1, 2, "EXCHANGE_CLOSED"],
    ["another round", "a", 2, 1, "EXCHANGE_CLOSED"],
  ] as const)("%s", (_sentence, botId, round, number, refusal) => {
    const fight = new Told();
    expect(fight.tell({ type: "SUBMIT", botId, round, exchange: number, action: "RECOVER" })).toBe(refusal);
    expect(fight.events).toHaveLength(2);
  });

  test("an empty purse: a ronin's second special, with 20 of the 50 that it costs", () => {
    const fight = new Told();
    fight.play("a", "SPECIAL");
    fight.play("b", "RECOVER");
    expect(fight.state.fighters[0].stamina).toBe(20);
    expect(fight.play("a", "SPECIAL")).toBe("INSUFFICIENT_STAMINA");
  });

  test("a second move in an exchange, and any move after the end", () => {
    const fight = new Told();
    expect([fight.play("a", "RECOVER"), fight.play("a", "GRAB")]).toEqual(["OK", "ALREADY_SUBMITTED"]);
    fight.tell({ type: "CONCEDE", botId: "a" });
    expect(fight.last("FightEnded")).toMatchObject({ phase: "FORFEITED", winnerBotId: "b", reason: "CONCEDED" });
    expect([fight.play("b", "GRAB"), fight.tell({ type: "CONCEDE", botId: "b" })]).toEqual([
      "FIGHT_OVER",
      "FIGHT_OVER",
    ]);
  });
});

const commands = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        act: fc.constant("play" as const),
        side: fc.constantFrom("a" as const, "b" as const),
        pick: fc.nat(11),
        slow_ms: fc.nat(20_000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.nat(40_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant("nonsense" as const),
        round: fc.nat(6),
        exchange: fc.nat(21),
        pick: fc.nat(11),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ act: fc.constant("extend" as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
    },
  ),
  { maxLength: 220 },
);

type Step = ReturnType<typeof commands.generate>["value"][number];

/** Does one step; false when a first move of an exchange told anybody anything. */
function take(fight: Told, step: Step): boolean {
  const before = fight.events.length;
  if (step.act === "wait") fight.at(fight.nowMs - START_MS + step.ms);
  if (step.act === "extend") fight.tell({ type: "EXTEND", byMs: step.ms });
  if (step.act === "nonsense") {
    const action = ACTIONS[step.pick] ?? "GRAB";
    fight.tell({ type: "SUBMIT", botId: "a", round: step.round, exchange: step.exchange, action });
  }
  if (step.act !== "play") return true;
  const legal = legalActions(fight.state.fighters[step.side === "a" ? 0 : 1]);
  const { state } = fight;
  const first = state.phase === "WAITING_FOR_ACTIONS" && state.pending.every((pending) => pending === null);
  fight.nowMs += step.slow_ms;
  fight.play(step.side, legal[step.pick % legal.length] ?? "RECOVER");
  return !first || fight.events.length === before;
}

const isSound = ({ state }: Told) =>
  state.fighters.every(({ hp, stamina, bankMs }) => hp >= 0 && stamina >= 0 && stamina <= 100 && bankMs >= 0) &&
  isOver(state) === (deadlineOf(state) === null);

test("whatever happens, bars stay in their bounds, a fight ends once, pending moves stay hidden, and its log replays", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CHARACTERS), fc.constantFrom(...CHARACTERS), commands, (one, two, steps) => {
      const fight = new Told([one, two]);
      expect(steps.map((step) => take(fight, step) && isSound(fight))).toEqual(steps.map(() => true));
      while (!isOver(fight.state)) fight.late();
      expect(fight.events.filter(({ type }) => type === "FightEnded")).toHaveLength(1);
      expect(replayFight(fight.events, SECRETS)).toBeNull();
    }),
    { numRuns: 300, seed: 20_261_124 },
  );
});
