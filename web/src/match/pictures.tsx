import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { decodeReplay, type MatchReplay } from "../../../src/quake/rules/replay.ts";
import { CombinedError, useSubscription } from "urql";
import type { MatchFramesSubscription, MatchFramesSubscriptionVariables } from "../generated/graphql.ts";
import { Failed, LoadingStage } from "../shell/states.tsx";
import { MatchFramesDocument } from "./documents.ts";
import { deathsIn, deathsOf } from "./deaths.ts";
import { roundMsOf, type Match, type Player as Seat, type Standing } from "./standing.ts";
import { Footage, scoresAt } from "./viewer/footage.ts";
import { frameOf } from "./viewer/frames.ts";
import type { Player } from "./viewer/picture.ts";

// Three.js comes with it: only who opens a match loads that.
const Viewer = lazy(() => import("./viewer/viewer.tsx"));

type Props = { match: Match; standing: Standing; over: boolean };
type PartProps = Omit<Props, "over"> & { again: () => void };

/** The match to look at: as it is played, and again after that. */
export function Pictures({ match, standing, over }: Props) {
  // Whoever watches sees the last ten seconds too, although the match is over by then; there is no replay before it is.
  const [seen, setSeen] = useState(over);
  const [attempt, setAttempt] = useState(0);
  const again = () => setAttempt(attempt + 1);
  if (match.status === "VOIDED") return null;
  if (!seen || !over)
    return <Live key={attempt} match={match} standing={standing} end={() => setSeen(true)} again={again} />;
  return <Stored key={attempt} match={match} standing={standing} again={again} />;
}

/** The round as its frames come in. */
function Live({ match, standing, end, again }: PartProps & { end: () => void }) {
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
  if (isOver) return <LoadingStage />;
  if (error) return <NoPicture error={error} again={again} />;
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

const NoPicture = ({ error, again }: { error: CombinedError; again: () => void }) => (
  <div className="qnone">
    <Failed error={error} retry={again} />
  </div>
);

type Stored =
  | { at: "LOADING" }
  | { at: "NONE"; why: string }
  | { at: "FAILED"; error: CombinedError }
  | { at: "READY"; replay: MatchReplay };

const NOT_LOADED = "The replay did not load.";
/** What the server answers where there is no replay, or not any more. */
const NOWHERE = [404, 410];

/** Loads the replay of a match that is over. */
function useReplay(id: string): Stored {
  const [stored, set] = useState<Stored>({ at: "LOADING" });
  useEffect(() => {
    const leaving = new AbortController();
    const load = async () => {
      const response = await fetch(`/matches/${id}/replay`, { signal: leaving.signal });
      if (response.ok) return set({ at: "READY", replay: decodeReplay(await response.json()) });
      const { errors = [] } = (await response.json()) as { errors?: { message: string }[] };
      if (NOWHERE.includes(response.status)) return set({ at: "NONE", why: errors[0]?.message ?? NOT_LOADED });
      set({ at: "FAILED", error: new CombinedError({ graphQLErrors: errors, response }) });
    };
    const fail = () => set({ at: "FAILED", error: new CombinedError({ graphQLErrors: [NOT_LOADED] }) });
    load().catch(() => leaving.signal.aborted || fail());
    return () => leaving.abort();
  }, [id]);
  return stored;
}

function Stored({ match, standing, again }: PartProps) {
  const stored = useReplay(match.id);
  const replay = stored.at === "READY" ? stored.replay : null;
  const footage = useMemo(() => new Footage(replay?.frames.map(frameOf) ?? [], false), [replay]);
  const deaths = useMemo(() => (replay ? deathsOf(replay) : []), [replay]);
  if (stored.at === "NONE") return <p className="dim sm qnone">{stored.why}</p>;
  if (stored.at === "FAILED") return <NoPicture error={stored.error} again={again} />;
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
