import type { Fault, LoadRefusal, Miss } from "./limits.ts";

/** What a match tells its worker. */
export type Order =
  | { type: "LOAD"; seat: string; code: string; seed: number; kept: string | null }
  | { type: "TICK"; seat: string; number: number; view: string }
  | { type: "KEEP"; seat: string };

/** An answer, and the processor time that the worker's thread had used by then. */
export type Told = Answer & { usedMs: number };

/** What the worker answers, in the order in which it was asked. */
export type Answer =
  | { type: "READY" }
  | { type: "LOADED"; seat: string; fault: Fault<LoadRefusal> | null }
  | { type: "ACTED"; seat: string; number: number; value: unknown; tookMs: number; log: readonly string[] }
  | {
      type: "MISSED";
      seat: string;
      number: number;
      miss: Miss;
      message: string;
      /** Processor time beyond what the tick was allowed. */
      overMs: number;
      log: readonly string[];
    }
  | { type: "KEPT"; seat: string; kept: string | null };
