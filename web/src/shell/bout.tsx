import { useState } from "react";
import { useSubscription } from "urql";
import { Link } from "wouter";
import { useLine } from "../client/line.ts";
import { graphql } from "../generated/gql.ts";
import type { BoutFragment, FightFollowSubscription } from "../generated/graphql.ts";
import { ACTIONS } from "./actions.ts";
import { Ago, clockTime } from "./ago.tsx";
import { winnerTakes } from "./amount.ts";
import { Money } from "./money.tsx";
import { FollowDocument, isAnnounced } from "./standing.ts";

graphql(`
  fragment Bout on Contest {
    id
    ladder
    rated
    origin
    status
    endedAt
    participants { side placement character ratingBefore ratingAfter bot { id name } }
    ... on Fight { cursor phase wager state { round exchange fighters { side hp hpMax stamina roundWins } } }
    ... on QuakeMatch { map players { side score bot { id } } }
  }
`);

export type Bout = BoutFragment;

/** Where a bout is shown. */
export const hrefOf = ({ __typename: type, id }: Pick<Bout, "__typename" | "id">) => `/${PLACES[type]}/${id}`;
const PLACES = { Fight: "fights", QuakeMatch: "matches", CodeBattle: "code" };

/** The scores of a bout by bot, when it is a match. */
const scoresOf = (bout: Bout) =>
  new Map("players" in bout ? bout.players.map(({ bot, score }) => [bot.id, score]) : []);

/** The fighters of a bout as they stand, when it is a fight. */
export const fightersOf = (bout: Bout) => ("state" in bout ? bout.state.fighters : []);

/** The seam's place: 50 % and up to 17 to either side, by the share of HP. */
export function seamOf(bout: Bout): number {
  const [a, b] = fightersOf(bout);
  if (!a || !b) return 50;
  return Math.min(62, Math.max(38, 50 + 17 * (a.hp / a.hpMax - b.hp / b.hpMax)));
}

type FightEvent = FightFollowSubscription["fightEvents"]["event"];
export type LastExchange = Extract<FightEvent, { __typename: "ExchangeResolved" }>;

const isUnderWay = ({ status }: Bout) => status === "LIVE" || status === "ANNOUNCED";

/** Follows a live bout, whose standing the cache keeps; gives its last exchange. */
export function useFollowed(bout: Bout): LastExchange | null {
  const [after] = useState("cursor" in bout ? bout.cursor : null);
  const [{ data = null }] = useSubscription<
    FightFollowSubscription,
    LastExchange | null,
    { fightId: string; after: string | null }
  >(
    { query: FollowDocument, variables: { fightId: bout.id, after }, pause: !isUnderWay(bout) || after === null },
    (before = null, { fightEvents: { event } }) => (event.__typename === "ExchangeResolved" ? event : before),
  );
  return data;
}

const ORIGINS = {
  RATED_QUEUE: "rated",
  PRACTICE_QUEUE: "practice",
  CALLOUT: "callout",
  TOURNAMENT: "tournament",
  OPEN_ENTRY: "open entries",
  INVITATION: "by invitation",
};
const LADDERS = { PIT: "Pit", PIT_SLOW: "Pit slow", CODE: "Code", QUAKE: "Quake" };

/** What a bout is: its ladder and how the two came together. */
export const kindOf = ({ ladder, origin, rated }: Bout) =>
  `${LADDERS[ladder]}, ${origin === "RATED_QUEUE" && !rated ? "unrated" : ORIGINS[origin]}`;

/** The drawing of a fighter: what it did last, or that it is down. */
export function poseOf(bout: Bout, side: number, last: LastExchange | null): string {
  const fighter = fightersOf(bout)[side];
  if (fighter?.hp === 0) return "ko";
  const action = last?.sides.find((each) => each.side === side)?.action;
  return bout.status === "LIVE" && action ? ACTIONS[action].pose : "stance";
}

