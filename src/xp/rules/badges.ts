import type { Achievement } from "./achievements.ts";

/** Open Badges 3.0 are W3C Verifiable Credentials; we write them as JSON Web Tokens (VC-JWT) signed by Ed25519 (RFC 8037). */
const CONTEXT = [
  "https://www.w3.org/ns/credentials/v2",
  "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
] as const;
const TYPES = ["VerifiableCredential", "OpenBadgeCredential"] as const;
export const BADGES_MAX = 50;
export const BADGE_LENGTH_MAX = 8_192;

/** A person by a wallet, wherever the person is. https://github.com/w3c-ccg/did-pkh */
export const subjectOfWallet = (address: string): string => `did:pkh:eip155:1:${address.toLowerCase()}`;

export type Badge = { achievement: Pick<Achievement, "key" | "name" | "description">; at: Date };
export type Issuer = { origin: string; publicKey: string };

const base64url = (bytes: Uint8Array | string): string => {
  const binary = typeof bytes === "string" ? utf8(bytes) : bytes;
  return btoa(String.fromCharCode(...binary))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
};
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** What is to be signed for a badge: the token's header and body. */
export function badgeText({ achievement, at }: Badge, subject: string, { origin, publicKey }: Issuer): string {
  const id = `${origin}/achievements/${achievement.key}`;
  const header = { alg: "EdDSA", typ: "vc+jwt", jwk: { kty: "OKP", crv: "Ed25519", x: base64url(fromHex(publicKey)) } };
  const body = {
    "@context": CONTEXT,
    type: TYPES,
    issuer: { id: origin, type: ["Profile"], name: "Agon" },
    validFrom: at.toISOString(),
    credentialSubject: {
      id: subject,
      type: ["AchievementSubject"],
      achievement: {
        id,
        type: ["Achievement"],
        name: achievement.name,
        description: achievement.description,
        criteria: { narrative: achievement.description },
      },
    },
  };
  return `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(body))}`;
}

/** A badge's token, its signature given in hex. */
export const badgeToken = (text: string, signature: string): string => `${text}.${base64url(fromHex(signature))}`;

/** A token as it was read; its signature is yet to be checked against the key of an issuer that is trusted. */
export type ReadBadge = {
  signed: string;
  signature: Uint8Array;
  publicKey: string;
  issuer: string;
  subject: string;
  key: string;
  name: string;
  description: string;
  at: Date;
};

type Plain = Record<string, unknown>;
const within = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>(
    (each, key) => (typeof each === "object" && each !== null ? (each as Plain)[key] : undefined),
    value,
  );
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function bytesOf(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return null;
  }
}

function jsonIn(text: string): unknown {
  const bytes = bytesOf(text);
  try {
    return bytes && JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

const text = (value: unknown, most: number): string | null =>
  typeof value === "string" && value !== "" && value.length <= most ? value : null;
const LENGTH_MAX = 500;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Reads a token; null when it is no badge of this form. No other algorithm is taken than the one that we write. */
export function readBadge(token: string): ReadBadge | null {
  const [head = "", body = "", tail = "", ...rest] = token.split(".");
  const signature = bytesOf(tail);
  const publicKey = keyIn(jsonIn(head));
  const claims = claimsIn(jsonIn(body));
  if (rest.length > 0 || signature?.length !== SIGNATURE_BYTES || publicKey === null || claims === null) return null;
  return { ...claims, signed: `${head}.${body}`, signature, publicKey };
}

function keyIn(header: unknown): string | null {
  const key = bytesOf(String(within(header, "jwk", "x") ?? ""));
  const isOurs = within(header, "alg") === "EdDSA" && within(header, "jwk", "crv") === "Ed25519";
  return isOurs && key?.length === KEY_BYTES ? hexOf(key) : null;
}

type Claims = Omit<ReadBadge, "signed" | "signature" | "publicKey">;

function claimsIn(claims: unknown): Claims | null {
  const types = within(claims, "type");
  const achievement = within(claims, "credentialSubject", "achievement");
  const at = new Date(String(within(claims, "validFrom") ?? ""));
  if (!Array.isArray(types) || !types.includes("OpenBadgeCredential") || Number.isNaN(at.getTime())) return null;
  const [issuer, subject, id, name, description] = [
    within(claims, "issuer", "id"),
    within(claims, "credentialSubject", "id"),
    ...["id", "name", "description"].map((field) => within(achievement, field)),
  ].map((value) => text(value, LENGTH_MAX));
  if (!issuer || !subject || !id || !name || !description) return null;
  return { issuer, subject, key: id.slice(id.lastIndexOf("/") + 1), name, description, at };
}
