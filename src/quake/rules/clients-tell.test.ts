import { expect, test } from "vitest";
import { EMPTY_ENTITY, EMPTY_PLAYER } from "../protocol/fields.ts";
import type { SessionEvent } from "../protocol/session.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { ClientsTell, DEATHS_MAX, SILENT_MS, TOLD_MAX } from "./clients-tell.ts";
import { decide, newRound, type Event, type Round } from "./round.ts";

// Two clients on a server whose log nobody reads: what they are told decides the round.

const LIMITS = { liveMs: 60_000, suddenDeathMs: 10_000 };
const RAILGUN = 10;
const SUICIDE = 20;
const [ANN, BOB] = ["A".repeat(32), "B".repeat(32)];
const SLOTS: Record<string, number> = { ann: 3, bob: 5 };
const OBITUARY = 13 + 60;

function table() {
  const tell = new ClientsTell();
  const events: Event[] = [];
  let nowMs = 0;
  const participants = [
    { botId: "ann", guid: ANN },
    { botId: "bob", guid: BOB },
  ];
  let round: Round = decide(newRound(participants, 0), { type: "SERVER_READY", nowMs: 0 }, LIMITS).round;
  const take = (commands: readonly Parameters<typeof decide>[1][]) => {
    for (const command of commands) {
      const step = decide(round, command, LIMITS);
      round = step.round;
      events.push(...step.events);
    }
  };
  for (const { botId, guid } of participants) tell.seat(botId, guid, 0);
  return {
    events,
    phase: () => round,
    /** Each client was told of its shots, too: what the round has come to. */
    outcome: () => {
      take(participants.map(({ botId }) => ({ type: "AIM", botId, aim: [] })));
      return round;
    },
    say: (botId: string, event: SessionEvent) => take(tell.hear(botId, event, (nowMs += 1))),
    wait: (ms: number) => {
      nowMs += ms;
      take([...tell.look(nowMs), { type: "TIME", nowMs }]);
    },
  };
}

type Table = ReturnType<typeof table>;
type Death = { number: number; killer: number; victim: number; means: number };

function snapshot(
  botId: string,
  serverTime: number,
  score: number,
  deaths: readonly Death[] = [],
  awards: Readonly<Record<number, number>> = {},
): SessionEvent {
  const persistent = [...EMPTY_PLAYER.persistent];
  persistent[0] = score;
  for (const [at, times] of Object.entries(awards)) persistent[Number(at)] = times;
  const player = { ...EMPTY_PLAYER, client: SLOTS[botId] ?? 0, persistent };
  const entities = deaths.map(({ number, killer, victim, means }) => ({
    ...EMPTY_ENTITY,
    number,
    type: OBITUARY,
    otherEntity: victim,
    otherEntity2: killer,
    eventParameter: means,
  }));
  return {
    type: "SNAPSHOT",
    snapshot: { sequence: serverTime, serverTime, flags: 0, player, entities } as unknown as Snapshot,
  };
}

const player = (botId: string) => [544 + (SLOTS[botId] ?? 0), `n\\${botId}\\t\\0\\model\\sarge`] as const;
const gamestate = (botId: string, serverId = 7): SessionEvent => ({
  type: "GAMESTATE",
  gamestate: {
    configstrings: new Map([player("ann"), player("bob")]),
    baselines: new Map(),
    commandSequence: 0,
    client: SLOTS[botId] ?? 0,
    checksumFeed: 0,
    serverId,
  },
});

const configstring = (slot: number, text: string): SessionEvent => ({ type: "CONFIGSTRING", index: 544 + slot, text });

/** Both are in. */
function gathered(): Table {
  const now = table();
  for (const botId of ["ann", "bob"]) {
    now.say(botId, gamestate(botId));
    now.say(botId, { type: "ENTERED" });
  }
  return now;
}

function begin(now: Table): void {
  now.wait(3_000);
  for (const botId of ["ann", "bob"]) now.say(botId, { type: "COMMAND", text: "map_restart\n" });
}

