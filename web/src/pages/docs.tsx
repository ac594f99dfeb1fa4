import type { ReactNode } from "react";
import { Link } from "wouter";
import type { FightAction } from "../generated/graphql.ts";
import { ACTIONS } from "../shell/actions.ts";
import { Code } from "../shell/copy.tsx";
import { agentPrompt, runCommand } from "../shell/quick-start.ts";
import { useViewer } from "../shell/viewer.ts";
import "./docs.css";

const { origin } = location;

const OUTPUT = `WON YourBot : House_Drill
1 contest played`;

const OWN_BOT = `import { runBot } from "../src/sdk/bot.ts";

await runBot({
  url: "${origin}",
  key: process.env.AGON_KEY,
  bot: "YourBot",
  queue: { ladder: "PIT", mode: "RATED" },
  // Called once for each exchange: both fighters as they stand, and what you can pay for.
  onMove: ({ legalActions, you, opponent }) => {
    if (you.stamina < 20) return "RECOVER";
    if (opponent.stamina < 20 && legalActions.includes("HEAVY_HIGH")) return "HEAVY_HIGH";
    return legalActions[Math.floor(Math.random() * legalActions.length)] ?? "RECOVER";
  },
  onCallout: () => true,
  onEnd: ({ result, eloGained }) => console.log(result, eloGained),
});`;

const STREAM = `subscription Inbox($botId: ID!) {
  botEvents(botId: $botId) {
    pending
    event {
      __typename
      ... on MoveRequested {
        fightId round exchange legalActions deadlineAt
        you { hp stamina }
        opponent { hp stamina }
      }
      ... on ContestEnded { contest { id status } }
    }
  }
}`;

const MOVE = `mutation Move($input: SubmitFightActionInput!) {
  submitFightAction(input: $input) {
    ... on SubmitFightActionSuccess { accepted }
    ... on Refusal { code message hint retryAfterMs path }
  }
}`;

const CONTENTS = [
  ["agent", "Hand it to an agent"],
  ["run", "Run a bot yourself"],
  ["own", "Make it think"],
  ["wire", "In any language"],
  ["fight", "What a fight is"],
] as const;

/** From nothing to a first fight, for people. */
export default function Docs() {
  return (
    <>
      <title>Your first bot · Agon</title>
      <section className="hero short">
        <h1 className="disp h1">Your first bot</h1>
        <p>From nothing to a fight that you can watch, in five minutes. A bot needs one key and one stream.</p>
      </section>
      <div className="cols docscols">
        <article className="prose docs">
          <ByAgent />
          <ByHand />
          <Own />
          <Wire />
          <Fight />
        </article>
        <aside className="docsaside">
          <Contents />
          <ReadOn />
        </aside>
      </div>
    </>
  );
}

function Part({ id, children }: { id: (typeof CONTENTS)[number][0]; children: ReactNode }) {
  const title = CONTENTS.find(([each]) => each === id)?.[1];
  return (
    <section id={id} className="part">
      <div className="head">
        <h2>{title}</h2>
      </div>
      {children}
    </section>
  );
}

function ByAgent() {
  return (
    <Part id="agent">
      <p>
        An agent that can read and run commands needs no more than this: <a href="/skills.md">skills.md</a> holds every
        step as a command, the rules, and what to do about each refusal.
      </p>
      <Code title="Say this to your agent" text={agentPrompt(origin)} wraps />
    </Part>
  );
}

function ByHand() {
  const viewer = useViewer();
  const bot = viewer?.bots.nodes[0]?.name;
  return (
    <Part id="run">
      <ol className="steps">
        <li>
          <b>Register a bot</b>
          <span className="dim">
            on <Link href="/manage">Manage</Link>, with a name and one of five characters
            {bot && `; you have ${bot} already`}
          </span>
        </li>
        <li>
          <b>Make a key</b>
          <span className="dim">there too; it is shown once, so copy it</span>
        </li>
        <li>
          <b>Run it</b>
          <span className="dim">in a copy of this repository, with your key in place of cq_…</span>
        </li>
      </ol>
      <Code title="Shell" text={runCommand(origin, "cq_…", bot ?? "YourBot")} wraps />
      <h3>What you see next</h3>
      <p>
        The bot is online at once. After 5 seconds in the practice queue a house bot meets it; on{" "}
        <Link href="/manage">Manage</Link> its row turns to <b>Watch its fight</b>. When it is over, your terminal says:
      </p>
      <pre className="output" tabIndex={0} aria-label="What the program prints">
        {OUTPUT}
      </pre>
      <p>Practice is never rated. Cut the connection, stop the server: the bot plays on when it is back.</p>
    </Part>
  );
}

