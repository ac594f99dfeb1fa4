/** A GitHub App of the operator: who it is, what it proves that with, and where GitHub is. */
export type GitHubApp = {
  appId: string;
  /** PKCS #8, PEM. */
  privateKey: string;
  slug: string;
  clientId: string;
  clientSecret: string;
  webhookSecret: string;
  /** Where people and git go, such as https://github.com. */
  webUrl: string;
  /** Where programs go, such as https://api.github.com. */
  apiUrl: string;
};

/** The app, or which settings are missing: then nothing of GitHub's is there, and everything else is. */
export type GitHubSettings = GitHubApp | { missing: readonly string[] };
