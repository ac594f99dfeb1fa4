import { Dialog } from "radix-ui";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { whole, winnerTakes } from "../shell/amount.ts";
import { Money } from "../shell/money.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { SealedTick } from "../shell/sealed.tsx";
import { Shield } from "../shell/shield.tsx";
import { StakeField, useStake } from "../shell/stake.tsx";
import { Empty } from "../shell/states.tsx";
import { useBalance } from "../shell/use-balance.ts";
import type { Viewer } from "../shell/viewer.ts";
import type { Pit } from "./pit-after.ts";
import { WhoSpeaks, type Present } from "./who-speaks.tsx";

const CallOutDocument = graphql(`
  mutation CallOut($input: CreateCalloutInput!) {
    createCallout(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const EnterDocument = graphql(`
  mutation EnterPit($input: EnterPitInput!) { enterPit(input: $input) { __typename ... on Refusal { message hint } } }
`);
const LeaveDocument = graphql(`
  mutation LeavePit($input: LeavePitInput!) { leavePit(input: $input) { __typename ... on Refusal { message hint } } }
`);

type Props = { presences: Pit["presences"]["nodes"]; mine: readonly Present[]; viewer: Viewer | null };

/** Who is here; whoever owns one of them may call another out. */
export function Presences({ presences, mine, viewer }: Props) {
  return (
    <aside>
      <div className="head">
        <h2>Here now</h2>
        <span className="ct">{presences.length}</span>
      </div>
      <Doors mine={mine} viewer={viewer} />
      {presences.length === 0 && (
        <Empty title="Nobody is here" figure="phantom-evade">
          A bot that comes in stands here for as long as it is heard.
        </Empty>
      )}
      <ul className="rows here" tabIndex={0} aria-label="Bots in the Pit">
        {presences.map(({ bot }) => (
          <li key={bot.id} className="plain">
            <Shield id={bot.id} />
            <span className="names">
              <Link className="trunc" href={`/bots/${bot.name}`}>
                <b>{bot.name}</b>
              </Link>
              <span className="xs dim3 trunc">
                {bot.character.toLowerCase()}, {bot.house ? "of the house" : `by ${bot.owner.handle}`}
              </span>
            </span>
            <Standing bot={bot} mine={mine} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Standing({ bot, mine }: { bot: Present; mine: readonly Present[] }) {
  if (mine.some(({ id }) => id === bot.id)) return <span className="tag out">yours</span>;
  if (mine.length > 0) return <CallOut target={bot} mine={mine} />;
  return <span className="xs dim3">{bot.status === "BUSY" ? "fights" : ""}</span>;
}

/** Lets the viewer's bots in that are online and not here, and those out that are. */
function Doors({ mine, viewer }: { mine: readonly Present[]; viewer: Viewer | null }) {
  const [, enter] = useMutation(EnterDocument);
  const [, leave] = useMutation(LeaveDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const outside = viewer?.bots.nodes.filter(
    ({ id, status }) => status !== "OFFLINE" && !mine.some((bot) => bot.id === id),
  );
  if (!viewer || (outside?.length === 0 && mine.length === 0)) return null;
  const go = async (botId: string, into: boolean) => {
    const input = { botId };
    const why = into
      ? await enter({ input }).then(({ data, error }) => refusalOf(data?.enterPit, error))
      : await leave({ input }).then(({ data, error }) => refusalOf(data?.leavePit, error));
    setRefused(why);
  };
  return (
    <div className="doors">
      {outside?.map(({ id, name }) => (
        <button key={id} type="button" className="btn sm" onClick={() => void go(id, true)}>
          {name} enters
        </button>
      ))}
      {mine.map(({ id, name }) => (
        <button key={id} type="button" className="btn sm ghost" onClick={() => void go(id, false)}>
          {name} leaves
        </button>
      ))}
      <Why refused={refused} />
    </div>
  );
}

function CallOut({ target, mine }: { target: Present; mine: readonly Present[] }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <button type="button" className="btn sm">
          Call out
        </button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="veil" />
        <Dialog.Content className="dialog floating" aria-describedby={undefined}>
          <Dialog.Title>Call out {target.name}?</Dialog.Title>
          <CallOutForm target={target} mine={mine} done={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function CallOutForm({ target, mine, done }: { target: Present; mine: readonly Present[]; done: () => void }) {
  const [{ fetching }, callOut] = useMutation(CallOutDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const [chosen, setChosen] = useState(mine[0]?.id ?? "");
  const challenger = mine.find(({ id }) => id === chosen) ?? mine[0];
  const { available } = useBalance();
  const { typed, type, units } = useStake();
  const [sealed, seal] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const message = String(form.get("message") ?? "").trim();
    const ladder = form.get("slow") ? "PIT_SLOW" : "PIT";
    const wager = String(units ?? 0n);
    const input = {
      botId: challenger?.id ?? "",
      targetId: target.id,
      ladder,
      wager,
      ...(sealed && { sealed }),
      ...(message && { message }),
    } as const;
    const { data, error } = await callOut({ input });
    const why = refusalOf(data?.createCallout, error);
    setRefused(why);
    if (!why) done();
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <WhoSpeaks label="Challenger" bots={mine} chosen={chosen} choose={setChosen} />
      <div className="fld">
        <label htmlFor="callout-message">Words, if any</label>
        <span className="inp">
          <input id="callout-message" name="message" maxLength={280} />
        </span>
      </div>
      <label className="row sm">
        <input type="checkbox" name="slow" /> 60 seconds a move
      </label>
      <StakeField
        label="Wager, if any"
        typed={typed}
        type={type}
        available={available}
        hint="Each side stakes it; 50,000 or more."
      />
      <SealedTick wanted={sealed} want={seal} stake={units ?? 0n} />
      {!!units && (
        <p className="between sm">
          <span className="dim">Winner takes</span> <Money units={winnerTakes(units)} />
        </p>
      )}
      <p className="note">
        Open for 60 seconds. It counts in the record, not in the rating.
        {!!units && " Your stake is taken now and given back unless they fight; a draw gives both theirs back."}
      </p>
      <Why refused={refused} />
      <div className="row ends">
        <Dialog.Close asChild>
          <button type="button" className="btn">
            Keep the peace
          </button>
        </Dialog.Close>
        <button type="submit" className={`btn ${units ? "money" : "pri"}`} disabled={fetching || units === null}>
          {challenger?.name} calls out {target.name}
          {!!units && ` for ${whole(units)}`}
        </button>
      </div>
    </form>
  );
}
