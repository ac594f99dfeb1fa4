import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { ask, newPerson } from "../harness/agent.ts";
import { startTestApp } from "../harness/app.ts";
import { newTeam } from "../harness/teams.ts";

// Of 10,000 points a minute; what a page asks for is in the text that the front end was built with.

const DOCUMENTS = Object.values(
  JSON.parse(readFileSync("web/src/generated/persisted-documents.json", "utf8")) as Record<string, string>,
);

let app: App;
let person: { token: string };
let id: string;
beforeAll(async () => {
  app = await startTestApp();
  person = await newPerson(app.url);
  id = await newTeam(app.url, person);
});
afterAll(() => app.stop());

test.each([
  ["the form of a task", "TeamsOfMine", {}, 50],
  ["the projects of its team", "OpenProjects", {}, 110],
  ["a team of 25 people, bots and projects", "TeamPage", { rows: 25 }, 400],
  ["a team that is as large as they get", "TeamPage", { rows: 100 }, 1_300],
])("%s, %s, costs what somebody can pay who looks at it again and again", async (_sentence, name, variables, most) => {
  const query = DOCUMENTS.find((text) => text.startsWith(`query ${name}`)) ?? "";
  const bearer = { authorization: `Bearer ${person.token}` };
  const { errors, extensions } = await ask(app.url, query, { id, ...variables }, bearer);
  expect(errors).toBeUndefined();
  const { requested } = extensions?.["cost"] as { requested: number };
  expect(requested).toBeGreaterThan(10);
  expect(requested).toBeLessThanOrEqual(most);
});
