import type { App } from "../../src/app.ts";
import { ask, mutate, newBot, newKey, newPerson } from "./agent.ts";

/** A person whom an operator lets report, with a key for it and a bot. */
export type Reporter = { handle: string; token: string; key: string; report: string; botId: string; userId: string };

let reporters = 0;

/** A new person with a bot and a key with REPORT; trusted by an operator unless told otherwise. */
export async function newReporter(app: App, { trusted = true } = {}): Promise<Reporter> {
  const person = await newPerson(app.url);
  const key = await newKey(app.url, person.token, ["REPORT", "WORK"]);
  const botId = await newBot(app.url, person.key, `Xp_${process.pid % 10_000}_${reporters++}`);
  const userId = await userIdOf(app.url, person.token);
  if (trusted) await trust(app, userId);
  return { ...person, report: key, botId, userId };
}

/** The id of who holds a session. */
export async function userIdOf(url: string, token: string): Promise<string> {
  const { data } = await ask(url, "{ viewer { user { id } } }", {}, { authorization: `Bearer ${token}` });
  return (data as unknown as { viewer: { user: { id: string } } }).viewer.user.id;
}

/** An operator's session. */
export async function newOperator(app: App): Promise<string> {
  const { handle, token } = await newPerson(app.url);
  await app.platform.db.pool.query("UPDATE app_user SET operator = true WHERE handle = $1", [handle]);
  return token;
}

/** An operator lets a person report, or ends that. */
export async function trust(app: App, userId: string, trusted = true): Promise<void> {
  const query = `mutation($input: SetXpReporterInput!) { setXpReporter(input: $input) { __typename } }`;
  const input = { userId, trusted, reason: "a test" };
  const headers = { authorization: `Bearer ${await newOperator(app)}` };
  const { data } = await ask(app.url, query, { input }, headers);
  if (JSON.stringify(data) !== '{"setXpReporter":{"__typename":"SetXpReporterSuccess"}}')
    throw new Error(JSON.stringify(data));
}

export type Reported = {
  __typename: string;
  code?: string;
  path?: string[];
  computed: number;
  added: number;
  repeated: boolean;
  event: { id: string };
};

let told = 0;

/** Reports a simple success of a reporter's bot, or what is said of it. */
export async function report(url: string, who: Reporter, facts: object = {}): Promise<Reported> {
  const plain = { botId: who.botId, externalId: `event ${told++}`, action: "TASK_COMPLETION", complexity: "SIMPLE" };
  const input = { ...plain, success: true, ...facts };
  return (await mutate(
    url,
    who.report,
    "recordXp",
    input,
    "computed added repeated event { id }",
  )) as unknown as Reported;
}

/** Reads fields of a node with a session, or with none. */
export async function readNode<Fields>(url: string, token: string | null, id: string, fields: string): Promise<Fields> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const { data, errors } = await ask(url, `query($id: ID!) { node(id: $id) { ${fields} } }`, { id }, headers);
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as unknown as { node: Fields }).node;
}

/** Says in a session what others may see. */
export async function setPrivacy(url: string, { token }: Reporter, input: object): Promise<void> {
  const query = `mutation($input: SetXpPrivacyInput!) { setXpPrivacy(input: $input) { __typename } }`;
  const { data } = await ask(url, query, { input }, { authorization: `Bearer ${token}` });
  if (JSON.stringify(data) !== '{"setXpPrivacy":{"__typename":"SetXpPrivacySuccess"}}')
    throw new Error(JSON.stringify(data));
}
