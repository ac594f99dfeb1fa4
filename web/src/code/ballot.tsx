import { lazy, Suspense } from "react";
import { graphql } from "../generated/gql.ts";
import { Why } from "../shell/refused.tsx";
import { Loading } from "../shell/states.tsx";
import { Left } from "../shell/ago.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useViewer } from "../shell/viewer.ts";
import type { Battle } from "./documents.ts";
import { TestTable } from "./result.tsx";
import { isOver } from "./words.ts";

const DiffView = lazy(() => import("./diff.tsx"));

const VoteDocument = graphql(`
  mutation VoteCodeBattle($input: VoteCodeBattleInput!) {
    voteCodeBattle(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

/** A blind vote: changes by letter. Whose they are is said to who has voted, and to all when the votes have been taken. */
export function Ballot({ battle, readAgain }: { battle: Battle; readAgain: () => void }) {
  const viewer = useViewer();
  const { act, refused } = useActs(readAgain);
  if (battle.votesUntil === null || isOver(battle.phase)) return null;
  const vote = (letter: string | null) => void act(VoteDocument, { battleId: battle.id, letter });
  const isMine = battle.entries.some(({ bot }) => viewer?.bots.nodes.some(({ id }) => id === bot.id));
  const mayVote = viewer !== null && !battle.voted && !isMine;
  return (
    <section className="ballot">
      <div className="head">
        <h2>Vote</h2>
        <span className="ct">
          blind, one a person; <Left until={battle.votesUntil} /> left
        </span>
      </div>
      {battle.voted ? (
        <p role="status">You have voted. The result comes when the votes have been taken.</p>
      ) : (
        <>
          <p className="dim">
            {isMine
              ? "A gladiator of yours is in it: others vote. Of the others' changes you are told the names behind the votes."
              : viewer === null
                ? "Sign in to vote. Whose change is whose is said when the votes have been taken."
                : "Whose change is whose is said when you have voted."}
          </p>
          {battle.ballot.map(({ letter, diff }) => (
            <details key={letter} open>
              <summary>Entry {letter}</summary>
              <Suspense fallback={<Loading />}>
                <DiffView text={diff ?? ""} />
              </Suspense>
              {mayVote && (
                <button type="button" className="btn" onClick={() => vote(letter)}>
                  Vote for {letter}
                </button>
              )}
            </details>
          ))}
          <TestTable
            label="Tests by entry"
            columns={battle.ballot.map(({ letter, tests }) => ({ key: letter, name: `Entry ${letter}`, tests }))}
          />
          {mayVote && (
            <button type="button" className="btn ghost" onClick={() => vote(null)}>
              I do not vote: show me whose is whose
            </button>
          )}
        </>
      )}
      <Why refused={refused} />
    </section>
  );
}
