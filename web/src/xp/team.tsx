import { Link } from "wouter";
import type { Mine } from "./documents.ts";
import { thousands } from "./words.ts";

type Team = Mine["teams"]["nodes"][number]["team"];
const ROWS_MAX = 10;

/** The boards of the viewer's teams, who grew most first. */
export function TeamBoards({ teams }: { teams: readonly Team[] }) {
  return teams.map((team) => <Board key={team.id} team={team} />);
}

function Board({ team: { name, xp } }: { team: Team }) {
  return (
    <section>
      <div className="head">
        <h2>{name}</h2>
        <span className="ct">
          {thousands(xp.sum)} XP, {thousands(xp.mean)} a bot, +{thousands(xp.growth7)} in 7 days
        </span>
      </div>
      {xp.bots.length === 0 ? (
        <p className="dim sm">It has no bots yet.</p>
      ) : (
        <div className="tbl-wrap" tabIndex={0} role="region" aria-label={`Board of ${name}`}>
          <table className="tbl">
            <thead>
              <tr>
                <th>Bot</th>
                <th>Level</th>
                <th className="num">XP</th>
                <th className="num">30 days</th>
              </tr>
            </thead>
            <tbody>
              {xp.bots.slice(0, ROWS_MAX).map((row) => (
                <tr key={row.bot.id}>
                  <td>
                    <Link href={`/xp/${row.bot.name}`}>{row.bot.name}</Link>
                  </td>
                  <td className="dim">{row.level.name}</td>
                  <td className="num">{thousands(row.xp)}</td>
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
