import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { BoutFragment } from "../generated/graphql.ts";
import { Ago } from "./ago.tsx";

graphql(`
  fragment Bout on Contest {
    id
    ladder
    rated
    origin
    status
    endedAt
    participants { side placement character ratingBefore ratingAfter bot { id name } }
    ... on Fight { phase state { round exchange fighters { hp hpMax roundWins } } }
  }
`);

export type Bout = BoutFragment;

/** The fighters of a bout as they stand, when it is a fight. */
export const fightersOf = (bout: Bout) => ("state" in bout ? bout.state.fighters : []);

/** The seam's place: 50 % and up to 17 to either side, by the share of HP. */
export function seamOf(bout: Bout): number {
  const [a, b] = fightersOf(bout);
  if (!a || !b) return 50;
  return Math.min(62, Math.max(38, 50 + 17 * (a.hp / a.hpMax - b.hp / b.hpMax)));
}

const ORIGINS = { RATED_QUEUE: "rated", PRACTICE_QUEUE: "practice", CALLOUT: "callout", TOURNAMENT: "tournament" };

/** What a bout is: its ladder and how the two came together. */
export const kindOf = ({ ladder, origin, rated }: Bout) =>
  `${ladder === "PIT_SLOW" ? "Pit slow" : "Pit"}, ${origin === "RATED_QUEUE" && !rated ? "unrated" : ORIGINS[origin]}`;

export function MiniField({ bout }: { bout: Bout }) {
  const [one, two] = bout.participants;
  const seam = seamOf(bout);
  const figure = (character: string | null | undefined) =>
    `/characters.svg#${(character ?? "ronin").toLowerCase()}-stance`;
  return (
    <span className="field mini" aria-hidden="true">
      <i className="ia" style={{ flexGrow: seam }} />
      <i className="ib" style={{ flexGrow: 100 - seam }} />
      <svg className="l" viewBox="30 44 260 244">
        <use href={figure(one?.character)} width="320" height="300" />
      </svg>
      <svg className="r" viewBox="30 44 260 244">
        <use href={figure(two?.character)} width="320" height="300" />
      </svg>
    </span>
  );
}

const winnerOf = ({ participants }: Bout) => {
  const firsts = participants.filter(({ placement }) => placement === 1);
  return firsts.length === 1 ? firsts[0] : undefined;
};

/** A contest as one row: its field, who meets whom, how it stands. */
export function BoutRow({ bout }: { bout: Bout }) {
  const [one, two] = bout.participants;
  if (!one || !two) return null;
  const [a, b] = fightersOf(bout);
  const winner = winnerOf(bout);
  const live = bout.status === "LIVE" && "state" in bout;
  return (
    <li className="bout">
      <MiniField bout={bout} />
      <Link className="names" href={`/fights/${bout.id}`}>
        <span className="trunc nm">
          {one.bot.name}
          <span className="v">v</span>
          {two.bot.name}
        </span>
        <span className="xs dim3">{kindOf(bout)}</span>
      </Link>
      {live ? (
        <span className="sm stt">
          R{bout.state.round}, exchange {bout.state.exchange}
        </span>
      ) : (
        <span className="sm stt dim">
          {bout.status === "VOIDED" ? "No contest" : winner ? `${winner.bot.name} wins` : "Draw"}
        </span>
      )}
      <span className="mono sm num2">
        {a?.roundWins ?? 0}–{b?.roundWins ?? 0}
      </span>
    </li>
  );
}

const gainOf = ({ ratingBefore, ratingAfter }: Bout["participants"][number]) =>
  ratingBefore == null || ratingAfter == null ? null : ratingAfter - ratingBefore;

const signed = (gain: number | null) => (gain === null ? "–" : gain < 0 ? `−${-gain}` : `+${gain}`);

/** An ended contest in one line: score, who beat whom, the winner's gain, when. */
export function ResultRow({ bout }: { bout: Bout }) {
  const [one, two] = bout.participants;
  const winner = winnerOf(bout) ?? one;
  const loser = winner === one ? two : one;
  if (!winner || !loser) return null;
  const fighters = fightersOf(bout);
  const [won, lost] = [fighters[winner.side]?.roundWins ?? 0, fighters[loser.side]?.roundWins ?? 0];
  const gain = gainOf(winner);
  return (
    <li>
      <span className="sc mono">
        {won}–{lost}
      </span>
      <Link className="trunc" href={`/fights/${bout.id}`}>
        <b>{winner.bot.name}</b>{" "}
        <span className="dim3">
          {winnerOf(bout) ? "beat" : "drew with"} {loser.bot.name}
        </span>
      </Link>
      <span className={`mono xs ${(gain ?? 0) > 0 ? "good" : "dim3"}`}>{signed(gain)}</span>
      {bout.endedAt ? <Ago at={bout.endedAt} /> : <span />}
    </li>
  );
}
