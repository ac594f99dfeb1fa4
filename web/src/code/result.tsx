import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { Loading } from "../shell/states.tsx";
import type { Battle, Entry } from "./documents.ts";
import { OUTCOMES, RESULTS, seconds } from "./words.ts";

const DiffView = lazy(() => import("./diff.tsx"));

const byPlace = (entries: readonly Entry[]) => entries.toSorted((a, b) => (a.placement ?? 9) - (b.placement ?? 9));

/** Who came where, by what decides, in the published order. */
export function Scores({ battle }: { battle: Battle }) {
  const placed = byPlace(battle.entries.filter(({ placement }) => placement != null));
  if (placed.length === 0) return null;
  const hasVotes = battle.votesUntil !== null;
  return (
    <section>
      <div className="head">
        <h2>Result</h2>
        <span className="ct">what is further left decides first</span>
      </div>
      <div className="tbl-wrap" tabIndex={0} role="region" aria-label="Result by gladiator">
        <table className="tbl">
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col">Gladiator</th>
              <th scope="col" className="num">
                Checks
              </th>
              <th scope="col" className="num">
                Tests
              </th>
              <th scope="col" className="num">
                Regressions
              </th>
              <th scope="col" className="num">
                Lines
              </th>
              <th scope="col" className="num">
                Time
              </th>
              <th scope="col" className="num">
                Tokens
              </th>
              {hasVotes && (
                <th scope="col" className="num">
                  Votes
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {placed.map(({ bot, placement, score, outcome, branch, pullRequestUrl, votes }) => (
              <tr key={bot.id}>
                <td className="mono">{placement}</td>
                <td>
                  <Link href={`/bots/${bot.name}`}>{bot.name}</Link>
                  {branch && <span className="xs dim3 mono"> {branch.split("/")[0]} branch</span>}
                  {pullRequestUrl && (
                    <>
                      {" "}
                      <a className="xs" href={pullRequestUrl} rel="noreferrer">
                        pull request
                      </a>
                    </>
                  )}
                </td>
                {score ? (
                  <>
                    <td className="num">{score.checksPassed}</td>
                    <td className="num">{score.testsPassed}</td>
                    <td className="num">{score.regressions}</td>
                    <td className="num">{score.diffLines}</td>
                    <td className="num">{seconds(score.timeMs)}</td>
                    <td className="num">{score.tokens.toLocaleString("en")}</td>
                  </>
                ) : (
                  <td colSpan={6} className="dim">
                    {outcome ? OUTCOMES[outcome] : "No result"}
                  </td>
                )}
                {hasVotes && <td className="num">{votes}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Each test on the base and on every entry, with the base's tests restored. */
export function Matrix({ battle }: { battle: Battle }) {
  const judged = byPlace(battle.entries.filter(({ tests }) => tests.length > 0));
  if (judged.length === 0) return null;
  return (
    <section>
      <div className="head">
        <h2>Tests</h2>
        <span className="ct">with the base's tests restored</span>
      </div>
      <TestTable
        label="Tests by gladiator"
        columns={judged.map(({ bot, tests }) => ({ key: bot.id, name: bot.name, tests }))}
      />
    </section>
  );
}

type Row = { name: string; base: Result; restored: Result };
type Result = keyof typeof RESULTS;
type Column = { key: string; name: string; tests: readonly Row[] };

/** Tests in rows, entries in columns, the base first. */
export function TestTable({ label, columns }: { label: string; columns: readonly Column[] }) {
  const names = [...new Set(columns.flatMap(({ tests }) => tests.map(({ name }) => name)))];
  if (names.length === 0) return null;
  return (
    <div className="tbl-wrap" tabIndex={0} role="region" aria-label={label}>
      <table className="tbl matrix">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">Base</th>
            {columns.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row" className="mono sm">
                {name}
              </th>
              <Cell result={columns[0]?.tests.find((row) => row.name === name)?.base ?? "ABSENT"} />
              {columns.map(({ key, tests }) => (
                <Cell key={key} result={tests.find((row) => row.name === name)?.restored ?? "ABSENT"} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ result }: { result: Result }) {
  const tone = result === "PASSED" ? "good" : result === "FAILED" ? "bad" : "dim";
  return <td className={tone}>{RESULTS[result]}</td>;
}

/** What each gladiator changed. */
export function Diffs({ battle }: { battle: Battle }) {
  const changed = byPlace(battle.entries.filter(({ diff }) => diff != null));
  if (changed.length === 0) return null;
  return (
    <section>
      <div className="head">
        <h2>Changes</h2>
      </div>
      {changed.map(({ bot, diff, linesAdded, linesRemoved }) => (
        <details key={bot.id} open={changed.length <= 2}>
          <summary>
            {bot.name}{" "}
            <span className="num dim">
              +{linesAdded} −{linesRemoved}
            </span>
          </summary>
          <Suspense fallback={<Loading />}>
            <DiffView text={diff ?? ""} />
          </Suspense>
        </details>
      ))}
    </section>
  );
}
