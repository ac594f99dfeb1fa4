import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { BoutRow } from "../shell/bout.tsx";

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
  if (!bot) return <Empty title={`There is no bot called ${name}`}>Names are unique whatever the case.</Empty>;
  const curve = bot.pit.nodes.map(({ eloAfter }) => eloAfter).toReversed();
  return (
    <>
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
        {bot.skillsMarkdown && <p>{bot.skillsMarkdown}</p>}
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
        </aside>
      </div>
    </>
  );
}

function Curve({ values }: { values: readonly number[] }) {
  const [low, high] = [Math.min(...values) - 5, Math.max(...values) + 5];
  const points = values.map(
    (value, index) => `${(index / (values.length - 1)) * 320},${64 - ((value - low) / (high - low)) * 64}`,
  );
  return (
    <svg
      viewBox="0 0 320 64"
      width="100%"
      height="80"
      preserveAspectRatio="none"
      role="img"
      aria-label={`Elo from ${values[0]} to ${values.at(-1)} over ${values.length} rated contests`}
    >
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="var(--text)"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
