import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { until } from "../harness/until.ts";
import { newTask, newWorker, newWorkingBot, readTask, work, type Worker } from "../harness/work.ts";

let app: App;
let url: string;

beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

const claimNext = (who: Worker, more: object = {}) =>
  work(url, who.key, "claimNextTask", { botId: who.botId, ...more });
const hold = (who: Worker, taskId: string, token: number) => ({ botId: who.botId, taskId, token });

type Offers = { taskOffers: { claimable: { id: string }[]; assigned: { id: string; lease: { token: number } }[] } };
const OFFERS = `subscription($botId: ID!) { taskOffers(botId: $botId) { claimable { id } assigned { id lease { token } } } }`;

test("who waits hears of work at once, and only of what the bot can do", async () => {
  const own = await newWorker(url, ["a"]);
  const client = socket(url, own.key);
  const offers = client.iterate<Offers>({ query: OFFERS, variables: { botId: own.botId } });
  const first = offers.next();
  await newTask(url, own.key, { capabilities: ["b"] });
  const id = await newTask(url, own.key, { capabilities: ["a"] });
  const { value } = (await first) as { value: { data: Offers } };
  expect(value.data.taskOffers).toEqual({ claimable: [{ id }], assigned: [] });
  await client.dispose();
});

test("work is laid on the bot that has least to do, which must accept it in time", async () => {
  const own = await newWorker(url, ["a"]);
  const idle = await newWorkingBot(url, own.key, ["a"]);
  await newTask(url, own.key);
  await claimNext(own, { start: true });
  const client = socket(url, own.key);
  const offers = client.iterate<Offers>({ query: OFFERS, variables: { botId: idle } });
  const id = await newTask(url, own.key, {
    assign: "AUTO",
    capabilities: ["a"],
    plan: { acceptMs: 2_000, backoffMs: 0 },
  });
  const laid = async (): Promise<number> => {
    const { value } = (await offers.next()) as { value: { data: Offers } };
    return value.data.taskOffers.assigned.find((task) => task.id === id)?.lease.token ?? laid();
  };
  expect(await laid()).toBe(1);
  // It does not begin: the other one, which has more to do, gets it now.
  await until(
    async () => (await readTask<{ bot: { id: string } | null }>(url, own.key, id, "bot { id }"))?.bot?.id === own.botId,
    "the other bot",
  );
  expect((await work(url, own.key, "startTask", hold({ ...own, botId: idle }, id, 1))).code).toBe("LEASE_LOST");
  const started = await work(url, own.key, "startTask", hold(own, id, 2));
  expect(started.task).toMatchObject({ state: "IN_PROGRESS", attempt: 1 });
  await client.dispose();
});

type Told = { taskEvents: { cursor: string; event: { __typename: string } } };
test("an inbox tells of what is laid on its bot, once, also when it is opened later", async () => {
  const own = await newWorker(url);
  const query = `subscription($botId: ID!) { botEvents(botId: $botId) { pending event { __typename ... on TaskAssigned { task { id state lease { token } } } } } }`;
  const read = async () => {
    const client = socket(url, own.key);
    const items = client.iterate<{ botEvents: unknown }>({ query, variables: { botId: own.botId } });
    const { value } = (await items.next()) as { value: { data: { botEvents: unknown } } };
    await client.dispose();
    return value.data.botEvents;
  };
  const first = read();
  const id = await newTask(url, own.key, { assign: "AUTO" });
  const task = { id, state: "ASSIGNED", lease: { token: 1 } };
  expect(await first).toMatchObject({ event: { __typename: "TaskAssigned", task } });
  expect(await read()).toEqual({ pending: true, event: { __typename: "TaskAssigned", task } });
});

test("a task's stream tells all that happened, and resumes behind a cursor", async () => {
  const own = await newWorker(url);
  const id = await newTask(url, own.key);
  const before = await readTask<{ cursor: string }>(url, own.key, id, "cursor");
  await claimNext(own, { start: true });
  await work(url, own.key, "heartbeatTask", { ...hold(own, id, 1), percent: 10 });
  await work(url, own.key, "completeTask", { ...hold(own, id, 1) });
  const client = socket(url, own.key);
  const read = async (after: string | undefined, count: number) => {
    const query = `subscription($taskId: ID!, $after: Cursor) { taskEvents(taskId: $taskId, after: $after) { cursor event { __typename ... on TaskProgressed { percent } } } }`;
    const told: Told["taskEvents"][] = [];
    for await (const { data } of client.iterate<Told>({ query, variables: { taskId: id, after } })) {
      if (data) told.push(data.taskEvents);
      if (told.length === count) break;
    }
    return told;
  };
  const all = await read(before?.cursor, 4);
  expect(all.map(({ event }) => event)).toEqual([
    { __typename: "TaskClaimed" },
    { __typename: "TaskStarted" },
    { __typename: "TaskProgressed", percent: 10 },
    { __typename: "TaskCompleted" },
  ]);
  expect(await read(all[1]?.cursor, 2)).toEqual(all.slice(2));
  const stranger = socket(url, (await newWorker(url)).key);
  const refused = stranger.iterate({ query: `subscription { taskEvents(taskId: "${id}") { cursor } }` });
  expect((await refused.next()).value).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  await Promise.all([client.dispose(), stranger.dispose()]);
});