function MiniField({ bout, last }: { bout: Bout; last: LastExchange | null }) {
  const seam = seamOf(bout);
  return (
    <span className="field mini" aria-hidden="true">
      <i className="ia" style={{ flexGrow: seam }} />
      <i className="ib" style={{ flexGrow: 100 - seam }} />
      {[0, 1].map((side) => (
        <svg key={side} className={side === 0 ? "l" : "r"} viewBox="30 44 260 244">
          <use
            href={`/characters.svg#${(bout.participants[side]?.character ?? "ronin").toLowerCase()}-${poseOf(bout, side, last)}`}
            width="320"
            height="300"
          />
        </svg>
      ))}
    </span>
  );
}

/** The winner, once it is told: an end that came as an event has no placements until it is read again. */
export const winnerOf = ({ participants }: Bout) => {
  const firsts = participants.filter(({ placement }) => placement === 1);
  return firsts.length === 1 ? firsts[0] : undefined;
};
const isTold = ({ participants }: Bout) => participants.some(({ placement }) => placement !== null);

/** How an ended bout went for one of its bots. */
export function outcomeFor(bout: Bout, botId: string): "won" | "lost" | "drawn" | null {
  if (bout.status !== "COMPLETED" || !isTold(bout)) return null;
  const winner = winnerOf(bout);
  return winner ? (winner.bot.id === botId ? "won" : "lost") : "drawn";
}
const TINTS = { won: "good", lost: "bad", drawn: "" };

/** A contest as one row: its field, who meets whom, how it stands; live it follows each exchange. */
export function BoutRow(props: { bout: Bout; of?: string }) {
  return props.bout.__typename === "QuakeMatch" ? <MatchRow {...props} /> : <FightRow {...props} />;
}

/** A match as one row: a lane for each bot, as wide as its score, and who plays. */
function MatchRow({ bout, of }: { bout: Bout; of?: string }) {
  const scores = scoresOf(bout);
  const mine = bout.participants.find(({ bot }) => bot.id === of);
  const best = Math.max(0, ...scores.values());
  return (
    <li className={`bout ${of ? "own" : ""}`}>
      <span className="field mini" aria-hidden="true">
        {bout.participants.map(({ side, bot }) => (
          <i key={side} style={{ flexGrow: 2 + (scores.get(bot.id) ?? 0), background: `var(--lane-${side + 1})` }} />
        ))}
      </span>
      <Link className="names" href={hrefOf(bout)}>
        <span className="trunc nm">{bout.participants.map(({ bot }) => bot.name).join(", ")}</span>
        <span className="xs dim3">
          {kindOf(bout)}
          {"map" in bout && `, ${bout.map}`}
        </span>
      </Link>
      <Standing bout={bout} of={of} />
      <span className="mono sm num2">{mine ? (scores.get(mine.bot.id) ?? 0) : best}</span>
      {mine && <Gain gain={gainOf(mine)} />}
      {of && (bout.endedAt ? <Ago at={bout.endedAt} /> : <span className="xs dim3 num2">now</span>)}
    </li>
  );
}

function FightRow({ bout, of }: { bout: Bout; of?: string }) {
  const last = useFollowed(bout);
  const [one, two] = bout.participants;
  if (!one || !two) return null;
  const [a, b] = fightersOf(bout);
  const mine = bout.participants.find(({ bot }) => bot.id === of);
  return (
    <li className={`bout ${of ? "own" : ""}`}>
      <MiniField bout={bout} last={last} />
      <Link className="names" href={hrefOf(bout)}>
        <span className="trunc nm">
          {one.bot.name}
          <span className="v">v</span>
          {two.bot.name}
        </span>
        <span className="xs dim3">
          {kindOf(bout)}
          <AtStake bout={bout} />
        </span>
      </Link>
      <Standing bout={bout} of={of} />
      <span className="mono sm num2">
        {a?.roundWins ?? 0}–{b?.roundWins ?? 0}
      </span>
      {mine && <Gain gain={gainOf(mine)} />}
      {of && (bout.endedAt ? <Ago at={bout.endedAt} /> : <span className="xs dim3 num2">now</span>)}
    </li>
  );
}

