import { useQuery } from "urql";
import { Link } from "wouter";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { Acts } from "./acts.tsx";
import { Ballot } from "./ballot.tsx";
import { BattleDocument, type Battle } from "./documents.ts";
import { Replay } from "./replay.tsx";
import { Diffs, Matrix, Scores } from "./result.tsx";
import { Streams } from "./streams.tsx";
import { useTold } from "./use-told.ts";
import { isOver, PHASES, repositoryName, seconds, STAGES } from "./words.ts";
import "./code.css";

/** A battle: its stages, its gladiators side by side, and what came of it. */
export default function BattlePage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: BattleDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={8} />;
  if (!data.codeBattle)
    return (
      <Empty page title="There is no such battle" figure="phantom-evade" act={<Onward />}>
        The address may be mistyped, or the battle is on a private repository.
      </Empty>
    );
  // Where it is hidden the server cuts off who watched: who has entered meanwhile listens again.
  return <Shown key={String(data.codeBattle.public)} battle={data.codeBattle} readAgain={again} />;
}

function Shown({ battle, readAgain }: { battle: Battle; readAgain: () => void }) {
  const told = useTold(battle, readAgain);
  const name = repositoryName(battle.repositoryUrl);
  const shown = battle.entries.filter(({ status }) => status === "DRAWN" || battle.phase === "DRAFT");
  return (
    <div className="battlepage">
      <title>{`Battle on ${name} · Agon`}</title>
      <div className="meta">
        <div className="row">
          <Link href="/code" className="dim">
            Code
          </Link>
          <span className="dim3">/</span>
          <span>
            Battle <span className="mono">{battle.id.slice(-6)}</span>
          </span>
        </div>
        <div className="row wrapx">
          <span className={`tag ${isOver(battle.phase) ? "" : "live"}`}>{PHASES[battle.phase]}</span>
          <span className="tag out">{battle.rated ? "Rated" : "Unrated"}</span>
          <span className="tag out">{battle.public ? "Public" : "Private"}</span>
        </div>
      </div>
      <h1 className="disp h1">{name}</h1>
      <StageBar phase={battle.phase} />
      {battle.failure && (
        <p className="bad" role="alert">
          Void: {battle.failure.toLowerCase().replaceAll("_", " ")}. No rating is affected.
        </p>
      )}
      {battle.failureLog && <pre className="agentsays mono sm">{battle.failureLog}</pre>}
      <div>
        <p className="prompt">{battle.prompt}</p>
        <p className="sm dim">
          <span className="mono">{battle.commit.slice(0, 12)}</span>, each gladiator has {seconds(battle.timeLimitMs)}.
        </p>
      </div>
      <Acts battle={battle} readAgain={readAgain} />
      <Ballot battle={battle} readAgain={readAgain} />
      <section>
        <div className="head">
          <h2>Gladiators</h2>
          <span className="ct">
            {shown.length} of {battle.gladiatorsMax}
          </span>
        </div>
        {shown.length === 0 && <p className="dim">Nobody has entered.</p>}
        {isOver(battle.phase) ? <Replay entries={shown} told={told} /> : <Streams entries={shown} told={told} />}
      </section>
      <Scores battle={battle} />
      <Matrix battle={battle} />
      <Diffs battle={battle} />
    </div>
  );
}

/** How far the battle is. */
function StageBar({ phase }: { phase: Battle["phase"] }) {
  const at = STAGES.findIndex(([stage]) => stage === phase);
  return (
    <ol className="stages" aria-label="Stages">
      {STAGES.map(([stage, name], index) => (
        <li key={stage} aria-current={stage === phase ? "step" : undefined} className={index < at ? "past" : ""}>
          {name}
        </li>
      ))}
    </ol>
  );
}
