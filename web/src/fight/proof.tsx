import { useState } from "react";
import type { Check } from "../../../src/verify.ts";
import type { Fight } from "./use-exchanges.ts";

const NAMES: Record<Check["name"], string> = {
  FORMAT: "The whole record",
  CHAIN: "Hash chain",
  SIGNATURE: "Server signature",
  SEED: "Seed commitment",
  RULES: "Rules run again",
};

type Found = { checks: Check[] } | { failed: string } | null;

async function verify(fight: Fight, trusted: string): Promise<Found> {
  const [{ verifyReplay }, answer] = await Promise.all([
    import("../../../src/verify.ts"),
    fetch(`/replays/${fight.id}.json`),
  ]);
  if (!answer.ok) return { failed: `The replay could not be downloaded (${answer.status}). Nothing was checked.` };
  return { checks: verifyReplay(await answer.json(), trusted) };
}

/** Downloads the fight's record and verifies it here, without asking the server what is true. */
export function Proof({ fight, trusted, over }: { fight: Fight; trusted: string; over: boolean }) {
  const [found, setFound] = useState<Found>(null);
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    void verify(fight, trusted)
      .catch((error: unknown) => ({ failed: `The check did not run: ${String(error)}` }))
      .then(setFound)
      .finally(() => setBusy(false));
  };
  const proven = found && "checks" in found && found.checks.every(({ ok }) => ok);
  return (
    <section className="proof">
      <div className="head">
        <h2>Proof</h2>
        {proven && <span className="ct good">verified here</span>}
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
            ? "Hash chain, server signature, seed and every exchange by the rules: checked in this browser."
            : "The seed's SHA-256 is public already; the signed record comes with the fight's end."}
        </p>
      )}
      {found && "failed" in found && (
        <p className="bad sm" role="alert">
          {found.failed}
        </p>
      )}
      <div className="row acts">
        <button type="button" className="btn sm" disabled={!over || busy} onClick={run}>
          {busy ? "Verifying" : "Verify this fight"}
        </button>
        {over && (
          <a className="btn sm ghost" href={`/replays/${fight.id}.json`} download>
            Download
          </a>
        )}
      </div>
      <p className="note mono trunc" title={String(fight.seedHash)}>
        seed hash {String(fight.seedHash)}
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
