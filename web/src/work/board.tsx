import { Link } from "wouter";
import { Ago } from "../shell/ago.tsx";
import { Shield } from "../shell/shield.tsx";
import { Awaited } from "./decide.tsx";
import type { BoardCard } from "./documents.ts";
import { COLUMNS, FAILURES } from "./words.ts";

type Props = { open: readonly BoardCard[]; closed: readonly BoardCard[]; again: () => void };

/** One's tasks by where they stand. */
export function Board({ open, closed, again }: Props) {
  return (
    // What scrolls sideways on small screens must be reached by keys.
    <section className="taskboard" aria-label="Task board" tabIndex={0}>
      {COLUMNS.map(({ name, states, empty }) => (
        <Column key={name} name={name} empty={empty} tasks={open.filter(({ state }) => states.includes(state))}>
          {again}
        </Column>
      ))}
      <Column name="Closed" empty="Nothing was finished yet." tasks={closed}>
        {again}
      </Column>
    </section>
  );
}

type ColumnProps = { name: string; empty: string; tasks: readonly BoardCard[]; children: () => void };

function Column({ name, empty, tasks, children: again }: ColumnProps) {
  return (
    <section className="cl">
      <div className="head">
        <h2>{name}</h2>
        <span className="ct">{tasks.length || ""}</span>
      </div>
      {tasks.length === 0 && <p className="dim sm pad">{empty}</p>}
      <ul>
        {tasks.map((task) => (
          <Card key={task.id} task={task} again={again} />
        ))}
      </ul>
    </section>
  );
}

function Card({ task, again }: { task: BoardCard; again: () => void }) {
  const { id, title, state, bot, attempt, plan, progressPercent, progressNote, failure, error, workflow } = task;
  const waits = state === "BLOCKED" ? "blk" : state === "AWAITING_APPROVAL" ? "apv" : "";
  return (
    <li className={`cd ${waits}`}>
      <Link className="t" href={`/tasks/${id}`}>
        {title}
      </Link>
      <Meta task={task} />
      {bot && (
        <span className="who">
          <Shield id={bot.id} className="s20" />
          <Link href={`/bots/${bot.name}`} className="trunc">
            {bot.name}
          </Link>
        </span>
      )}
      {workflow && (
        <Link className="xs" href={`/workflows/${workflow.id}`}>
          {workflow.definition.name}
        </Link>
      )}
      {state === "IN_PROGRESS" && progressPercent !== null && progressPercent !== undefined && (
        <p className="xs dim3">
          {progressPercent}%{progressNote ? `, “${progressNote}”` : ""}
        </p>
      )}
      {attempt > 1 && state === "PENDING" && (
        <p className="xs dim3">
          Attempt {attempt} of {plan.maxAttempts}
        </p>
      )}
      {failure && <p className="xs bad">{error?.message ?? FAILURES[failure]}</p>}
      {state === "AWAITING_APPROVAL" && <Awaited task={task} decided={again} />}
    </li>
  );
}

function Meta({ task: { priority, capabilities, updatedAt, state } }: { task: BoardCard }) {
  return (
    <span className="mt">
      <span className="pr" role="img" aria-label={`Priority ${priority} of 5`}>
        {[1, 2, 3, 4, 5].map((each) => (
          <i key={each} className={each <= priority ? "on" : ""} />
        ))}
      </span>
      <span className="cap trunc">{capabilities.join(", ")}</span>
      {state === "CANCELLED" && <span className="dim3">cancelled</span>}
      <span className="at">
        <Ago at={updatedAt} />
      </span>
    </span>
  );
}
