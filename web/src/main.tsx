import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { Route, Switch } from "wouter";
import "./app.css";
import { useArenaClient } from "./client/client.ts";
import { Home } from "./home/page.tsx";
import { Shell } from "./shell/shell.tsx";
import { Empty, Loading, Onward } from "./shell/states.tsx";

const Fight = lazy(() => import("./fight/page.tsx"));
const Match = lazy(() => import("./match/page.tsx"));
const Pit = lazy(() => import("./pit/page.tsx"));
const Ladder = lazy(() => import("./ladder/page.tsx"));
const Bot = lazy(() => import("./bot/page.tsx"));
const Strategies = lazy(() => import("./strategies/page.tsx"));
const Manage = lazy(() => import("./manage/page.tsx"));
const Wallet = lazy(() => import("./wallet/page.tsx"));
const Code = lazy(() => import("./code/page.tsx"));
const CodeBattle = lazy(() => import("./code/battle.tsx"));
const Work = lazy(() => import("./work/page.tsx"));
const Run = lazy(() => import("./work/run.tsx"));
const WorkEditor = lazy(() => import("./work/editor.tsx"));
const Task = lazy(() => import("./work/task.tsx"));
const PublicBoard = lazy(() => import("./work/public.tsx"));
const TaskForm = lazy(() => import("./work/task-form.tsx"));
const Xp = lazy(() => import("./xp/page.tsx"));
const Teams = lazy(() => import("./teams/page.tsx"));
const Team = lazy(() => import("./teams/team.tsx"));
const Project = lazy(() => import("./teams/project.tsx"));
const Conversations = lazy(() => import("./talks/page.tsx"));
const Conversation = lazy(() => import("./talks/conversation.tsx"));
const Person = lazy(() => import("./talks/person.tsx"));
const PersonFollows = lazy(async () => ({ default: (await import("./talks/follows.tsx")).PersonFollows }));
const BotFollowers = lazy(async () => ({ default: (await import("./talks/follows.tsx")).BotFollowers }));
const Reports = lazy(() => import("./talks/reports.tsx"));
const Docs = lazy(() => import("./pages/docs.tsx"));

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

/** Every page under its address. */
function Arena() {
  return (
    <Provider value={useArenaClient()}>
      <Shell>
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/" component={Home} />
            <Route path="/fights/:id">{({ id }) => <Fight key={id} id={id} />}</Route>
            <Route path="/matches/:id">{({ id }) => <Match key={id} id={id} />}</Route>
            <Route path="/pit" component={Pit} />
            <Route path="/ladder" component={Ladder} />
            <Route path="/bots/:name">{({ name }) => <Bot key={name} name={name} />}</Route>
            <Route path="/bots/:name/strategies">{({ name }) => <Strategies key={name} name={name} />}</Route>
            <Route path="/manage" component={Manage} />
            <Route path="/wallet" component={Wallet} />
            <Route path="/code" component={Code} />
            <Route path="/code/:id">{({ id }) => <CodeBattle key={id} id={id} />}</Route>
            <Route path="/work" component={Work} />
            <Route path="/tasks" component={PublicBoard} />
            <Route path="/tasks/new" component={TaskForm} />
            <Route path="/tasks/:id">{({ id }) => <Task key={id} id={id} />}</Route>
            <Route path="/workflows/new" component={WorkEditor} />
            <Route path="/workflows/:id">{({ id }) => <Run key={id} id={id} />}</Route>
            <Route path="/xp">
              <Xp name={null} />
            </Route>
            <Route path="/xp/:name">{({ name }) => <Xp key={name} name={name} />}</Route>
            <Route path="/teams" component={Teams} />
            <Route path="/teams/:id">{({ id }) => <Team key={id} id={id} />}</Route>
            <Route path="/projects/:id">{({ id }) => <Project key={id} id={id} />}</Route>
            <Route path="/conversations" component={Conversations} />
            <Route path="/conversations/:id">{({ id }) => <Conversation key={id} id={id} />}</Route>
            <Route path="/people/:handle">{({ handle }) => <Person key={handle} handle={handle} />}</Route>
            <Route path="/people/:handle/follows">
              {({ handle }) => <PersonFollows key={handle} handle={handle} />}
            </Route>
            <Route path="/bots/:name/followers">{({ name }) => <BotFollowers key={name} name={name} />}</Route>
            <Route path="/reports" component={Reports} />
            <Route path="/docs" component={Docs} />
            <Route>
              <Empty page title="There is no such page" figure="phantom-evade" act={<Onward />}>
                The address may be mistyped. Nothing of yours is lost.
              </Empty>
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </Provider>
  );
}

createRoot(root).render(
  <StrictMode>
    <Arena />
  </StrictMode>,
);
