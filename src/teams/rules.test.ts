import { expect, test } from "vitest";
import {
  decideInvitation,
  isTeamName,
  refuseChange,
  refuseArchiving,
  refuseInvitation,
  refuseNewProject,
  refuseProjectChange,
  refuseProjectOf,
  successorOf,
  type InvitationCommand,
  type InvitationStatus,
  type TeamRole,
} from "./rules.ts";

test.each([
  ["A", true],
  ["Night Shift", true],
  ["x-1_y", true],
  ["a".repeat(40), true],
  ["a".repeat(41), false],
  ["", false],
  [" a", false],
  ["a ", false],
  ["a  b", false],
  ["Ａ", false],
  ["a\u202Eb", false],
])("whether %j may be a team's name is %s", (name, may) => expect(isTeamName(name)).toBe(may));

const nobody = { invited: false, member: false, pending: 0 };
test.each([
  ["an owner invites an admin", "OWNER", "ADMIN", {}, null],
  ["an admin invites a member", "ADMIN", "MEMBER", {}, null],
  ["an admin makes no admin", "ADMIN", "ADMIN", {}, "NOT_TEAM_ADMIN"],
  ["a member invites nobody", "MEMBER", "MEMBER", {}, "NOT_TEAM_ADMIN"],
  ["a stranger hears nothing more", null, "MEMBER", { member: true }, "NOT_A_MEMBER"],
  ["who is in it is not invited", "OWNER", "MEMBER", { member: true, invited: true }, "ALREADY_IN_TEAM"],
  ["who is invited is not invited again", "OWNER", "MEMBER", { invited: true }, "ALREADY_INVITED"],
  ["a hundred invitations wait", "OWNER", "MEMBER", { pending: 100 }, "TOO_MANY_INVITATIONS"],
] as const)("%s", (_sentence, actor, role, given, refusal) => {
  expect(refuseInvitation({ actor, members: 99, owners: 1 }, role, { ...nobody, ...given })).toBe(refusal);
});
test("a hundred members are a full team", () => {
  expect(refuseInvitation({ actor: "OWNER", members: 100, owners: 1 }, "MEMBER", nobody)).toBe("TEAM_FULL");
});

const at = (ms: number) => new Date(Date.UTC(2026, 10, 27) + ms);
test.each([
  ["PENDING", "ACCEPT", -1, {}, "ACCEPTED"],
  ["PENDING", "DECLINE", -1, {}, "DECLINED"],
  ["PENDING", "WITHDRAW", -1, {}, "WITHDRAWN"],
  ["PENDING", "EXPIRE", 0, {}, "EXPIRED"],
  ["PENDING", "EXPIRE", -1, {}, "INVITATION_CLOSED"],
  ["PENDING", "ACCEPT", 0, {}, "INVITATION_CLOSED"],
  ["DECLINED", "ACCEPT", -1, {}, "INVITATION_CLOSED"],
  ["ACCEPTED", "WITHDRAW", -1, {}, "INVITATION_CLOSED"],
  ["PENDING", "ACCEPT", -1, { members: 100 }, "TEAM_FULL"],
  ["PENDING", "ACCEPT", -1, { teams: 20 }, "TEAM_LIMIT"],
  ["PENDING", "ACCEPT", -1, { betsOpen: true }, "BETS_OPEN"],
  ["PENDING", "DECLINE", -1, { members: 100, teams: 20, betsOpen: true }, "DECLINED"],
] as [InvitationStatus, InvitationCommand, number, object, string][])(
  "an invitation that is %s becomes by %s %i ms after its end, with %j: %s",
  (status, command, ms, given, expected) => {
    const invitation = { status, expiresAt: at(0), members: 1, teams: 0, betsOpen: false, ...given };
    const decision = decideInvitation(invitation, command, at(ms));
    expect(decision.ok ? decision.status : decision.refusal).toBe(expected);
  },
);

