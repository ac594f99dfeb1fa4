import { Code } from "../shell/copy.tsx";
import { runCommand } from "../shell/quick-start.ts";
import type { ApiKey, Owned } from "./documents.ts";

type Props = { bots: readonly Owned[]; keys: readonly ApiKey[] };
const DONE = "done";

/** The way from nothing to a first fight; gone once a bot of one's own has been seen. */
export function FirstFight({ bots, keys }: Props) {
  if (bots.some(({ lastSeenAt }) => lastSeenAt)) return null;
  const [bot] = bots;
  const key = keys.some(({ revokedAt }) => !revokedAt);
  const steps = [
    { name: "Register a bot", says: "a name and a character", done: bot !== undefined },
    { name: "Make a key", says: "shown once", done: key },
    { name: "Run it", says: "a house bot comes after 5 s", done: false },
  ];
  const now = steps.findIndex(({ done }) => !done);
  return (
    <section className="firstfight">
      <div className="head">
        <h2>Your first fight</h2>
        <span className="ct">about five minutes</span>
      </div>
      <ol className="trk">
        {steps.map(({ name, says, done }, step) => (
          <li key={name} className={done ? DONE : step === now ? "now" : ""} aria-current={step === now && "step"}>
            <i />
            <b>
              {step + 1}. {name}
            </b>
            <span>{done ? DONE : says}</span>
          </li>
        ))}
      </ol>
      {bot && key && (
        <>
          <Code title="In a copy of this repository" text={runCommand(location.origin, "cq_…", bot.name)} wraps />
          <p className="note">
            Put your key in place of cq_…. While it runs, {bot.name} is online, and its row below leads to its fight.
          </p>
        </>
      )}
    </section>
  );
}
