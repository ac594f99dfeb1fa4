import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { TeamBoardFragment } from "../generated/graphql.ts";
import type { Mine } from "./documents.ts";
import { thousands } from "./words.ts";

/** A bot on a board; of a project's with how many of its tasks it did. */
type Row = {
  xp: number;
  growth7: number;
  growth30: number;
  level: { name: string };
  bot: { id: string; name: string };
  tasks?: number;
  successes?: number;
};
type Sums = { sum: number; mean: number; growth7: number; growth30: number; bots: readonly Row[] };
const ROWS_MAX = 10;
/** What a board can be ordered by. */
const ORDERS = {
  "30 days": ({ growth30 }: Row) => growth30,
  "7 days": ({ growth7 }: Row) => growth7,
  "All XP": ({ xp }: Row) => xp,
} as const;
type Order = keyof typeof ORDERS;
const NAMES = Object.keys(ORDERS) as Order[];

/** The boards of the viewer's teams, who grew most first. */
export function TeamBoards({ teams }: { teams: readonly Mine["teams"]["nodes"][number]["team"][] }) {
  return teams.map((team) => (
    <TeamBoard
      key={team.id}
      team={team}
      heading={
        <Link href={`/teams/${team.id}`}>
          <u>{team.name}</u>
        </Link>
      }
    />
  ));
}

/** A team's bots by what they gained. */
export function TeamBoard({ team: { name, xp }, heading }: { team: TeamBoardFragment; heading: ReactNode }) {
  return (
    <XpBoard
      name={name}
      xp={xp}
      heading={heading}
      none="It has no bots yet: a member brings one in, and its XP counts here."
    />
  );
}

type BoardProps = { name: string; xp: Sums; heading: ReactNode; none: string };

/** Bots by what they gained, with what they come to. */
export function XpBoard({ name, xp, heading, none }: BoardProps) {
  const [order, setOrder] = useState<Order>("30 days");
  const by = ORDERS[order];
  const rows = xp.bots.toSorted((a, b) => by(b) - by(a)).slice(0, ROWS_MAX);
  return (
    <section>
      <div className="head">
        <h2>{heading}</h2>
        <div className="seg" role="group" aria-label={`Order of ${name}`}>
          {NAMES.map((each) => (
            <button key={each} type="button" aria-pressed={each === order} onClick={() => setOrder(each)}>
              {each}
            </button>
          ))}
        </div>
      </div>
      <dl className="teamsums">
        {(
          [
            ["Together", thousands(xp.sum)],
            ["A bot", thousands(xp.mean)],
            ["In 7 days", `+${thousands(xp.growth7)}`],
            ["In 30 days", `+${thousands(xp.growth30)}`],
          ] as const
        ).map(([what, value]) => (
          <div key={what}>
            <dt className="xs dim">{what}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      {xp.bots.length === 0 ? <p className="dim sm">{none}</p> : <Rows name={name} rows={rows} />}
    </section>
  );
}

function Rows({ name, rows }: { name: string; rows: readonly Row[] }) {
  const hasTasks = rows.some(({ tasks }) => tasks !== undefined);
  return (
    <div className="tbl-wrap" tabIndex={0} role="region" aria-label={`Board of ${name}`}>
      <table className="tbl">
        <thead>
          <tr>
            <th>Bot</th>
            <th>Level</th>
            {hasTasks && <th className="num">Tasks</th>}
            <th className="num">XP</th>
            <th className="num">7 days</th>
            <th className="num">30 days</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ bot, level, tasks, successes, xp, growth7, growth30 }) => (
            <tr key={bot.id}>
              <td>
                <Link href={`/xp/${bot.name}`}>{bot.name}</Link>
              </td>
              <td className="dim">{level.name}</td>
              {hasTasks && (
                <td className="num">
                  {thousands(successes ?? 0)} of {thousands(tasks ?? 0)}
                </td>
              )}
              <td className="num">{thousands(xp)}</td>
              <td className="num">+{thousands(growth7)}</td>
              <td className="num">+{thousands(growth30)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
