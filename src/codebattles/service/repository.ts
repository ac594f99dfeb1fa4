import { fetchBase, type Base, type RepositoryStore } from "../adapter/repositories.ts";
import type { RepositoryRefusal } from "../rules/repository.ts";

/** Fetches a public repository as for a battle: its facts and how it would be set up, or why it is refused. */
export function inspectRepository(
  store: RepositoryStore,
  url: string,
  revision: string | null,
): Promise<Base | RepositoryRefusal> {
  return fetchBase(store, { url, revision, authorization: null });
}

/** A base in lines for people. */
export function describeBase({ source, commit, facts, setup }: Base): string {
  const { files, bytes, submodules, agentSettings } = facts;
  return [
    `Commit ${source} becomes ${commit}: ${files} files, ${(bytes / 1_048_576).toFixed(1)} MiB, ${submodules} submodules left empty.`,
    `Set up by: ${setup.setup.join(" && ") || "nothing"}`,
    `Tested by: ${setup.test ?? "nothing that its files tell"}`,
    `Because of: ${setup.because.join(", ") || "nothing known"}`,
    ...agentSettings.map((path) => `Orders for agents, switched off: ${path}`),
  ].join("\n");
}
