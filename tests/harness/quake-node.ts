// A process with a pool of its own and one rented server, for tests that kill it: node tests/harness/quake-node.ts ROOT PORT
import { openLog } from "../../src/platform/logging.ts";
import { DEBIAN } from "../../src/quake/adapter/installation.ts";
import { openPool } from "../../src/quake/service/pool.ts";

const [root = "", port = ""] = process.argv.slice(2);
const pool = openPool({
  installation: DEBIAN,
  root,
  servers: 1,
  firstPort: Number(port),
  timeLimit_min: 2,
  timescale: 1,
  log: openLog("silent"),
});
const rental = await pool.rent("aggressor");
process.stdout.write(`${rental?.server.pid}\n`);
setInterval(() => undefined, 1_000);
