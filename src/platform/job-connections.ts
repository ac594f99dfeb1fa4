import pg from "pg";
import { CONNECTION } from "./database.ts";

/** PostgreSQL's `cannot_connect_now`: what the job worker tries again until it succeeds. */
const CANNOT_CONNECT_NOW = "57P03";
const CONNECTION_LOST = /^(08|53|57P)/;

/**
 * Connections on which a lost server is an error that the job worker waits out. It ends the whole process at any error
 * that it does not know when it writes down how a job ended, and it knows none of a connection that breaks.
 */
export function openJobConnections(connectionString: string, max: number): pg.Pool {
  // Without times of its own for connecting and for answers: the pool's errors of those are none that the worker knows.
  const { options, keepAlive } = CONNECTION;
  const Client = PatientClient as unknown as new () => pg.ClientBase;
  const pool = new pg.Pool({ options, keepAlive, connectionString, max, Client });
  // A connection that dies is replaced at the next use.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

type Answered = (error: Error | null) => void;

class PatientClient extends pg.Client {
  // The pool connects with a callback; the worker asks for promises.
  override connect(callback?: unknown): never {
    if (!callback) return super.connect().catch(refuse) as never;
    const answered = callback as Answered;
    return super.connect((error: Error | null) => answered(error && patient(error))) as never;
  }

  override query(...args: unknown[]): never {
    const asked = (super.query as (...args: unknown[]) => unknown).apply(this, args);
    return (asked instanceof Promise ? asked.catch(refuse) : asked) as never;
  }
}

const refuse = (error: Error): never => {
  throw patient(error);
};

/** The error itself when the server refused what was asked; else one that says that the server is away. */
function patient(error: Error): Error {
  if (error instanceof pg.DatabaseError && !CONNECTION_LOST.test(error.code ?? "")) return error;
  return Object.assign(new Error(error.message, { cause: error }), { code: CANNOT_CONNECT_NOW });
}
