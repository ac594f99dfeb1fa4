import { expect, test } from "vitest";
import { WEAPONS } from "../rules/weapons.ts";
import { WEAPON } from "./library.ts";

// The library can import nothing, so that it has the numbers of weapons once more.
test("strategies know the weapons by the game's numbers", () => expect(WEAPON).toEqual(WEAPONS));
