import type { FormEvent } from "react";
import { graphql } from "../generated/gql.ts";
import { Choice, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { useViewer } from "../shell/viewer.ts";
import type { Battle } from "./documents.ts";
import { Pulls } from "./github.tsx";
import { isOver } from "./words.ts";

const SetDocument = graphql(`
  mutation SetHouseGladiator($input: SetGladiatorInput!) {
    setGladiator(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const InviteDocument = graphql(`
  mutation InviteGladiator($input: InviteGladiatorInput!) {
    inviteGladiator(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const EnterDocument = graphql(`
  mutation EnterCodeBattle($input: EnterCodeBattleInput!) {
    enterCodeBattle(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const StartDocument = graphql(`
  mutation StartCodeBattle($input: StartCodeBattleInput!) {
    startCodeBattle(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const CancelDocument = graphql(`
  mutation CancelCodeBattle($input: CancelCodeBattleInput!) {
    cancelCodeBattle(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const PushDocument = graphql(`
  mutation PushCodeBattle($input: PushCodeBattleInput!) {
    pushCodeBattle(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
/** What can be done with a battle now, by whoever looks at it. */
export function Acts({ battle, readAgain }: { battle: Battle; readAgain: () => void }) {
  const mine = battle.repository !== null;
  return (
    <>
      {battle.phase === "DRAFT" && <Enter battle={battle} readAgain={readAgain} />}
      {mine && <OwnersActs battle={battle} readAgain={readAgain} />}
      {mine && <Pulls battle={battle} readAgain={readAgain} />}
    </>
  );
}

/** Lets one of the viewer's bots in, as a gladiator of the house where it is none yet. */
function Enter({ battle, readAgain }: { battle: Battle; readAgain: () => void }) {
  const viewer = useViewer();
  const { act, refused } = useActs(readAgain);
  const bots = viewer?.bots.nodes ?? [];
  const mayEnter = battle.open ? battle.repository === null : battle.repository !== null;
  if (!mayEnter || bots.length === 0) return null;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [botId, skill] = [textOf(form, "bot"), textOf(form, "skill")];
    const house = { botId, kind: "HOUSE", skill: skill as "SCRIBE" | "TINKER" } as const;
    if (skill !== "" && !(await act(SetDocument, house))) return;
    const input = { battleId: battle.id, botId };
    await (battle.open ? act(EnterDocument, input) : act(InviteDocument, input));
  };
  return (
    <form className="row wrapx" onSubmit={(event) => void submit(event)}>
      <Choice name="bot" label="Gladiator" options={bots.map(({ id, name }) => ({ value: id, name }))} />
      <Choice
        name="skill"
        label="Runs"
        options={[
          { value: "TINKER", name: "House tinker" },
          { value: "SCRIBE", name: "House scribe" },
          { value: "", name: "As it is set" },
        ]}
      />
      <button type="submit" className="btn">
        Let it in
      </button>
      <Why refused={refused} />
    </form>
  );
}

/** Start, cancel and push, for the battle's owner. */
function OwnersActs({ battle, readAgain }: { battle: Battle; readAgain: () => void }) {
  const { act, refused } = useActs(readAgain);
  const input = { battleId: battle.id };
  const isLeft = battle.entries.some((entry) => entry.diff != null && entry.push !== "PUSHED");
  return (
    <div className="row wrapx">
      {battle.phase === "DRAFT" && (
        <button type="button" className="btn pri" onClick={() => void act(StartDocument, input)}>
          Start the battle
        </button>
      )}
      {!isOver(battle.phase) && (
        <button type="button" className="btn ghost" onClick={() => void act(CancelDocument, input)}>
          Cancel it
        </button>
      )}
      {battle.phase === "COMPLETED" && isLeft && (
        <button type="button" className="btn pri" onClick={() => void act(PushDocument, input)}>
          Push the branches
        </button>
      )}
      <Why refused={refused} />
    </div>
  );
}
