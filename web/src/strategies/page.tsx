import { useMemo, useState } from "react";
import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { refusalOf, Why, type Refused } from "../shell/refused.tsx";
import { Empty, Failed, Loading, Onward } from "../shell/states.tsx";
import { useOnceKey } from "../shell/use-once-key.ts";
import CodeEditor from "./code-editor.tsx";
import {
  ActivateDocument,
  BotDocument,
  DeactivateDocument,
  SourceDocument,
  TestDocument,
  UploadDocument,
  VersionsDocument,
  type Version,
} from "./documents.ts";
import { TrialResult, type Trial } from "./trial.tsx";
import { useDraft, type OpenDraft } from "./use-draft.ts";
import { House, Versions } from "./versions.tsx";
import { bytesOf, LOG_KIB_MAX, problemsIn, SOURCE_BYTES_MAX, STARTER } from "./words.ts";
import "./strategies.css";

const VERSIONS_MAX = 100;

/** The strategies of a bot, for its owner. */
export default function StrategiesPage({ name }: { name: string }) {
  const [{ data, error }, reload] = useQuery({ query: BotDocument, variables: { name } });
  if (error && !data) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={8} />;
  const { bot, viewer } = data;
  if (!bot)
    return (
      <Empty page title={`There is no bot called ${name}`} figure="phantom-evade" act={<Onward />}>
        It may be mistyped. Upper and lower case make no difference.
      </Empty>
    );
  if (viewer?.user.id !== bot.owner.id) return <NotYours name={bot.name} isSignedIn={viewer != null} />;
  return <Owned bot={bot} />;
}

function NotYours({ name, isSignedIn }: { name: string; isSignedIn: boolean }) {
  const act = isSignedIn ? (
    <Link className="btn" href={`/bots/${name}`}>
      See {name}
    </Link>
  ) : (
    <Link className="btn pri" href="/manage">
      Sign in
    </Link>
  );
  return (
    <Empty page title={`The strategies of ${name} are its owner's`} figure="phantom-evade" act={act}>
      Nobody else can read the code by which a bot plays.
    </Empty>
  );
}

type Bot = { id: string; name: string };

function Owned({ bot }: { bot: Bot }) {
  const [{ data, error }, reload] = useQuery({
    query: VersionsDocument,
    variables: { botId: bot.id, first: VERSIONS_MAX },
    requestPolicy: "cache-and-network",
  });
  const again = () => reload({ requestPolicy: "network-only" });
  const versions = data?.strategies.nodes;
  if (error && !versions) return <Failed page error={error} retry={again} />;
  if (!versions) return <Loading rows={8} />;
  return <Begun bot={bot} versions={versions} readAgain={again} />;
}

type BegunProps = Omit<WorkshopProps, "stored">;

/** Begins with what plays, else with what was uploaded last; that does not change under the hands of who writes in it. */
function Begun({ versions, ...rest }: BegunProps) {
  const [begun] = useState(() => (versions.find(({ active }) => active) ?? versions[0])?.id ?? null);
  const [{ data, error }, reload] = useQuery({
    query: SourceDocument,
    variables: { id: begun ?? "" },
    pause: begun === null,
  });
  if (error) return <Failed page error={error} retry={() => reload({ requestPolicy: "network-only" })} />;
  const source = data?.node && "source" in data.node ? data.node.source : null;
  if (begun !== null && source === null) return <Loading rows={8} />;
  return <Workshop {...rest} versions={versions} stored={source ?? STARTER} />;
}

type WorkshopProps = { bot: Bot; versions: readonly Version[]; stored: string; readAgain: () => void };

function Workshop({ bot, versions, stored, readAgain }: WorkshopProps) {
  const draft = useDraft(bot.id, stored);
  const acts = useActs(bot, draft, readAgain);
  const { text, isUnsaved } = draft;
  const take = (source: string) => {
    acts.clear();
    draft.settle(source);
  };
  const active = versions.find((version) => version.active);
  return (
    <>
      <title>{`Strategies of ${bot.name} · Agon`}</title>
      <section className="hero short">
        <h1 className="disp h1">Strategies</h1>
        <p className="sm">
          The code by which <Link href={`/bots/${bot.name}`}>{bot.name}</Link> plays Quake.{" "}
          {active ? `Version ${active.version} is active: it plays from the next round on.` : "None is active."}
        </p>
      </section>
      <div className="cols strategycols">
        <div className="stackwide">
          {draft.wasFound && isUnsaved && (
            <p className="row found sm" role="status">
              What you wrote and did not upload is here again.
              <button type="button" className="btn sm" onClick={draft.discard}>
                Discard it
              </button>
            </p>
          )}
          <CodeEditor text={text} onText={draft.write} problems={acts.problems} />
          <Bar acts={acts} text={text} isUnsaved={isUnsaved} />
          {acts.trial && <TrialResult trial={acts.trial} />}
        </div>
        <aside className="stackwide">
          <Versions versions={versions} acts={{ ...acts, isUnsaved, take }} />
          <House isUnsaved={isUnsaved} take={take} />
          <ReadOn />
        </aside>
      </div>
    </>
  );
}

