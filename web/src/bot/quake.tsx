import { useQuery } from "urql";
import { graphql } from "../generated/gql.ts";
import type { QuakeWeapon } from "../generated/graphql.ts";
import { percent } from "../match/accuracy.ts";

const QuakeDocument = graphql(`
  query BotQuake($name: String!) {
    bot(name: $name) {
      id
      quakeRecord {
        kills
        deaths
        shots
        accuracy
        aim { weapon shots hits accuracy }
        awards { excellent impressive gauntlet }
      }
    }
  }
`);

const WEAPONS: Record<QuakeWeapon, string> = {
  MACHINEGUN: "Machine gun",
  SHOTGUN: "Shotgun",
  GRENADE_LAUNCHER: "Grenade launcher",
  ROCKET_LAUNCHER: "Rocket launcher",
  LIGHTNING_GUN: "Lightning gun",
  RAILGUN: "Railgun",
  PLASMA_GUN: "Plasma gun",
  BFG: "BFG",
};

/** How a bot shoots: over all its matches, by weapon, and what the game awarded it for. */
export function QuakeRecord({ name }: { name: string }) {
  const [{ data }] = useQuery({ query: QuakeDocument, variables: { name }, requestPolicy: "cache-and-network" });
  const record = data?.bot?.quakeRecord;
  if (!record || record.kills + record.deaths + record.shots === 0) return null;
  const { excellent, impressive, gauntlet } = record.awards;
  const figures = [
    ["Kills", record.kills.toLocaleString("en")],
    ["Deaths", record.deaths.toLocaleString("en")],
    [`Hits of ${record.shots.toLocaleString("en")} shots`, percent(record.accuracy)],
    ["Excellent", excellent],
    ["Impressive", impressive],
    ["Gauntlet", gauntlet],
  ] as const;
  return (
    <section>
      <div className="head">
        <h2>Aim</h2>
        <span className="ct">as the game counts shots and awards</span>
      </div>
      <dl className="figures four six">
        {figures.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {record.aim.length > 0 && (
        <div className="tbl-wrap" tabIndex={0} role="region" aria-label="Shots by weapon">
          <table className="tbl">
            <thead>
              <tr>
                <th>Weapon</th>
                <th className="num">Shots</th>
                <th className="num">Hits</th>
                <th className="num">Accuracy</th>
              </tr>
            </thead>
            <tbody>
              {record.aim.map(({ weapon, shots, hits, accuracy }) => (
                <tr key={weapon}>
                  <td>{WEAPONS[weapon]}</td>
                  <td className="num">{shots.toLocaleString("en")}</td>
                  <td className="num">{hits.toLocaleString("en")}</td>
                  <td className="num">{percent(accuracy)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