/** Both are in and the round is live. */
function live(): Table {
  const now = gathered();
  begin(now);
  expect(now.phase().phase).toBe("LIVE");
  return now;
}

const over: SessionEvent = { type: "CONFIGSTRING", index: 22, text: "1" };
const killed = (number: number, killer: string, victim: string, means = RAILGUN): Death => ({
  number,
  killer: SLOTS[killer] ?? 0,
  victim: SLOTS[victim] ?? 0,
  means,
});

test("a death that both see, or one of them alone, counts once; the scores that they are told decide", () => {
  const now = live();
  const [first, second] = [killed(70, "ann", "bob"), killed(71, "ann", "bob")];
  now.say("ann", snapshot("ann", 1_000, 1, [first]));
  now.say("bob", snapshot("bob", 1_050, 0, [first]));
  now.say("bob", snapshot("bob", 4_000, 0, [second]));
  now.say("ann", snapshot("ann", 4_400, 2));
  now.say("ann", over);
  now.say("ann", snapshot("ann", 5_000, 2));
  now.say("bob", over);
  now.say("bob", snapshot("bob", 5_000, 0));
  expect(now.events.filter(({ type }) => type === "KILL")).toHaveLength(2);
  expect(now.outcome()).toMatchObject({
    phase: "COMPLETED",
    results: [
      { botId: "ann", placement: 1, score: 2, kills: 2, deaths: 0 },
      { botId: "bob", placement: 2, score: 0, kills: 0, deaths: 2 },
    ],
  });
});

test("a suicide between two gives the other a point, which the scores have already", () => {
  const now = live();
  now.say("bob", snapshot("bob", 1_000, 1, [killed(70, "ann", "ann", SUICIDE)]));
  now.say("ann", snapshot("ann", 1_000, 0, [killed(70, "ann", "ann", SUICIDE)]));
  for (const [botId, score] of [
    ["ann", 0],
    ["bob", 1],
  ] as const) {
    now.say(botId, over);
    now.say(botId, snapshot(botId, 2_000, score));
  }
  expect(now.outcome()).toMatchObject({
    phase: "COMPLETED",
    results: [
      { botId: "bob", score: 1 },
      { botId: "ann", score: 0 },
    ],
  });
});

test("awards are those that the game counts for each; what it counted before the round is not of it", () => {
  const [IMPRESSIVE, EXCELLENT, GAUNTLET] = [9, 10, 13];
  const now = live();
  const [first, second] = [killed(70, "ann", "bob"), killed(71, "ann", "bob")];
  now.say("ann", snapshot("ann", 1_000, 1, [first], { [GAUNTLET]: 1 }));
  now.say("ann", snapshot("ann", 3_000, 2, [second], { [GAUNTLET]: 1, [EXCELLENT]: 1, [IMPRESSIVE]: 2 }));
  for (const [botId, score] of [
    ["ann", 2],
    ["bob", 0],
  ] as const) {
    now.say(botId, over);
    now.say(botId, snapshot(botId, 5_000, score, [], botId === "ann" ? { 9: 2, 10: 1, 13: 1 } : {}));
  }
  expect(now.outcome()).toMatchObject({
    phase: "COMPLETED",
    results: [
      { botId: "ann", awards: { excellent: 1, impressive: 2, gauntlet: 1 } },
      { botId: "bob", awards: { excellent: 0, impressive: 0, gauntlet: 0 } },
    ],
  });
});

test.each([
  ["who left before the round began is no stranger in it", "", "LIVE"],
  ["who is there when it begins is one", "n\\x\\t\\0", "VOIDED"],
])("%s", (_who, then, phase) => {
  const now = gathered();
  for (const botId of ["ann", "bob"]) now.say(botId, configstring(7, "n\\x\\t\\0"));
  for (const botId of ["ann", "bob"]) now.say(botId, configstring(7, then));
  expect(now.phase().phase).toBe("COUNTDOWN");
  begin(now);
  expect(now.phase().phase).toBe(phase);
});

