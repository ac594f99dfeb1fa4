// What one snapshot costs to decode, beside the time between two snapshots: node bench/quake-decode.ts [fuzz]
import { chances } from "../tests/harness/chances.ts";
import { hostile, playing } from "../tests/harness/quake-noise.ts";
import { bytesOf, recordedSession } from "../tests/harness/quake-recording.ts";
import { IDLE } from "../src/quake/protocol/link.ts";
import { ProtocolError } from "../src/quake/protocol/protocol-error.ts";
import { Session } from "../src/quake/protocol/session.ts";

const ROUNDS = 200;
const SNAPSHOT_INTERVAL_US = 50_000;
const PLAYERS = 4;
/** A match may cost a tenth of a core, all in; decoding is to stay below a tenth of that. */
const GOAL_SHARE = 0.01;

const say = (line: string) => process.stdout.write(`${line}\n`);

for (const [flavour, file] of [
  ["MODERN", "modern71"],
  ["LEGACY", "xor71"],
] as const) {
  const { datagrams, qport } = recordedSession(file);
  const clientChallenge = Number(datagrams[0]?.note.split(" ")[2]);
  const prepared = datagrams.map((recorded) => ({ ...recorded, bytes: bytesOf(recorded) }));
  const costs_us: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const session = new Session({ userinfo: {}, qport, clientChallenge, flavour, timescale: 1 });
    let snapshots = 0;
    const start = performance.now();
    for (const recorded of prepared)
      if (recorded.dir === "S>C") {
        snapshots += session.receive(recorded.bytes, recorded.t).filter(({ type }) => type === "SNAPSHOT").length;
        bytes += recorded.bytes.length;
      } else if (session.phase !== "CONNECTED") session.send(IDLE, recorded.t);
    costs_us.push(((performance.now() - start) * 1_000) / snapshots);
  }
  const [best = 0] = costs_us.toSorted((a, b) => a - b);
  const median = costs_us.toSorted((a, b) => a - b)[ROUNDS / 2] ?? 0;
  const share = (median * PLAYERS) / SNAPSHOT_INTERVAL_US;
  say(
    `${flavour}: ${median.toFixed(1)} us a snapshot (best ${best.toFixed(1)}, ${Math.round(bytes / ROUNDS / prepared.length)} bytes a datagram); ` +
      `${PLAYERS} clients at 20 Hz: ${(share * 100).toFixed(2)} % of a core, goal ${GOAL_SHARE * 100} %: ratio ${(GOAL_SHARE / share).toFixed(1)}`,
  );
}

if (process.argv[2] === "fuzz") {
  const PACKETS = 1_000_000;
  const PACKETS_A_SESSION = 200;
  const heapBefore = process.memoryUsage().heapUsed;
  let refused = 0;
  for (const flavour of ["MODERN", "LEGACY"] as const) {
    const chance = chances(flavour.length);
    for (let sent = 0; sent < PACKETS / 2; sent += PACKETS_A_SESSION) {
      const { session, rest } = playing(flavour);
      for (let index = 0; index < PACKETS_A_SESSION; index++)
        try {
          session.receive(hostile(chance, rest), 10_000);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          refused++;
        }
    }
  }
  const grown_MiB = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
  say(
    `${PACKETS} hostile packets: ${refused} refused by name, none thrown otherwise; heap ${grown_MiB.toFixed(0)} MiB more`,
  );
}
