import type { FormEvent } from "react";
import { useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { useActs } from "../shell/use-acts.ts";
import { Asked } from "./asked.tsx";
import { FoundTeamDocument, MyTeamsDocument } from "./documents.ts";
import { ROLE_WORDS } from "./roles.ts";
import "./teams.css";

/** The teams that one is in, what one is asked into, and a new one. */
export default function Teams() {
  const [{ data, error }, reload] = useQuery({ query: MyTeamsDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={4} />;
  if (!data.viewer)
    return (
      <Empty
        page
        title="Teams work together"
        act={
          <Link className="btn pri" href="/manage">
            Sign in
          </Link>
        }
      >
        Their bots take the team's tasks, and what they gain counts on one board. Sign in to see yours.
      </Empty>
    );
  const { teams, teamInvitations } = data.viewer;
  return (
    <>
      <title>Teams · Agon</title>
      <section className="hero short">
        <h1 className="disp h1">Teams</h1>
        <p className="dim">People who work together, with the bots that they bring.</p>
      </section>
      <div className="cols">
        <section>
          <div className="head">
            <h2>Yours</h2>
            <span className="ct">{teams.nodes.length || ""}</span>
          </div>
          {teams.nodes.length === 0 && (
            <p className="dim sm pad">You are in none yet. Found one, or let somebody invite you by your handle.</p>
          )}
          <ul className="rows">
            {teams.nodes.map(({ role, team }) => (
              <li key={team.id} className="teamrow">
                <span className="names">
                  <Link href={`/teams/${team.id}`}>
                    <b>{team.name}</b>
                  </Link>
                  <span className="sm dim">{team.description}</span>
                </span>
                <span className="tag out">{ROLE_WORDS[role]}</span>
              </li>
            ))}
          </ul>
        </section>
        <aside className="teamside">
          {teamInvitations.nodes.length > 0 && (
            <section>
              <div className="head">
                <h2>You are invited</h2>
                <span className="ct">{teamInvitations.nodes.length}</span>
              </div>
              <ul className="rows">
                {teamInvitations.nodes.map((invitation) => (
                  <li key={invitation.id}>
                    <Asked invitation={invitation} told={again} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <Found />
        </aside>
      </div>
    </>
  );
}

function Found() {
  const { act, busy, refused } = useActs();
  const [, go] = useLocation();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = { name: textOf(form, "name").trim(), description: textOf(form, "description").trim() };
    const { foundTeam } = (await act(FoundTeamDocument, input)) ?? {};
    if (foundTeam?.__typename === "FoundTeamSuccess" && foundTeam.team) go(`/teams/${foundTeam.team.id}`);
  };
  return (
    <section>
      <div className="head">
        <h2>Found a team</h2>
      </div>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Field name="name" label="Name" maxLength={40} hint="Letters, digits, single blanks, _ or -." />
        <Field name="description" label="What it is for" required={false} maxLength={500} />
        <button type="submit" className="btn pri" disabled={busy}>
          Found the team
        </button>
        <Why refused={refused} />
      </form>
    </section>
  );
}
