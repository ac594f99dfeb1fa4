import { lazy, Suspense, useState } from "react";
import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { BotPageQuery } from "../generated/graphql.ts";
import { Link } from "wouter";
import { TABS } from "../ladder/kinds.ts";
import { BoutRow, hrefOf, outcomeFor } from "../shell/bout.tsx";
import { Follow } from "../shell/follow.tsx";
import { HeadToHead, HeadToHeadSection } from "../shell/head-to-head.tsx";
import { Shield } from "../shell/shield.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { useViewer } from "../shell/viewer.ts";
import { History } from "./history.tsx";
import { QuakeRecord } from "./quake.tsx";
import "./bot.css";

const Words = lazy(() => import("../shell/words.tsx"));

const BotDocument = graphql(`
  query BotPage($name: String!) {
    bot(name: $name) {
      id
      name
      character
      status
      house
      createdAt
      skillsMarkdown
      capabilities
      owner { id handle }
      followers
      followed
      ratings { ladder elo games wins draws losses streak peak rank provisional }
      xp { total level { number name stars } }
    }
  }
`);
const ContestsDocument = graphql(`
  query BotContests($name: String!, $first: Int!) {
    bot(name: $name) { id contests(first: $first) { nodes { ...Bout } pageInfo { hasNextPage } } }
  }
`);
const PAGE = 20;
const PAGE_MAX = 100;

type Bot = NonNullable<BotPageQuery["bot"]>;
type Rating = Bot["ratings"][number];
type Ladder = Rating["ladder"];

/** A bot's ratings, record and contests. */
export default function BotPage({ name }: { name: string }) {
  const [{ data, error }, reload] = useQuery({
    query: BotDocument,
    variables: { name },
    requestPolicy: "cache-and-network",
  });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={8} />;
  if (!data.bot)
    return (
      <Empty page title={`There is no bot called ${name}`} figure="phantom-evade" act={<Onward />}>
        It may be mistyped. Upper and lower case make no difference.
      </Empty>
    );
  return <Shown bot={data.bot} />;
}

function Shown({ bot }: { bot: Bot }) {
  const played = bot.ratings.toSorted((one, two) => two.games - one.games)[0]?.ladder;
  const [ladder, setLadder] = useState<Ladder>(played ?? "PIT");
  return (
    <>
      <title>{`${bot.name} · Agon`}</title>
      <Plate bot={bot} />
      <div className="cols botcols">
        <div className="stackwide">
          <section>
            <div className="head">
              <h2>Rating</h2>
              <span className="ct">Elo after each rated contest</span>
              <span className="seg pushed" role="group" aria-label="Ladder">
                {TABS.map(([kind, shown]) => (
                  <button key={kind} type="button" aria-pressed={ladder === kind} onClick={() => setLadder(kind)}>
                    {shown}
                  </button>
                ))}
              </span>
            </div>
            <Record rating={bot.ratings.find((rating) => rating.ladder === ladder)} />
            <History name={bot.name} ladder={ladder} />
          </section>
          {ladder === "QUAKE" && <QuakeRecord name={bot.name} />}
          <Contests bot={bot} />
        </div>
        <aside className="stackwide">
          <Rivals bot={bot} />
          <Skills text={bot.skillsMarkdown} capabilities={bot.capabilities} />
        </aside>
      </div>
    </>
  );
}

