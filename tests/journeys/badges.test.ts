import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newOperator, newReporter, readNode, report, setPrivacy, type Reporter } from "../harness/xp.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const WALLET = "0x52908400098527886e0f7030069857d2e4169ee7";
const link = (who: Reporter, address: string) =>
  app.platform.db.pool.query(
    "INSERT INTO wallet (id, address, user_id, linked_at) VALUES (gen_random_uuid(), $1, $2::uuid, now())",
    [address, who.userId.slice(-32)],
  );

// Another server, signing by another implementation of Ed25519 than ours.
const foreign = generateKeyPairSync("ed25519");
const rawOf = (key: KeyObject) => Buffer.from(String(key.export({ format: "jwk" }).x), "base64url");
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
function badge(subject: string, { key = foreign, alg = "EdDSA", name = "Iron Will" } = {}): string {
  const x = rawOf(key.publicKey).toString("base64url");
  const claims = {
    type: ["VerifiableCredential", "OpenBadgeCredential"],
    issuer: { id: "https://elsewhere.example" },
    validFrom: "2026-10-01T00:00:00Z",
    credentialSubject: {
      id: subject,
      achievement: { id: "https://elsewhere.example/achievements/IRON_WILL", name, description: "Go on." },
    },
  };
  const text = `${part({ alg, jwk: { kty: "OKP", crv: "Ed25519", x } })}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key.privateKey).toString("base64url")}`;
}
const MINE = `did:pkh:eip155:1:${WALLET}`;

async function as(token: string, field: string, input: object, selection: string) {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Refusal { code } } }`;
  const { data, errors } = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as Record<string, unknown>;
}
const bring = (who: Reporter, badges: string[]) =>
  as(who.token, "importAchievements", { badges }, "imported repeated refused { place code }");
const trustIssuer = async (trusted: boolean) => {
  const publicKey = rawOf(foreign.publicKey).toString("hex");
  const input = { publicKey, trusted, reason: "a test" };
  expect(await as(await newOperator(app), "setBadgeIssuer", input, "publicKey")).toMatchObject({ publicKey });
};

test("achievements leave as Open Badges that anybody's Ed25519 verifies", async () => {
  const who = await newReporter(app);
  const address = "0x27b1fdb04752bbc536007a920d24acb045561c26";
  await link(who, address);
  await report(url, who);
  const { data } = await ask(url, "{ viewer { exportedAchievements } }", {}, { authorization: `Bearer ${who.token}` });
  const [token = "", ...more] = (data as unknown as { viewer: { exportedAchievements: string[] } }).viewer
    .exportedAchievements;
  expect(more).toEqual([]);
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url").toString()) as { jwk: { x: string } };
  const key = createPublicKey({ key: header.jwk, format: "jwk" });
  expect(verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))).toBe(true);
  expect(JSON.parse(Buffer.from(body, "base64url").toString())).toMatchObject({
    type: ["VerifiableCredential", "OpenBadgeCredential"],
    credentialSubject: { id: `did:pkh:eip155:1:${address}`, achievement: { name: "First Steps" } },
  });
  // What this server signed it takes back, once.
  expect(await bring(who, [token])).toMatchObject({ imported: 1, repeated: 0, refused: [] });
  expect(await bring(who, [token])).toMatchObject({ imported: 0, repeated: 1, refused: [] });
});

test("badges of another server are taken where an operator trusts it and the wallet is the viewer's; others are named", async () => {
  const who = await newReporter(app);
  await link(who, WALLET);
  const good = badge(MINE);
  expect(await bring(who, [good])).toMatchObject({ imported: 0, refused: [{ place: 1, code: "UNKNOWN_ISSUER" }] });
  await trustIssuer(true);
  const [head = "", body = "", tail = ""] = good.split(".");
  const changed = JSON.parse(Buffer.from(body, "base64url").toString()) as { validFrom: string };
  changed.validFrom = "2020-01-01T00:00:00Z";
  const wrong = [
    `${head}.${part(changed)}.${tail}`,
    badge(`did:pkh:eip155:1:0x${"1".repeat(40)}`),
    badge(MINE, { alg: "none" }),
    "nonsense",
    badge(MINE, { key: generateKeyPairSync("ed25519") }),
  ];
  expect(await bring(who, [...wrong, good])).toMatchObject({
    imported: 1,
    refused: [
      { place: 1, code: "BAD_SIGNATURE" },
      { place: 2, code: "NOT_YOURS" },
      { place: 3, code: "NOT_A_BADGE" },
      { place: 4, code: "NOT_A_BADGE" },
      { place: 5, code: "UNKNOWN_ISSUER" },
    ],
  });
  expect(
    await bring(
      who,
      Array.from({ length: 51 }, () => good),
    ),
  ).toMatchObject({ code: "TOO_MANY_BADGES" });
  const shown = (token: string | null) =>
    readNode(url, token, who.userId, "... on User { importedAchievements { key name issuer } }");
  const iron = { key: "IRON_WILL", name: "Iron Will", issuer: "https://elsewhere.example" };
  expect(await shown(who.token)).toEqual({ importedAchievements: [iron] });
  expect(await shown(null)).toEqual({ importedAchievements: [] });
  await setPrivacy(url, who, { achievements: "PUBLIC" });
  expect(await shown(null)).toEqual({ importedAchievements: [iron] });
  await trustIssuer(false);
  expect(await bring(who, [badge(MINE, { name: "Another" })])).toMatchObject({ refused: [{ code: "UNKNOWN_ISSUER" }] });
});
