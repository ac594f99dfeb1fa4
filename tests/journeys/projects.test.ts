import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorkingBot, readTask, work } from "../harness/work.ts";
import { userIdOf } from "../harness/xp.ts";

type Person = { handle: string; token: string; key: string };
type Answer = Record<string, { id: string }> & { __typename: string; code?: string; path?: string[] };

let app: App;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  url = app.url;
});
afterAll(() => app.stop());

async function person(): Promise<Person> {
  const made = await newPerson(url);
  return { ...made, key: await newKey(url, made.token, ["PLAY", "WORK"]) };
}

/** A mutation in a person's session. */
async function change({ token }: Person, field: string, input: object, selection: string): Promise<Answer> {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Refusal { code path } } }`;
  const { data, errors } = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as Answer;
}

const idOf = (answer: Answer, field: string): string => {
  const made = answer[field];
  if (!made) throw new Error(JSON.stringify(answer));
  return made.id;
};

let founded = 0;
const newTeam = async (owner: Person) =>
  idOf(await change(owner, "foundTeam", { name: `Projects ${founded++}` }, "team { id }"), "team");
const found = (by: Person, teamId: string, more: object = {}) =>
  change(by, "foundProject", { teamId, name: `Project ${founded++}`, ...more }, "project { id }");
const newProject = async (by: Person, teamId: string) => idOf(await found(by, teamId), "project");

/** A new member of a team, with a bot of the team that can do everything. */
async function join(owner: Person, teamId: string, role = "MEMBER"): Promise<Person & { botId: string }> {
  const mate = await person();
  const invited = await change(owner, "inviteToTeam", { teamId, handle: mate.handle, role }, "invitation { id }");
  await change(mate, "acceptTeamInvitation", { invitationId: idOf(invited, "invitation") }, "team { id }");
  return { ...mate, botId: await bringBot(mate, teamId) };
}

async function bringBot({ key }: Person, teamId: string): Promise<string> {
  const botId = await newWorkingBot(url, key);
  await mutate(url, key, "addTeamBot", { teamId, botId });
  return botId;
}

async function read<Fields>({ token }: Person, query: string, variables: object): Promise<Fields> {
  const { data, errors } = await ask(url, query, variables, { authorization: `Bearer ${token}` });
  if (errors) throw new Error(JSON.stringify(errors));
  return data as unknown as Fields;
}

const projectsOf = async (who: Person, teamId: string, filterBy?: object) => {
  const query = `query($id: ID!, $filterBy: ProjectFilter) { node(id: $id) { ... on Team { projects(first: 10, filterBy: $filterBy) { nodes { name } } } } }`;
  type Seen = { node: { projects: { nodes: { name: string }[] } } | null };
  return (await read<Seen>(who, query, { id: teamId, filterBy })).node?.projects.nodes.map(({ name }) => name);
};

/** Claims, starts and completes one task; gives its id. */
async function finish(who: Person & { botId: string }, ends: "completeTask" | "failTask" = "completeTask") {
  const { task } = await work(url, who.key, "claimNextTask", { botId: who.botId, start: true });
  const hold = { botId: who.botId, taskId: task.id, token: task.lease?.token };
  const failure = ends === "failTask" ? { code: "X", message: "x", retryable: false } : {};
  await work(url, who.key, ends, { ...hold, ...failure });
  return task.id;
}

describe("a project", () => {
  test("is founded, renamed and archived by who leads its team, and read by its members alone", async () => {
    const [owner, stranger] = [await person(), await person()];
    const teamId = await newTeam(owner);
    const [admin, member] = [await join(owner, teamId, "ADMIN"), await join(owner, teamId)];
    expect((await found(member, teamId)).code).toBe("NOT_TEAM_ADMIN");
    expect((await found(stranger, teamId)).code).toBe("NOT_A_MEMBER");
    expect((await found(admin, teamId, { name: "no  good" })).code).toBe("INVALID_PROJECT_NAME");
    expect((await found(admin, teamId, { description: "x".repeat(501) })).code).toBe("BAD_INPUT");
    const projectId = idOf(await found(admin, teamId, { name: "Night Read", description: "all night" }), "project");
    expect((await found(owner, teamId, { name: "night READ" })).code).toBe("PROJECT_NAME_TAKEN");
    const one = `query($id: ID!) { project(id: $id) { name description archivedAt team { id } } }`;
    const seen = { name: "Night Read", description: "all night", archivedAt: null, team: { id: teamId } };
    expect(await read(member, one, { id: projectId })).toEqual({ project: seen });
    expect(await read(stranger, one, { id: projectId })).toEqual({ project: null });
    expect(await read(stranger, `query($id: ID!) { node(id: $id) { id } }`, { id: projectId })).toEqual({ node: null });
    const renamed = { projectId, name: "Day Read" };
    expect((await change(member, "updateProject", renamed, "project { id }")).code).toBe("NOT_TEAM_ADMIN");
    expect((await change(stranger, "updateProject", renamed, "project { id }")).code).toBe("NOT_FOUND");
    expect(await change(admin, "updateProject", renamed, "project { name description }")).toMatchObject({
      project: { name: "Day Read", description: "all night" },
    });
    expect((await change(stranger, "archiveProject", { projectId }, "project { id }")).code).toBe("NOT_FOUND");
    expect((await change(member, "archiveProject", { projectId }, "project { id }")).code).toBe("NOT_TEAM_ADMIN");
    expect(await change(admin, "archiveProject", { projectId }, "project { archivedAt }")).toMatchObject({
      project: { archivedAt: expect.any(String) },
    });
    expect((await change(admin, "updateProject", renamed, "project { id }")).code).toBe("PROJECT_ARCHIVED");
    await newProject(owner, teamId);
    expect(await projectsOf(member, teamId, { archived: true })).toEqual(["Day Read"]);
    expect(await projectsOf(member, teamId, { archived: false })).toEqual([`Project ${founded - 1}`]);
    expect(await projectsOf(member, teamId)).toEqual([`Project ${founded - 1}`, "Day Read"]);
    expect(await projectsOf(stranger, teamId)).toBeUndefined();
    const opened = { projectId, archived: false };
    expect(await change(admin, "archiveProject", opened, "project { archivedAt }")).toMatchObject({
      project: { archivedAt: null },
    });
  });

  test("is told by no command that is repeated by who is out of the team since", async () => {
    const owner = await person();
    const teamId = await newTeam(owner);
    const admin = await join(owner, teamId, "ADMIN");
    const asked = await person();
    const botId = await newWorkingBot(url, admin.key);
    const commands = [
      ["foundProject", { teamId, name: "Once", idempotencyKey: "project" }, "project { name description }"],
      ["inviteToTeam", { teamId, handle: asked.handle, idempotencyKey: "asked" }, "invitation { status }"],
      ["addTeamBot", { teamId, botId, idempotencyKey: "bot" }, "team { name }"],
    ] as const;
    const all = async () => {
      const answers: unknown[] = [];
      for (const [field, input, selection] of commands) {
        const { __typename, ...answer } = await change(admin, field, input, selection);
        answers.push(answer);
      }
      return answers;
    };
    const [{ project }, { invitation }, { team }] = (await all()) as [Answer, Answer, Answer];
    expect([project, invitation, team]).not.toContain(null);
    const userId = await userIdOf(url, admin.token);
    await change(owner, "removeTeamMember", { teamId, userId }, "team { id }");
    expect(await all()).toEqual([{ project: null }, { invitation: null }, { team: null }]);
  });

  test("bears a name that two give at once only one time, and a hundred of them are enough", async () => {
    const owner = await person();
    const teamId = await newTeam(owner);
    const twice = await Promise.all([found(owner, teamId, { name: "Same" }), found(owner, teamId, { name: "same" })]);
    expect(twice.map(({ __typename }) => __typename).toSorted()).toEqual([
      "FoundProjectSuccess",
      "ProjectNameTakenRefusal",
    ]);
    await app.platform.db.pool.query(
      "INSERT INTO project (id, team_id, name, created_at) SELECT gen_random_uuid(), team_id, 'Many ' || n, now() FROM project, generate_series(1, 98) n WHERE team_id = $1::uuid",
      [teamId.slice(-32)],
    );
    const both = await Promise.all([found(owner, teamId), found(owner, teamId)]);
    expect(both.map(({ __typename }) => __typename).toSorted()).toEqual([
      "FoundProjectSuccess",
      "TooManyProjectsRefusal",
    ]);
  });
});

describe("work", () => {
  test("names a project of its own team that is not archived", async () => {
    const [owner, stranger] = [await person(), await person()];
    const [teamId, otherTeam, foreignTeam] = [await newTeam(owner), await newTeam(owner), await newTeam(stranger)];
    const [projectId, other] = [await newProject(owner, teamId), await newProject(owner, otherTeam)];
    const foreign = await newProject(stranger, foreignTeam);
    const make = (input: object) => work(url, owner.key, "createTask", { title: "x", ...input });
    const path = ["input", "projectId"];
    const none = `${projectId.slice(0, -32)}${"0".repeat(32)}`;
    expect(await make({ teamId, projectId: none })).toMatchObject({ code: "PROJECT_NOT_FOUND", path });
    expect(await make({ teamId, projectId: foreign })).toMatchObject({ code: "PROJECT_NOT_FOUND", path });
    expect(await make({ teamId, projectId: other })).toMatchObject({ code: "PROJECT_OF_ANOTHER_TEAM", path });
    expect(await make({ projectId })).toMatchObject({ code: "PROJECT_OF_ANOTHER_TEAM", path });
    const taskId = await newTask(url, owner.key, { teamId, projectId });
    const fields = "project { id tasks(first: 5) { nodes { id } } }";
    const named = { project: { id: projectId, tasks: { nodes: [{ id: taskId }] } } };
    expect(await readTask(url, owner.key, taskId, fields)).toEqual(named);
    await change(owner, "archiveProject", { projectId }, "project { id }");
    expect(await make({ teamId, projectId })).toMatchObject({ code: "PROJECT_ARCHIVED", path });
    // What it has goes on.
    expect(await readTask(url, owner.key, taskId, "state")).toEqual({ state: "PENDING" });
  });

  test("of a workflow is of the run's project, which is the definition's unless another is named", async () => {
    const owner = await person();
    const [teamId, otherTeam] = [await newTeam(owner), await newTeam(owner)];
    const [first, second] = [await newProject(owner, teamId), await newProject(owner, teamId)];
    const foreign = await newProject(owner, otherTeam);
    const steps = [{ key: "one", title: "one" }];
    const define = (projectId: string) =>
      mutate(
        url,
        owner.key,
        "defineWorkflow",
        { name: "Flow", teamId, steps, projectId },
        "definition { id version project { id } }",
      ) as Promise<unknown> as Promise<Answer & { definition: { id: string; version: number; project: object } }>;
    expect((await define(foreign)).code).toBe("PROJECT_OF_ANOTHER_TEAM");
    const { definition } = await define(first);
    expect(definition).toMatchObject({ version: 1, project: { id: first } });
    expect((await define(first)).definition.id).toBe(definition.id);
    expect((await define(second)).definition).toMatchObject({ version: 2, project: { id: second } });
    const start = async (more: object) =>
      (await mutate(
        url,
        owner.key,
        "startWorkflow",
        { definitionId: definition.id, ...more },
        "workflow { id project { id } }",
      )) as unknown as Answer & { workflow: { id: string; project: { id: string } } };
    expect((await start({ projectId: foreign })).code).toBe("PROJECT_OF_ANOTHER_TEAM");
    expect((await start({})).workflow.project).toEqual({ id: first });
    const { workflow } = await start({ projectId: second });
    expect(workflow.project).toEqual({ id: second });
    const query = `query($id: ID!) { project(id: $id) { workflows(first: 5) { nodes { id } } tasks(first: 5) { nodes { title workflow { id } } } } }`;
    await expect
      .poll(() => read(owner, query, { id: second }))
      .toEqual({
        project: {
          workflows: { nodes: [{ id: workflow.id }] },
          tasks: { nodes: [{ title: "one", workflow: { id: workflow.id } }] },
        },
      });
    await change(owner, "archiveProject", { projectId: first }, "project { id }");
    expect((await start({})).code).toBe("PROJECT_ARCHIVED");
  });
});

type Board = {
  sum: number;
  mean: number;
  growth7: number;
  growth30: number;
  bots: { xp: number; tasks: number; successes: number; growth7: number; bot: { id: string } }[];
  members: { xp: number; user: { handle: string } }[];
};
const BOARD = `sum mean growth7 growth30 bots(orderBy: GROWTH_7) { xp tasks successes growth7 bot { id } } members { xp user { handle } }`;
const boardOf = async (who: Person, projectId: string) => {
  const query = `query($id: ID!) { project(id: $id) { xp { ${BOARD} } } }`;
  return (await read<{ project: { xp: Board } | null }>(who, query, { id: projectId })).project?.xp;
};
const bare = (id: string) => id.slice(-32);

describe("a project's board", () => {
  test("counts what bots earn by its tasks, once, and nothing else that they do", async () => {
    const [owner, stranger] = [await person(), await person()];
    const teamId = await newTeam(owner);
    const [one, two] = [await join(owner, teamId), await join(owner, teamId)];
    const projectId = await newProject(owner, teamId);
    for (const complexity of ["SIMPLE", "MEDIUM"]) {
      await newTask(url, owner.key, { teamId, projectId, complexity });
      await finish(one);
    }
    await newTask(url, owner.key, { teamId, projectId, complexity: "SIMPLE" });
    await finish(two, "failTask");
    // A task of the team, and of no project.
    await newTask(url, owner.key, { teamId, complexity: "COMPLEX" });
    await finish(one);
    // Ten and fifteen, and five because each was fast; a failure gives a quarter of ten, rounded half up.
    const board = {
      sum: 38,
      mean: 19,
      growth7: 38,
      growth30: 38,
      bots: [
        { xp: 35, tasks: 2, successes: 2, growth7: 35, bot: { id: one.botId } },
        { xp: 3, tasks: 1, successes: 0, growth7: 3, bot: { id: two.botId } },
      ],
      members: [
        { xp: 35, user: { handle: one.handle } },
        { xp: 3, user: { handle: two.handle } },
      ],
    };
    await expect.poll(() => boardOf(owner, projectId), { timeout: 10_000 }).toEqual(board);
    expect(await boardOf(stranger, projectId)).toBeUndefined();
    // What was earned before the last 7 and 30 days is in the sum, and is no growth.
    const { pool } = app.platform.db;
    const days = `INSERT INTO xp_project_day (project_id, day, bot_id, xp) SELECT $1::uuid, (now() AT TIME ZONE 'UTC')::date - d, $2::uuid, 100 FROM unnest($3::int[]) d`;
    await pool.query(days, [bare(projectId), bare(two.botId), [6, 7, 29, 30]]);
    await pool.query("UPDATE xp_project_bot SET xp = xp + 400 WHERE bot_id = $1::uuid", [bare(two.botId)]);
    expect(await boardOf(owner, projectId)).toMatchObject({ sum: 438, growth7: 138, growth30: 338 });
    // Whoever leaves takes nothing along.
    await change(owner, "removeTeamMember", { teamId, userId: await userIdOf(url, two.token) }, "team { id }");
    expect(await boardOf(owner, projectId)).toMatchObject({ sum: 438, growth7: 138 });
    expect(await boardOf(two, projectId)).toBeUndefined();
  });

  test("has who keeps the profile private for that person alone, as the team's own board does", async () => {
    const owner = await person();
    const teamId = await newTeam(owner);
    const [open, shy] = [await join(owner, teamId), await join(owner, teamId)];
    const projectId = await newProject(owner, teamId);
    for (const who of [open, shy]) {
      await newTask(url, owner.key, { teamId, projectId, complexity: "SIMPLE" });
      await finish(who);
    }
    await expect.poll(async () => (await boardOf(owner, projectId))?.sum, { timeout: 10_000 }).toBe(30);
    const query = `mutation { setXpPrivacy(input: { profile: PRIVATE }) { __typename } }`;
    await ask(url, query, {}, { authorization: `Bearer ${shy.token}` });
    const ofTeam = async (who: Person) => {
      const asked = `query($id: ID!) { node(id: $id) { ... on Team { xp { sum members { user { handle } } } } } }`;
      return (await read<{ node: { xp: Pick<Board, "sum" | "members"> } }>(who, asked, { id: teamId })).node.xp;
    };
    const handles = ({ members }: Pick<Board, "members">) => members.map(({ user }) => user.handle).toSorted();
    const both = [open.handle, shy.handle].toSorted();
    for (const [who, sum, shown] of [[owner, 15, [open.handle]] as const, [shy, 30, both] as const]) {
      const ofProject = await boardOf(who, projectId);
      expect(ofProject?.sum).toBe(sum);
      expect(ofProject && handles(ofProject)).toEqual(shown);
      const team = await ofTeam(who);
      expect(team.sum).toBe(sum);
      expect(handles(team)).toEqual(shown);
    }
  });
});
