import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Folders by how long their files take, the longest first; what stands nowhere here is short. */
const LONGEST_FIRST = ["/tests/chaos/", "/tests/browser/", "/tests/journeys/", "/tests/security/", "/tests/platform/"];

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST_FIRST.findIndex((folder) => moduleId.includes(folder));
  return place < 0 ? LONGEST_FIRST.length : place;
};

/**
 * The longest files first, so that no worker is left alone with one at the end: a fresh clone has no times of an earlier
 * run to go by. What shares a worker stays together, at the end.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the base class's own method, not an array's
    const sorted = await super.sort(files);
    const alone = ({ project }: TestSpecification) => Number(!project.config.isolate);
    return sorted.toSorted((a, b) => alone(a) - alone(b) || placeOf(a) - placeOf(b));
  }
}
