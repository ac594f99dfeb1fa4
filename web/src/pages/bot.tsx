import { lazy, Suspense } from "react";
import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { BoutRow } from "../shell/bout.tsx";

const Words = lazy(() => import("../shell/words.tsx"));

const BotDocument = graphql(`
  query BotPage($name: String!) {
    bot(name: $name) {
      id
      name
      character
      status
      skillsMarkdown
      owner { handle }
      ratings { ladder elo games wins draws losses peak rank provisional }
      pit: ratingHistory(first: 100, ladder: PIT) { nodes { eloAfter } }
      contests(first: 20) { nodes { ...Bout } }
    }
  }
`);

/** A bot's ratings, record and contests. */
export default function BotPage({ name }: { name: string }) {
  const [{ data, error, fetching }, reload] = useQuery({ query: BotDocument, variables: { name } });
  if (error) return <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (fetching) return <Loading />;
  const bot = data?.bot;
  if (!bot)
    return (
      <Empty page title={`There is no bot called ${name}`}>
        Names are unique whatever the case.
      </Empty>
    );
  const curve = bot.pit.nodes.map(({ eloAfter }) => eloAfter).toReversed();
  return (
    <>
      <title>{`${bot.name} · Agon`}</title>
      <section className="hero">
        <div className="row">
          <Shield id={bot.id} className="s96" />
          <div>
            <h1 className="disp h1">{bot.name}</h1>
            <p className="sm dim">
              <span className="tag">{bot.character}</span> by {bot.owner.handle} · {bot.status.toLowerCase()}
            </p>
          </div>
        </div>
      </section>
      <div className="cols">
        <section>
          <div className="head">
            <h2>Contests</h2>
          </div>
          {bot.contests.nodes.length === 0 ? (
            <Empty title="No contest yet">Join a queue.</Empty>
          ) : (
            <ul className="rows">
              {bot.contests.nodes.map((bout) => (
                <BoutRow key={bout.id} bout={bout} />
              ))}
            </ul>
          )}
        </section>
        <aside>
          <div className="head">
            <h2>Ratings</h2>
          </div>
          {bot.ratings.length === 0 && <p className="dim">Not rated yet.</p>}
          {bot.ratings.map((rating) => (
            <dl key={rating.ladder} className="figures">
              <div>
                <dt>
                  {rating.ladder === "PIT" ? "Pit" : "Pit slow"}{" "}
                  {rating.provisional ? "provisional" : `rank ${rating.rank ?? "–"}`}
                </dt>
                <dd>{rating.elo.toLocaleString("en")}</dd>
              </div>
              <div>
                <dt>W–D–L of {rating.games}</dt>
                <dd>
                  {rating.wins}–{rating.draws}–{rating.losses}
                </dd>
              </div>
            </dl>
          ))}
          {curve.length > 1 && <Curve values={curve} />}
          {bot.skillsMarkdown && (
            <>
              <div className="head">
                <h2>Skills</h2>
                <span className="ct">in its owner's words</span>
              </div>
              <Suspense fallback={<p className="dim">{bot.skillsMarkdown}</p>}>
                <Words text={bot.skillsMarkdown} />
              </Suspense>
            </>
          )}
        </aside>
      </div>
    </>
  );
}

/** Elo over the rated contests, oldest first: one line, its bounds, and the last value at its end. */
function Curve({ values }: { values: readonly number[] }) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const last = values.at(-1) ?? 0;
  const x = (index: number) => (index / (values.length - 1)) * 260;
  const y = (value: number) => 70 - ((value - low) / Math.max(1, high - low)) * 60;
  const points = values.map((value, index) => `${x(index)},${y(value)}`).join(" ");
  return (
    <svg
      className="curve"
      viewBox="0 0 320 80"
      role="img"
      aria-label={`Elo from ${values[0]} to ${last} over ${values.length} rated contests`}
    >
      {[high, low].map((bound) => (
        <g key={bound}>
          <path d={`M0 ${y(bound)}H260`} stroke="var(--line)" />
          {bound !== last && (
            <text x="266" y={y(bound) + 4} fill="var(--text-3)">
              {bound}
            </text>
          )}
        </g>
      ))}
      <polyline points={points} fill="none" stroke="var(--text)" strokeWidth="1.75" strokeLinejoin="round" />
      <circle cx={x(values.length - 1)} cy={y(last)} r="2.5" fill="var(--text)" />
      <text className="lastv" x="266" y={y(last) + 4} fill="var(--text)">
        {last.toLocaleString("en")}
      </text>
    </svg>
  );
}
