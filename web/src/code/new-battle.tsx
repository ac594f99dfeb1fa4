import { useId, useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { useLocation } from "wouter";
import { graphql } from "../generated/gql.ts";
import type { CodeRepositoriesQuery } from "../generated/graphql.ts";
import { Choice, Field, textOf } from "../shell/field.tsx";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { RepositoriesDocument } from "./documents.ts";
import { FromGitHub } from "./github.tsx";
import { repositoryName } from "./words.ts";

const AddDocument = graphql(`
  mutation AddRepository($input: AddRepositoryInput!) {
    addRepository(input: $input) { __typename ... on AddRepositorySuccess { repository { id } } ... on Refusal { message hint } }
  }
`);
const ReviewDocument = graphql(`
  mutation ReviewSetup($input: ReviewRepositorySetupInput!) {
    reviewRepositorySetup(input: $input) {
      __typename
      ... on ReviewRepositorySetupSuccess { repository { id setup { setup test reviewedAt } } }
      ... on Refusal { message hint }
    }
  }
`);
const CreateDocument = graphql(`
  mutation CreateCodeBattle($input: CreateCodeBattleInput!) {
    createCodeBattle(input: $input) { __typename ... on CreateCodeBattleSuccess { battle { id } } ... on Refusal { message hint } }
  }
`);

type Repository = NonNullable<CodeRepositoriesQuery["viewer"]>["codeRepositories"]["nodes"][number];

/** A new battle: a repository, its set-up looked at, and what the gladiators are asked to do. */
export function NewBattle() {
  const [{ data }, reload] = useQuery({ query: RepositoriesDocument, requestPolicy: "cache-and-network" });
  const [chosen, setChosen] = useState<string | null>(null);
  const repositories = data?.viewer?.codeRepositories.nodes ?? [];
  const repository = repositories.find(({ id }) => id === chosen) ?? repositories[0];
  const chose = (id: string) => {
    setChosen(id);
    reload({ requestPolicy: "network-only" });
  };
  return (
    <section className="newbattle">
      <div className="head">
        <h2>New battle</h2>
      </div>
      <FromGitHub known={repositories.map(({ url }) => repositoryName(url))} added={chose} />
      <AddRepository added={chose} />
      {repositories.length > 1 && (
        <div className="seg" role="group" aria-label="Repository">
          {repositories.map(({ id, url }) => (
            <button key={id} type="button" aria-pressed={repository?.id === id} onClick={() => setChosen(id)}>
              {repositoryName(url)}
            </button>
          ))}
        </div>
      )}
      {repository && <Review key={repository.id} repository={repository} />}
      {repository?.setup.reviewedAt && <Plan repository={repository} />}
    </section>
  );
}

function AddRepository({ added }: { added: (id: string) => void }) {
  const [{ fetching }, add] = useMutation(AddDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const token = textOf(form, "token");
    const { data, error } = await add({ input: { url: textOf(form, "url").trim(), ...(token && { token }) } });
    setRefused(refusalOf(data?.addRepository, error));
    if (data?.addRepository.__typename === "AddRepositorySuccess") added(data.addRepository.repository.id);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Field name="url" label="Repository" hint="Such as https://host/owner/name.git" />
      <Field
        name="token"
        label="Token"
        required={false}
        type="password"
        autoComplete="off"
        hint="Only where its server wants one; kept sealed."
      />
      <button type="submit" className="btn" disabled={fetching}>
        {fetching ? "Fetching it" : "Add the repository"}
      </button>
      <Why refused={refused} />
    </form>
  );
}

/** What will run, to be looked at before it does. */
function Review({ repository }: { repository: Repository }) {
  const [{ fetching }, review] = useMutation(ReviewDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const id = useId();
  const { setup, facts } = repository;
  const proposed = setup.reviewedAt ? setup : setup.proposal;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const commands = textOf(form, "setup")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    const { data, error } = await review({
      input: { repositoryId: repository.id, setup: commands, test: textOf(form, "test") },
    });
    setRefused(refusalOf(data?.reviewRepositorySetup, error));
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h3>{repositoryName(repository.url)}</h3>
      <p className="sm dim">
        {facts.files.toLocaleString("en")} files, {repository.public ? "public" : "private"}
        {setup.proposal.because.length > 0 && `; read from ${setup.proposal.because.join(", ")}`}
      </p>
      {facts.agentSettings.length > 0 && (
        <p className="sm">Orders for agents, switched off: {facts.agentSettings.join(", ")}</p>
      )}
      <div className="fld">
        <label htmlFor={id}>Set-up, one command a line</label>
        <textarea id={id} name="setup" rows={3} className="mono" defaultValue={proposed.setup.join("\n")} />
      </div>
      <Field name="test" label="Test command" defaultValue={proposed.test ?? ""} className="mono" />
      <button type="submit" className="btn" disabled={fetching}>
        {setup.reviewedAt ? "Change it" : "Yes, this may run"}
      </button>
      <Why refused={refused} />
    </form>
  );
}

function Plan({ repository }: { repository: Repository }) {
  const [, go] = useLocation();
  const [{ fetching }, create] = useMutation(CreateDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const id = useId();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const votesMs = Number(textOf(form, "votes")) * 60_000;
    const { data, error } = await create({
      input: {
        repositoryId: repository.id,
        prompt: textOf(form, "prompt"),
        timeLimitMs: Number(textOf(form, "minutes")) * 60_000,
        gladiatorsMax: Number(textOf(form, "gladiators")),
        open: textOf(form, "open") === "open",
        votes: votesMs > 0,
        ...(votesMs > 0 && { votesMs }),
      },
    });
    setRefused(refusalOf(data?.createCodeBattle, error));
    if (data?.createCodeBattle.__typename === "CreateCodeBattleSuccess") go(`/code/${data.createCodeBattle.battle.id}`);
  };
  const ways = [
    { value: "invited", name: "I invite (unrated)" },
    ...(repository.public ? [{ value: "open", name: "Open, the server draws (rated)" }] : []),
  ];
  return (
    <form onSubmit={(event) => void submit(event)}>
      <div className="fld">
        <label htmlFor={id}>What the gladiators are asked to do</label>
        <textarea id={id} name="prompt" rows={4} required maxLength={16_384} />
      </div>
      <div className="row wrapx">
        <Choice name="open" label="Gladiators" options={ways} />
        <Choice
          name="gladiators"
          label="How many"
          options={["2", "3", "4", "8"].map((value) => ({ value, name: value }))}
        />
        <Choice
          name="minutes"
          label="Minutes"
          options={["1", "5", "10", "30", "60"].map((value) => ({ value, name: value }))}
        />
        <Choice
          name="votes"
          label="Blind votes"
          options={[
            { value: "0", name: "None" },
            ...["1", "10", "60"].map((value) => ({ value, name: `${value} min` })),
          ]}
        />
      </div>
      <button type="submit" className="btn pri" disabled={fetching}>
        Make the battle
      </button>
      <Why refused={refused} />
    </form>
  );
}
