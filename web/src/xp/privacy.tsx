import { useMutation } from "urql";
import { SetPrivacyDocument, type Mine } from "./documents.ts";

type Shown = Mine["xpPrivacy"];
type Visibility = NonNullable<Shown["profile"]>;
const ASPECTS = [
  ["profile", "Levels and boards"],
  ["stats", "Statistics"],
  ["achievements", "Achievements"],
] as const;
type Aspect = (typeof ASPECTS)[number][0];
const CHOICES = [
  ["", "Contests to all, work to teams"],
  ["PRIVATE", "Only me"],
  ["TEAM", "My teams"],
  ["PUBLIC", "Everybody"],
] as const;

/** What others may see; each choice is written at once. */
export function Privacy({ privacy }: { privacy: Shown }) {
  const [{ fetching, data }, set] = useMutation(SetPrivacyDocument);
  const result = data?.setXpPrivacy;
  const kept = result?.__typename === "SetXpPrivacySuccess" ? result.privacy : privacy;
  const choose = (aspect: Aspect, value: string) => {
    const { profile, stats, achievements } = kept;
    const input = { profile, stats, achievements, [aspect]: value === "" ? null : (value as Visibility) };
    void set({ input });
  };
  return (
    <section>
      <div className="head">
        <h2>Who sees it</h2>
        <span className="ct">reported XP never stands on public boards</span>
      </div>
      <div className="form">
        {ASPECTS.map(([aspect, name]) => (
          <label key={aspect} className="fld">
            <span>{name}</span>
            <select
              className="inp"
              value={kept[aspect] ?? ""}
              disabled={fetching}
              onChange={({ target }) => choose(aspect, target.value)}
            >
              {CHOICES.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      {result && result.__typename !== "SetXpPrivacySuccess" && <p role="alert">{result.message}</p>}
    </section>
  );
}