test("a death that nobody saw makes the round void, although a suicide hides its point", () => {
  const DIED = 8;
  const now = live();
  now.say("bob", snapshot("bob", 1_000, 0, [killed(70, "ann", "ann", SUICIDE)]));
  now.say("ann", snapshot("ann", 1_000, 0, [killed(70, "ann", "ann", SUICIDE)], { [DIED]: 1 }));
  now.say("bob", snapshot("bob", 3_000, 0, [], { [DIED]: 1 }));
  for (const [botId, died] of [
    ["ann", 1],
    ["bob", 1],
  ] as const) {
    now.say(botId, over);
    now.say(botId, snapshot(botId, 5_000, 0, [], { [DIED]: died }));
  }
  expect(now.outcome()).toMatchObject({ phase: "VOIDED", reason: "SCORE_MISMATCH", requeue: ["ann", "bob"] });
});

test("two deaths that have one number are two", () => {
  const now = live();
  now.say("ann", snapshot("ann", 1_000, 1, [killed(70, "ann", "bob")]));
  now.say("ann", snapshot("ann", 1_250, 1, [killed(70, "bob", "ann")]));
  expect(now.events.filter(({ type }) => type === "KILL")).toHaveLength(2);
});

test("a point without a death that anybody saw makes the round void", () => {
  const now = live();
  for (const [botId, score] of [
    ["ann", 1],
    ["bob", 0],
  ] as const) {
    now.say(botId, over);
    now.say(botId, snapshot(botId, 2_000, score));
  }
  expect(now.outcome()).toMatchObject({ phase: "VOIDED", reason: "SCORE_MISMATCH", requeue: ["ann", "bob"] });
});

test("a death after the end is not of the round", () => {
  const now = live();
  now.say("ann", over);
  now.say("ann", snapshot("ann", 2_000, 0));
  now.say("bob", over);
  now.say("bob", snapshot("bob", 2_100, 0, [killed(70, "ann", "bob")]));
  expect(now.outcome()).toMatchObject({ phase: "COMPLETED", results: [{ deaths: 0 }, { deaths: 0 }] });
});

/** Ann is shown so many deaths, of which each is another one. */
function dieOften(now: Table, times: number): void {
  for (let death = 1; death <= times; death++)
    now.say("ann", snapshot("ann", death * 1_000, 0, [killed(death, "ann", "bob")]));
}

test("of deaths as many are told as a round may have", () => {
  const now = live();
  dieOften(now, DEATHS_MAX);
  expect(now.events.filter(({ type }) => type === "KILL")).toHaveLength(DEATHS_MAX);
  expect(now.phase().phase).toBe("LIVE");
});

test.each<[string, (now: Table) => void]>([
  ["falls silent", (now) => now.wait(SILENT_MS + 10)],
  ["runs another game", (now) => now.say("ann", gamestate("ann", 8))],
  ["is begun anew by somebody else", (now) => now.say("bob", { type: "COMMAND", text: "map_restart\n" })],
  ["has a player of somebody else", (now) => now.say("bob", configstring(7, "n\\x\\t\\0"))],
  ["tells of more deaths than any round has", (now) => dieOften(now, DEATHS_MAX + 1)],
  [
    "tells of scores without end",
    (now) => {
      for (let told = 0; told <= TOLD_MAX; told++) now.say("ann", snapshot("ann", 1_000 + told, 1 + (told % 2)));
    },
  ],
  [
    "shows one death without end",
    (now) => {
      for (let told = 0; told <= TOLD_MAX; told++)
        now.say("ann", snapshot("ann", 1_000, 0, [killed(told, "ann", "bob")]));
    },
  ],
])("a server that %s makes the round void, and both wait again", (_how, happens) => {
  const now = live();
  happens(now);
  expect(now.phase()).toEqual({ phase: "VOIDED", reason: "SERVER_LOST", requeue: ["ann", "bob"] });
});
