import { useEffect, useMemo, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import type { MatchLiveSubscription, MatchLiveSubscriptionVariables } from "../generated/graphql.ts";
import { Left } from "../shell/ago.tsx";
import { Gain } from "../shell/bout.tsx";
import { Copy } from "../shell/copy.tsx";
import { Proof } from "../shell/proof.tsx";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, LiveTag, LoadingStage, Onward } from "../shell/states.tsx";
import { percent } from "./accuracy.ts";
import { MatchDocument, MatchLiveDocument } from "./documents.ts";
import { Pictures } from "./pictures.tsx";
import { KillFeed } from "./kill-feed.tsx";
import { Lane } from "./lane.tsx";
import { changesMatch, standingAfter, standingOf, type Match, type Standing, type Told } from "./standing.ts";
import "./match.css";

/** A Quake match: who leads, who killed whom, and what came of it. */
export default function MatchPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: MatchDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  // What else was asked for may have been answered.
  if (error && !data?.match) return <Failed page error={error} retry={again} />;
  if (!data) return <LoadingStage />;
  if (!data.match)
    return (
      <Empty page title="There is no such match" figure="phantom-evade" act={<Onward />}>
        The address may be mistyped. Matches that were played are kept and stay where they are.
      </Empty>
    );
  return <Shown match={data.match} trusted={data.replaySigningKey} readAgain={again} />;
}

const isOver = ({ status }: Match) => status !== "LIVE" && status !== "ANNOUNCED";

/** The match as it was read, and each event behind the cursor of the first answer. */
function useStanding(match: Match, readAgain: () => void): Standing {
  const [after] = useState(match.cursor);
  const [{ data: events = [] }] = useSubscription<MatchLiveSubscription, Told[], MatchLiveSubscriptionVariables>(
    { query: MatchLiveDocument, variables: { id: match.id, after }, pause: isOver(match) },
    (before = [], { matchEvents }) => [...before, matchEvents],
  );
  const turns = events.filter(({ event }) => changesMatch(event)).length;
  useEffect(() => {
    if (turns > 0) readAgain();
    // Once for each turn: `readAgain` is the page's own and changes with every render.
  }, [turns]);
  // What a later answer knows already changes nothing when it is told once more.
  return useMemo(
    () => (isOver(match) ? standingOf(match) : events.reduce(standingAfter, standingOf(match))),
    [match, events],
  );
}

type ShownProps = { match: Match; trusted: string; readAgain: () => void };

function Shown({ match, trusted, readAgain }: ShownProps) {
  const standing = useStanding(match, readAgain);
  const over = isOver(match);
  const names = standing.players.map(({ bot }) => bot.name).join(", ");
  return (
    <>
      <title>{`${names} · Quake · Agon`}</title>
      <Meta match={match} standing={standing} over={over} />
      <h1 className="disp h1 matchhead">{over ? headline(match, standing) : names}</h1>
      <Pictures match={match} standing={standing} over={over} />
      <div className="mgrid">
        <Scoreboard match={match} standing={standing} over={over} />
        <div className="mside">
          <KillFeed standing={standing} over={over} />
          <Proof what="match" id={match.id} seedHash={String(match.seedHash)} over={over} trusted={trusted} />
        </div>
      </div>
    </>
  );
}

function headline(match: Match, { players }: Standing): string {
  if (match.status === "VOIDED") return "No result";
  const firsts = match.participants.filter(({ placement }) => placement === 1).map(({ bot }) => bot.id);
  const names = players.filter(({ bot }) => firsts.includes(bot.id)).map(({ bot }) => bot.name);
  return names.length > 1 ? `${names.join(" and ")} share the first place` : `${names[0] ?? "Nobody"} wins`;
}

const STAGES: Record<Match["phase"], string> = {
  ANNOUNCED: "Waits for a server",
  JOINING: "The bots join",
  COUNTDOWN: "About to begin",
  LIVE: "Live",
  COMPLETED: "Over",
  VOIDED: "Void",
};

const VOIDS: Partial<Record<NonNullable<Match["voidReason"]>, string>> = {
  NO_SERVER: "no game server was free",
  NO_NODE: "no game server was free",
  JOIN_FAILED: "a bot could not join",
  SERVER_LOST: "the game server broke off",
  NODE_LOST: "the game server broke off",
  PLAYER_LOST: "a bot lost its connection",
  SCORE_MISMATCH: "log and scores did not agree",
  STOPPED: "the server was stopped",
  OPERATOR: "an operator ended it",
};

