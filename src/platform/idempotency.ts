import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "./canonical-json.ts";
import { continued, type Database, type Tx } from "./database.ts";
import { refuse, type Outcome, type Refusal } from "./refusal.ts";
import type { Platform } from "./platform.ts";
import { statement } from "./statement.ts";
import type { SignedIn } from "./viewer.ts";

/** One mutation of one principal, as its idempotency key sees it. */
export type Request = {
  principal: string;
  operation: string;
  input: unknown;
  key: string | null | undefined;
  at: Date;
  /** Results that hold a secret are not stored: a retry is answered ALREADY_DONE. */
  secret?: boolean;
};

/** What a command that takes an idempotency key may refuse because of it. */
export type Reuse = "IDEMPOTENCY_KEY_REUSED" | "ALREADY_DONE" | "BAD_INPUT";

const KEY_LENGTH_MAX = 64;

/** What a mutation's input may say besides what to do. */
export type Keyed = { idempotencyKey?: string | null | undefined };

/** The request that a viewer makes now: the operation is the mutation's name in the schema. */
export function requestOf(
  { clock }: Pick<Platform, "clock">,
  viewer: SignedIn,
  operation: string,
  input: Keyed,
): Request {
  return { principal: viewer.principal, operation, input, key: input.idempotencyKey, at: clock.now() };
}

const hold = statement("idempotency.hold", `SELECT true AS held FROM pg_advisory_xact_lock(hashtextextended($1, 0))`, {
  held: "bool",
});
const find = statement(
  "idempotency.find",
  `SELECT input_hash, result FROM idempotency_record WHERE principal = $1 AND operation = $2 AND key = $3`,
  {
    input_hash: "bytea",
    result: "jsonb?",
  },
);
const store = statement(
  "idempotency.store",
  `INSERT INTO idempotency_record (principal, operation, key, input_hash, result, at) VALUES ($1, $2, $3, $4, $5::jsonb, $6)`,
  {},
);

const plain = (_name: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);

/** SHA-256 of an input's canonical text, its idempotency key left out. */
export function hashInput(input: unknown): Buffer {
  const { idempotencyKey: _key, ...rest } = JSON.parse(JSON.stringify(input, plain)) as Record<string, Json>;
  return createHash("sha256").update(canonicalJson(rest)).digest();
}

/**
 * Runs a use case as one transaction, once for an idempotency key: its success is stored in the same transaction, and
 * the same key and input again gives it back. Refusals are not stored. A success must be plain JSON.
 */
export async function transactOnce<Success extends object, Code extends string>(
  db: Database,
  request: Request,
  work: (tx: Tx) => Promise<Outcome<Success, Code>>,
): Promise<Outcome<Success, Code | Reuse>> {
  if (request.key == null) return db.transact(work);
  if (request.key.length === 0 || request.key.length > KEY_LENGTH_MAX)
    return refuse("BAD_INPUT", {
      path: ["input", "idempotencyKey"],
      message: "An idempotency key has 1 to 64 characters.",
    });
  return db.transact((tx) => once<Success, Code>(tx, request, work));
}

async function once<Success extends object, Code extends string>(
  tx: Tx,
  request: Request,
  work: (tx: Tx) => Promise<Outcome<Success, Code>>,
): Promise<Outcome<Success, Code | Reuse>> {
  const hash = hashInput(request.input);
  const names = [request.principal, request.operation, request.key];
  // Twins wait for each other before either looks: the second would else run into the first one's effects and be refused.
  const [, [stored]] = await Promise.all([tx.query(hold, [names.join(" ")]), tx.query(find, names)]);
  if (stored) return replay<Success>(stored, hash);
  // The record must be written before the commit: nothing in `work` may end the transaction.
  const outcome = await work(continued(tx));
  const result = request.secret ? null : JSON.stringify(outcome, plain);
  if (outcome.ok) await tx.query(store, [...names, hash, result, request.at]);
  return outcome;
}

const REPEATED = new WeakSet<object>();

/** Whether an outcome is what was stored the first time: nothing was done, and no right was asked for. */
export const isRepeated = (outcome: object): boolean => REPEATED.has(outcome);

function replay<Success extends object>(
  stored: { input_hash: Buffer; result: unknown },
  hash: Buffer,
): ({ ok: true } & Success) | Refusal<Reuse> {
  if (!stored.input_hash.equals(hash)) return refuse("IDEMPOTENCY_KEY_REUSED", { path: ["input", "idempotencyKey"] });
  if (stored.result === null) return refuse("ALREADY_DONE");
  const outcome = stored.result as { ok: true } & Success;
  REPEATED.add(outcome);
  return outcome;
}
