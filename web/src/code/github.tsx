import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { CodeGitHubQuery } from "../generated/graphql.ts";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { GitHubDocument, type Battle } from "./documents.ts";

const ConnectDocument = graphql(`
  mutation ConnectGitHub($input: ConnectGitHubInput!) {
    connectGitHub(input: $input) { __typename ... on ConnectGitHubSuccess { url } ... on Refusal { message hint } }
  }
`);
const DisconnectDocument = graphql(`
  mutation RemoveGitHubInstallation($input: RemoveGitHubInstallationInput!) {
    removeGitHubInstallation(input: $input) { __typename ... on Refusal { message hint } }
  }
`);
const TakeDocument = graphql(`
  mutation AddGitHubRepository($input: AddGitHubRepositoryInput!) {
    addGitHubRepository(input: $input) {
      __typename
      ... on AddGitHubRepositorySuccess { repository { id } }
      ... on Refusal { message hint }
    }
  }
`);
const PullDocument = graphql(`
  mutation OpenPullRequest($input: OpenPullRequestForGladiatorInput!) {
    openPullRequestForGladiator(input: $input) {
      __typename
      ... on OpenPullRequestForGladiatorSuccess { url }
      ... on Refusal { message hint }
    }
  }
`);

/** How coming back from GitHub ended, as people read it. */
const RETURNS: Readonly<Record<string, string>> = {
  CONNECTED: "GitHub is connected.",
  REQUESTED: "The owner of the organization was asked to install the app. Come back when that is done.",
  BAD_STATE: "That way back from GitHub was not yours, or was used before. Connect again.",
  BAD_CODE: "GitHub did not say who you are. Connect again.",
  INSTALLATION_NOT_YOURS: "GitHub does not show you that installation. Nothing was connected.",
  NO_INSTALLATION: "The app is not installed on anything that GitHub shows you. Install it first.",
  GITHUB_DENIED: "GitHub did not let you in.",
  GITHUB_RATE_LIMITED: "GitHub is asked too often. Try again later.",
  GITHUB_UNREACHABLE: "GitHub does not answer. Try again later.",
  GITHUB_NOT_CONNECTED: "The installation is gone.",
};

type Installation = NonNullable<CodeGitHubQuery["viewer"]>["gitHubInstallations"]["nodes"][number];

/** Repositories of the viewer's GitHub installations, to battle on. */
export function FromGitHub({ known, added }: { known: readonly string[]; added: (id: string) => void }) {
  const [{ data }, reload] = useQuery({ query: GitHubDocument, requestPolicy: "cache-and-network" });
  const { act, busy, refused } = useActs();
  const came = new URLSearchParams(location.search).get("github");
  if (!data) return null;
  if (data.gitHubClosed) return <p className="sm dim">GitHub cannot be connected here: {data.gitHubClosed}</p>;
  const installations = data.viewer?.gitHubInstallations.nodes ?? [];
  const go = async (install: boolean) => {
    const { connectGitHub } = (await act(ConnectDocument, { install })) ?? {};
    if (connectGitHub?.__typename === "ConnectGitHubSuccess") location.assign(connectGitHub.url);
  };
  return (
    <section className="github" aria-label="GitHub">
      {came && RETURNS[came] && (
        <p role="status" className={came === "CONNECTED" ? "good sm" : "bad sm"}>
          {RETURNS[came]}
        </p>
      )}
      {installations.map((installation) => (
        <Repositories
          key={installation.id}
          installation={installation}
          known={known}
          added={added}
          readAgain={() => reload({ requestPolicy: "network-only" })}
        />
      ))}
      <div className="row wrapx">
        <button type="button" className="btn" disabled={busy} onClick={() => void go(true)}>
          {installations.length === 0 ? "Connect GitHub" : "Connect more of GitHub"}
        </button>
        <button type="button" className="btn ghost" disabled={busy} onClick={() => void go(false)}>
          {installations.length === 0 ? "It is installed already" : "Read again what I may see"}
        </button>
      </div>
      <Why refused={refused} />
    </section>
  );
}

type Shown = {
  installation: Installation;
  known: readonly string[];
  added: (id: string) => void;
  readAgain: () => void;
};

function Repositories({ installation, known, added, readAgain }: Shown) {
  const { act, busy, refused } = useActs();
  const { id, account, suspended, manageUrl, repositories } = installation;
  const choose = async (gitHubRepositoryId: string) => {
    const { addGitHubRepository: answer } = (await act(TakeDocument, { gitHubRepositoryId })) ?? {};
    if (answer?.__typename === "AddGitHubRepositorySuccess") added(answer.repository.id);
  };
  const disconnect = async () => {
    await act(DisconnectDocument, { installationId: id });
    readAgain();
  };
  return (
    <div>
      <h3>{account} at GitHub</h3>
      {suspended && <p className="bad sm">It is suspended at GitHub.</p>}
      {repositories.nodes.length === 0 && <p className="sm dim">No repository of it is shown to you.</p>}
      <ul className="rows picks">
        {repositories.nodes.map((repository) => (
          <li key={repository.id}>
            <span className="cut">{repository.name}</span>
            <span className="tag out">{repository.private ? "Private" : "Public"}</span>
            <button
              type="button"
              className="btn sm"
              disabled={busy || suspended || known.includes(repository.name)}
              aria-label={`${known.includes(repository.name) ? "Added" : "Battle on it"}: ${repository.name}`}
              onClick={() => void choose(repository.id)}
            >
              {known.includes(repository.name) ? "Added" : "Battle on it"}
            </button>
          </li>
        ))}
      </ul>
      <div className="row wrapx">
        {manageUrl && (
          <a className="sm" href={manageUrl} rel="noreferrer">
            Choose its repositories at GitHub
          </a>
        )}
        <button
          type="button"
          className="btn ghost"
          aria-label={`Disconnect ${account}`}
          onClick={() => void disconnect()}
        >
          Disconnect
        </button>
      </div>
      <Why refused={refused} />
    </div>
  );
}

/** Pull requests of the pushed entries, for the owner of a battle on a GitHub repository. */
export function Pulls({ battle, readAgain }: { battle: Battle; readAgain: () => void }) {
  const { act, busy, refused } = useActs(readAgain);
  const pushed = battle.entries.filter(({ push, pullRequestUrl }) => push === "PUSHED" && !pullRequestUrl);
  if (!battle.repository?.onGitHub || pushed.length === 0) return null;
  const ask = (botId: string) => act(PullDocument, { battleId: battle.id, botId });
  return (
    <div className="row wrapx">
      {pushed.map(({ bot }) => (
        <button key={bot.id} type="button" className="btn" disabled={busy} onClick={() => void ask(bot.id)}>
          Open a pull request of {bot.name}
        </button>
      ))}
      <Why refused={refused} />
    </div>
  );
}
