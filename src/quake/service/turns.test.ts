import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

/** Work that goes on until it is told to end, of two at once and three who wait. */
function table() {
  const turns = new Turns(2, 3);
  const begun: string[] = [];
  const refused: string[] = [];
  const ends = new Map<string, () => void>();
  const come = (name: string) => {
    const work = () => {
      begun.push(name);
      return new Promise<true>((resolve) => ends.set(name, () => resolve(true)));
    };
    void turns.take(name.slice(0, 3), work).then((done) => done ?? refused.push(name));
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, refused, come, end };
}

test("who tries one, and waits with another, is refused a third; somebody else begins at once", async () => {
  const { begun, refused, come, end } = table();
  for (const name of ["ann 1", "ann 2", "ann 3", "bob 1"]) come(name);
  await end("nobody");
  expect([begun, refused]).toEqual([["ann 1", "bob 1"], ["ann 3"]]);
  await end("bob 1");
  expect(begun).toEqual(["ann 1", "bob 1"]);
  await end("ann 1");
  expect(begun).toEqual(["ann 1", "bob 1", "ann 2"]);
});

test("more wait in the order in which they came, and whoever is one too many is refused", async () => {
  const { begun, refused, come, end } = table();
  for (const name of ["ann 1", "bob 1", "ann 2", "cid 1", "dee 1", "eve 1"]) come(name);
  await end("bob 1");
  expect([begun, refused]).toEqual([["ann 1", "bob 1", "cid 1"], ["eve 1"]]);
  await end("ann 1");
  expect(begun.at(-1)).toBe("ann 2");
});
