import { useState } from "react";
import { useMutation } from "urql";
import { graphql } from "../generated/gql.ts";
import type { CodeBattlesQuery } from "../generated/graphql.ts";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { seconds } from "./words.ts";

const AnswerDocument = graphql(`
  mutation AnswerBattleInvitation($input: AnswerBattleInvitationInput!) {
    answerBattleInvitation(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

type Invitation = NonNullable<CodeBattlesQuery["viewer"]>["codeInvitations"]["nodes"][number];

/** Invitations of the viewer's gladiators, each with a yes and a no. */
export function Invitations({ invitations, readAgain }: { invitations: Invitation[]; readAgain: () => void }) {
  const [, answer] = useMutation(AnswerDocument);
  const [refused, setRefused] = useState<Refused>(null);
  if (invitations.length === 0) return null;
  const say = async ({ battleId, bot }: Invitation, accept: boolean) => {
    const { data, error } = await answer({ input: { battleId, botId: bot.id, accept } });
    setRefused(refusalOf(data?.answerBattleInvitation, error));
    readAgain();
  };
  return (
    <section>
      <div className="head">
        <h2>Invitations</h2>
        <span className="ct">{invitations.length}</span>
      </div>
      <ul className="rows battles">
        {invitations.map((invitation) => (
          <li key={`${invitation.battleId} ${invitation.bot.id}`}>
            <span className="names">
              <b>{invitation.repositoryName}</b>
              <span className="xs dim3 cut">
                {invitation.bot.name} by {invitation.by.handle}: {invitation.gladiatorsMax} gladiators,{" "}
                {seconds(invitation.timeLimitMs)} each
              </span>
            </span>
            {!invitation.public && <span className="tag out">Private</span>}
            <button type="button" className="btn sm" onClick={() => void say(invitation, true)}>
              Accept
            </button>
            <button type="button" className="btn sm ghost" onClick={() => void say(invitation, false)}>
              Decline
            </button>
          </li>
        ))}
      </ul>
      <Why refused={refused} />
    </section>
  );
}
