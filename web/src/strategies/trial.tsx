import type { TestStrategyMutation } from "../generated/graphql.ts";

/** What a test run gave. */
export type Trial = Extract<TestStrategyMutation["testStrategy"], { __typename: "TestStrategySuccess" }>;

/** Each recorded view with what the strategy made of it, and what it wrote. */
export function TrialResult({ trial: { ticks, log } }: { trial: Trial }) {
  const missed = ticks.filter(({ miss }) => miss != null).length;
  return (
    <section aria-label="Test run">
      <div className="head">
        <h2>Test run</h2>
        <span className="ct">{ticks.length} recorded views</span>
      </div>
      <p className={`sm ${missed > 0 ? "bad" : "good"}`} role="status">
        {missed > 0
          ? `${missed} of ${ticks.length} views without an action.`
          : `An action for each of ${ticks.length} views.`}
      </p>
      <div className="tbl-wrap trial" tabIndex={0} role="group" aria-label="Views and actions">
        <table className="tbl">
          <thead>
            <tr>
              <th className="num">At, ms</th>
              <th>Action</th>
            </tr>
          </thead>
          <tbody>
            {ticks.map(({ nowMs, action, miss }) => (
              <tr key={nowMs}>
                <td className="num">{nowMs.toLocaleString("en")}</td>
                <td className={`mono xs ${miss == null ? "" : "bad"}`}>{miss ?? JSON.stringify(action)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3 className="lbl">Console</h3>
      <pre className="console mono xs" tabIndex={0} aria-label="What the strategy wrote">
        {log || "It wrote nothing."}
      </pre>
    </section>
  );
}