type BarProps = { acts: ReturnType<typeof useActs>; text: string; isUnsaved: boolean };

/** What can be done with what is written, how long it is, and what came of it. */
function Bar({ acts, text, isUnsaved }: BarProps) {
  const bytes = bytesOf(text);
  const isTooLong = bytes > SOURCE_BYTES_MAX;
  const isStill = acts.busy || isTooLong || text.trim() === "";
  return (
    <div className="sourcebar">
      <p className="between xs dim3">
        <span id="source-keys">Tab indents; Esc, then Tab leaves the editor.</span>
        <span className={isTooLong ? "bad" : ""}>
          {bytes.toLocaleString("en")} of {SOURCE_BYTES_MAX.toLocaleString("en")} bytes
          {isUnsaved ? ", not uploaded" : ""}
        </span>
      </p>
      <div className="row">
        <button type="button" className="btn" disabled={isStill} onClick={() => void acts.test()}>
          Test run
        </button>
        <button type="button" className="btn" disabled={isStill} onClick={() => void acts.upload(false)}>
          Upload
        </button>
        <button type="button" className="btn pri" disabled={isStill} onClick={() => void acts.upload(true)}>
          Upload and activate
        </button>
      </div>
      <Why refused={acts.refused} />
      {acts.said && (
        <p className="good sm" role="status">
          {acts.said}
        </p>
      )}
    </div>
  );
}

function ReadOn() {
  return (
    <section>
      <div className="head">
        <h2>Read on</h2>
      </div>
      <p className="sm dim">
        <code>tick(view, memory)</code> is called 20 times a game second and has 8 ms; what it writes to the console is
        kept, {LOG_KIB_MAX} KiB a round. The types of all of it, for an editor of your own:{" "}
        <a href="/agon-quake.d.ts" download>
          agon-quake.d.ts
        </a>
        . More in <a href="/skills.md">skills.md</a>.
      </p>
    </section>
  );
}

/** What the buttons do, and what came of the last. */
function useActs(bot: Bot, draft: OpenDraft, readAgain: () => void) {
  const [{ fetching: tests }, runTest] = useMutation(TestDocument);
  const [{ fetching: uploads }, send] = useMutation(UploadDocument);
  const [{ fetching: activates }, makeActive] = useMutation(ActivateDocument);
  const [{ fetching: deactivates }, makeIdle] = useMutation(DeactivateDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const [said, setSaid] = useState("");
  const [trial, setTrial] = useState<Trial | null>(null);
  const once = useOnceKey();
  const came = (why: Refused, words: string, tried: Trial | null = null) => {
    setRefused(why);
    setSaid(why ? "" : words);
    setTrial(tried);
  };
  const test = async () => {
    const { data, error } = await runTest({ input: { source: draft.text } });
    const answer = data?.testStrategy;
    came(refusalOf(answer, error), "", answer?.__typename === "TestStrategySuccess" ? answer : null);
  };
  const upload = async (activate: boolean) => {
    const source = draft.text;
    const thing = { botId: bot.id, source, activate };
    const { data, error } = await send({ input: { ...thing, idempotencyKey: once.keyFor(thing) } });
    const answer = data?.uploadStrategy;
    if (answer) once.answered();
    const version = answer?.__typename === "UploadStrategySuccess" ? answer.strategy.version : 0;
    came(
      refusalOf(answer, error),
      `Version ${version} is stored${activate ? " and plays from the next round on" : ""}.`,
    );
    if (version === 0) return;
    draft.settle(source);
    readAgain();
  };
  const activate = async (strategyId: string) => {
    const { data, error } = await makeActive({ input: { strategyId } });
    came(refusalOf(data?.activateStrategy, error), "It plays from the next round on.");
    readAgain();
  };
  const deactivate = async (strategyId: string) => {
    const { data, error } = await makeIdle({ input: { strategyId } });
    const answer = data?.deactivateStrategy;
    const left = answer?.__typename === "DeactivateStrategySuccess" && answer.leftQueue;
    came(refusalOf(answer, error), `It plays no more.${left ? ` ${bot.name} has left the Quake queue.` : ""}`);
    readAgain();
  };
  const messages = refused ? [refused.message] : (trial?.ticks.flatMap(({ miss }) => miss ?? []) ?? []);
  const about = messages.join("\n");
  // The same for the same messages: marks stay while one writes.
  const problems = useMemo(() => problemsIn(about.split("\n")), [about]);
  return {
    test,
    upload,
    activate: (id: string) => void activate(id),
    deactivate: (id: string) => void deactivate(id),
    clear: () => came(null, ""),
    busy: tests || uploads || activates || deactivates,
    refused,
    said,
    trial,
    problems,
  };
}
