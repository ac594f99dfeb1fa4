import { Link } from "wouter";
import { signed } from "../shell/bout.tsx";
import { Copy } from "../shell/copy.tsx";
import { Shield } from "../shell/shield.tsx";
import { useOthers } from "./others.tsx";
import type { Playhead } from "./use-playhead.ts";
import type { Fight, RoundEnd } from "./use-exchanges.ts";

type Props = { fight: Fight; rounds: readonly RoundEnd[]; head: Playhead };

/** Who won, and where to go from here; only once the stage has played it. */
export function Result({ fight, rounds, head }: Props) {
  const winner = fight.participants.find(({ bot }) => bot.id === fight.winner?.id);
  const [next] = useOthers(fight.id);
  const side = winner ? ["a", "b"][winner.side] : "";
  if (head.playing)
    return (
      <div className="result">
        <p className="dim sm">Playing move by move; the result stands here after the last.</p>
      </div>
    );
  return (
    <div className={`result side-${side}`}>
      {winner && <Shield id={winner.bot.id} className={`s40 side-${side}`} />}
      <div className="trunc">
        <b className="disp">{winner ? `${winner.bot.name} wins` : "Nobody wins"}</b>
        <span className="sm dim">{howOf(fight, rounds)}</span>
      </div>
      <div className="ends">
        <Copy text={location.href} what="the link to this fight">
          Copy link
        </Copy>
        <Link className="btn sm" href={next ? `/fights/${next.id}` : "/pit"}>
          {next ? "Watch the next fight" : "To the Pit"}
        </Link>
      </div>
    </div>
  );
}

/** By how many rounds it was won and what ended it, with what it did to the ratings. */
function howOf({ endReason, participants, winner }: Fight, rounds: readonly RoundEnd[]): string {
  const wins = rounds.at(-1)?.roundWins;
  const first = participants.find(({ bot }) => bot.id === winner?.id)?.side ?? 0;
  const score = wins && `${wins[first]}–${wins[1 - first]} in rounds`;
  const reason = endReason && endReason !== "ROUNDS" ? endReason.toLowerCase().replaceAll("_", " ") : null;
  const gains = participants.flatMap(({ bot, ratingBefore, ratingAfter }) =>
    ratingBefore == null || ratingAfter == null ? [] : [`${bot.name} ${signed(ratingAfter - ratingBefore)}`],
  );
  return [score, reason, ...gains].filter(Boolean).join(", ");
}
