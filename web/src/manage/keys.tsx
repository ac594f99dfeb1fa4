import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { graphql } from "../generated/gql.ts";
import type { KeyScope } from "../generated/graphql.ts";
import { Ago, exactly } from "../shell/ago.tsx";
import { Confirm } from "../shell/confirm.tsx";
import { Code, Copy } from "../shell/copy.tsx";
import { Choice, Field, textOf } from "../shell/field.tsx";
import { runCommand } from "../shell/quick-start.ts";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import type { ApiKey, Owned } from "./documents.ts";

const NewKeyDocument = graphql(`
  mutation NewKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      __typename
      ... on CreateApiKeySuccess { key }
      ... on Refusal { message hint }
    }
  }
`);
const RotateDocument = graphql(`
  mutation RotateKey($input: RotateApiKeyInput!) {
    rotateApiKey(input: $input) {
      __typename
      ... on RotateApiKeySuccess { key }
      ... on Refusal { message hint }
    }
  }
`);
const RevokeDocument = graphql(`
  mutation RevokeKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) {
      __typename
      ... on RevokeApiKeySuccess { apiKey { id revokedAt } }
      ... on Refusal { message hint }
    }
  }
`);

const DAY_MS = 86_400_000;
const GRACE_MS = 3_600_000;
/** What the front end can ask a key to do; the others come with their systems. */
const SCOPES: readonly { scope: KeyScope; says: string }[] = [
  { scope: "PLAY", says: "fight, queue and speak for your bots" },
  { scope: "READ", says: "read what only you see" },
];
const LIVES = [
  { value: "", name: "Until it is revoked" },
  { value: "30", name: "30 days" },
  { value: "90", name: "90 days" },
  { value: "365", name: "a year" },
];

type Props = { keys: readonly ApiKey[]; bots: readonly Owned[]; scopes: readonly KeyScope[] };

/** One's keys: a new one is shown once; old ones are rotated and revoked. */
export function Keys({ keys, bots, scopes }: Props) {
  const [secret, setSecret] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [refused, setRefused] = useState<Refused>(null);
  const live = keys.filter(({ revokedAt }) => !revokedAt);
  return (
    <section>
      <div className="head">
        <h2>Keys</h2>
        <span className="ct">{live.length || ""}</span>
      </div>
      {secret && <Secret secret={secret} bot={bots[0]?.name} hide={() => setSecret(null)} />}
      {live.length === 0 && <p className="dim sm pad">A bot's program acts with a key. One does for all your bots.</p>}
      <ul className="rows">
        {live.map((key) => (
          <KeyRow key={key.id} apiKey={key} shown={setSecret} refused={setRefused} />
        ))}
      </ul>
      <Why refused={refused} />
      {live.length === 0 || asked ? (
        <NewKey
          bots={bots}
          allowed={scopes}
          shown={(made) => {
            setSecret(made);
            setAsked(false);
          }}
        />
      ) : (
        <button type="button" className="btn more-rows" onClick={() => setAsked(true)}>
          Make another key
        </button>
      )}
    </section>
  );
}

function Secret({ secret, bot, hide }: { secret: string; bot: string | undefined; hide: () => void }) {
  return (
    <div className="secretbox" role="status">
      <b className="sm">Your key. It is shown this once; only its hash is kept.</b>
      <p className="secret mono" data-key>
        {secret}
      </p>
      <div className="row">
        <Copy className="btn sm pri" text={secret} what="the key" />
        <button type="button" className="btn sm ghost" onClick={hide}>
          I have it
        </button>
      </div>
      {bot && <Code title={`Have ${bot} fight a house bot`} text={runCommand(location.origin, secret, bot)} wraps />}
    </div>
  );
}

type RowProps = { apiKey: ApiKey; shown: (secret: string) => void; refused: (why: Refused) => void };

function KeyRow({ apiKey: { id, name, prefix, scopes, lastUsedAt, expiresAt }, shown, refused }: RowProps) {
  const [, revoke] = useMutation(RevokeDocument);
  const [, rotate] = useMutation(RotateDocument);
  const end = async () => {
    const { data, error } = await revoke({ input: { apiKeyId: id } });
    refused(refusalOf(data?.revokeApiKey, error));
  };
  const renew = async () => {
    const { data, error } = await rotate({ input: { apiKeyId: id, graceMs: GRACE_MS } });
    refused(refusalOf(data?.rotateApiKey, error));
    if (data?.rotateApiKey.__typename === "RotateApiKeySuccess") shown(data.rotateApiKey.key);
  };
  return (
    <li className="key">
      <span className="names">
        <b className="trunc">{name}</b>
        <span className="mono xs dim3">{prefix}…</span>
        <span className="xs dim3">
          {scopes.join(", ").toLowerCase()}; {lastUsedAt ? "used " : "not used yet"}
          {lastUsedAt && <Ago at={lastUsedAt} ago />}
          {expiresAt && (
            <span title={exactly(expiresAt)}>; until {new Date(expiresAt).toLocaleDateString("en-GB")}</span>
          )}
        </span>
      </span>
      <button type="button" className="btn sm" title="The old key works for one more hour" onClick={() => void renew()}>
        Rotate
      </button>
      <Confirm
        ask={
          <button type="button" className="btn sm danger">
            Revoke
          </button>
        }
        title={`Revoke ${name}?`}
        act="Revoke it"
        keep="Keep the key"
        onAct={() => void end()}
      >
        Whatever uses it is cut off at once, open streams too.
      </Confirm>
    </li>
  );
}

type NewKeyProps = { bots: readonly Owned[]; allowed: readonly KeyScope[]; shown: (secret: string) => void };

function NewKey({ bots, allowed, shown }: NewKeyProps) {
  const [{ fetching }, createKey] = useMutation(NewKeyDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [days, botId] = [Number(textOf(form, "days")), textOf(form, "bot")];
    const { data, error } = await createKey({
      input: {
        name: textOf(form, "name"),
        scopes: SCOPES.filter(({ scope }) => form.get(scope)).map(({ scope }) => scope),
        ...(botId && { botId }),
        ...(days > 0 && { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() }),
      },
    });
    setRefused(refusalOf(data?.createApiKey, error));
    if (data?.createApiKey.__typename === "CreateApiKeySuccess") shown(data.createApiKey.key);
  };
  const owners = [{ value: "", name: "All of your bots" }, ...bots.map(({ id, name }) => ({ value: id, name }))];
  return (
    <form className="form newkey" onSubmit={(event) => void submit(event)}>
      <Field
        name="name"
        label="New key"
        hint="What it is for, for your own list"
        defaultValue="my bot"
        maxLength={60}
      />
      <div className="two">
        <Choice name="bot" label="Acts for" options={owners} />
        <Choice name="days" label="Lives" options={LIVES} />
      </div>
      <fieldset className="scopes">
        <legend>May</legend>
        {SCOPES.filter(({ scope }) => allowed.includes(scope)).map(({ scope, says }) => (
          <label key={scope} className="row sm">
            <input type="checkbox" name={scope} defaultChecked={scope === "PLAY"} /> {says}
          </label>
        ))}
      </fieldset>
      <Why refused={refused} />
      <button type="submit" className="btn pri" disabled={fetching}>
        Make a key
      </button>
    </form>
  );
}
