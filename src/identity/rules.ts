export const IDENTITY_REFUSALS = [
  "HANDLE_TAKEN",
  "EMAIL_TAKEN",
  "INVALID_HANDLE",
  "INVALID_EMAIL",
  "PASSWORD_TOO_SHORT",
  "WRONG_LOGIN",
  "KEY_LIMIT",
  "ALREADY_ROTATED",
  "GRACE_TOO_LONG",
  "WALLET_TAKEN",
  "LAST_WAY_IN",
  "ACCOUNT_SUSPENDED",
  "WRONG_PASSWORD",
  "CHAIN_UNAVAILABLE",
] as const;
export type IdentityRefusal = (typeof IDENTITY_REFUSALS)[number];

export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 256;
export const SESSION_MS = 30 * 24 * 3_600_000;
/** Live ones of a user, each with its own points a minute. */
export const SESSIONS_MAX = 50;
export const ROTATION_GRACE_MAX_MS = 24 * 3_600_000;
export const KEY_NAME_LENGTH_MAX = 60;

const HANDLE = /^[A-Za-z0-9][A-Za-z0-9_-]{1,29}$/;
const EMAIL = /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]+\.[^\s@\p{C}]{2,}$/u;
const EMAIL_LENGTH_MAX = 254;
const IMPERSONATION = ["admin", "agon", "house", "official", "operator", "moderator", "support", "system", "staff"];
const LEET: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  _: "",
  "-": "",
};

/** A name as it is read: without case, and signs that stand for letters as those. */
export const foldedName = (name: string): string =>
  name.toLowerCase().replaceAll(/[0134578_-]/g, (sign) => LEET[sign] ?? sign);

/** Whether a bot or person of this name would seem to be the arena's own. */
export function impersonates(name: string): boolean {
  const plain = foldedName(name);
  const first = foldedName(name.split(/[_-]/).find((part) => part !== "") ?? "");
  // What stands around a word as ornament; a digit before it may be its letter.
  const bare = foldedName(name.replaceAll(/^[x_-]+|[x\d_-]+$/gi, ""));
  return (
    plain.startsWith("house") ||
    IMPERSONATION.some((word) => [plain, first, bare].includes(word) || plain.startsWith(`${word}bot`))
  );
}
/** Handles that accounts are given: that of a new wallet is its address's beginning, that of a deleted account its id's end. */
const GIVEN = /^(?:0x[0-9a-f]{12,}|deleted-.*)$/i;

export type Registration = { handle: string; email: string; password: string };

/** Why nobody may register like this, with the field, or null. */
export function refuseRegistration({
  handle,
  email,
  password,
}: Registration): { code: IdentityRefusal; field: string } | null {
  if (!HANDLE.test(handle) || impersonates(handle) || GIVEN.test(handle))
    return { code: "INVALID_HANDLE", field: "handle" };
  // The length comes first: the pattern takes time that grows with its square.
  if (email.length > EMAIL_LENGTH_MAX || !EMAIL.test(email)) return { code: "INVALID_EMAIL", field: "email" };
  return refusePassword(password) ? { code: "PASSWORD_TOO_SHORT", field: "password" } : null;
}

/** Whether a password is too short or too long to be taken. */
export function refusePassword(password: string): boolean {
  return password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX;
}

export const SIWE_REFUSALS = [
  "SIWE_MALFORMED",
  "SIWE_WRONG_SITE",
  "SIWE_WRONG_CHAIN",
  "SIWE_EXPIRED",
  "SIWE_NONCE_USED",
  "SIWE_BAD_SIGNATURE",
] as const;
export type SiweRefusal = (typeof SIWE_REFUSALS)[number];

export const NONCE_LIFE_MS = 5 * 60_000;
const ISSUED_WITHIN_MS = 10 * 60_000;

/** The fields of a parsed EIP-4361 message that its signature alone does not prove right. */
export type SiweFields = {
  domain: string;
  uri: string;
  version: string;
  chainId: number;
  nonce: string;
  issuedAt?: string | undefined;
  expirationTime?: string | undefined;
  notBefore?: string | undefined;
};

/** Why a message may not sign anybody in at this site, whatever its signature, or null. Neither siwe nor viem checks these. */
export function refuseSiwe(
  fields: SiweFields,
  { origin, chainId }: { origin: string; chainId: number },
  now: Date,
): Exclude<SiweRefusal, "SIWE_NONCE_USED" | "SIWE_BAD_SIGNATURE"> | null {
  const [issuedMs, expiresMs] = [Date.parse(fields.issuedAt ?? ""), Date.parse(fields.expirationTime ?? "")];
  const notBeforeMs = fields.notBefore === undefined ? -Infinity : Date.parse(fields.notBefore);
  if (fields.version !== "1" || Number.isNaN(issuedMs) || Number.isNaN(expiresMs) || Number.isNaN(notBeforeMs))
    return "SIWE_MALFORMED";
  if (fields.domain !== new URL(origin).host || originOf(fields.uri) !== origin) return "SIWE_WRONG_SITE";
  if (fields.chainId !== chainId) return "SIWE_WRONG_CHAIN";
  const fresh = Math.abs(now.getTime() - issuedMs) <= ISSUED_WITHIN_MS;
  return fresh && now.getTime() < expiresMs && now.getTime() >= notBeforeMs ? null : "SIWE_EXPIRED";
}

const originOf = (uri: string) => URL.parse(uri)?.origin ?? null;
