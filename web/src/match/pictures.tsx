import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { decodeReplay, type MatchReplay } from "../../../src/quake/rules/replay.ts";
import { useSubscription } from "urql";
import type { MatchFramesSubscription, MatchFramesSubscriptionVariables } from "../generated/graphql.ts";
import { LoadingStage } from "../shell/states.tsx";
import { MatchFramesDocument } from "./documents.ts";
import { deathsIn, deathsOf } from "./deaths.ts";
import { roundMsOf, type Match, type Player as Seat, type Standing } from "./standing.ts";
import { Footage, scoresAt } from "./viewer/footage.ts";
import { frameOf } from "./viewer/frames.ts";
import type { Player } from "./viewer/picture.ts";

// Three.js comes with it: only who opens a match loads that.
const Viewer = lazy(() => import("./viewer/viewer.tsx"));

type Props = { match: Match; standing: Standing; over: boolean };

/** The match to look at: as it is played, and again after that. */
export function Pictures({ match, standing, over }: Props) {
  // Whoever watches sees the last ten seconds too, although the match is over by then; there is no replay before it is.
  const [seen, setSeen] = useState(over);
  if (match.status === "VOIDED") return null;
  if (!seen || !over) return <Live match={match} standing={standing} end={() => setSeen(true)} />;
  return <Stored match={match} standing={standing} />;
}

/** The round as its frames come in. */
function Live({ match, standing, end }: Omit<Props, "over"> & { end: () => void }) {
  const [footage] = useState(() => new Footage([], true));
  const [{ fetching, error }] = useSubscription<MatchFramesSubscription, null, MatchFramesSubscriptionVariables>(
    { query: MatchFramesDocument, variables: { id: match.id } },
    (_before, { matchFrames }) => {
      footage.add(frameOf(matchFrames));
      return null;
    },
  );
  const [opened, setOpened] = useState(false);
  const isOver = error?.graphQLErrors[0]?.extensions["code"] === "MATCH_OVER";
  useEffect(() => {
    if (fetching) setOpened(true);
    else if (isOver || (opened && !error)) end();
  }, [fetching, isOver]);
  const scores = useMemo(() => new Map(standing.players.map(({ side, score }) => [side, score])), [standing.players]);
  const deaths = useMemo(() => deathsIn(standing), [standing]);
  if (error) return <p className="dim sm qnone">{error.graphQLErrors[0]?.message ?? "The picture broke off."}</p>;
  return (
    <Suspense fallback={<LoadingStage />}>
      <Viewer
        map={match.map}
        players={castOf(standing.players)}
        footage={footage}
        deaths={deaths}
        scoresAt={() => scores}
        roundMs={roundMsOf(standing)}
      />
    </Suspense>
  );
}

const castOf = (players: readonly Seat[]): Player[] =>
  players.map(({ side, bot: { name, character } }) => ({ side, name, character })).toSorted((a, b) => a.side - b.side);

type Stored = { at: "LOADING" } | { at: "NONE"; why: string } | { at: "READY"; replay: MatchReplay };

/** Loads the replay of a match that is over. */
function useReplay(id: string): Stored {
  const [stored, set] = useState<Stored>({ at: "LOADING" });
  useEffect(() => {
    const leaving = new AbortController();
    const load = async () => {
      const response = await fetch(`/matches/${id}/replay`, { signal: leaving.signal });
      const told = (await response.json()) as unknown;
      if (response.ok) return set({ at: "READY", replay: decodeReplay(told) });
      set({ at: "NONE", why: wordsOf(told) });
    };
    load().catch(() => leaving.signal.aborted || set({ at: "NONE", why: "The replay did not load." }));
    return () => leaving.abort();
  }, [id]);
  return stored;
}

const wordsOf = (told: unknown): string =>
  (told as { errors?: { message: string }[] } | null)?.errors?.[0]?.message ?? "The replay did not load.";

function Stored({ match, standing }: Omit<Props, "over">) {
  const stored = useReplay(match.id);
  const replay = stored.at === "READY" ? stored.replay : null;
  const footage = useMemo(() => new Footage(replay?.frames.map(frameOf) ?? [], false), [replay]);
  const deaths = useMemo(() => (replay ? deathsOf(replay) : []), [replay]);
  if (stored.at === "NONE") return <p className="dim sm qnone">{stored.why}</p>;
  if (!replay) return <LoadingStage />;
  return (
    <Suspense fallback={<LoadingStage />}>
      <Viewer
        map={replay.map}
        players={castOf(standing.players)}
        footage={footage}
        deaths={deaths}
        scoresAt={(atMs) => scoresAt(replay.scores, atMs)}
        roundMs={replay.lengthMs}
      />
    </Suspense>
  );
}
