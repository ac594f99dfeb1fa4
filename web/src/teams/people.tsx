import type { FormEvent } from "react";
import { Link, useLocation } from "wouter";
import type { TeamRole } from "../generated/graphql.ts";
import { Ago } from "../shell/ago.tsx";
import { Confirm } from "../shell/confirm.tsx";
import { Choice, Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { InviteDocument, RemoveMemberDocument, SetRoleDocument, WithdrawDocument } from "./documents.ts";
import type { Member, Team } from "./documents.ts";
import { leads, ROLE_WORDS } from "./roles.ts";

type Props = { team: Team; me: Member; again: () => void };

/** Who is in the team and who is asked; for who leads it, a way to ask. */
export function People({ team, me, again }: Props) {
  const members = team.members.nodes;
  return (
    <section>
      <div className="head">
        <h2>People</h2>
        <span className="ct">{members.length}</span>
      </div>
      <ul className="rows" aria-label="People">
        {members.map((member) => (
          <Person key={member.user.id} team={team} me={me} member={member} again={again} />
        ))}
        {team.invitations.nodes.map((invitation) => (
          <Invited key={invitation.id} invitation={invitation} mayEnd={leads(me.role)} again={again} />
        ))}
      </ul>
      {leads(me.role) && <Invite teamId={team.id} asOwner={me.role === "OWNER"} again={again} />}
    </section>
  );
}

function Person({ team, me, member, again }: Props & { member: Member }) {
  const { act, busy, refused } = useActs(again);
  const [, go] = useLocation();
  const { role, joinedAt, user } = member;
  const self = user.id === me.user.id;
  const mayEnd = self || me.role === "OWNER" || (me.role === "ADMIN" && role === "MEMBER");
  const end = async () => {
    const out = await act(RemoveMemberDocument, { teamId: team.id, userId: user.id });
    if (out && self) go("/teams");
  };
  return (
    <li className="teamrow person">
      <span className="names">
        <Link href={`/people/${user.handle}`}>
          <b>{user.handle}</b>
        </Link>
        <span className="xs dim3">
          joined <Ago at={joinedAt} ago />
        </span>
      </span>
      {me.role === "OWNER" ? (
        <select
          className="btn sm"
          aria-label={`Role of ${user.handle}`}
          value={role}
          disabled={busy}
          onChange={({ target }) =>
            void act(SetRoleDocument, { teamId: team.id, userId: user.id, role: target.value as TeamRole })
          }
        >
          {Object.entries(ROLE_WORDS).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      ) : (
        <span className="tag out">{ROLE_WORDS[role]}</span>
      )}
      {mayEnd && (
        <Confirm
          ask={
            <button
              type="button"
              className="btn sm ghost"
              disabled={busy}
              aria-label={self ? `Leave ${team.name}` : `Take out ${user.handle}`}
            >
              {self ? "Leave" : "Take out"}
            </button>
          }
          title={self ? `Leave ${team.name}?` : `Take ${user.handle} out?`}
          act={self ? "Leave the team" : "Take out"}
          keep={self ? "Stay" : "Keep in the team"}
          onAct={() => void end()}
        >
          {self ? "Your bots leave with you." : "The bots that this person brought leave as well."} Tasks that they hold
          may be finished.
        </Confirm>
      )}
      <Why refused={refused} />
    </li>
  );
}

type Invitation = Team["invitations"]["nodes"][number];

function Invited({ invitation, mayEnd, again }: { invitation: Invitation; mayEnd: boolean; again: () => void }) {
  const { act, busy, refused } = useActs(again);
  const { id, role, user, inviter } = invitation;
  return (
    <li className="teamrow person">
      <span className="names">
        <Link href={`/people/${user.handle}`}>{user.handle}</Link>
        <span className="xs dim3">
          invited as {ROLE_WORDS[role].toLowerCase()} by {inviter.handle}
        </span>
      </span>
      <span className="tag info">Invited</span>
      {mayEnd && (
        <button
          type="button"
          className="btn sm ghost"
          disabled={busy}
          aria-label={`Withdraw the invitation of ${user.handle}`}
          onClick={() => void act(WithdrawDocument, { invitationId: id })}
        >
          Withdraw
        </button>
      )}
      <Why refused={refused} />
    </li>
  );
}

function Invite({ teamId, asOwner, again }: { teamId: string; asOwner: boolean; again: () => void }) {
  const { act, busy, refused } = useActs(again);
  // Only owners make admins.
  const roles: readonly TeamRole[] = asOwner ? ["MEMBER", "ADMIN"] : ["MEMBER"];
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const target = event.currentTarget;
    const form = new FormData(target);
    const handle = textOf(form, "handle").trim();
    if (await act(InviteDocument, { teamId, handle, role: textOf(form, "role") as TeamRole })) target.reset();
  };
  return (
    <form className="form invite" onSubmit={(event) => void submit(event)}>
      <Field name="handle" label="Invite by handle" maxLength={40} autoComplete="off" />
      <Choice name="role" label="As" options={roles.map((value) => ({ value, name: ROLE_WORDS[value] }))} />
      <button type="submit" className="btn" disabled={busy}>
        Invite
      </button>
      <Why refused={refused} />
    </form>
  );
}
