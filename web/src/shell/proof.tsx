import { useState } from "react";
import type { Check } from "../../../src/verify.ts";
import "./proof.css";

const NAMES: Record<Check["name"], string> = {
  FORMAT: "The whole record",
  CHAIN: "Hash chain",
  SIGNATURE: "Server signature",
  SEED: "Seed commitment",
  RULES: "Rules run again",
  FRAMES: "The picture",
};

const CHECKED = {
  fight: "Hash chain, server signature, seed and every exchange by the rules: checked in this browser.",
  match: "Hash chain, server signature, seed, every death and score, and the picture: checked in this browser.",
};

/** What is proven, and the key that the server said it signs with. */
type Proven = { what: keyof typeof CHECKED; id: string; seedHash: string; over: boolean; trusted: string };

type Found = { checks: Check[] } | { failed: string } | null;

const GONE = 410;

async function verify({ what, id, trusted }: Proven): Promise<Found> {
  const [{ verifyReplay }, answer] = await Promise.all([
    import("../../../src/verify.ts"),
    fetch(`/replays/${id}.json`),
  ]);
  if (!answer.ok) return { failed: `The record could not be downloaded (${answer.status}). Nothing was checked.` };
  const record = (await answer.json()) as { contest?: { framesSha256?: string | null } };
  if (what === "fight" || record.contest?.framesSha256 == null) return { checks: verifyReplay(record, trusted) };
  const picture = await fetch(`/matches/${id}/replay`);
  if (!picture.ok && picture.status !== GONE)
    return { failed: `The picture could not be downloaded (${picture.status}). Nothing was checked.` };
  // What is not kept any more is not checked; the record stands without it.
  const frames = picture.ok ? new Uint8Array(await picture.arrayBuffer()) : undefined;
  return { checks: verifyReplay(record, trusted, frames) };
}

/** Downloads the record of a fight or a match and verifies it here, without asking the server what is true. */
export function Proof(proven: Proven) {
  const { what, id, seedHash, over } = proven;
  const [found, setFound] = useState<Found>(null);
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    void verify(proven)
      .catch((error: unknown) => ({ failed: `The check did not run: ${String(error)}` }))
      .then(setFound)
      .finally(() => setBusy(false));
  };
  const passed = found && "checks" in found && found.checks.every(({ ok }) => ok);
  return (
    <section className="proof">
      <div className="head">
        <h2>Proof</h2>
        {passed && <span className="ct good">verified here</span>}
      </div>
      {found && "checks" in found ? (
        <ol className="chain" aria-live="polite">
          {found.checks.map((check) => (
            <CheckRow key={check.name} check={check} />
          ))}
        </ol>
      ) : (
        <p className="sm dim">
          {over
            ? CHECKED[what]
            : `The seed's SHA-256 is public already; the signed record comes with the ${what}'s end.`}
        </p>
      )}
      {found && "failed" in found && (
        <p className="bad sm" role="alert">
          {found.failed}
        </p>
      )}
      <div className="row acts">
        <button type="button" className="btn sm" disabled={!over || busy} onClick={run}>
          {busy ? "Verifying" : `Verify this ${what}`}
        </button>
        {over && (
          <a className="btn sm ghost" href={`/replays/${id}.json`} download>
            Download
          </a>
        )}
      </div>
      <p className="note mono trunc" title={seedHash}>
        seed hash {seedHash}
      </p>
    </section>
  );
}

function CheckRow({ check: { name, ok, detail } }: { check: Check }) {
  return (
    <li>
      <span className={ok ? "ok" : "bad"}>
        <svg
          width="14"
          height="14"
          viewBox="0 0 16 16"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          aria-hidden="true"
        >
          <path d={ok ? "M2 8.5l4 4 8-9" : "M3 3l10 10M13 3L3 13"} />
        </svg>
      </span>
      <div className="trunc">
        {NAMES[name]} <span className="sr">{ok ? "passed" : "failed"}</span>
        <span className="mono xs dim3 trunc" title={detail}>
          {detail}
        </span>
      </div>
    </li>
  );
}