test.each([
  ["an owner makes a member an admin", "OWNER", "MEMBER", false, "ADMIN", 1, null],
  ["an owner makes another owner", "OWNER", "ADMIN", false, "OWNER", 1, null],
  ["the last owner stays", "OWNER", "OWNER", true, null, 1, "LAST_OWNER"],
  ["the last owner stays owner", "OWNER", "OWNER", true, "MEMBER", 1, "LAST_OWNER"],
  ["one of two may go", "OWNER", "OWNER", true, null, 2, null],
  ["an admin takes a member out", "ADMIN", "MEMBER", false, null, 1, null],
  ["but no admin", "ADMIN", "ADMIN", false, null, 1, "NOT_TEAM_ADMIN"],
  ["and makes nobody anything", "ADMIN", "MEMBER", false, "ADMIN", 1, "NOT_TEAM_ADMIN"],
  ["an admin may leave", "ADMIN", "ADMIN", true, null, 1, null],
  ["but is not made owner by itself", "ADMIN", "ADMIN", true, "OWNER", 1, "NOT_TEAM_ADMIN"],
  ["a member may leave", "MEMBER", "MEMBER", true, null, 1, null],
  ["a member takes nobody out", "MEMBER", "MEMBER", false, null, 1, "NOT_TEAM_ADMIN"],
  ["a stranger changes nothing", null, "MEMBER", false, null, 1, "NOT_A_MEMBER"],
  ["who is not in it cannot be changed", "OWNER", null, false, "ADMIN", 1, "NOT_A_MEMBER"],
] as [string, TeamRole | null, TeamRole | null, boolean, TeamRole | null, number, string | null][])(
  "%s",
  (...[, actor, role, self, to, owners, refusal]) => {
    expect(refuseChange({ actor, members: 3, owners }, { role, self }, to)).toBe(refusal);
  },
);

const fresh = { archived: false, open: 0 };
test.each([
  ["an owner founds one", refuseNewProject({ actor: "OWNER", open: 99 }), null],
  ["so does an admin", refuseNewProject({ actor: "ADMIN", open: 0 }), null],
  ["a member does not", refuseNewProject({ actor: "MEMBER", open: 100 }), "NOT_TEAM_ADMIN"],
  ["a hundred are enough", refuseNewProject({ actor: "OWNER", open: 100 }), "TOO_MANY_PROJECTS"],
  ["a stranger hears that first", refuseProjectChange({ actor: null, archived: true, open: 100 }), "NOT_A_MEMBER"],
  [
    "an archived one is not changed",
    refuseProjectChange({ ...fresh, actor: "OWNER", archived: true }),
    "PROJECT_ARCHIVED",
  ],
  ["however full the team, one is changed", refuseProjectChange({ ...fresh, actor: "OWNER", open: 100 }), null],
  ["and archived", refuseArchiving({ ...fresh, actor: "ADMIN", open: 100 }, true), null],
  ["twice is as good as once", refuseArchiving({ actor: "ADMIN", archived: true, open: 100 }, true), null],
  ["an old one is opened", refuseArchiving({ actor: "ADMIN", archived: true, open: 99 }, false), null],
  [
    "but not above a hundred",
    refuseArchiving({ actor: "ADMIN", archived: true, open: 100 }, false),
    "TOO_MANY_PROJECTS",
  ],
  ["one that is open is not opened", refuseArchiving({ ...fresh, actor: "OWNER", open: 100 }, false), null],
  ["and a member opens none", refuseArchiving({ ...fresh, actor: "MEMBER", archived: true }, false), "NOT_TEAM_ADMIN"],
])("of projects: %s", (_sentence, refusal, expected) => expect(refusal).toBe(expected));

test.each([
  ["one of the same team", { teamId: "a", archived: false }, "a", null],
  ["none that can be seen", null, "a", "PROJECT_NOT_FOUND"],
  ["another team's", { teamId: "b", archived: true }, "a", "PROJECT_OF_ANOTHER_TEAM"],
  ["a team's, by work of none", { teamId: "b", archived: false }, null, "PROJECT_OF_ANOTHER_TEAM"],
  ["an archived one", { teamId: "a", archived: true }, "a", "PROJECT_ARCHIVED"],
] as const)("work may name %s", (_sentence, project, teamId, refusal) =>
  expect(refuseProjectOf(project, teamId)).toBe(refusal),
);

const member = (userId: string, role: TeamRole, joined: number) => ({ userId, role, joinedAt: new Date(joined) });

test.each([
  ["nobody where nobody is left", [], null],
  ["the only one who is left", [member("a", "MEMBER", 3)], "a"],
  ["an admin before members who came earlier", [member("a", "MEMBER", 1), member("b", "ADMIN", 2)], "b"],
  ["the admin who came first", [member("a", "ADMIN", 2), member("b", "ADMIN", 1)], "b"],
  ["an owner who is left", [member("a", "ADMIN", 1), member("b", "OWNER", 2)], "b"],
] as const)("a team whose owner is gone is led by %s", (_sentence, left, heir) => expect(successorOf(left)).toBe(heir));
