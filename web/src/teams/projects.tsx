import type { FormEvent } from "react";
import { Link, useLocation } from "wouter";
import { Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { useActs } from "../shell/use-acts.ts";
import { FoundProjectDocument, type Member, type Team } from "./documents.ts";
import { leads } from "./roles.ts";

/** What the team works on; for who leads it, a way to begin something. */
export function Projects({ team, me }: { team: Team; me: Member }) {
  const open = team.projects.nodes.filter(({ archivedAt }) => !archivedAt);
  const archived = team.projects.nodes.filter(({ archivedAt }) => archivedAt);
  return (
    <section>
      <div className="head">
        <h2>Projects</h2>
        <span className="ct">{open.length || ""}</span>
      </div>
      {open.length === 0 && (
        <p className="dim sm pad">None yet. A project groups tasks and workflows, with a board of its own.</p>
      )}
      <Rows name="Projects" projects={open} />
      {archived.length > 0 && (
        <details>
          <summary>Archived, {archived.length}</summary>
          <Rows name="Archived projects" projects={archived} />
        </details>
      )}
      {leads(me.role) && <Found teamId={team.id} />}
    </section>
  );
}

function Rows({ name, projects }: { name: string; projects: Team["projects"]["nodes"] }) {
  return (
    <ul className="rows" aria-label={name}>
      {projects.map((project) => (
        <li key={project.id} className="teamrow">
          <span className="names">
            <Link href={`/projects/${project.id}`}>
              <b>{project.name}</b>
            </Link>
            <span className="sm dim">{project.description}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Found({ teamId }: { teamId: string }) {
  const { act, busy, refused } = useActs();
  const [, go] = useLocation();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, description] = [textOf(form, "project").trim(), textOf(form, "about").trim()];
    const { foundProject } = (await act(FoundProjectDocument, { teamId, name, description })) ?? {};
    if (foundProject?.__typename === "FoundProjectSuccess" && foundProject.project)
      go(`/projects/${foundProject.project.id}`);
  };
  return (
    <form className="form invite" onSubmit={(event) => void submit(event)}>
      <Field name="project" label="A new project" maxLength={40} autoComplete="off" />
      <Field name="about" label="What it is about" required={false} maxLength={500} />
      <button type="submit" className="btn" disabled={busy}>
        Found it
      </button>
      <Why refused={refused} />
    </form>
  );
}
