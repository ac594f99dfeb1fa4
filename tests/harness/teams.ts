import { ask } from "./agent.ts";
import type { Worker } from "./work.ts";

type InSession = Pick<Worker, "token">;
type Answer = { __typename: string; code?: string } & Record<string, unknown>;

/** A mutation in a person's session; gives its answer. */
export async function change(
  url: string,
  { token }: InSession,
  field: string,
  input: object,
  selection = "__typename",
): Promise<Answer> {
  const type = field.charAt(0).toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Refusal { code } } }`;
  const { data, errors } = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
  if (!data) throw new Error(JSON.stringify(errors));
  return data[field] as unknown as Answer;
}

/** The id and the handle of who holds a session. */
export async function personOf(url: string, { token }: InSession): Promise<{ id: string; handle: string }> {
  const { data } = await ask(url, "{ viewer { user { id handle } } }", {}, { authorization: `Bearer ${token}` });
  return (data as unknown as { viewer: { user: { id: string; handle: string } } }).viewer.user;
}

let founded = 0;

/** A new team of a person with others in it, who said yes; gives its id. */
export async function newTeam(url: string, owner: InSession, ...mates: readonly InSession[]): Promise<string> {
  const name = `Team ${process.pid} ${founded++}`;
  const { team } = await change(url, owner, "foundTeam", { name }, "team { id }");
  const { id: teamId } = team as { id: string };
  for (const mate of mates) {
    const { handle } = await personOf(url, mate);
    const { invitation } = await change(url, owner, "inviteToTeam", { teamId, handle }, "invitation { id }");
    await change(url, mate, "acceptTeamInvitation", { invitationId: (invitation as { id: string }).id });
  }
  return teamId;
}

/** Takes a member out of a team. */
export async function takeOut(url: string, by: InSession, teamId: string, member: InSession): Promise<Answer> {
  const { id: userId } = await personOf(url, member);
  return change(url, by, "removeTeamMember", { teamId, userId });
}
