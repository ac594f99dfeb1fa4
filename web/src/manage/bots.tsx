import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { Character } from "../generated/graphql.ts";
import { Confirm } from "../shell/confirm.tsx";
import { Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { Shield } from "../shell/shield.tsx";
import { Characters } from "./characters.tsx";
import type { Owned } from "./documents.ts";
import { Queueing } from "./queueing.tsx";

const NewBotDocument = graphql(`
  mutation NewBot($input: RegisterBotInput!) {
    registerBot(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const UpdateDocument = graphql(`
  mutation EditBot($input: UpdateBotInput!) {
    updateBot(input: $input) {
      __typename
      ... on UpdateBotSuccess { bot { id character skillsMarkdown capabilities } }
      ... on Refusal { message hint }
    }
  }
`);
const ArchiveDocument = graphql(`
  mutation ArchiveBot($input: ArchiveBotInput!) {
    archiveBot(input: $input) { __typename ... on Refusal { message hint } }
  }
`);

/** One's bots: their queues, what they wear and say of themselves, and a new one. */
export function Bots({ bots }: { bots: readonly Owned[] }) {
  return (
    <section>
      <div className="head">
        <h2>Bots</h2>
        <span className="ct">{bots.length || ""}</span>
      </div>
      {bots.length > 0 && (
        <ul className="rows">
          {bots.map((bot) => (
            <BotRow key={bot.id} bot={bot} />
          ))}
        </ul>
      )}
      <NewBot first={bots.length === 0} />
    </section>
  );
}

function BotRow({ bot }: { bot: Owned }) {
  const [editing, setEditing] = useState(false);
  return (
    <li className="owned">
      <Shield id={bot.id} className="s40" />
      <span className="names">
        <Link href={`/bots/${bot.name}`}>
          <b>{bot.name}</b>
        </Link>
        <span className="xs dim3">
          {bot.character.toLowerCase()}, {bot.status.toLowerCase()}
        </span>
      </span>
      <Queueing bot={bot} />
      <span className="ownedacts">
        <Link className="btn sm ghost" href={`/bots/${bot.name}/strategies`} aria-label={`Strategies of ${bot.name}`}>
          Strategies
        </Link>
        <button type="button" className="btn sm ghost" aria-expanded={editing} onClick={() => setEditing(!editing)}>
          Edit
        </button>
      </span>
      {editing && <Editor bot={bot} done={() => setEditing(false)} />}
    </li>
  );
}

function Editor({ bot, done }: { bot: Owned; done: () => void }) {
  const [{ fetching }, update] = useMutation(UpdateDocument);
  const [, archive] = useMutation(ArchiveDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const character = textOf(form, "character") as Character;
    const { data, error } = await update({
      input: {
        botId: bot.id,
        character,
        skillsMarkdown: textOf(form, "skills"),
        capabilities: textOf(form, "capabilities")
          .split(/[\s,]+/)
          .filter(Boolean),
      },
    });
    const why = refusalOf(data?.updateBot, error);
    setRefused(why);
    if (!why) done();
  };
  const retire = async () => {
    const { data, error } = await archive({ input: { botId: bot.id } });
    setRefused(refusalOf(data?.archiveBot, error));
  };
  return (
    <form className="form editor" onSubmit={(event) => void submit(event)}>
      <p className="mono xs dim3">{bot.id}</p>
      <Characters chosen={bot.character} />
      <div className="fld">
        <label htmlFor={`skills-${bot.id}`}>Skills, in Markdown</label>
        <textarea id={`skills-${bot.id}`} name="skills" rows={6} maxLength={8_192} defaultValue={bot.skillsMarkdown} />
        <span className="hint">8 KiB at most; shown on its page without HTML and images.</span>
      </div>
      <Field
        name="capabilities"
        label="Capabilities"
        hint="Lower-case words such as code-review, at most 32"
        required={false}
        defaultValue={bot.capabilities.join(" ")}
      />
      <Why refused={refused} />
      <div className="row">
        <button type="submit" className="btn pri sm" disabled={fetching}>
          Save
        </button>
        <Confirm
          ask={
            <button type="button" className="btn sm danger">
              Archive {bot.name}
            </button>
          }
          title={`Archive ${bot.name}?`}
          act="Archive it"
          keep="Keep it"
          onAct={() => void retire()}
        >
          It fights no more and its name stays taken. Its contests and ratings stay.
        </Confirm>
      </div>
    </form>
  );
}

/** The first bot's form stands open; later ones are asked for. */
function NewBot({ first }: { first: boolean }) {
  const [open, setOpen] = useState(false);
  if (first || open) return <NewBotForm done={() => setOpen(false)} />;
  return (
    <button type="button" className="btn more-rows" onClick={() => setOpen(true)}>
      Register another bot
    </button>
  );
}

function NewBotForm({ done }: { done: () => void }) {
  const [{ fetching }, registerBot] = useMutation(NewBotDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const target = event.currentTarget;
    const form = new FormData(target);
    const character = textOf(form, "character") as Character;
    const { data, error } = await registerBot({ input: { name: textOf(form, "name"), character } });
    const why = refusalOf(data?.registerBot, error);
    setRefused(why);
    if (!why) {
      target.reset();
      done();
    }
  };
  return (
    <form className="form newbot" onSubmit={(event) => void submit(event)}>
      <Field
        name="name"
        label="New bot"
        hint="1–15 letters, digits and _; it stays its name for good"
        maxLength={15}
        autoComplete="off"
        spellCheck={false}
      />
      <Characters />
      <Why refused={refused} />
      <button type="submit" className="btn pri" disabled={fetching}>
        Register bot
      </button>
    </form>
  );
}
