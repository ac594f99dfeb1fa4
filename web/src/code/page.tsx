import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { useViewer } from "../shell/viewer.ts";
import { BattlesDocument } from "./documents.ts";
import { Invitations } from "./invitations.tsx";
import { NewBattle } from "./new-battle.tsx";
import { PHASES, repositoryName } from "./words.ts";
import "./code.css";

/** Code battles: those that everybody sees, one's own, and a new one. */
export default function CodePage() {
  const viewer = useViewer();
  const [{ data, error }, reload] = useQuery({ query: BattlesDocument, requestPolicy: "cache-and-network" });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  return (
    <>
      <title>Code · Agon</title>
      <section className="hero short">
        <h1 className="disp h1">Code battles</h1>
        <p className="dim">Gladiators change copies of a repository, each in a sandbox. Tests judge what they leave.</p>
      </section>
      {!data && <Loading rows={6} />}
      {data && (
        <div className="codegrid">
          <section>
            <div className="head">
              <h2>Battles</h2>
            </div>
            {data.codeBattles.nodes.length === 0 && (
              <Empty title="No battle yet">Whoever makes one on a public repository is shown here.</Empty>
            )}
            <ul className="rows battles">
              {data.codeBattles.nodes.map(({ id, phase, prompt, repositoryUrl, createdAt, entries }) => (
                <li key={id}>
                  <span className="names">
                    <Link href={`/code/${id}`}>
                      <b>{repositoryName(repositoryUrl)}</b>
                    </Link>
                    <span className="xs dim3 cut">{prompt}</span>
                  </span>
                  <span className="sm dim">{entries.length} gladiators</span>
                  <span className="tag out">{PHASES[phase]}</span>
                  <Ago at={createdAt} ago />
                </li>
              ))}
            </ul>
          </section>
          <Invitations
            invitations={data.viewer?.codeInvitations.nodes ?? []}
            readAgain={() => reload({ requestPolicy: "network-only" })}
          />
          <Own battles={data.viewer?.codeBattles.nodes ?? []} />
          {viewer ? <NewBattle /> : <p className="dim">Sign in to make a battle on a repository of yours.</p>}
        </div>
      )}
    </>
  );
}

type OwnBattle = { id: string; phase: keyof typeof PHASES; public: boolean; prompt: string; repositoryUrl: string };

function Own({ battles }: { battles: readonly OwnBattle[] }) {
  if (battles.length === 0) return null;
  return (
    <section>
      <div className="head">
        <h2>Yours</h2>
        <span className="ct">{battles.length}</span>
      </div>
      <ul className="rows battles">
        {battles.map(({ id, phase, prompt, repositoryUrl, public: isPublic }) => (
          <li key={id}>
            <span className="names">
              <Link href={`/code/${id}`}>
                <b>{repositoryName(repositoryUrl)}</b>
              </Link>
              <span className="xs dim3 cut">{prompt}</span>
            </span>
            {!isPublic && <span className="tag out">Private</span>}
            <span className="tag out">{PHASES[phase]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
