import { missingFiles, PACKAGE, type Installation } from "../adapter/installation.ts";

/** Why bots cannot wait for a Quake round on this node, as a sentence for people. */
export function whyQuakeIsClosed(installation: Installation): string {
  return missingFiles(installation).length > 0
    ? `QUAKE is closed because ${PACKAGE} is not installed here: npm run setup:quake installs it.`
    : "QUAKE is closed because ranked rounds are not open yet: the game servers are ready, the queue is not.";
}
