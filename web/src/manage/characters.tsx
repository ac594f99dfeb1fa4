import type { Character } from "../generated/graphql.ts";

/** The five, and what is different about each. */
const CHARACTERS: readonly { value: Character; name: string; says: string }[] = [
  { value: "RONIN", name: "Ronin", says: "Parries for 10. Its special costs 50." },
  { value: "KNIGHT", name: "Knight", says: "105 HP. Feints for 20." },
  { value: "CYBORG", name: "Cyborg", says: "Special for 30, heavy for 30." },
  { value: "DEMON", name: "Demon", says: "95 HP. Heavy and sweep hurt more." },
  { value: "PHANTOM", name: "Phantom", says: "95 HP. Dodges for 10." },
];

/** One of the five characters, each drawn; the chosen one raises its weapon. */
export function Characters({ chosen = "RONIN" }: { chosen?: Character }) {
  return (
    <fieldset className="characters">
      <legend>Character</legend>
      <div className="casting">
        {CHARACTERS.map(({ value, name, says }) => (
          <label key={value}>
            <input className="sr" type="radio" name="character" value={value} defaultChecked={value === chosen} />
            <svg viewBox="0 0 320 300" aria-hidden="true">
              <use
                className="at-rest"
                href={`/characters.svg#${value.toLowerCase()}-stance`}
                width="320"
                height="300"
              />
              <use className="raised" href={`/characters.svg#${value.toLowerCase()}-high`} width="320" height="300" />
            </svg>
            <b>{name}</b>
            <span className="xs">{says}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
