import { FETCH_MAX_MS, refusalOf, type RepositoryRefusal } from "../rules/repository.ts";
import { runGit } from "./git.ts";
import { git, remoteOf, Refused, type Base, type RepositoryStore } from "./repositories.ts";

/** An entry on its way home: onto which branch, and with which header the server lets us in. */
export type Push = { url: string; authorization: string | null; commit: string; branch: string; message: string };

/**
 * Pushes an entry as one branch, by an exact refspec: its tree as one commit on the very commit that the battle took, so that a
 * pull request can be made of it. The token is in the environment of git alone.
 */
export async function pushEntry(
  store: RepositoryStore,
  { source }: Pick<Base, "source">,
  push: Push & { repository: string },
): Promise<RepositoryRefusal | null> {
  const { repository } = push;
  try {
    const remote = await remoteOf(store, { url: push.url, revision: null, authorization: push.authorization });
    const args = ["commit-tree", "-p", source, "-m", push.message, `${push.commit}^{tree}`];
    const commit = (await git({ args, repository })).toString().trim();
    const ended = await runGit({
      args: [
        "push",
        "--quiet",
        "--no-verify",
        "--no-follow-tags",
        "--",
        remote.url,
        `${commit}:refs/heads/${push.branch}`,
      ],
      ...{ repository, remote, input: null, timeMaxMs: FETCH_MAX_MS, fileMiBMax: 64, outputBytesMax: 65_536 },
    });
    return ended.code === 0 ? null : refusalOf(ended);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}
