import { parentPort, workerData } from "node:worker_threads";
import amaro from "amaro";
import type { Compiled } from "./compile.ts";

const MESSAGE_CHARACTERS_MAX = 300;

/** What the stripper throws about source that it cannot read; anything else is its own failure. */
type Complaint = { code: string; message: string; startLine: number };

const isComplaint = (error: unknown): error is Complaint =>
  typeof error === "object" && error !== null && "code" in error && "startLine" in error;

function strip(source: string): Compiled {
  try {
    return { ok: true, code: amaro.transformSync(source, { mode: "strip-only" }).code };
  } catch (error) {
    if (!isComplaint(error)) throw error;
    const message = String(error.message).slice(0, MESSAGE_CHARACTERS_MAX);
    return { ok: false, fault: { reason: "SYNTAX_ERROR", message, line: error.startLine } };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
parentPort?.postMessage(strip(workerData as string));
