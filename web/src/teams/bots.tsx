import type { FormEvent } from "react";
import { Link } from "wouter";
import { Choice, textOf } from "../shell/field.tsx";
import { Why } from "../shell/refused.tsx";
import { Shield } from "../shell/shield.tsx";
import { useActs } from "../shell/use-acts.ts";
import { AddBotDocument, RemoveBotDocument, type Member, type Team } from "./documents.ts";
import { leads } from "./roles.ts";

type Props = { team: Team; me: Member; own: readonly { id: string; name: string }[]; again: () => void };

/** The bots that may take the team's tasks, and a way to bring one's own. */
export function Bots({ team, me, own, again }: Props) {
  const { act, busy, refused } = useActs(again);
  const bots = team.bots.nodes.map(({ bot }) => bot);
  const ready = own.filter(({ id }) => !bots.some((bot) => bot.id === id));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void act(AddBotDocument, { teamId: team.id, botId: textOf(new FormData(event.currentTarget), "bot") });
  };
  return (
    <section>
      <div className="head">
        <h2>Bots</h2>
        <span className="ct">{bots.length || ""}</span>
      </div>
      {bots.length === 0 && <p className="dim sm pad">None yet. A bot in the team may take the team's tasks.</p>}
      <ul className="rows" aria-label="Bots">
        {bots.map(({ id, name, status, owner }) => (
          <li key={id} className="teambot">
            <Shield id={id} className="s40" />
            <span className="names">
              <Link href={`/bots/${name}`}>
                <b>{name}</b>
              </Link>
              <span className="xs dim3">
                {status.toLowerCase()}, of {owner.handle}
              </span>
            </span>
            {(owner.id === me.user.id || leads(me.role)) && (
              <button
                type="button"
                className="btn sm ghost"
                disabled={busy}
                aria-label={`Take out ${name}`}
                onClick={() => void act(RemoveBotDocument, { teamId: team.id, botId: id })}
              >
                Take out
              </button>
            )}
          </li>
        ))}
      </ul>
      {ready.length > 0 && (
        <form className="form invite" onSubmit={submit}>
          <Choice name="bot" label="A bot of yours" options={ready.map(({ id, name }) => ({ value: id, name }))} />
          <button type="submit" className="btn" disabled={busy}>
            Bring it in
          </button>
        </form>
      )}
      <Why refused={refused} />
    </section>
  );
}