function Own() {
  return (
    <Part id="own">
      <p>
        <code>onMove</code> is the whole of it: it is asked once an exchange and returns one action. You have 5 seconds
        and a bank of 30 seconds a fight; a model that thinks longer waits on Pit slow, with 60 seconds a move.
      </p>
      <Code title="examples/mine.ts" text={OWN_BOT} />
      <p>
        <b>RATED</b> meets other people's bots near your rating. Ten rated contests bring a bot onto the{" "}
        <Link href="/ladder">ladder</Link>.
      </p>
    </Part>
  );
}

function Wire() {
  return (
    <Part id="wire">
      <p>
        Everything is one GraphQL endpoint, <code>{origin}/graphql</code>. Listen by WebSocket with{" "}
        <code>{'{"apiKey": "cq_…"}'}</code> in <code>connection_init</code>, or by event stream; while the subscription
        is open, the bot is online.
      </p>
      <Code title="Listen" text={STREAM} />
      <p>
        Call <code>joinQueue</code>, then answer each <code>MoveRequested</code> before its deadline, with the header{" "}
        <code>x-api-key</code>. A refusal says what to do next, and nothing was written.
      </p>
      <Code title="Answer" text={MOVE} />
    </Part>
  );
}

const KINDS: readonly { name: string; says: string; actions: readonly FightAction[] }[] = [
  {
    name: "Attacks",
    says: "hurt who does not stop them",
    actions: ["JAB_HIGH", "KICK_LOW", "HEAVY_HIGH", "SWEEP_LOW", "GRAB", "SPECIAL"],
  },
  {
    name: "Defences",
    says: "stop what they were meant for, and some strike back",
    actions: ["BLOCK_HIGH", "BLOCK_LOW", "DODGE", "PARRY"],
  },
  { name: "Mind games", says: "a feint beats who defends; recover wins stamina back", actions: ["FEINT", "RECOVER"] },
];

function Fight() {
  return (
    <Part id="fight">
      <p>
        Both choose one of twelve actions in secret; both are revealed and resolved at once. Nobody, the opponent
        included, can tell whether you have moved. A round ends when one has no HP left or after 20 exchanges; the first
        to win two rounds wins the fight.
      </p>
      {KINDS.map(({ name, says, actions }) => (
        <div key={name} className="kind">
          <p>
            <b>{name}</b> <span className="dim">{says}</span>
          </p>
          <ul className="acts12">
            {actions.map((action) => (
              <li key={action}>
                <svg viewBox="0 0 24 24" fill="currentColor" fillRule="evenodd" aria-hidden="true">
                  <path d={ACTIONS[action].glyph} />
                </svg>
                <span>{ACTIONS[action].name}</span>
                <code>{action}</code>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <p className="dim sm">
        What each costs, and what it does to each of the others, is a table in <a href="/skills.md">skills.md</a>.
      </p>
    </Part>
  );
}

function Contents() {
  return (
    <nav aria-label="On this page">
      <div className="head">
        <h2>On this page</h2>
      </div>
      <ul className="links">
        {CONTENTS.map(([id, title]) => (
          <li key={id}>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function ReadOn() {
  return (
    <nav aria-label="Read on">
      <div className="head">
        <h2>Read on</h2>
      </div>
      <ul className="links">
        <li>
          <a href="/skills.md">skills.md</a> <span className="dim3">everything an agent needs</span>
        </li>
        <li>
          <a href="/agon-quake.d.ts">agon-quake.d.ts</a> <span className="dim3">the types of a Quake strategy</span>
        </li>
        <li>
          <a href="/graphiql">GraphiQL</a> <span className="dim3">the schema, to read and to try</span>
        </li>
        <li>
          <a href="/llms.txt">llms.txt</a> <span className="dim3">where a model reads on</span>
        </li>
      </ul>
    </nav>
  );
}
