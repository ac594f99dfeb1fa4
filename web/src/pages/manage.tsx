import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { ManageQuery } from "../generated/graphql.ts";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";

const ViewerDocument = graphql(`
  query Manage {
    viewer {
      user { handle }
      bots(first: 50) { nodes { id name character status queueEntry { status ladder contest { id } } } }
      apiKeys { id name prefix scopes lastUsedAt }
    }
  }
`);
const RegisterDocument = graphql(
  `mutation Register($input: RegisterUserInput!) { registerUser(input: $input) { __typename ... on Refusal { message hint } } }`,
);
const SignInDocument = graphql(
  `mutation SignIn($input: SignInInput!) { signIn(input: $input) { __typename ... on Refusal { message hint } } }`,
);
const SignOutDocument = graphql(`mutation SignOut { signOut(input: {}) { __typename } }`);
const NewBotDocument = graphql(
  `mutation NewBot($input: RegisterBotInput!) { registerBot(input: $input) { __typename ... on Refusal { message hint } } }`,
);
const NewKeyDocument = graphql(
  `mutation NewKey($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeySuccess { key } ... on Refusal { message hint } } }`,
);
const JoinDocument = graphql(
  `mutation Join($input: JoinQueueInput!) { joinQueue(input: $input) { __typename ... on Refusal { message hint } } }`,
);
const LeaveDocument = graphql(`mutation Leave($input: LeaveQueueInput!) { leaveQueue(input: $input) { __typename } }`);
const RevokeDocument = graphql(
  `mutation Revoke($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename } }`,
);

type Refused = { message?: string; hint?: string | null } | null;
const text = (form: FormData, name: string) => String(form.get(name) ?? "");

/** Sign up and in, bots, and keys that are shown once. */
export default function Manage() {
  const [{ data, error, fetching }, reload] = useQuery({ query: ViewerDocument, requestPolicy: "network-only" });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error) return <Failed error={error} retry={again} />;
  if (fetching && !data) return <Loading />;
  const viewer = data?.viewer;
  if (!viewer) return <Doors done={again} />;
  return (
    <>
      <section className="hero between">
        <h1 className="disp h1">{viewer.user.handle}</h1>
        <SignOut done={again} />
      </section>
      <div className="cols">
        <section>
          <div className="head">
            <h2>Bots</h2>
            <span className="ct">{viewer.bots.nodes.length || ""}</span>
          </div>
          {viewer.bots.nodes.length === 0 && <Empty title="No bot yet">Register one below.</Empty>}
          <ul className="rows">
            {viewer.bots.nodes.map((bot) => (
              <li key={bot.id} className="plain">
                <Shield id={bot.id} className="s40" />
                <span className="names">
                  <Link href={`/bots/${bot.name}`}>
                    <b>{bot.name}</b>
                  </Link>
                  <span className="mono xs dim3 trunc">{bot.id}</span>
                </span>
                <Queueing bot={bot} done={again} />
              </li>
            ))}
          </ul>
          <NewBot done={again} />
        </section>
        <section>
          <div className="head">
            <h2>Keys</h2>
            <span className="ct">{viewer.apiKeys.length || ""}</span>
          </div>
          <ul className="rows">
            {viewer.apiKeys.map((key) => (
              <KeyRow key={key.id} apiKey={key} done={again} />
            ))}
          </ul>
          <NewKey done={again} />
        </section>
      </div>
    </>
  );
}

type Owned = NonNullable<ManageQuery["viewer"]>["bots"]["nodes"][number];

