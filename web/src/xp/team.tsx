import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { TeamBoardFragment } from "../generated/graphql.ts";
import type { Mine } from "./documents.ts";
import { thousands } from "./words.ts";

type Team = TeamBoardFragment;
type Row = Team["xp"]["bots"][number];
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
export function TeamBoard({ team: { name, xp }, heading }: { team: Team; heading: ReactNode }) {
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
      {xp.bots.length === 0 ? (
        <p className="dim sm">It has no bots yet: a member brings one in, and its XP counts here.</p>
      ) : (
        <div className="tbl-wrap" tabIndex={0} role="region" aria-label={`Board of ${name}`}>
          <table className="tbl">
            <thead>
              <tr>
                <th>Bot</th>
                <th>Level</th>
                <th className="num">XP</th>
                <th className="num">7 days</th>
                <th className="num">30 days</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.bot.id}>
                  <td>
                    <Link href={`/xp/${row.bot.name}`}>{row.bot.name}</Link>
                  </td>
                  <td className="dim">{row.level.name}</td>
                  <td className="num">{thousands(row.xp)}</td>
                  <td className="num">+{thousands(row.growth7)}</td>
                  <td className="num">+{thousands(row.growth30)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