test("progress is told once in five seconds, however often it is said; the task has the newest, and boards show it", async () => {
  const own = await newWorker(url);
  const id = await newTask(url, own.key);
  await claimNext(own, { start: true });
  for (let percent = 1; percent <= 20; percent++)
    await work(url, own.key, "heartbeatTask", { ...hold(own, id, 1), percent, note: `page ${percent}` });
  const fields = "progressPercent progressNote";
  expect(await readTask(url, own.key, id, fields)).toEqual({ progressPercent: 20, progressNote: "page 20" });
  const { rows } = await app.platform.db.pool.query(
    "SELECT count(*)::int AS told FROM stream_event WHERE stream = $1 AND type = 'TaskProgressed'",
    [`task:${id.slice(-32).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`],
  );
  expect(rows).toEqual([{ told: 1 }]);
});

type Board = { taskBoardEvents: { tasks: { id: string; state: string; progressPercent: number | null }[] } };
const BOARD = `subscription($teamId: ID, $filterBy: TaskFilter) {
  taskBoardEvents(teamId: $teamId, filterBy: $filterBy) { tasks { id state progressPercent } } }`;
type Variables = { teamId?: string; filterBy?: object };
type Boards = { until(state: string, percent?: number): Promise<Board["taskBoardEvents"]["tasks"]>; all: string[] };

/** Listens to a board; `all` are the ids of every task that it ever told of. */
function listen(client: ReturnType<typeof socket>, variables: Variables): Boards {
  const items = client.iterate<Board>({ query: BOARD, variables });
  const all: string[] = [];
  const next = async (state: string, percent: number | null): Promise<Board["taskBoardEvents"]["tasks"]> => {
    const { value } = (await items.next()) as { value: { data?: Board; errors?: { extensions: { code: string } }[] } };
    if (!value.data) throw new Error(value.errors?.[0]?.extensions.code);
    const { tasks } = value.data.taskBoardEvents;
    all.push(...tasks.map(({ id }) => id));
    const first = tasks[0]?.state ?? "EMPTY";
    return first === state && (percent === null || tasks[0]?.progressPercent === percent)
      ? tasks
      : next(state, percent);
  };
  return { until: (state, percent) => next(state, percent ?? null), all };
}

test("a board is told at once, and whenever a task of it is made, claimed, goes on and ends", async () => {
  const own = await newWorker(url);
  const client = socket(url, own.key);
  const board = listen(client, {});
  expect(await board.until("EMPTY")).toEqual([]);
  const id = await newTask(url, own.key);
  expect(await board.until("PENDING")).toEqual([{ id, state: "PENDING", progressPercent: null }]);
  await claimNext(own);
  await board.until("ASSIGNED");
  await work(url, own.key, "startTask", hold(own, id, 1));
  await board.until("IN_PROGRESS");
  await work(url, own.key, "heartbeatTask", { ...hold(own, id, 1), percent: 40 });
  await board.until("IN_PROGRESS", 40);
  await work(url, own.key, "completeTask", { ...hold(own, id, 1), result: 1 });
  expect(await board.until("COMPLETED")).toEqual([{ id, state: "COMPLETED", progressPercent: expect.anything() }]);
  // After a break the present state comes first.
  const again = listen(client, { filterBy: { states: ["COMPLETED"] } });
  expect((await again.until("COMPLETED")).map((task) => task.id)).toEqual([id]);
  await client.dispose();
});

test("a board never tells of another's tasks, private, of a team or public; a team's tells its members, and them alone", async () => {
  const [own, other] = [await newWorker(url), await newWorker(url)];
  const query = `mutation { foundTeam(input: { name: "Board team" }) { ... on FoundTeamSuccess { team { id } } } }`;
  const { data } = await ask(url, query, {}, { authorization: `Bearer ${own.token}` });
  const teamId = (data as unknown as { foundTeam: { team: { id: string } } }).foundTeam.team.id;
  const [mine, foreign] = [socket(url, own.key), socket(url, other.key)];
  const [board, theirs] = [listen(mine, { teamId }), listen(foreign, {})];
  await expect(listen(foreign, { teamId }).until("PENDING")).rejects.toThrow("NOT_IN_TEAM");
  expect(await theirs.until("EMPTY")).toEqual([]);
  await newTask(url, own.key, { visibility: "PRIVATE" });
  await newTask(url, own.key, { visibility: "PUBLIC" });
  const ofTeam = await newTask(url, own.key, { visibility: "TEAM", teamId });
  expect((await board.until("PENDING")).map(({ id }) => id)).toEqual([ofTeam]);
  const last = await newTask(url, other.key);
  expect((await theirs.until("PENDING")).map(({ id }) => id)).toEqual([last]);
  expect(new Set(theirs.all)).toEqual(new Set([last]));
  expect(new Set(board.all)).toEqual(new Set([ofTeam]));
  await Promise.all([mine.dispose(), foreign.dispose()]);
});
