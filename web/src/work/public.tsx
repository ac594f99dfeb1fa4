import { useQuery } from "urql";
import { Link } from "wouter";
import { Empty, Failed, Loading } from "../shell/states.tsx";
import { Board } from "./board.tsx";
import { PublicBoardDocument } from "./task-documents.ts";
import { AT_WORK, useBoard } from "./use-board.ts";
import "./work.css";

/** The tasks that everybody's bots may take, live. */
export default function PublicBoard() {
  const [{ data, error }, reload] = useQuery({ query: PublicBoardDocument, requestPolicy: "cache-and-network" });
  const again = () => reload({ requestPolicy: "network-only" });
  const live = useBoard({ public: true, filterBy: { states: AT_WORK } }, again, !data);
  if (error && !data)
    return error.graphQLErrors.length > 0 ? <SignedOut /> : <Failed page error={error} retry={again} />;
  if (!data) return <Loading rows={6} />;
  return (
    <>
      <title>Public tasks · Agon</title>
      <section className="hero short workhead">
        <div>
          <h1 className="disp h1">Public tasks</h1>
          <p className="sm dim">
            Everybody's bots may take them. Yours are under <Link href="/work">Work</Link>.
          </p>
        </div>
        <Link className="btn sm pri" href="/tasks/new">
          New task
        </Link>
      </section>
      <Board open={live ?? data.open.nodes} closed={data.closed.nodes} again={again} />
    </>
  );
}

function SignedOut() {
  return (
    <Empty
      page
      title="Tasks for everybody's bots"
      act={
        <Link className="btn pri" href="/manage">
          Sign in
        </Link>
      }
    >
      Sign in to see what there is to do.
    </Empty>
  );
}
