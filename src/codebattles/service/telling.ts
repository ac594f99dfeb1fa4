import { setTimeout as sleep } from "node:timers/promises";
import { LOG_LENGTH_MAX, OUTPUT_LENGTH_MAX } from "../rules/gladiator.ts";
import { lengthOf, STREAM_LENGTH_MAX, type GladiatorEvent } from "../rules/stream.ts";
import type { BattleEvent } from "../events.ts";
import { writeArtifact } from "../store.ts";
import type { Run } from "./run.ts";
import { tell } from "./steps.ts";

const FLUSH_MS = 200;
export const CHUNK_BYTES = 262_144;

/** Whose stream it is. */
type Speaker = { entryId: string; botId: string };

/** Bytes in pieces of an artifact's size. */
export function chunksOf(bytes: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
  return Array.from({ length: count }, (_none, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
}

/**
 * Writes what a gladiator says as it comes, a few times a second: into the log as far as LOG_LENGTH_MAX, all of it (bounded
 * before) into its artifact.
 */
export function startTelling(run: Run, { entryId, botId }: Speaker) {
  let told: BattleEvent[] = [];
  let lines: string[] = [];
  let kept = 0;
  let logged = 0;
  let chunk = 0;
  let ended = false;
  const hear = (event: GladiatorEvent) => {
    if (event.type === "Usage") return;
    const line = JSON.stringify(event);
    const isFull = kept > STREAM_LENGTH_MAX;
    kept += line.length + 1;
    if (!isFull) lines.push(kept > STREAM_LENGTH_MAX ? JSON.stringify({ type: "StreamTruncated" }) : line);
    if (logged > LOG_LENGTH_MAX) return;
    logged += lengthOf(event);
    if (logged > LOG_LENGTH_MAX) told.push({ type: "StreamTruncated", botId });
    else merge(told, eventOf(botId, event));
  };
  const flush = async () => {
    if (told.length === 0 && lines.length === 0) return;
    const [events, texts] = [told, lines];
    [told, lines] = [[], []];
    const pieces = texts.length > 0 ? chunksOf(Buffer.from(`${texts.join("\n")}\n`)) : [];
    const { platform, battleId } = run;
    await run.write(async (tx) => {
      if (pieces.length > 0) await tx.query(writeArtifact, [battleId, entryId, "STREAM", pieces, chunk]);
      await tell(tx, platform, battleId, events);
    });
    chunk += pieces.length;
  };
  const loop = async () => {
    while (!ended) {
      await sleep(FLUSH_MS);
      await flush();
    }
  };
  const looping = loop();
  looping.catch(() => undefined); // heard by `end`
  return {
    hear,
    /** Writes what is left; what could not be written fails here. */
    end: async () => {
      ended = true;
      await looping;
      await flush();
    },
  };
}

function eventOf(botId: string, event: Exclude<GladiatorEvent, { type: "Usage" }>): BattleEvent {
  if (event.type === "Failed") return { type: "Output", botId, text: event.text };
  return { ...event, botId };
}

/** Lines of output that come together are one event. */
function merge(told: BattleEvent[], event: BattleEvent): void {
  const last = told.at(-1);
  const isOne = last?.type === "Output" && event.type === "Output";
  if (isOne && last.text.length + event.text.length < OUTPUT_LENGTH_MAX) last.text += `\n${event.text}`;
  else told.push(event);
}
