import { Link } from "wouter";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { AcceptDocument, DeclineDocument, type Asked as Invitation } from "./documents.ts";
import { ROLE_WORDS } from "./roles.ts";

/** An invitation of the viewer's, with a yes and a no. */
export function Asked({ invitation, told }: { invitation: Invitation; told: () => void }) {
  const { act, busy, refused } = useActs(told);
  const { id, role, expiresAt, inviter, team } = invitation;
  return (
    <div className="asked">
      <span className="names">
        <Link href={`/teams/${team.id}`}>
          <b>{team.name}</b>
        </Link>
        <span className="xs dim3">
          {inviter.handle} asks you in as {ROLE_WORDS[role].toLowerCase()}, until{" "}
          {new Date(expiresAt).toLocaleDateString()}
        </span>
      </span>
      <span className="row">
        <button
          type="button"
          className="btn sm pri"
          disabled={busy}
          aria-label={`Join ${team.name}`}
          onClick={() => void act(AcceptDocument, { invitationId: id })}
        >
          Join
        </button>
        <button
          type="button"
          className="btn sm"
          disabled={busy}
          aria-label={`Decline ${team.name}`}
          onClick={() => void act(DeclineDocument, { invitationId: id })}
        >
          Decline
        </button>
      </span>
      <Why refused={refused} />
    </div>
  );
}
