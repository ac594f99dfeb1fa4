import type { FormEvent } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Field, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { useActs } from "../shell/use-acts.ts";
import { Board } from "../work/board.tsx";
import { OPEN, useBoard } from "../work/use-board.ts";
import "../work/work.css";
import { XpBoard } from "../xp/team.tsx";
import "../xp/xp.css";
import {
  ArchiveProjectDocument,
  ProjectDocument,
  ProjectWorkDocument,
  UpdateProjectDocument,
  type Project,
} from "./documents.ts";
import { leads } from "./roles.ts";
import "./teams.css";

/** A project of a team: its tasks, live, and who earned what by them. */
export default function ProjectPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: ProjectDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  const { project, viewer } = data;
  if (!project)
    return (
      <Empty page title="There is no such project" figure="phantom-evade" act={<Onward />}>
        It does not exist, or you are not in its team.
      </Empty>
    );
  const { team, archivedAt } = project;
  const role = viewer?.teams.nodes.find((each) => each.team.id === team.id)?.role;
  return (
    <>
      <title>{`${project.name} · Agon`}</title>
      <section className="hero short workhead">
        <div>
          <h1 className="disp h1 tasktitle">{project.name}</h1>
          {project.description && <p>{project.description}</p>}
          <p className="sm dim">
            A project of <Link href={`/teams/${team.id}`}>{team.name}</Link>, founded <Ago at={project.createdAt} ago />
          </p>
        </div>
        <div className="row">
          {archivedAt ? (
            <span className="tag out">Archived</span>
          ) : (
            <Link className="btn sm pri" href={`/tasks/new?team=${team.id}&project=${project.id}`}>
              New task
            </Link>
          )}
        </div>
      </section>
      <Tasks id={id} teamId={team.id} moved={again} />
      <div className="cols teamcols">
        <XpBoard
          name={project.name}
          xp={project.xp}
          heading="Who earned what by it"
          none="No bot has ended a task of it yet."
        />
        {role && leads(role) && <Lead project={project} />}
      </div>
    </>
  );
}

/** The project's tasks, live; what they earn is read again with them. */
function Tasks({ id, teamId, moved }: { id: string; teamId: string; moved: () => void }) {
  const [{ data, error }, reload] = useQuery({
    query: ProjectWorkDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  const freshen = () => {
    again();
    moved();
  };
  const live = useBoard({ teamId, filterBy: { states: OPEN, projectId: id } }, freshen);
  if (error && !data) return <Failed error={error} retry={again} />;
  if (!data?.project) return <Loading rows={3} />;
  return <Board open={live ?? data.project.open.nodes} closed={data.project.closed.nodes} again={again} />;
}

/** What only who leads the team may do. */
function Lead({ project: { id, name, description, archivedAt } }: { project: Project }) {
  const { act, busy, refused } = useActs();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const said = { name: textOf(form, "name").trim(), description: textOf(form, "about").trim() };
    void act(UpdateProjectDocument, { projectId: id, ...said });
  };
  return (
    <aside>
      <div className="head">
        <h2>{archivedAt ? "Archived" : "Change it"}</h2>
      </div>
      {archivedAt ? (
        <p className="dim sm pad">No new task names it. What it had counts as before.</p>
      ) : (
        <form className="form" onSubmit={submit}>
          <Field name="name" label="Name" maxLength={40} defaultValue={name} />
          <Field name="about" label="What it is about" required={false} maxLength={500} defaultValue={description} />
          <button type="submit" className="btn" disabled={busy}>
            Save
          </button>
        </form>
      )}
      <button
        type="button"
        className="btn sm ghost"
        disabled={busy}
        onClick={() => void act(ArchiveProjectDocument, { projectId: id, archived: !archivedAt })}
      >
        {archivedAt ? "Open it again" : "Archive it"}
      </button>
      <Why refused={refused} />
    </aside>
  );
}
