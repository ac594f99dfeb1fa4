import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { isProven, verifyReplay, type MatchRecord } from "../../src/verify.ts";
import { ask, newPerson } from "../harness/agent.ts";
import { startQuakeApp } from "../harness/quake-app.ts";
import { joinQuake, matchIn, newEntrants, type Match } from "../harness/quake-arena.ts";
import { until } from "../harness/until.ts";

// The signed record of a match that was played on a real server, checked as anybody checks it.

let app: App;
let match: Match;
let trusted: string;
let early: { status: number; proof: unknown };

const PROOF = "query($id: ID!) { match(id: $id) { proof { url publicKey } } replaySigningKey }";
type Proof = { match: { proof: { url: string; publicKey: string } | null }; replaySigningKey: string };
const proofOf = async (id: string) => (await ask(app.url, PROOF, { id })).data as unknown as Proof;

beforeAll(async () => {
  app = await startQuakeApp(1);
  for (const entrant of await newEntrants(app.url, ["ProvenAnn", "ProvenBob"])) await joinQuake(app.url, entrant);
  match = await matchIn(app.url, ["LIVE"]);
  const { match: asked, replaySigningKey } = await proofOf(match.id);
  trusted = replaySigningKey;
  early = { status: (await download()).status, proof: asked.proof };
  match = await matchIn(app.url, ["COMPLETED"], match.id);
}, 90_000);
afterAll(() => app.stop());

const download = () => fetch(`${app.url}/replays/${match.id}.json`);
const recordNow = async () => (await (await download()).json()) as MatchRecord;
const framesNow = async () => (await fetch(`${app.url}/matches/${match.id}/replay`)).bytes();
const failures = (record: unknown, frames?: Uint8Array) =>
  verifyReplay(record, trusted, frames)
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

const uuid = () => match.id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
const sql = (text: string, values: unknown[]) => app.platform.db.pool.query(text, values);

test("a match that goes on has no record, because its seed is secret", () => {
  expect(early).toEqual({ status: 404, proof: null });
});

test("after its end everybody can verify it offline, with what it looked like", async () => {
  const { proof } = (await proofOf(match.id)).match;
  expect(proof).toEqual({ url: `${app.url}/replays/${match.id}.json`, publicKey: trusted });
  const record = await recordNow();
  const checks = verifyReplay(record, trusted, await framesNow());
  expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
    ["FORMAT", true],
    ["CHAIN", true],
    ["SIGNATURE", true],
    ["SEED", true],
    ["RULES", true],
    ["FRAMES", true],
  ]);
  expect(isProven(checks)).toBe(true);
  // Who does not have the frames verifies the rest.
  expect(isProven(verifyReplay(record, trusted))).toBe(true);
  expect(record).toMatchObject({
    format: "agon-match-1",
    stream: `match:${uuid()}`,
    contest: { id: match.id, ladder: "QUAKE", rated: true, status: "COMPLETED", map: match.map },
  });
  const idOf = (botId: string) => `bot_${botId.replaceAll("-", "")}`;
  const { participants, results } = record.contest;
  expect(participants.map(({ botId }) => idOf(botId))).toEqual(match.participants.map(({ bot }) => bot.id));
  const scored = results?.map(({ botId, score, kills, deaths }) => ({ id: idOf(botId), score, kills, deaths }));
  const shown = match.players.map(({ bot: { id }, score, kills, deaths }) => ({ id, score, kills, deaths }));
  expect(new Set(scored)).toEqual(new Set(shown));
});

test("any change of it is found, and so is any change of the frames", async () => {
  const [record, frames] = [await recordNow(), await framesNow()];
  const edit = (change: (copy: MatchRecord) => void) => {
    const copy = structuredClone(record);
    change(copy);
    return failures(copy, frames);
  };
  expect(edit((copy) => void copy.events.splice(2, 1))).toEqual(["CHAIN", "RULES"]);
  expect(edit((copy) => Object.assign(copy.contest, { endedAt: copy.contest.seedHash }))).toEqual(["SIGNATURE"]);
  expect(edit((copy) => Object.assign(copy.contest, { map: "q3dm0" }))).toEqual(["SIGNATURE", "RULES"]);
  expect(edit((copy) => Object.assign(copy.contest.results?.[0] ?? {}, { score: 99 }))).toEqual(["SIGNATURE", "RULES"]);
  expect(edit((copy) => Object.assign(copy.contest, { seed: "00".repeat(32) }))).toContain("SEED");
  expect(edit((copy) => Object.assign(copy, { stream: copy.stream.replace(/.$/, "x") }))).toEqual(["CHAIN", "RULES"]);
  expect(edit((copy) => Object.assign(copy, { events: ["no JSON"] }))).toEqual(["CHAIN", "RULES"]);
  expect(edit((copy) => Object.assign(copy.contest, { framesSha256: "00".repeat(32) }))).toEqual([
    "SIGNATURE",
    "RULES",
    "FRAMES",
  ]);
  expect(edit((copy) => Object.assign(copy.contest, { participants: [null] }))).toEqual(["FORMAT"]);
  expect(edit((copy) => Object.assign(copy, { format: "agon-replay-1" }))).toContain("SIGNATURE");
  expect(failures(record, frames.with(100, (frames[100] ?? 0) ^ 1))).toEqual(["FRAMES"]);
});

