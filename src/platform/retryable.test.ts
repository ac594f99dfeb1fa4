import { expect, test } from "vitest";
import { isRetryable, violatedConstraint } from "./retryable.ts";

const adapterError = (cause: object) => Object.assign(new Error("DriverAdapterError"), { cause });

test.each<[string, unknown, boolean]>([
  ["a serialization failure of pg", { code: "40001" }, true],
  ["a deadlock of pg", { code: "40P01" }, true],
  ["Prisma's write conflict", { code: "P2034" }, true],
  [
    "a raw query of Prisma: the state stands beside its cause",
    { code: "P2010", cause: { originalCode: "40001" } },
    true,
  ],
  [
    "a raw query of Prisma: the state stands in its meta",
    { code: "P2010", meta: { driverAdapterError: { cause: { originalCode: "40P01" } } } },
    true,
  ],
  ["a bare error of the driver adapter by kind", adapterError({ kind: "TransactionWriteConflict" }), true],
  ["a bare error of the driver adapter by state", adapterError({ kind: "postgres", originalCode: "40P01" }), true],
  [
    "a raw query of Prisma that broke a constraint",
    { code: "P2010", meta: { driverAdapterError: { cause: { originalCode: "23505" } } } },
    false,
  ],
  ["a raw query of Prisma without a state", { code: "P2010" }, false],
  ["a transaction of Prisma that ran out of time", { code: "P2028" }, false],
  ["a broken unique index of pg", { code: "23505" }, false],
  ["a broken unique index of Prisma", { code: "P2002" }, false],
  ["a bare error of the driver adapter of another kind", adapterError({ kind: "UniqueConstraintViolation" }), false],
  ["a statement that was cancelled", { code: "57014" }, false],
  ["a connection that the server ended", { code: "57P01" }, false],
  ["a connection that was cut", { code: "ECONNRESET" }, false],
  ["a number that looks like a state", { code: 40001 }, false],
  ["an error without a code", new Error("40001"), false],
  ["a text", "40001", false],
  ["nothing", null, false],
  ["not even nothing", undefined, false],
])("%s", (_sentence, error, retryable) => expect(isRetryable(error)).toBe(retryable));

test.each<[string, unknown, string | null]>([
  ["a broken unique index has a name", { code: "23505", constraint: "bot_name_key" }, "bot_name_key"],
  ["another broken constraint is not a unique index", { code: "23503", constraint: "bot_owner_id_fkey" }, null],
  ["a conflict is none", { code: "40001" }, null],
  ["nothing is none", null, null],
])("%s", (_sentence, error, constraint) => expect(violatedConstraint(error)).toBe(constraint));