/** How a bot stands with the queues, and what its owner can do about it. */
function Queueing({ bot: { id, status, queueEntry }, done }: { bot: Owned; done: () => void }) {
  const [, join] = useMutation(JoinDocument);
  const [, leave] = useMutation(LeaveDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const enter = async (mode: "RATED" | "PRACTICE") => {
    const answer = (await join({ input: { botId: id, ladder: "PIT", mode } })).data?.joinQueue;
    setRefused(answer && "message" in answer ? answer : null);
    done();
  };
  if (queueEntry?.contest)
    return (
      <Link className="btn sm" href={`/fights/${queueEntry.contest.id}`}>
        Watch its fight
      </Link>
    );
  if (queueEntry)
    return (
      <span className="queueing">
        <span className="tag">waits</span>
        <button
          type="button"
          className="btn sm"
          onClick={() => void leave({ input: { botId: id, ladder: queueEntry.ladder } }).then(done)}
        >
          Leave the queue
        </button>
      </span>
    );
  if (status === "OFFLINE")
    return (
      <span className="tag" title="Open botEvents with its key, or send heartbeat">
        offline
      </span>
    );
  return (
    <span className="queueing">
      <button type="button" className="btn sm" onClick={() => void enter("PRACTICE")}>
        Practice
      </button>
      <button type="button" className="btn sm" onClick={() => void enter("RATED")}>
        Rated
      </button>
      <Why refused={refused} />
    </span>
  );
}

function Field({ name, label, hint, type = "text" }: { name: string; label: string; hint?: string; type?: string }) {
  return (
    <div className="fld">
      <label htmlFor={name}>{label}</label>
      <span className="inp">
        <input id={name} name={name} type={type} required aria-describedby={hint ? `${name}-hint` : undefined} />
      </span>
      {hint && (
        <span className="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

function Why({ refused }: { refused: Refused }) {
  return refused?.message ? (
    <p className="bad sm" role="alert">
      {refused.message} {refused.hint}
    </p>
  ) : null;
}

function Doors({ done }: { done: () => void }) {
  const [, register] = useMutation(RegisterDocument);
  const [, signIn] = useMutation(SignInDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const [newcomer, setNewcomer] = useState(true);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = text(form, "password");
    const answer = newcomer
      ? (await register({ input: { handle: text(form, "handle"), email: text(form, "email"), password } })).data
          ?.registerUser
      : (await signIn({ input: { login: text(form, "login"), password } })).data?.signIn;
    setRefused(answer && "message" in answer ? answer : null);
    if (answer?.__typename.endsWith("Success")) done();
  };
  return (
    <section className="hero">
      <h1 className="disp h1">{newcomer ? "Enter the arena" : "Welcome back"}</h1>
      <div className="tabs" role="tablist">
        <button type="button" role="tab" aria-selected={newcomer} onClick={() => setNewcomer(true)}>
          Sign up
        </button>
        <button type="button" role="tab" aria-selected={!newcomer} onClick={() => setNewcomer(false)}>
          Sign in
        </button>
      </div>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {newcomer ? (
          <>
            <Field name="handle" label="Handle" hint="2 to 30 letters, digits, _ or -" />
            <Field name="email" label="E-mail" type="email" hint="Nobody else sees it" />
          </>
        ) : (
          <Field name="login" label="Handle or e-mail" />
        )}
        <Field name="password" label="Password" type="password" hint="12 characters at least" />
        <Why refused={refused} />
        <button type="submit" className="btn pri">
          {newcomer ? "Sign up" : "Sign in"}
        </button>
      </form>
    </section>
  );
}

function SignOut({ done }: { done: () => void }) {
  const [, signOut] = useMutation(SignOutDocument);
  return (
    <button type="button" className="btn sm" onClick={() => void signOut({}).then(done)}>
      Sign out
    </button>
  );
}

function NewBot({ done }: { done: () => void }) {
  const [, registerBot] = useMutation(NewBotDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const { data } = await registerBot({
      input: { name: text(form, "name"), character: text(form, "character") as "RONIN" },
    });
    const answer = data?.registerBot;
    setRefused(answer && "message" in answer ? answer : null);
    if (answer?.__typename === "RegisterBotSuccess") done();
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <Field name="name" label="New bot" hint="1–15 letters, digits and _" />
      <div className="fld">
        <label htmlFor="character">Character</label>
        <select className="btn" id="character" name="character">
          {["RONIN", "KNIGHT", "CYBORG", "DEMON", "PHANTOM"].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </div>
      <Why refused={refused} />
      <button type="submit" className="btn">
        Register bot
      </button>
    </form>
  );
}

function NewKey({ done }: { done: () => void }) {
  const [{ fetching }, createKey] = useMutation(NewKeyDocument);
  const [secret, setSecret] = useState<string | null>(null);
  const make = async () => {
    const answer = (await createKey({ input: { name: "from the site", scopes: ["PLAY"] } })).data?.createApiKey;
    if (answer?.__typename !== "CreateApiKeySuccess") return;
    setSecret((answer as { key: string }).key);
    done();
  };
  return (
    <div className="form">
      {secret && (
        <>
          <p className="secret mono" data-key>
            {secret}
          </p>
          <div className="between">
            <span className="sm dim">Shown this once. Keep it now.</span>
            <button type="button" className="btn sm" onClick={() => void navigator.clipboard.writeText(secret)}>
              Copy
            </button>
          </div>
        </>
      )}
      <button type="button" className="btn" disabled={fetching} onClick={() => void make()}>
        Make a key that may play
      </button>
    </div>
  );
}

function KeyRow({
  apiKey,
  done,
}: {
  apiKey: { id: string; name: string; prefix: string; lastUsedAt?: string | null };
  done: () => void;
}) {
  const [, revoke] = useMutation(RevokeDocument);
  return (
    <li className="plain">
      <span className="mono sm">{apiKey.prefix}…</span>
      <span className="names">
        <span>{apiKey.name}</span>
        <span className="xs dim3">
          {apiKey.lastUsedAt ? `used ${new Date(apiKey.lastUsedAt).toLocaleString()}` : "not used yet"}
        </span>
      </span>
      <button
        type="button"
        className="btn sm danger"
        onClick={() => void revoke({ input: { apiKeyId: apiKey.id } }).then(done)}
      >
        Revoke
      </button>
    </li>
  );
}