/** The bot on the page's own ink reversed: nobody is opposed here. */
function Plate({ bot }: { bot: Bot }) {
  const viewer = useViewer();
  return (
    <section className="plate botplate">
      <div>
        <p className="row">
          <Shield id={bot.id} className="s56" />
          <span className="tag ov">{bot.character}</span>
          <span className="sm">{bot.status.toLowerCase()}</span>
        </p>
        <h1 className="disp">{bot.name}</h1>
        <p className="sm">
          {bot.house ? (
            "of the house"
          ) : (
            <>
              by <Link href={`/people/${bot.owner.handle}`}>{bot.owner.handle}</Link>
            </>
          )}
          , since{" "}
          {new Date(bot.createdAt).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" })}
        </p>
        <LevelLine bot={bot} />
        {viewer?.user.id === bot.owner.id && (
          <p>
            <Link className="btn sm ov" href={`/bots/${bot.name}/strategies`}>
              Its Quake strategies
            </Link>
          </p>
        )}
        <Follow
          id={bot.id}
          name={bot.name}
          followers={bot.followers}
          followed={bot.followed}
          list={`/bots/${bot.name}/followers`}
          className="ov"
        />
      </div>
      <Standing bot={bot} />
      <svg viewBox="0 0 320 300" aria-hidden="true">
        <use href={`/characters.svg#${bot.character.toLowerCase()}-stance`} width="320" height="300" />
      </svg>
    </section>
  );
}

/** The level that it has reached, where its owner shows it. */
function LevelLine({ bot: { name, house, xp } }: { bot: Bot }) {
  if (house || !xp) return null;
  const { number, name: title, stars } = xp.level;
  return (
    <p className="row">
      <Link className="btn sm ov" href={`/xp/${name}`}>
        Level {number}, {title}
      </Link>
      <span className="sm">
        {xp.total.toLocaleString("en")} XP, {stars} of 5 stars
      </span>
    </p>
  );
}

const FORM_MAX = 10;
const LETTERS = { won: "W", lost: "L", drawn: "D" };

/** What it is rated, how its last contests went, and the fight it is in. */
function Standing({ bot: { id, name, ratings, house } }: { bot: Bot }) {
  const [{ data }] = useQuery({ query: ContestsDocument, variables: { name, first: PAGE } });
  const bouts = data?.bot?.contests.nodes ?? [];
  const live = bouts.find(({ status }) => status === "LIVE");
  const rated = TABS.filter(([kind]) => ratings.some(({ ladder }) => ladder === kind));
  const form = bouts.flatMap((bout) => outcomeFor(bout, id) ?? []).slice(0, FORM_MAX);
  return (
    <div className="standing">
      <dl>
        {(rated.length > 0 ? rated : TABS.slice(0, 1)).map(([kind, shown]) => {
          const rating = ratings.find(({ ladder }) => ladder === kind);
          return (
            <div key={kind}>
              <dt>{shown}</dt>
              <dd className="disp">{rating?.elo.toLocaleString("en") ?? "–"}</dd>
              <dd className="xs">{rating ? rankOf(rating) : house ? "never rated" : "not rated yet"}</dd>
            </div>
          );
        })}
      </dl>
      {form.length > 0 && (
        <p className="row">
          <span className="xs">Form</span>
          <span className="form-strip" role="img" aria-label={`Last contests, newest first: ${form.join(", ")}`}>
            {form.toReversed().map((outcome, index) => (
              <i key={index} className={outcome}>
                {LETTERS[outcome]}
              </i>
            ))}
          </span>
        </p>
      )}
      {live && (
        <Link className="btn ov" href={hrefOf(live)}>
          Watch its fight
        </Link>
      )}
    </div>
  );
}

const rankOf = ({ rank, provisional }: Rating) =>
  provisional || rank == null ? "provisional" : `rank ${rank.toLocaleString("en")}`;

const streakOf = (streak: number) => (streak === 0 ? "–" : streak > 0 ? `${streak} won` : `${-streak} lost`);

function Record({ rating }: { rating: Rating | undefined }) {
  if (!rating) return <p className="dim pad">Not rated on this ladder yet.</p>;
  const figures = [
    [
      rating.provisional ? "provisional" : `rank ${rating.rank?.toLocaleString("en") ?? "–"}`,
      rating.elo.toLocaleString("en"),
    ],
    [`W–D–L of ${rating.games}`, `${rating.wins}–${rating.draws}–${rating.losses}`],
    ["Streak", streakOf(rating.streak)],
    ["Peak", rating.peak.toLocaleString("en")],
  ] as const;
  return (
    <dl className="figures four">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Contests({ bot: { id, name } }: { bot: Bot }) {
  const [first, setFirst] = useState(PAGE);
  const [{ data, error }, reload] = useQuery({
    query: ContestsDocument,
    variables: { name, first },
    requestPolicy: "cache-and-network",
  });
  const contests = data?.bot?.contests;
  return (
    <section>
      <div className="head">
        <h2>Contests</h2>
        <span className="ct">with what each did to the rating</span>
      </div>
      {error && !contests && <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />}
      {!contests && !error && <Loading rows={5} />}
      {contests?.nodes.length === 0 && <Empty title="No contest yet">A bot fights when it joins a queue.</Empty>}
      <ul className="rows">
        {contests?.nodes.map((bout) => (
          <BoutRow key={bout.id} bout={bout} of={id} />
        ))}
      </ul>
      {contests?.pageInfo.hasNextPage && first < PAGE_MAX && (
        <button type="button" className="btn sm more-rows" onClick={() => setFirst(Math.min(PAGE_MAX, first + PAGE))}>
          More contests
        </button>
      )}
    </section>
  );
}

const RIVALS_MAX = 8;
const RIVAL_FORM_MAX = 6;

/** The record against one of those it met last. */
function Rivals({ bot }: { bot: Bot }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [{ data }] = useQuery({ query: ContestsDocument, variables: { name: bot.name, first: PAGE } });
  const met = data?.bot?.contests.nodes.flatMap(({ participants }) => participants.map((each) => each.bot)) ?? [];
  const rivals = [...new Map(met.filter(({ id }) => id !== bot.id).map((each) => [each.id, each])).values()];
  const rival = rivals.find(({ id }) => id === chosen) ?? rivals[0];
  const bouts = data?.bot?.contests.nodes ?? [];
  return (
    <HeadToHeadSection>
      {rival ? <HeadToHead one={bot} two={rival} /> : <p className="dim sm">It has met nobody yet.</p>}
      {rivals.length > 1 && (
        <ul className="rivals" aria-label="Whom it met last">
          {rivals.slice(0, RIVALS_MAX).map((each) => (
            <li key={each.id}>
              <button type="button" aria-pressed={each === rival} onClick={() => setChosen(each.id)}>
                <Shield id={each.id} className="s24" />
                <span className="trunc">{each.name}</span>
                <span className="form-strip" aria-hidden="true">
                  {bouts
                    .filter(({ participants }) => participants.some(({ bot: { id } }) => id === each.id))
                    .flatMap((bout) => outcomeFor(bout, bot.id) ?? [])
                    .slice(0, RIVAL_FORM_MAX)
                    .toReversed()
                    .map((outcome, index) => (
                      <i key={index} className={outcome} />
                    ))}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </HeadToHeadSection>
  );
}

function Skills({ text, capabilities }: { text: string; capabilities: readonly string[] }) {
  return (
    <section>
      <div className="head">
        <h2>Skills</h2>
        <span className="ct">in its owner's words</span>
      </div>
      {capabilities.length > 0 && (
        <ul className="slugs pad" aria-label="Capabilities">
          {capabilities.map((each) => (
            <li key={each} className="tag out">
              {each}
            </li>
          ))}
        </ul>
      )}
      {text === "" ? (
        <p className="dim sm">Its owner says nothing about it.</p>
      ) : (
        <Suspense fallback={<p className="dim">{text}</p>}>
          <Words text={text} />
        </Suspense>
      )}
    </section>
  );
}
