import type { ReactNode } from "react";
import { Link } from "wouter";
import type { TeamInsightQuery } from "../generated/graphql.ts";
import { thousands } from "../xp/words.ts";

type Found = Extract<NonNullable<TeamInsightQuery["node"]>, { __typename: "Team" }>["insights"];
const ROWS_MAX = 8;

const some = (count: number, one: string) => `${thousands(count)} ${one}${count === 1 ? "" : "s"}`;

/** What a team learnt about itself: who is used across it, what it lacks, what several know. */
export function Insights({ insights: { used, gaps, shared } }: { insights: Found }) {
  return (
    <>
      <Part name="Worked with most" none="Nobody has worked with a bot of the team yet.">
        {used.slice(0, ROWS_MAX).map(({ bot, members, uses, successes }) => (
          <li key={bot.id}>
            <Link href={`/xp/${bot.name}`}>{bot.name}</Link>
            <span className="sm dim">
              {some(members, "member")}, {thousands(successes)} of {some(uses, "time")} well
            </span>
          </li>
        ))}
      </Part>
      <Part name="What it lacks" none="Whatever its tasks ask for, two bots can do.">
        {gaps.slice(0, ROWS_MAX).map(({ capability, bots, tasks, open }) => (
          <li key={capability}>
            <span className="mono sm">{capability}</span>
            <span className={bots === 0 ? "sm bad" : "sm dim"}>
              {bots === 0 ? "no bot has it" : "one bot alone has it"}; {some(tasks, "task")} asked, {thousands(open)}{" "}
              open
            </span>
          </li>
        ))}
      </Part>
      <Part name="What several know" none="No two members' bots can do the same yet.">
        {shared.slice(0, ROWS_MAX).map(({ capability, members, bots }) => (
          <li key={capability}>
            <span className="mono sm">{capability}</span>
            <span className="sm dim">
              {some(bots, "bot")} of {some(members, "member")}
            </span>
          </li>
        ))}
      </Part>
    </>
  );
}

function Part({ name, none, children }: { name: string; none: string; children: readonly ReactNode[] }) {
  return (
    <section>
      <div className="head">
        <h2>{name}</h2>
      </div>
      {children.length === 0 && <p className="dim sm pad">{none}</p>}
      <ul className="rows learnt" aria-label={name}>
        {children}
      </ul>
    </section>
  );
}
