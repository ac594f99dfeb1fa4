import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIGHT, Sealed, SEED, type Name } from "../../../tests/harness/sealed-fight.ts";
import { legalActions } from "./exchange.ts";
import type { ExchangeResolved, FightEvent, RevealRequested } from "./fight-events.ts";
import { isOver } from "./fight-state.ts";
import { ACTIONS, type Action } from "./pit-rules-1.ts";
import { replayFight } from "./replay.ts";

const SECRETS = { fightId: FIGHT, seed: SEED };
const side = fc.constantFrom<Name>("a", "b");

const commands = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ act: fc.constant("commit" as const), side, pick: fc.nat(11), slowMs: fc.nat(9_000) }),
    },
    { weight: 12, arbitrary: fc.record({ act: fc.constant("reveal" as const), side, slowMs: fc.nat(9_000) }) },
    {
      weight: 6,
      arbitrary: fc.record({ act: fc.constant("whole" as const), first: fc.nat(11), second: fc.nat(11) }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("lie" as const), side, pick: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("overreach" as const), side }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("submit" as const), side, pick: fc.nat(11) }) },
    { weight: 3, arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.nat(40_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({ act: fc.constant("extend" as const), ms: fc.integer({ min: 1, max: 9_000 }) }),
    },
  ),
  { minLength: 20, maxLength: 250 },
);
type Step = ReturnType<typeof commands.generate>["value"][number];

/** A sealed fight with what each side keeps to itself. */
class Play {
  readonly fight = new Sealed();
  /** What each side has committed to and not seen resolved. */
  private readonly secret: Partial<Record<Name, { action: Action; nonce: string }>> = {};
  private drawn = 0;

  take(step: Step): void {
    const { fight } = this;
    if ("slowMs" in step) fight.nowMs += step.slowMs;
    if (step.act === "commit") this.commit(step.side, this.legal(step.side, step.pick));
    if (step.act === "overreach") this.commit(step.side, "SPECIAL");
    const kept = "side" in step ? this.secret[step.side] : undefined;
    if (step.act === "reveal") this.reveal(step.side);
    if (step.act === "lie" && kept) fight.reveal(step.side, ACTIONS[step.pick], kept.nonce);
    if (step.act === "wait") fight.at(fight.nowMs - 1_000_000 + step.ms);
    if (step.act === "extend") fight.tell({ type: "EXTEND", byMs: step.ms });
    if (step.act === "whole") {
      this.commit("b", this.legal("b", step.second));
      this.commit("a", this.legal("a", step.first));
      for (const name of ["a", "b"] as const) this.reveal(name);
    }
    const { round, exchange } = fight.state;
    if (step.act === "submit")
      fight.tell({ type: "SUBMIT", botId: fight.idOf(step.side), round, exchange, action: "RECOVER" });
  }

  private legal(name: Name, pick: number): Action {
    const legal = legalActions(this.fight.state.fighters[name === "a" ? 0 : 1]);
    return legal[pick % legal.length] ?? "RECOVER";
  }

  private commit(name: Name, action: Action): void {
    const nonce = (++this.drawn).toString(16).padStart(32, "e");
    if (this.fight.commit(name, action, nonce) === "OK") this.secret[name] = { action, nonce };
  }

  private reveal(name: Name): void {
    const kept = this.secret[name];
    if (kept) this.fight.reveal(name, kept.action, kept.nonce);
  }

  /** Whether what was told says something of what is not resolved: a nonce, or an action outside of the results. */
  leaks(told: readonly FightEvent[]): boolean {
    const text = JSON.stringify(
      told.map((event) => (event.type === "ExchangeRequested" ? { ...event, last: null } : event)),
    );
    const nonces = Object.values(this.secret).map(({ nonce }) => nonce);
    return nonces.some((nonce) => text.includes(nonce)) || /"(?:action|nonce)":/.test(text);
  }
}

const isResolved = ({ type }: FightEvent) => type === "ExchangeResolved";

