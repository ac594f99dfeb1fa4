import { inFresh, mustRun } from "../adapter/arena.ts";
import type { Court } from "../adapter/judge.ts";
import type { Failure } from "../rules/battle.ts";
import type { Fault } from "../rules/gladiator.ts";
import { RunEnded, type Run } from "./run.ts";
import { note } from "./steps.ts";

/** The battle cannot be fought, for no fault of a gladiator. */
export class Void extends Error {
  override readonly name = "Void";
  readonly failure: Failure;
  readonly said: string;
  constructor(failure: Failure, said = "") {
    super(`${failure} ${said.slice(-200)}`);
    this.failure = failure;
    this.said = said;
  }
}

/**
 * Does something with what one gladiator made. Where it breaks, the same is done with the base alone: a machine that can do
 * that is well, and the break is the gladiator's loss, by the name that is given; one that cannot is at fault itself, which
 * fails here and voids the battle.
 */
export async function heldAgainst<T>(
  run: Run,
  court: Court,
  { name, fault }: { name: string; fault: Fault },
  work: () => Promise<T>,
): Promise<T | Fault> {
  try {
    return await work();
  } catch (error) {
    run.stop.throwIfAborted();
    if (error instanceof RunEnded || error instanceof Void) throw error;
    await holds(court);
    const { platform, battleId } = run;
    platform.log.warn({ err: error, battleId, gladiator: name, fault }, "what a gladiator made breaks its own step");
    await note(platform, battleId, "fault", `${name}: ${fault}`);
    return fault;
  }
}

/** Fails where this machine cannot hold a fresh copy of the base. */
export async function holds(court: Court): Promise<void> {
  await inFresh(court, (sandbox) => mustRun(sandbox, "true", { stop: court.stop }));
}
