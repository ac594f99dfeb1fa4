import { Lane } from "./lane.tsx";
import type { Kill, Standing } from "./standing.ts";

const clock = (atMs: number) => {
  const seconds = Math.floor(atMs / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** How many deaths the feed shows. */
const FEED_MAX = 40;

/** Who killed whom, the latest first. */
export function KillFeed({ standing: { players, kills }, over }: { standing: Standing; over: boolean }) {
  const sideOf = (id: string | undefined) => players.find(({ bot }) => bot.id === id)?.side ?? null;
  return (
    <aside>
      <div className="head">
        <h2>Kill feed</h2>
        <span className="ct">{over ? "latest first" : "live, latest first"}</span>
      </div>
      {kills.length === 0 && <p className="dim sm">{over ? "Nobody died." : "The first death will stand here."}</p>}
      <ol className="kf" reversed aria-live="polite" aria-relevant="additions">
        {kills.slice(0, FEED_MAX).map((kill) => (
          <Line key={kill.number} kill={kill} killer={sideOf(kill.killer?.id)} victim={sideOf(kill.victim.id)} />
        ))}
      </ol>
    </aside>
  );
}

function Line({ kill, killer, victim }: { kill: Kill; killer: number | null; victim: number | null }) {
  return (
    <li>
      <span className="mono xs dim3">{clock(kill.atMs)}</span>
      {!kill.suicide && killer !== null ? <Lane side={killer} /> : <span />}
      <span>{kill.text}</span>
      {victim !== null && <Lane side={victim} dead />}
    </li>
  );
}