test("whatever happens, nothing of a move is told before both are revealed or too late, and the log is proven", () => {
  let resolved = 0;
  fc.assert(
    fc.property(commands, (steps) => {
      const play = new Play();
      const { fight } = play;
      for (const step of steps) {
        const before = fight.events.length;
        play.take(step);
        const told = fight.events.slice(before);
        expect(play.leaks(told.filter((event) => !isResolved(event)))).toBe(false);
      }
      while (!isOver(fight.state)) fight.late();
      expect(fight.events.filter(({ type }) => type === "FightEnded")).toHaveLength(1);
      expect(replayFight(fight.events, SECRETS)).toBeNull();
      const opened = fight.events.filter(
        (event) => event.type === "ExchangeResolved" && event.sides.every(({ nonce }) => nonce),
      );
      resolved += opened.length;
    }),
    { numRuns: 300, seed: 20_261_127 },
  );
  // The property is not empty: most runs got somewhere.
  expect(resolved).toBeGreaterThan(300);
});

/** A fight in which every kind of thing happens, to its end. */
function eventful(): FightEvent[] {
  const fight = new Sealed();
  fight.commit("a", "JAB_HIGH");
  fight.commit("b", "GRAB");
  fight.reveal("a", "JAB_HIGH");
  fight.reveal("b", "GRAB");
  fight.commit("a");
  fight.late();
  fight.reveal("a");
  while (!isOver(fight.state)) {
    fight.commit("a", "JAB_HIGH");
    fight.commit("b");
    fight.reveal("a", "JAB_HIGH");
    fight.reveal("b");
    if (!isOver(fight.state)) fight.late();
  }
  return fight.events;
}

const resolvedAt = (events: readonly FightEvent[], index: number) =>
  events.filter((event): event is ExchangeResolved => event.type === "ExchangeResolved")[index];
const requestedAt = (events: readonly FightEvent[], index: number) =>
  events.filter((event): event is RevealRequested => event.type === "RevealRequested")[index];
const flip = (hex: string | null | undefined) => `${hex?.startsWith("0") ? "1" : "0"}${hex?.slice(1)}`;

describe("the verifier finds", () => {
  test("nothing in an honest log", () => {
    expect(replayFight(eventful(), SECRETS)).toBeNull();
  });

  test.each<[string, (events: FightEvent[]) => unknown]>([
    [
      "another action than was committed to",
      (all) => Object.assign(resolvedAt(all, 0)?.sides[0] ?? {}, { action: "RECOVER" }),
    ],
    [
      "another nonce",
      (all) => Object.assign(resolvedAt(all, 0)?.sides[0] ?? {}, { nonce: flip(resolvedAt(all, 0)?.sides[0]?.nonce) }),
    ],
    [
      "another commitment",
      (all) =>
        Object.assign(requestedAt(all, 0)?.fighters[1] ?? {}, {
          commitment: flip(requestedAt(all, 0)?.fighters[1]?.commitment),
        }),
    ],
    [
      "a commitment that was changed in the result alone",
      (all) => Object.assign(resolvedAt(all, 0)?.sides[1] ?? {}, { commitment: "0".repeat(64) }),
    ],
    [
      "a commitment of nobody",
      (all) => Object.assign(requestedAt(all, 1)?.fighters[1] ?? {}, { commitment: "0".repeat(64) }),
    ],
    [
      "a default that the seed does not draw",
      (all) => Object.assign(resolvedAt(all, 1)?.sides[1] ?? {}, { action: "DODGE" }),
    ],
    [
      "a reveal that is left out",
      (all) =>
        all.splice(
          all.findIndex(({ type }) => type === "RevealRequested"),
          1,
        ),
    ],
    ["a sealed fight that is said to be open", (all) => delete (all[0] as { sealed?: boolean }).sealed],
  ])("%s", (_sentence, change) => {
    const events = structuredClone(eventful());
    change(events);
    expect(replayFight(events, SECRETS)).not.toBeNull();
  });

  test("the log of another fight, and another seed", () => {
    expect(replayFight(eventful(), { ...SECRETS, fightId: "0198c7a0-1111-7abc-8def-000000000002" })?.reason).toContain(
      "COMMITMENT_MISMATCH",
    );
    expect(replayFight(eventful(), { ...SECRETS, seed: new Uint8Array(32).fill(7) })).not.toBeNull();
  });
});
