import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { isProven, verifyReplay, type Replay } from "../../src/verify.ts";
import { ask, mutate, newBot, newPerson, play } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";

let app: App;
let fightId: string;
let key: string;
let bot: string;
beforeAll(async () => {
  app = await startTestApp({ LIMIT_ROUND_PAUSE_MS: 20, LIMIT_CALLOUT_INTERVAL_MS: 0 });
  ({ key } = await newPerson(app.url));
  bot = await newBot(app.url, key, "Replayed");
  const { data } = await ask(app.url, `{ bot(name: "House_Random") { id } replaySigningKey }`);
  const house = data as unknown as { bot: { id: string }; replaySigningKey: string };
  trusted = house.replaySigningKey;
  await mutate(app.url, key, "enterPit", { botId: bot });
  const input = { botId: bot, targetId: house.bot.id };
  const made = await mutate(app.url, key, "createCallout", input, "callout { fight { id } }");
  fightId = (made["callout"] as unknown as { fight: { id: string } }).fight.id;
});
afterAll(() => app.stop());
let trusted: string;

const download = () => fetch(`${app.url}/replays/${fightId}.json`);
const failures = (replay: unknown) =>
  verifyReplay(replay, trusted)
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

test("a fight that goes on has no replay, because its seed is secret", async () => {
  expect((await download()).status).toBe(404);
  const { data } = await ask(app.url, `query($id: ID!) { fight(id: $id) { seed replay { url } } }`, { id: fightId });
  expect(data).toEqual({ fight: { seed: null, replay: null } });
});

test("after the end everyone can verify it offline, and any change of it is found", async () => {
  let over = false;
  const client = play(
    app.url,
    key,
    bot,
    ({ legalActions, exchange }) => legalActions[exchange % legalActions.length] ?? "BLOCK_LOW",
    () => (over = true),
  );
  await until(() => over, "the end of the fight");
  await client.dispose();
  const { data } = await ask(app.url, `query($id: ID!) { fight(id: $id) { replay { url publicKey } } }`, {
    id: fightId,
  });
  const { url, publicKey } = (data as unknown as { fight: { replay: { url: string; publicKey: string } } }).fight
    .replay;
  expect(publicKey).toBe(trusted);
  const replay = (await (await fetch(url)).json()) as Replay;
  expect(verifyReplay(replay, trusted).map(({ name, ok }) => [name, ok])).toEqual([
    ["FORMAT", true],
    ["CHAIN", true],
    ["SIGNATURE", true],
    ["SEED", true],
    ["RULES", true],
  ]);
  expect(isProven(verifyReplay(replay, trusted))).toBe(true);
  const edit = (change: (copy: Replay) => void) => {
    const copy = structuredClone(replay);
    change(copy);
    return failures(copy);
  };
  expect(edit((copy) => void copy.events.splice(3, 1))).toEqual(["CHAIN", "RULES"]);
  expect(edit((copy) => Object.assign(copy.contest, { ladder: "CODE" }))).toEqual(["SIGNATURE"]);
  expect(edit((copy) => Object.assign(copy.contest, { seed: "00".repeat(32) }))).toEqual(["SIGNATURE", "SEED"]);
  expect(edit((copy) => Object.assign(copy.signature, { publicKey: "11".repeat(32) }))).toEqual(["SIGNATURE"]);
  expect(failures({ hello: 1 })).toEqual(["FORMAT"]);
  expect(failures(null)).toEqual(["FORMAT"]);
});

test("a row changed by SQL breaks the chain of what is downloaded after, and disagrees with what was downloaded before", async () => {
  const before = (await (await download()).json()) as Replay;
  const stream = before.stream;
  await app.platform.db.pool.query(
    `UPDATE stream_event SET payload = replace(payload, '"stamina":', '"stamina":1') WHERE stream = $1 AND seq = 3`,
    [stream],
  );
  const after = (await (await download()).json()) as Replay;
  expect(failures(after)).toContain("CHAIN");
  // Whoever also mends all hashes that follow gets another final hash than the one that was signed before.
  await app.platform.db.pool.query(`UPDATE stream_event SET hash = sha256(payload::bytea) WHERE stream = $1`, [stream]);
  const mended = (await (await download()).json()) as Replay;
  expect(mended.finalHash).not.toBe(before.finalHash);
  expect(failures(before)).toEqual([]);
});

test.each(["nonsense", "bot_00000000000000000000000000000000.json", "%E0%A4%A"])(
  "%s is no fight and has no replay",
  async (file) => expect((await fetch(`${app.url}/replays/${file}`)).status).toBe(404),
);
