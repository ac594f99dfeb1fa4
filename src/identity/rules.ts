export const IDENTITY_REFUSALS = [
  "HANDLE_TAKEN",
  "EMAIL_TAKEN",
  "INVALID_HANDLE",
  "INVALID_EMAIL",
  "PASSWORD_TOO_SHORT",
  "WRONG_LOGIN",
  "KEY_LIMIT",
  "GRACE_TOO_LONG",
] as const;
export type IdentityRefusal = (typeof IDENTITY_REFUSALS)[number];

export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 256;
export const SESSION_MS = 30 * 24 * 3_600_000;
export const ROTATION_GRACE_MAX_MS = 24 * 3_600_000;
export const KEY_NAME_LENGTH_MAX = 60;

const HANDLE = /^[A-Za-z0-9][A-Za-z0-9_-]{1,29}$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}$/;
const RESERVED = new Set(["house", "admin", "agon", "system", "operator", "support"]);

export type Registration = { handle: string; email: string; password: string };

/** Why nobody may register like this, with the field, or null. */
export function refuseRegistration({
  handle,
  email,
  password,
}: Registration): { code: IdentityRefusal; field: string } | null {
  if (!HANDLE.test(handle) || RESERVED.has(handle.toLowerCase())) return { code: "INVALID_HANDLE", field: "handle" };
  if (!EMAIL.test(email) || email.length > 254) return { code: "INVALID_EMAIL", field: "email" };
  if (password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX)
    return { code: "PASSWORD_TOO_SHORT", field: "password" };
  return null;
}