/** Where this is, how it stands, and what it counts for. */
function Meta({ match, standing, over }: { match: Match; standing: Standing; over: boolean }) {
  return (
    <div className="meta">
      <div className="row">
        <Link href="/ladder" className="dim">
          Quake
        </Link>
        <span className="dim3">/</span>
        <span>
          Match <span className="mono">{match.id.slice(-6)}</span>
        </span>
      </div>
      <div className="row wrapx">
        {!over && standing.phase === "LIVE" && <LiveTag />}
        {!over && standing.phase !== "LIVE" && <span className="tag warn">{STAGES[standing.phase]}</span>}
        {!over && standing.phase === "LIVE" && standing.endsAt && (
          <span className="tag out">
            <Left until={standing.endsAt} /> left
          </span>
        )}
        {match.status === "VOIDED" && (
          <span className="tag">Void: {(match.voidReason && VOIDS[match.voidReason]) ?? "it could not be played"}</span>
        )}
        <span className="tag out">{match.map}</span>
        <span className="tag out">Free for all</span>
        <span className="tag out">{match.rated ? "Rated" : "Unrated"}</span>
      </div>
      <div className="acts row">
        {!over && (
          <Copy text={location.href} what="the link to this match">
            Copy link
          </Copy>
        )}
      </div>
    </div>
  );
}

/** The game's awards that a bot earned, in words. */
const awardsIn = (awards: Standing["players"][number]["awards"]): string[] =>
  (["excellent", "impressive", "gauntlet"] as const).flatMap((name) =>
    awards[name] > 0 ? [awards[name] > 1 ? `${awards[name]} × ${name}` : name] : [],
  );

const ratio = (kills: number, deaths: number) => (kills / Math.max(1, deaths)).toFixed(2);

/** Who has what so far; after the end with what it did to the ratings. */
function Scoreboard({ match, standing, over }: { match: Match; standing: Standing; over: boolean }) {
  return (
    <section>
      <div className="head">
        <h2>Scoreboard</h2>
        <span className="ct">as the game counts</span>
      </div>
      <div className="tbl-wrap" tabIndex={0} role="region" aria-label="Scoreboard">
        <table className="tbl scores">
          <thead>
            <tr>
              <th>Bot</th>
              <th className="num">Score</th>
              <th className="num">Kills</th>
              <th className="num wide">Deaths</th>
              <th className="num wide">K/D</th>
              {over && <th className="num wide">Accuracy</th>}
              <th className="num">Rating</th>
            </tr>
          </thead>
          <tbody>
            {standing.players.map((player) => (
              <Row key={player.bot.id} player={player} match={match} over={over} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ player, match, over }: { player: Standing["players"][number]; match: Match; over: boolean }) {
  const { bot, side, score, kills, deaths, shots, accuracy, awards } = player;
  const seat = match.participants.find((each) => each.bot.id === bot.id);
  const gain = seat?.ratingBefore == null || seat.ratingAfter == null ? null : seat.ratingAfter - seat.ratingBefore;
  return (
    <tr>
      <td className="yields">
        <div className="row">
          <Lane side={side} />
          <Shield id={bot.id} />
          <div className="trunc">
            <Link className="bot" href={`/bots/${bot.name}`}>
              {bot.name}
            </Link>
            <div className="xs dim3">{[bot.owner.handle, ...awardsIn(awards)].join(" · ")}</div>
          </div>
        </div>
      </td>
      <td className="num">
        <b className="big disp">{score}</b>
      </td>
      <td className="num">{kills}</td>
      <td className="num wide">{deaths}</td>
      <td className="num dim wide">{ratio(kills, deaths)}</td>
      {over && (
        <td className="num wide" title={shots == null ? undefined : `of ${shots.toLocaleString("en")} shots`}>
          {percent(accuracy)}
        </td>
      )}
      <td className="num">
        {seat?.ratingBefore?.toLocaleString("en") ?? "–"}
        {over && match.status === "COMPLETED" && match.rated && (
          <>
            {" "}
            <Gain gain={gain} />
          </>
        )}
      </td>
    </tr>
  );
}
