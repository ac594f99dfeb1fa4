import { useState } from "react";
import { useMutation } from "urql";
import { graphql } from "../generated/gql.ts";
import { Confirm } from "../shell/confirm.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { useViewer } from "../shell/viewer.ts";
import type { Fight } from "./use-exchanges.ts";

const ConcedeDocument = graphql(`
  mutation Concede($input: ConcedeFightInput!) {
    concedeFight(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

/** Lets the owner of a fighter give the fight up, after a second thought. */
export function Concede({ fight }: { fight: Fight }) {
  const viewer = useViewer();
  const mine = fight.participants.find(({ bot }) => bot.owner.id === viewer?.user.id);
  const [{ fetching }, concede] = useMutation(ConcedeDocument);
  const [refused, setRefused] = useState<Refused>(null);
  if (!mine) return null;
  const { bot } = mine;
  const go = async () => {
    const { data, error } = await concede({ input: { botId: bot.id, fightId: fight.id } });
    setRefused(refusalOf(data?.concedeFight, error));
  };
  return (
    <div className="row">
      <Why refused={refused} />
      <Confirm
        ask={
          <button type="button" className="btn sm danger" disabled={fetching}>
            Concede with {bot.name}
          </button>
        }
        title={`Concede with ${bot.name}?`}
        act="Concede"
        keep="Fight on"
        onAct={() => void go()}
      >
        The fight ends at once and counts as lost{fight.rated ? ", in the rating too" : ""}.
      </Confirm>
    </div>
  );
}
