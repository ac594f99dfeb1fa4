import { ask, mutate, type newPerson } from "./agent.ts";
import type { GitHubServer } from "./github.ts";

type Person = Awaited<ReturnType<typeof newPerson>>;
type AtGitHub = ReturnType<GitHubServer["person"]>;

/** What a mutation answers to somebody with a session. */
export async function asSession(url: string, who: Person, field: string, input: object, selection: string) {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Refusal { code } } }`;
  const { data } = await ask(url, query, { input }, { authorization: `Bearer ${who.token}` });
  return data?.[field] as unknown as { __typename: string; url?: string; code?: string };
}

/** Where a browser with this session ends that comes back from GitHub. */
export async function follow(url: string, path: string, who: Person | null): Promise<string> {
  const response = await fetch(`${url}${path}`, {
    redirect: "manual",
    headers: who ? { cookie: `agon_session=${who.token}` } : {},
  });
  return (response.headers.get("location") ?? String(response.status)).replace(`${url}/code?github=`, "");
}

/** The address at GitHub to which a person is sent. */
export const begin = async (url: string, who: Person, install = true) =>
  (await asSession(url, who, "connectGitHub", { install }, "url")).url ?? "";

type Connecting = { hub: GitHubServer; as: AtGitHub; installation: number | undefined };

/** Connects a person with GitHub, who is somebody there; gives how it ended. */
export const connect = async (url: string, who: Person, { hub, as, installation }: Connecting) =>
  follow(url, hub.back(as, await begin(url, who), installation), who);

type Installation = {
  id: string;
  account: string;
  suspended: boolean;
  repositories: { nodes: { id: string; name: string }[] };
};

/** What GitHub shows a person. */
export async function installationsOf(url: string, who: Person): Promise<Installation[]> {
  const query = `{ viewer { gitHubInstallations(first: 10) { nodes { id account suspended repositories(first: 50) { nodes { id name private defaultBranch pushedAt } } } } } }`;
  const { data } = await ask(url, query, {}, { authorization: `Bearer ${who.token}` });
  return (data as unknown as { viewer: { gitHubInstallations: { nodes: Installation[] } } }).viewer.gitHubInstallations
    .nodes;
}

/** The id of a repository that GitHub shows a person; empty where it shows none. */
export const shown = async (url: string, who: Person, name: string) =>
  (await installationsOf(url, who)).flatMap(({ repositories }) => repositories.nodes).find((each) => each.name === name)
    ?.id ?? "";

/** A repository taken from GitHub, its set-up reviewed. */
export async function added(url: string, who: Person, name: string) {
  const input = { gitHubRepositoryId: await shown(url, who, name) };
  const made = await mutate(url, who.key, "addGitHubRepository", input, "repository { id public onGitHub hasToken }");
  const repository = made["repository"] as unknown as { id: string; public: boolean };
  await mutate(url, who.key, "reviewRepositorySetup", { repositoryId: repository.id, setup: [], test: "npm test" });
  return repository;
}