test("frames changed in the database are not those that the record names", async () => {
  const { rows } = await sql("SELECT document FROM quake_replay WHERE match_id = $1", [uuid()]);
  const stored = (rows as { document: Buffer }[])[0]?.document ?? Buffer.alloc(0);
  const changed = gunzipSync(stored).toString().replace('"lengthMs":', '"lengthMs":1');
  const put = (document: Buffer) =>
    sql("UPDATE quake_replay SET document = $2::bytea, bytes = octet_length($2::bytea) WHERE match_id = $1", [
      uuid(),
      document,
    ]);
  await put(gzipSync(changed));
  expect(failures(await recordNow(), await framesNow())).toEqual(["FRAMES"]);
  await put(stored);
  expect(failures(await recordNow(), await framesNow())).toEqual([]);
});

test("an operator who takes the result back is seen in the record, which still holds", async () => {
  const { token } = await newPerson(app.url, "proof_operator");
  await sql("UPDATE app_user SET operator = true WHERE handle = $1", ["proof_operator"]);
  const query = "mutation($input: VoidMatchInput!) { voidMatch(input: $input) { __typename } }";
  const input = { matchId: match.id, reason: "for the test" };
  const { data } = await ask(app.url, query, { input }, { authorization: `Bearer ${token}` });
  expect(data).toEqual({ voidMatch: { __typename: "VoidMatchSuccess" } });
  const record = await recordNow();
  expect(failures(record, await framesNow())).toEqual([]);
  expect(record.contest).toMatchObject({ status: "VOIDED", results: null });
});

test("after 90 days what it looked like is gone, by name and with the date; the record still verifies", async () => {
  const query = "query($id: ID!) { match(id: $id) { replay { keptUntil } replayPrunedAt proof { url } } }";
  type Kept = { replay: { keptUntil: string } | null; replayPrunedAt: string | null; proof: { url: string } };
  const look = async () => ((await ask(app.url, query, { id: match.id })).data as unknown as { match: Kept }).match;
  const DAY_MS = 24 * 3_600_000;
  const kept = await look();
  expect(kept.replayPrunedAt).toBeNull();
  expect((Date.parse(kept.replay?.keptUntil ?? "") - Date.now()) / DAY_MS).toBeCloseTo(90, 1);
  await sql("UPDATE quake_replay SET stored_at = $2 WHERE match_id = $1", [uuid(), new Date(Date.now() - 91 * DAY_MS)]);
  await sql("SELECT graphile_worker.add_job('daily-prune')", []);
  const { replay, replayPrunedAt, proof } = await until(async () => {
    const now = await look();
    return now.replay ? null : now;
  }, "the end of what was kept");
  expect({ replay, proof }).toEqual({ replay: null, proof: kept.proof });
  const day = String(replayPrunedAt).slice(0, 10);
  const gone = await fetch(`${app.url}/matches/${match.id}/replay`);
  expect(gone.status).toBe(410);
  expect(await gone.json()).toEqual({
    errors: [
      { message: expect.stringContaining(day), extensions: { code: "REPLAY_PRUNED", hint: expect.any(String) } },
    ],
  });
  const record = await recordNow();
  expect(isProven(verifyReplay(record, trusted))).toBe(true);
  expect(record.contest.framesSha256).toMatch(/^[0-9a-f]{64}$/);
});

test("a row changed by SQL breaks the chain of what is downloaded after, and disagrees with what was downloaded before", async () => {
  const before = await recordNow();
  await sql(
    `UPDATE stream_event SET payload = replace(payload, '"deaths":', '"deaths":1') WHERE stream = $1 AND type = 'MatchCompleted'`,
    [before.stream],
  );
  expect(failures(await recordNow())).toEqual(["CHAIN", "RULES"]);
  // Whoever also mends all hashes that follow gets another final hash than the one that was signed before.
  await sql(`UPDATE stream_event SET hash = sha256(payload::bytea) WHERE stream = $1`, [before.stream]);
  expect((await recordNow()).finalHash).not.toBe(before.finalHash);
  // What is no JSON any more is a broken record, too, and not an answer that fails.
  await sql(`UPDATE stream_event SET payload = 'gone' WHERE stream = $1 AND seq = 3`, [before.stream]);
  expect(failures(await recordNow())).toEqual(["CHAIN", "RULES"]);
  expect(failures(before)).toEqual([]);
});
