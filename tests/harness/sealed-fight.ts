import { commitmentOf, timePasses } from "../../src/fights/rules/commitment.ts";
import { decide } from "../../src/fights/rules/fight.ts";
import type { FightEvent } from "../../src/fights/rules/fight-events.ts";
import { deadlineOf, openFight, type FightCommand, type FightState } from "../../src/fights/rules/fight-state.ts";
import type { Action } from "../../src/fights/rules/pit-rules-1.ts";

export const START_MS = 1_000_000;
export const FIGHT = "0198c7a0-1111-7abc-8def-000000000001";
export const [A, B] = ["0198c7a0-2222-7abc-8def-0000000000aa", "0198c7a0-2222-7abc-8def-0000000000bb"];
export const SEED = Uint8Array.from({ length: 32 }, (_none, index) => index);
const PIT = { actionMs: 5_000, bankMs: 30_000, roundPauseMs: 3_000 };
export const NONCE = "00112233445566778899aabbccddeeff";
export type Name = "a" | "b";
const ID = { a: A, b: B };

/** A sealed fight that is told what happens, and what it told. */
export class Sealed {
  state: FightState;
  events: FightEvent[] = [];
  nowMs = START_MS;

  constructor(sealed = true) {
    const fighter = (botId: string) => ({ botId, character: "RONIN" as const });
    this.state = openFight({ ladder: "PIT", rated: false, sealed, timing: PIT, fighters: [fighter(A), fighter(B)] });
    this.tell({ type: "START" });
  }

  tell(command: FightCommand): string {
    const decision = decide(this.state, command, this.nowMs);
    if (!decision.ok) return decision.refusal;
    this.state = decision.state;
    this.events.push(...decision.events);
    return "OK";
  }

  readonly idOf = (name: Name): string => ID[name];

  private turn(name: Name) {
    return { botId: ID[name], round: this.state.round, exchange: this.state.exchange };
  }

  commit(name: Name, action: Action = "RECOVER", nonce = NONCE): string {
    const turn = this.turn(name);
    return this.tell({ type: "COMMIT", ...turn, hash: commitmentOf({ fightId: FIGHT, ...turn, action, nonce }) });
  }

  reveal(name: Name, action: Action = "RECOVER", nonce = NONCE): string {
    return this.tell({ type: "REVEAL", fightId: FIGHT, ...this.turn(name), action, nonce });
  }

  /** Lets time pass to an instant after the start and the machine see it. */
  at(ms: number): void {
    this.nowMs = START_MS + ms;
    this.tell(timePasses(this.state, SEED));
  }

  /** Lets time pass until what is awaited has come too late. */
  late(): void {
    this.nowMs = deadlineOf(this.state) ?? this.nowMs;
    this.tell(timePasses(this.state, SEED));
  }

  last<Type extends FightEvent["type"]>(type: Type): Extract<FightEvent, { type: Type }> | undefined {
    return this.events.findLast((event): event is Extract<FightEvent, { type: Type }> => event.type === type);
  }

  told = () => this.events.map(({ type }) => type);
}
