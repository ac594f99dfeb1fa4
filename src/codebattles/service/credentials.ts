/** The header with which a git server lets a token in. */
export const authorizationOf = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;

/** What a sealed token is bound to. */
export const tokenOf = (repositoryId: string) => `code_repository:${repositoryId}`;
