import { Link } from "wouter";
import type { LadderPageQuery } from "../generated/graphql.ts";
import { Shield } from "../shell/shield.tsx";
import { Spark } from "./spark.tsx";

export type Standing = LadderPageQuery["ladder"]["newcomers"][number];

type Props = { name: string; rows: readonly Standing[]; mine: string | undefined };

/** Standings as a table; one's own bots are marked. */
export function Board({ name, rows, mine }: Props) {
  return (
    <div className="tbl-wrap" tabIndex={0} role="region" aria-label={name}>
      <table className="tbl board">
        <thead>
          <tr>
            <th className="num">Rank</th>
            <th>Bot</th>
            <th className="num">Rating</th>
            <th className="num wide">W–D–L</th>
            <th className="wide">Streak</th>
            <th className="num wide">Peak</th>
            <th className="num wide">Last 20</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.bot.id} row={row} mine={row.bot.owner.id === mine} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, mine }: { row: Standing; mine: boolean }) {
  const { bot, rank, elo, wins, draws, losses, streak, peak, provisional, recent } = row;
  return (
    <tr className={mine ? "me" : undefined}>
      <td className="num">{provisional ? "–" : (rank?.toLocaleString("en") ?? "–")}</td>
      <td className="yields">
        <BotCell bot={bot} mine={mine} note={provisional ? ", provisional" : ""} />
      </td>
      <td className="num">
        <b>{elo.toLocaleString("en")}</b>
      </td>
      <td className="num wide">
        {wins}–{draws}–{losses}
      </td>
      <td className="wide">
        <Streak streak={streak} />
      </td>
      <td className="num dim3 wide">{peak.toLocaleString("en")}</td>
      <td className="num wide">
        <Spark values={recent} />
      </td>
    </tr>
  );
}

/** A bot with its owner, as every board shows it. */
export function BotCell({ bot, mine, note = "" }: { bot: Standing["bot"]; mine: boolean; note?: string }) {
  return (
    <Link className="row" href={`/bots/${bot.name}`}>
      <Shield id={bot.id} />
      <span className="boardname">
        <span className="bot">
          {bot.name} {mine && <span className="tag out">yours</span>}
        </span>
        <span className="xs dim3">
          {bot.owner.handle}
          {note}
        </span>
      </span>
    </Link>
  );
}

function Streak({ streak }: { streak: number }) {
  if (streak === 0) return <span className="mono dim3">–</span>;
  return <span className={`tag mono ${streak > 0 ? "good" : "bad"}`}>{streak > 0 ? `W${streak}` : `L${-streak}`}</span>;
}