/** What the winner of a bout takes, where its owners staked on it. */
export const takeOf = (bout: Bout): bigint => ("wager" in bout ? winnerTakes(BigInt(bout.wager)) : 0n);

function AtStake({ bout }: { bout: Bout }) {
  const take = takeOf(bout);
  if (take === 0n) return null;
  if (!isUnderWay(bout) && isTold(bout) && !winnerOf(bout)) return ", stakes given back";
  return (
    <>
      , winner {isUnderWay(bout) ? "takes" : "took"} <Money units={take} as="brief" />
    </>
  );
}

/** What came of an ended bout, in words. */
function endOf(bout: Bout): string {
  if (bout.status === "VOIDED") return "No contest";
  if (!isTold(bout)) return "Over";
  const winner = winnerOf(bout);
  return winner ? `${winner.bot.name} wins` : "Draw";
}

function Standing({ bout, of }: { bout: Bout; of: string | undefined }) {
  const { offlineSince } = useLine();
  const outcome = of ? outcomeFor(bout, of) : null;
  if (outcome) return <span className={`tag stt ${TINTS[outcome]}`}>{outcome}</span>;
  if (isAnnounced(bout)) return <span className="tag warn stt">about to begin</span>;
  if (bout.status === "LIVE" && "players" in bout) return <span className="sm stt">live</span>;
  if (bout.status !== "LIVE" || !("state" in bout)) return <span className="sm stt dim">{endOf(bout)}</span>;
  return (
    <span className="sm stt">
      {offlineSince !== null ? (
        `Last seen ${clockTime(offlineSince)}`
      ) : (
        <>
          R{bout.state.round}, exchange {Math.max(1, bout.state.exchange)}
        </>
      )}
    </span>
  );
}

const gainOf = ({ ratingBefore, ratingAfter }: Bout["participants"][number]) =>
  ratingBefore == null || ratingAfter == null ? null : ratingAfter - ratingBefore;

/** A change with its sign; a dash for none. */
export const signed = (gain: number | null) => (gain === null ? "–" : gain < 0 ? `−${-gain}` : `+${gain}`);

/** A change of rating, with its sign. */
export function Gain({ gain }: { gain: number | null }) {
  return <span className={`mono xs num2 ${!gain ? "dim3" : gain > 0 ? "good" : "bad"}`}>{signed(gain)}</span>;
}

/** What a participant has of the contest's points: rounds of a fight, the score of a match. */
const pointsOf = (bout: Bout, { side, bot }: Bout["participants"][number]) =>
  scoresOf(bout).get(bot.id) ?? fightersOf(bout)[side]?.roundWins ?? 0;

/** An ended contest in one line: score, who beat whom, the winner's gain, when. */
export function ResultRow({ bout }: { bout: Bout }) {
  const [one, two] = bout.participants;
  const winner = winnerOf(bout) ?? one;
  const loser = winner === one ? two : one;
  const others = bout.participants.length - 2;
  if (!winner || !loser) return null;
  const [won, lost] = [pointsOf(bout, winner), pointsOf(bout, loser)];
  return (
    <li>
      <span className="sc mono">
        {won}–{lost}
      </span>
      <Link className="trunc" href={hrefOf(bout)}>
        <b>{winner.bot.name}</b>{" "}
        <span className="dim3">
          {winnerOf(bout) ? "beat" : isTold(bout) ? "drew with" : "met"} {loser.bot.name}
          {others > 0 && ` and ${others} more`}
        </span>
      </Link>
      <Gain gain={gainOf(winner)} />
      {bout.endedAt ? <Ago at={bout.endedAt} /> : <span />}
    </li>
  );
}
