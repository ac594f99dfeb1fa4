import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, mutate, newKey, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTask, newWorkingBot, readTask, work } from "../harness/work.ts";
import { run } from "../harness/workflows.ts";

type Person = { handle: string; token: string; key: string };
type Answer = { __typename: string; code?: string; path?: string[]; team: { id: string }; invitation: { id: string } };

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
async function change({ token }: Person, field: string, input: object, selection = ""): Promise<Answer> {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { __typename ${selection && `... on ${type}Success { ${selection} }`} ... on Refusal { code path } } }`;
  const { data, errors } = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as Answer;
}

let founded = 0;
async function newTeam(founder: Person): Promise<string> {
  const { team } = await change(founder, "foundTeam", { name: `Team ${founded++}` }, "team { id }");
  return team.id;
}
const invite = async (by: Person, teamId: string, { handle }: Person, more: object = {}) =>
  change(by, "inviteToTeam", { teamId, handle, ...more }, "invitation { id }");
async function join(owner: Person, teamId: string, who: Person, role = "MEMBER"): Promise<void> {
  const { invitation } = await invite(owner, teamId, who, { role });
  await change(who, "acceptTeamInvitation", { invitationId: invitation.id });
}
async function userId({ token }: Person): Promise<string> {
  const { data } = await ask(url, "{ viewer { user { id } } }", {}, { authorization: `Bearer ${token}` });
  return (data as unknown as { viewer: { user: { id: string } } }).viewer.user.id;
}
async function read(who: Person, teamId: string): Promise<unknown> {
  const query = `query($id: ID!) { node(id: $id) { ... on Team { name members(first: 10) { nodes { role user { handle } } } tasks(first: 10) { nodes { title } } } } }`;
  return (await ask(url, query, { id: teamId }, { authorization: `Bearer ${who.token}` })).data;
}

test("a founder invites, the invited accepts, and both see the team; nobody else does", async () => {
  const [owner, mate, stranger] = [await person(), await person(), await person()];
  const teamId = await newTeam(owner);
  const { invitation } = await invite(owner, teamId, mate);
  const waiting = await ask(
    url,
    "{ viewer { teamInvitations(first: 5) { nodes { id status role inviter { handle } team { members(first: 5) { nodes { role } } } } } } }",
    {},
    { authorization: `Bearer ${mate.token}` },
  );
  expect(waiting.data).toEqual({
    viewer: {
      teamInvitations: {
        nodes: [
          // Who is only invited reads the name, not who is in it.
          {
            id: invitation.id,
            status: "PENDING",
            role: "MEMBER",
            inviter: { handle: owner.handle },
            team: { members: { nodes: [] } },
          },
        ],
      },
    },
  });
  expect(await change(stranger, "acceptTeamInvitation", { invitationId: invitation.id })).toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await change(mate, "acceptTeamInvitation", { invitationId: invitation.id })).toMatchObject({
    __typename: "AcceptTeamInvitationSuccess",
  });
  expect(await change(mate, "acceptTeamInvitation", { invitationId: invitation.id })).toMatchObject({
    code: "INVITATION_CLOSED",
  });
  for (const who of [owner, mate])
    expect(await read(who, teamId)).toMatchObject({
      node: { members: { nodes: [{ role: "OWNER" }, { role: "MEMBER" }] } },
    });
  expect(await read(stranger, teamId)).toEqual({ node: null });
});

test("a name is taken once, whatever the case, also when two found it at the same instant", async () => {
  const [one, two] = [await person(), await person()];
  const answers = await Promise.all([
    change(one, "foundTeam", { name: "Night Shift" }),
    change(two, "foundTeam", { name: "NIGHT shift" }),
  ]);
  expect(answers.map(({ __typename }) => __typename).toSorted()).toEqual(["FoundTeamSuccess", "TeamNameTakenRefusal"]);
  expect(await change(one, "foundTeam", { name: " x" })).toMatchObject({ code: "INVALID_TEAM_NAME" });
});

describe("what roles may do", () => {
  test("members invite nobody, admins invite members, owners invite admins", async () => {
    const [owner, admin, member, other] = [await person(), await person(), await person(), await person()];
    const teamId = await newTeam(owner);
    await join(owner, teamId, admin, "ADMIN");
    await join(admin, teamId, member);
    expect(await invite(member, teamId, other)).toMatchObject({ code: "NOT_TEAM_ADMIN" });
    expect(await invite(admin, teamId, other, { role: "ADMIN" })).toMatchObject({ code: "NOT_TEAM_ADMIN" });
    expect(await invite(other, teamId, other)).toMatchObject({ code: "NOT_A_MEMBER" });
    expect(await invite(admin, teamId, member)).toMatchObject({ code: "ALREADY_IN_TEAM" });
    const { invitation } = await invite(admin, teamId, other);
    expect(await invite(owner, teamId, other)).toMatchObject({ code: "ALREADY_INVITED" });
    expect(await change(member, "withdrawTeamInvitation", { invitationId: invitation.id })).toMatchObject({
      code: "NOT_TEAM_ADMIN",
    });
    await change(admin, "withdrawTeamInvitation", { invitationId: invitation.id });
    expect(await change(other, "acceptTeamInvitation", { invitationId: invitation.id })).toMatchObject({
      code: "INVITATION_CLOSED",
    });
  });

  test("the last owner stays, and two who leave at once do not leave nobody", async () => {
    const [one, two] = [await person(), await person()];
    const teamId = await newTeam(one);
    const ids = [await userId(one), await userId(two)];
    expect(await change(one, "removeTeamMember", { teamId, userId: ids[0] })).toMatchObject({ code: "LAST_OWNER" });
    await join(one, teamId, two);
    await change(one, "setTeamRole", { teamId, userId: ids[1], role: "OWNER" });
    const left = await Promise.all([
      change(one, "removeTeamMember", { teamId, userId: ids[0] }),
      change(two, "removeTeamMember", { teamId, userId: ids[1] }),
    ]);
    expect(left.map(({ __typename }) => __typename).toSorted()).toEqual([
      "LastOwnerRefusal",
      "RemoveTeamMemberSuccess",
    ]);
  });

  test("a key changes nobody's place in a team", async () => {
    const owner = await person();
    const teamId = await newTeam(owner);
    const { handle } = await person();
    expect(await mutate(url, owner.key, "inviteToTeam", { teamId, handle })).toMatchObject({ code: "SESSION_NEEDED" });
  });
});

describe("a team's tasks", () => {
  test("are for the team's bots, wherever their owners come from, and for nobody else's", async () => {
    const [owner, mate] = [await person(), await person()];
    const teamId = await newTeam(owner);
    await join(owner, teamId, mate);
    const [own, theirs] = [await newWorkingBot(url, owner.key), await newWorkingBot(url, mate.key)];
    const id = await newTask(url, owner.key, { teamId });
    expect(await work(url, owner.key, "claimNextTask", { botId: own })).toMatchObject({ code: "NO_TASK" });
    await mutate(url, mate.key, "addTeamBot", { teamId, botId: theirs });
    const { task } = await work(url, mate.key, "claimNextTask", { botId: theirs, start: true });
    expect(task.id).toBe(id);
    await work(url, mate.key, "completeTask", { taskId: id, botId: theirs, token: 1, result: 7 });
    expect(await readTask(url, owner.key, id, "state result")).toEqual({ state: "COMPLETED", result: 7 });
  });

  test("are made by members, and ended by who made or leads them", async () => {
    const [owner, mate, stranger] = [await person(), await person(), await person()];
    const teamId = await newTeam(owner);
    expect(await work(url, stranger.key, "createTask", { title: "x", teamId })).toMatchObject({ code: "NOT_IN_TEAM" });
    await join(owner, teamId, mate);
    const [first, second] = [await newTask(url, owner.key, { teamId }), await newTask(url, mate.key, { teamId })];
    expect(await work(url, mate.key, "cancelTask", { taskId: first })).toMatchObject({ code: "NOT_YOUR_TASK" });
    expect((await work(url, owner.key, "cancelTask", { taskId: second })).task.state).toBe("CANCELLED");
    expect(await read(mate, teamId)).toMatchObject({ node: { tasks: { nodes: [{}, {}] } } });
  });

  test("say to each whether one may decide about them", async () => {
    const [owner, mate, admin, stranger] = [await person(), await person(), await person(), await person()];
    const teamId = await newTeam(owner);
    await join(owner, teamId, mate);
    await join(owner, teamId, admin, "ADMIN");
    const ids = [
      await newTask(url, owner.key, { teamId, approval: true }),
      await newTask(url, mate.key, { teamId }),
      await newTask(url, mate.key, { visibility: "PUBLIC", approval: true }),
    ];
    const asSeenBy = ({ key }: Person) => Promise.all(ids.map((id) => readTask(url, key, id, "mayDecide")));
    const [yes, no] = [{ mayDecide: true }, { mayDecide: false }];
    expect(await asSeenBy(owner)).toEqual([yes, yes, no]);
    expect(await asSeenBy(admin)).toEqual([yes, yes, no]);
    expect(await asSeenBy(mate)).toEqual([no, yes, yes]);
    expect(await asSeenBy(stranger)).toEqual([null, null, no]);
  });

  test("and of runs, too", async () => {
    const [owner, mate, stranger] = [await person(), await person(), await person()];
    const teamId = await newTeam(owner);
    await join(owner, teamId, mate);
    const steps = [{ key: "ask", approval: true }];
    const ids = [await run(url, owner.key, steps, { teamId }), await run(url, mate.key, steps, { teamId })];
    const query = "query($id: ID!) { workflow(id: $id) { mayDecide } }";
    const asSeenBy = ({ key }: Person) =>
      Promise.all(ids.map(async (id) => (await ask(url, query, { id }, { "x-api-key": key })).data?.["workflow"]));
    const [yes, no] = [{ mayDecide: true }, { mayDecide: false }];
    expect(await asSeenBy(owner)).toEqual([yes, yes]);
    expect(await asSeenBy(mate)).toEqual([no, yes]);
    expect(await asSeenBy(stranger)).toEqual([null, null]);
    const [workflowId] = ids;
    expect((await change(mate, "pauseWorkflow", { workflowId })).code).toBe("NOT_YOUR_WORKFLOW");
  });

  test("are gone for who leaves, and so is the team", async () => {
    const [owner, mate] = [await person(), await person()];
    const teamId = await newTeam(owner);
    await join(owner, teamId, mate);
    const botId = await newWorkingBot(url, mate.key);
    await mutate(url, mate.key, "addTeamBot", { teamId, botId });
    const id = await newTask(url, owner.key, { teamId });
    await change(owner, "removeTeamMember", { teamId, userId: await userId(mate) });
    expect(await work(url, mate.key, "claimNextTask", { botId })).toMatchObject({ code: "NO_TASK" });
    expect(await readTask(url, mate.key, id, "id")).toBeNull();
    expect(await read(mate, teamId)).toEqual({ node: null });
    const { data } = await ask(
      url,
      "{ viewer { teams(first: 5) { nodes { role } } } }",
      {},
      { authorization: `Bearer ${mate.token}` },
    );
    expect(data).toEqual({ viewer: { teams: { nodes: [] } } });
  });
});
