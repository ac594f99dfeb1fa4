import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, socket } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorker, work, type Worker } from "../harness/work.ts";
import { userIdOf } from "../harness/xp.ts";

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

type Change = { kind: string; state: string; task: { id: string; state: string } | null };
type Look = { tasks: { id: string; state: string }[]; changes: Change[] };
type Told = { data?: { taskBoardEvents: Look } | null; errors?: { extensions: { code: string } }[] };
const QUERY = `subscription($teamId: ID, $public: Boolean, $filterBy: TaskFilter) {
  taskBoardEvents(teamId: $teamId, public: $public, filterBy: $filterBy) { tasks { id state } changes { kind state task { id state } } } }`;

/** A board as somebody sees it: all that was told so far, and whether it has ended. */
function follow({ key }: Pick<Worker, "key">, variables: Record<string, unknown>) {
  const client = socket(url, key);
  const seen = { looks: [] as Look[], code: null as string | null, ended: false };
  const listening = (async () => {
    for await (const told of client.iterate({ query: QUERY, variables }) as AsyncIterable<Told>) {
      if (told.data) seen.looks.push(told.data.taskBoardEvents);
      else seen.code = told.errors?.[0]?.extensions.code ?? "NONE";
    }
    seen.ended = true;
  })();
  const leave = async () => {
    await client.dispose();
    await listening.catch(() => undefined);
  };
  const changes = () => seen.looks.flatMap((look) => look.changes);
  return { seen, changes, leave };
}

const OPEN = { states: ["PENDING", "ASSIGNED", "IN_PROGRESS"] };

test("a board tells what appeared on it, what changed and what left it, and begins with the present state", async () => {
  const own = await newWorker(url);
  const first = await newTask(url, own.key, { title: "first" });
  const board = follow(own, { filterBy: OPEN });
  await expect.poll(() => board.seen.looks).toEqual([{ tasks: [{ id: first, state: "PENDING" }], changes: [] }]);
  const second = await newTask(url, own.key, { title: "second", priority: 5 });
  await expect
    .poll(board.changes)
    .toEqual([{ kind: "APPEARED", state: "PENDING", task: { id: second, state: "PENDING" } }]);
  await work(url, own.key, "claimNextTask", { botId: own.botId, start: true });
  await expect
    .poll(() => board.changes().slice(1))
    .toEqual([{ kind: "CHANGED", state: "IN_PROGRESS", task: { id: second, state: "IN_PROGRESS" } }]);
  await work(url, own.key, "completeTask", { botId: own.botId, taskId: second, token: 1 });
  await expect
    .poll(() => board.changes().slice(2))
    .toEqual([{ kind: "LEFT", state: "IN_PROGRESS", task: { id: second, state: "COMPLETED" } }]);
  expect(board.seen.looks.at(-1)?.tasks).toEqual([{ id: first, state: "PENDING" }]);
  await board.leave();
});

test("the public board tells everybody who is signed in, of public tasks alone", async () => {
  const [maker, reader] = [await newWorker(url), await newWorker(url)];
  const board = follow(reader, { public: true, filterBy: { capability: "public-board" } });
  await expect.poll(() => board.seen.looks.length).toBe(1);
  const capabilities = ["public-board"];
  await newTask(url, maker.key, { capabilities });
  const id = await newTask(url, maker.key, { capabilities, visibility: "PUBLIC" });
  await expect.poll(board.changes).toEqual([{ kind: "APPEARED", state: "PENDING", task: { id, state: "PENDING" } }]);
  await work(url, maker.key, "cancelTask", { taskId: id });
  await expect
    .poll(() => board.changes().slice(1))
    .toEqual([{ kind: "CHANGED", state: "CANCELLED", task: { id, state: "CANCELLED" } }]);
  await board.leave();
  const nobody = follow({ key: "" }, { public: true });
  await expect.poll(() => nobody.seen.code).toBe("NOT_AUTHENTICATED");
  expect(nobody.seen.looks).toEqual([]);
  await nobody.leave();
});

/** A mutation in a session; gives its answer. */
async function change({ token }: Worker, field: string, input: object, selection: string) {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Success { ${selection} } ... on Refusal { code } } }`;
  const { data } = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
  return (data as unknown as Record<string, Record<string, { id: string; handle: string }>>)[field] ?? {};
}
async function handleOf({ token }: Worker): Promise<string> {
  const { data } = await ask(url, "{ viewer { user { handle } } }", {}, { authorization: `Bearer ${token}` });
  return (data as unknown as { viewer: { user: { handle: string } } }).viewer.user.handle;
}

test("a team's board ends for who leaves the team, at once and without a task that moves, and goes on for the others", async () => {
  const [owner, mate] = [await newWorker(url), await newWorker(url)];
  const { team } = await change(owner, "foundTeam", { name: "Watchers" }, "team { id }");
  const teamId = team?.id ?? "";
  const asked = { teamId, handle: await handleOf(mate) };
  const { invitation } = await change(owner, "inviteToTeam", asked, "invitation { id }");
  await change(mate, "acceptTeamInvitation", { invitationId: invitation?.id }, "team { id }");
  const { project } = await change(owner, "foundProject", { teamId, name: "Watched" }, "project { id }");
  const [theirs, ours] = [follow(mate, { teamId }), follow(owner, { teamId, filterBy: { projectId: project?.id } })];
  await expect.poll(() => [theirs, ours].map(({ seen }) => seen.looks.length)).toEqual([1, 1]);
  const id = await newTask(url, owner.key, { teamId });
  await expect.poll(theirs.changes).toMatchObject([{ kind: "APPEARED", task: { id } }]);
  await change(owner, "removeTeamMember", { teamId, userId: await userIdOf(url, mate.token) }, "team { id }");
  await expect.poll(() => theirs.seen.ended).toBe(true);
  const ofProject = await newTask(url, owner.key, { teamId, projectId: project?.id });
  await expect.poll(ours.changes).toMatchObject([{ kind: "APPEARED", task: { id: ofProject } }]);
  expect(theirs.changes()).toHaveLength(1);
  const again = follow(mate, { teamId });
  await expect.poll(() => again.seen.code).toBe("NOT_IN_TEAM");
  const both = follow(owner, { teamId, public: true });
  await expect.poll(() => both.seen.code).toBe("BAD_INPUT");
  for (const each of [theirs, ours, again, both]) await each.leave();
});

test("however much moves on a board, it is looked at four times a second at most, and the last state is told", async () => {
  const own = await newWorker(url);
  const board = follow(own, {});
  await expect.poll(() => board.seen.looks.length).toBe(1);
  const from = performance.now();
  const ids: string[] = [];
  for (let n = 0; n < 40; n++) ids.push(await newTask(url, own.key));
  await expect.poll(() => board.seen.looks.at(-1)?.tasks.length, { timeout: 5_000 }).toBe(40);
  const looksMax = 2 + Math.ceil((performance.now() - from) / 250);
  expect(board.seen.looks.length).toBeLessThanOrEqual(looksMax);
  const appeared = board.changes().map(({ task }) => task?.id ?? "NONE");
  expect(appeared.toSorted()).toEqual(ids.toSorted());
  await board.leave();
});
