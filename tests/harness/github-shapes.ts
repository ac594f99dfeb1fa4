// What GitHub's answers must have and nothing of ours reads.

export const NOW = "2026-11-27T12:00:00Z";
const COUNTS = { public_repos: 0, public_gists: 0, followers: 0, following: 0 };
const UNKNOWN = { name: null, company: null, blog: null, location: null, email: null, hireable: null, bio: null };
export const PROFILE = { ...COUNTS, ...UNKNOWN, created_at: NOW, updated_at: NOW };
export const REPOSITORY_URLS = (
  "html_url url archive_url assignees_url blobs_url branches_url collaborators_url comments_url commits_url compare_url contents_url " +
  "contributors_url deployments_url downloads_url events_url forks_url git_commits_url git_refs_url git_tags_url git_url hooks_url " +
  "issue_comment_url issue_events_url issues_url keys_url labels_url languages_url merges_url milestones_url notifications_url " +
  "pulls_url releases_url ssh_url stargazers_url statuses_url subscribers_url subscription_url tags_url teams_url trees_url " +
  "clone_url svn_url"
).split(" ");
export const REPOSITORY = {
  ...{
    description: null,
    fork: false,
    homepage: null,
    language: null,
    license: null,
    mirror_url: null,
    size: 1,
    topics: [],
  },
  ...{
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: 0,
    open_issues_count: 0,
  },
  ...{
    default_branch: "main",
    is_template: false,
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
  },
  ...{ has_downloads: true, has_discussions: false, archived: false, disabled: false, visibility: "private" },
  ...{ pushed_at: NOW, created_at: NOW, updated_at: NOW },
};
export const PULL_URLS =
  "url html_url diff_url patch_url issue_url commits_url review_comments_url review_comment_url comments_url statuses_url".split(
    " ",
  );
export const PULL_LINKS = "comments commits statuses html issue review_comments review_comment self".split(" ");
export const PULL = {
  ...{ node_id: "PR_1", state: "open", locked: false, labels: [], milestone: null, assignee: null, auto_merge: null },
  ...{
    author_association: "NONE",
    merge_commit_sha: null,
    created_at: NOW,
    updated_at: NOW,
    closed_at: null,
    merged_at: null,
  },
};
export const OPENED = {
  ...{ merged: false, mergeable: null, mergeable_state: "unknown", merged_by: null, comments: 0, review_comments: 0 },
  ...{ maintainer_can_modify: false, commits: 1, additions: 1, deletions: 1, changed_files: 1 },
};

/** A person or an organization as GitHub shows it. */
export function userOf(origin: string, { id, login }: { id: number; login: string }) {
  const urls = ["url", "html_url", "followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url"];
  const more = ["organizations_url", "repos_url", "events_url", "received_events_url", "avatar_url"];
  const all = Object.fromEntries([...urls, ...more].map((key) => [key, `${origin}/${login}`]));
  return { ...all, id, login, node_id: `U_${id}`, gravatar_id: "", type: "User", site_admin: false };
}
