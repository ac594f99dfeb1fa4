import { useEffect, useRef } from "react";
import { Link } from "wouter";
import type { Entry } from "./documents.ts";
import type { Told } from "./use-told.ts";
import { lineOf, OUTCOMES, seconds } from "./words.ts";

const LINES_SHOWN = 200;

/** The gladiators side by side, each with what it says. */
export function Streams({ entries, told }: { entries: readonly Entry[]; told: readonly Told[] }) {
  return (
    <div className="streams">
      {entries.map((entry) => (
        <Stream key={entry.bot.id} entry={entry} told={told} />
      ))}
    </div>
  );
}

function Stream({ entry, told }: { entry: Entry; told: readonly Told[] }) {
  const { bot, outcome, timeMs, inputTokens, outputTokens } = entry;
  const own = told.filter((event) => "botId" in event && event.botId === bot.id);
  const lines = own.flatMap((event) => lineOf(event) ?? []).slice(-LINES_SHOWN);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [lines.length]);
  return (
    <section className="stream" aria-label={`What ${bot.name} does`}>
      <div className="head">
        <h3>
          <Link href={`/bots/${bot.name}`}>{bot.name}</Link>
        </h3>
        {outcome && <span className={`tag ${outcome === "JUDGED" ? "out" : "bad"}`}>{OUTCOMES[outcome]}</span>}
      </div>
      {/* A box that scrolls is reached by the keyboard, too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above */}
      <div className="agentsays mono sm" ref={end} tabIndex={0} role="log" aria-label={`What ${bot.name} says`}>
        {lines.length === 0 && <span className="dim">Nothing yet.</span>}
        {lines.map((line, index) => (
          // Lines are only ever added.
          // oxlint-disable-next-line react/no-array-index-key -- see above
          <p key={index}>{line}</p>
        ))}
      </div>
      <p className="xs dim3 num">
        {seconds(timeMs)} · {(inputTokens + outputTokens).toLocaleString("en")} tokens
      </p>
    </section>
  );
}
