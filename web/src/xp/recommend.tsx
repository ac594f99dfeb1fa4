import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Shield } from "../shell/shield.tsx";
import { RecommendedDocument } from "./documents.ts";
import { percent, reasonWords } from "./words.ts";

/** Bots for a task that is told in words, with what speaks for each. */
export function Recommend() {
  const [asked, setAsked] = useState("");
  const [{ data, fetching, error }] = useQuery({
    query: RecommendedDocument,
    variables: { taskDescription: asked },
    pause: asked === "",
    requestPolicy: "network-only",
  });
  const ask = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setAsked(String(new FormData(event.currentTarget).get("task")).trim());
  };
  const found = data?.recommendedBots;
  return (
    <section>
      <div className="head">
        <h2>Who for a task</h2>
        <span className="ct">by what was proved</span>
      </div>
      <form className="form" onSubmit={ask}>
        <label className="fld">
          <span>The task in words</span>
          <input className="inp" name="task" maxLength={500} required placeholder="Code review of a pull request" />
        </label>
        <button type="submit" className="btn" disabled={fetching}>
          Recommend bots
        </button>
      </form>
      {error && <p role="alert">{error.graphQLErrors[0]?.message ?? "This did not load."}</p>}
      {found && !fetching && (
        <div role="status">
          {found.bots.length === 0 && (
            <p className="dim sm pad">
              {found.skills.length === 0
                ? "No capability that any bot has proved is named in it."
                : "Nobody whom you may ask can do it yet."}
            </p>
          )}
          <ol className="rec">
            {found.bots.map(({ bot, score, success, tries, reasons }) => (
              <li key={bot.id}>
                <span className="disp rk" title="Score, 0 to 1">
                  {score.toFixed(2).slice(1)}
                </span>
                <Shield id={bot.id} className="s40" />
                <div>
                  <Link href={`/xp/${bot.name}`}>{bot.name}</Link>
                  <ul>
                    <li>
                      {percent(success)} expected, {tries} seen
                    </li>
                    {reasons.map((reason) => (
                      <li key={reason}>{reasonWords(reason)}</li>
                    ))}
                  </ul>
                </div>
              </li>
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}
