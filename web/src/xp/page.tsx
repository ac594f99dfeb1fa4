import { useEffect, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { Welcome } from "../shell/doorway.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { useFresh } from "../shell/use-fresh.ts";
import { Achievements } from "./achievements.tsx";
import { XpBotDocument, XpMineDocument, XpNewsDocument, type Growth, type Mine } from "./documents.ts";
import { Facts } from "./facts.tsx";
import { Bar, GrowthChart } from "./growth.tsx";
import { Hours } from "./hours.tsx";
import { Plate } from "./plate.tsx";
import { Privacy } from "./privacy.tsx";
import { Recommend } from "./recommend.tsx";
import { Skills } from "./skills.tsx";
import { TeamBoards } from "./team.tsx";
import "./xp.css";

const EVERY_MS = 1_000;

/** The viewer's XP, or that of one bot. */
export default function XpPage({ name }: { name: string | null }) {
  return name === null ? <OwnXp /> : <BotXp name={name} />;
}

function OwnXp() {
  const [{ data, error, stale }, reload] = useQuery({ query: XpMineDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  const news = useNews(stale ? null : (data?.viewer?.user.xp?.cursor ?? null), again);
  if (error && !data) return <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={8} />;
  if (!data.viewer) return <SignedOut />;
  return <Mine mine={data.viewer} news={news} />;
}

/** Follows the own stream behind the first answer: what it tells last, and the page read anew. */
function useNews(cursor: string | null, again: () => void): string | null {
  const [after, setAfter] = useState<string | null>(null);
  const [news, setNews] = useState<string | null>(null);
  useEffect(() => setAfter((before) => before ?? cursor), [cursor]);
  const [{ data }] = useSubscription({ query: XpNewsDocument, variables: { after }, pause: after === null });
  useFresh(data?.xpEvents.cursor, again, EVERY_MS);
  useEffect(() => {
    const event = data?.xpEvents.event;
    if (event?.__typename === "LeveledUp" && event.what !== "SKILL")
      setNews(
        `${event.what === "USER" ? "You" : event.bot.name} reached level ${event.level.number}, ${event.level.name}.`,
      );
    if (event?.__typename === "AchievementUnlocked") setNews(`Achievement unlocked: ${event.name}.`);
    if (event?.__typename === "XpTakenBack")
      setNews(`${event.removed} XP of ${event.bot.name} were taken back: a contest was voided.`);
  }, [data?.xpEvents.cursor]);
  return news;
}

function Mine({ mine, news }: { mine: Mine; news: string | null }) {
  const [botName, setBotName] = useState<string | null>(null);
  const { user, bots, teams, xpPrivacy } = mine;
  const bot = bots.nodes.find(({ name }) => name === botName);
  return (
    <>
      <title>{`${user.handle}'s XP · Agon`}</title>
      <p className="xpnews" role="status">
        {news}
      </p>
      {bots.nodes.length > 0 && (
        <div className="seg xpwhose" role="group" aria-label="Whose XP">
          <button type="button" aria-pressed={!bot} onClick={() => setBotName(null)}>
            All my bots
          </button>
          {bots.nodes.map(({ id, name }) => (
            <button key={id} type="button" aria-pressed={name === botName} onClick={() => setBotName(name)}>
              {name}
            </button>
          ))}
        </div>
      )}
      {bot ? <OfBot name={bot.name} /> : user.xp && <Of name={user.handle} character="RONIN" xp={user.xp} />}
      <div className="xpgrid">
        <Achievements achievements={user.achievements} />
        <div className="stackwide">
          <TeamBoards teams={teams.nodes.map(({ team }) => team)} />
          <Recommend />
          <Privacy privacy={xpPrivacy} />
        </div>
      </div>
    </>
  );
}

/** One bot's XP within the own page. */
function OfBot({ name }: { name: string }) {
  const [{ data, error }, reload] = useQuery({
    query: XpBotDocument,
    variables: { name },
    requestPolicy: "cache-and-network",
  });
  if (error && !data) return <Failed error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data?.bot?.xp) return <Loading rows={4} />;
  const { bot } = data;
  return data.bot.xp && <Of name={bot.name} by={bot.owner.handle} character={bot.character} xp={data.bot.xp} />;
}

function BotXp({ name }: { name: string }) {
  const [{ data, error }, reload] = useQuery({
    query: XpBotDocument,
    variables: { name },
    requestPolicy: "cache-and-network",
  });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={8} />;
  const { bot } = data;
  if (!bot?.xp)
    return (
      <Empty
        page
        title={bot ? `${name} shows no XP` : `There is no bot called ${name}`}
        figure="phantom-evade"
        act={<Onward />}
      >
        {bot ? "Its owner keeps it private." : "It may be mistyped. Upper and lower case make no difference."}
      </Empty>
    );
  return (
    <>
      <title>{`${bot.name}, level ${bot.xp.level.number} · Agon`}</title>
      <Of name={bot.name} by={bot.owner.handle} character={bot.character} xp={bot.xp} />
      <p className="row">
        <Link className="btn" href={`/bots/${bot.name}`}>
          Ratings and contests of {bot.name}
        </Link>
      </p>
    </>
  );
}

type OfProps = { name: string; by?: string; character: string; xp: Growth };

/** Level, growth, figures, skills and hours of a bot or of all bots of a person. */
function Of({ name, by, character, xp }: OfProps) {
  return (
    <>
      <section className="xptop">
        <Plate name={name} by={by ?? null} character={character} level={xp.level} />
        <div className="xpgrowth">
          <Bar xp={xp} />
          <GrowthChart name={name} xp={xp} />
        </div>
      </section>
      <Facts xp={xp} />
      {(xp.skills.length > 0 || xp.statistics) && (
        <div className="xpgrid even">
          {xp.skills.length > 0 && <Skills skills={xp.skills} />}
          {xp.statistics && <Hours byHour={xp.statistics.byHour} />}
        </div>
      )}
    </>
  );
}

const STEPS = [
  ["Sign in", "with a wallet or a password"],
  ["Let a bot fight or work", "what the arena sees is counted"],
  ["Watch it rise", "levels, achievements, forecasts"],
] as const;

function SignedOut() {
  return (
    <div className="doorway">
      <title>XP · Agon</title>
      <Welcome title="See what your bots become" steps={STEPS} figure="ronin-special" />
      <section className="doorforms">
        <div className="head">
          <h2>Your XP</h2>
          <span className="ct">of all your bots</span>
        </div>
        <p className="dim">Levels and achievements belong to who owns the bots.</p>
        <p className="row">
          <Link className="btn pri" href="/manage">
            Sign in or sign up
          </Link>
        </p>
      </section>
    </div>
  );
}
