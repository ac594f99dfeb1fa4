import { describe, expect, test } from "vitest";
import { dice } from "../../../tests/harness/dice.ts";
import { legalActions } from "./exchange.ts";
import { timePasses } from "./commitment.ts";
import { decide } from "./fight.ts";
import type { ExchangeResolved, FightEvent } from "./fight-events.ts";
import { deadlineOf, isOver, openFight, type FightCommand, type FightState } from "./fight-state.ts";
import { CHARACTERS, type Character } from "./pit-rules-1.ts";
import { replayFight, type Secrets } from "./replay.ts";

const SECRETS: Secrets = { fightId: "", seed: new Uint8Array(32) };
const replay = (events: readonly FightEvent[]) => replayFight(events, SECRETS);

/** A fight of two that draw their moves; one in `silence` moves does not come. */
function fought(seed: string, silence: number, end?: FightCommand): FightEvent[] {
  const roll = dice(seed);
  const character = (): Character => CHARACTERS[roll(CHARACTERS.length)] ?? "RONIN";
  const timing = { actionMs: 5_000, bankMs: 30_000, roundPauseMs: 3_000 };
  const fighters = [
    { botId: "one", character: character() },
    { botId: "two", character: character() },
  ] as const;
  let state: FightState = openFight({ ladder: "PIT", rated: true, sealed: false, timing, fighters: [...fighters] });
  const events: FightEvent[] = [];
  let nowMs = 1_000_000;
  const act = (command: FightCommand) => {
    const decision = decide(state, command, nowMs);
    if (!decision.ok) throw new Error(decision.refusal);
    state = decision.state;
    events.push(...decision.events);
  };
  act({ type: "START" });
  while (!isOver(state)) {
    if (end && events.length > 12) act(end);
    else if (state.phase === "WAITING_FOR_ACTIONS") exchange();
    else pass();
  }
  function exchange() {
    const { fighters: both, round, exchange: number } = state;
    nowMs += roll(4_000);
    for (const fighter of both) {
      const [action = "BLOCK_HIGH"] = legalActions(fighter).slice(roll(legalActions(fighter).length));
      if (
        roll(silence) > 0 &&
        state.phase === "WAITING_FOR_ACTIONS" &&
        state.exchange === number &&
        state.round === round
      )
        act({ type: "SUBMIT", botId: fighter.botId, round, exchange: number, action });
    }
    while (state.phase === "WAITING_FOR_ACTIONS" && state.exchange === number && state.round === round) pass();
  }
  function pass() {
    nowMs = Math.max(nowMs, deadlineOf(state) ?? nowMs);
    act(timePasses(state, SECRETS.seed));
  }
  return events;
}

const seeds = Array.from({ length: 40 }, (_none, index) => `seed ${index}`);

describe("a log that the machine wrote", () => {
  test.each(seeds)("is what the rules make of its moves: %s", (seed) => {
    expect(replay(fought(seed, 1_000_000))).toBeNull();
  });
  test.each(seeds)("also when moves are missing: %s", (seed) => {
    expect(replay(fought(seed, 4))).toBeNull();
  });
  test("also when one concedes, the fight is voided, or deadlines moved", () => {
    expect(replay(fought("c", 9, { type: "CONCEDE", botId: "two" }))).toBeNull();
    expect(replay(fought("v", 9, { type: "VOID" }))).toBeNull();
  });
});

const changed = (change: (event: ExchangeResolved) => void) => {
  const events = structuredClone(fought("changed", 1_000_000));
  const index = events.findIndex(({ type }) => type === "ExchangeResolved");
  change(events[index] as ExchangeResolved);
  return { index, found: replay(events) };
};

describe("a log that somebody changed is found out where it was changed", () => {
  test.each([
    [
      "another action",
      (event: ExchangeResolved) => Object.assign(event.sides[0] ?? {}, { action: "RECOVER", dealt: 99 }),
    ],
    [
      "a point of HP more",
      (event: ExchangeResolved) => Object.assign(event.sides[1] ?? {}, { hp: (event.sides[1]?.hp ?? 0) + 1 }),
    ],
    ["another bot", (event: ExchangeResolved) => Object.assign(event.sides[0] ?? {}, { botId: "three" })],
    ["another exchange", (event: ExchangeResolved) => Object.assign(event, { exchange: 7 })],
    [
      "a move said to be missing",
      (event: ExchangeResolved) => Object.assign(event.sides[0] ?? {}, { timedOut: true, action: "GRAB" }),
    ],
  ] as const)("%s", (_sentence, change) => {
    const { index, found } = changed(change);
    expect(found?.index).toBe(index);
  });

  test("a missing event, an event too many, a missing end, another winner", () => {
    const events = fought("whole", 1_000_000);
    expect(replay(events.toSpliced(3, 1))?.index).toBe(3);
    expect(replay(events.toSpliced(3, 0, events[2] as FightEvent))?.index).toBe(3);
    expect(replay(events.slice(0, -1))?.index).toBe(events.length - 1);
    const last = events.at(-1);
    if (last?.type !== "FightEnded") throw new Error("a fight ends with FightEnded");
    const winnerBotId = last.winnerBotId === "one" ? "two" : "one";
    expect(replay([...events.slice(0, -1), { ...last, winnerBotId }])?.index).toBe(events.length - 1);
  });

  test("nothing at all is no fight", () => {
    expect(replay([])).toEqual({ index: 0, reason: "a fight begins with FightAnnounced or FightStarted" });
  });
});
