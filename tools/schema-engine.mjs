#!/usr/bin/env node
// Speaks the stdio JSON-RPC protocol of Prisma's native schema-engine on top of
// @prisma/schema-engine-wasm + @prisma/adapter-pg, so the Prisma CLI needs no binary from binaries.prisma.sh.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import pg from "pg";
import { parse } from "pg-connection-string";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    datamodels: { type: "string", multiple: true },
    datasource: { type: "string" },
    "enabled-preview-features": { type: "string" },
    "extension-types": { type: "string" },
    version: { type: "boolean", short: "V" },
  },
});
const url = values.datasource ? JSON.parse(values.datasource).url : undefined;

if (values.version) {
  console.log("schema-engine-cli wasm");
  process.exit(0);
}

function logError(code, message) {
  console.error("");
  console.error(
    JSON.stringify({
      level: "ERROR",
      target: "schema_engine::logger",
      fields: { error_code: code, message, is_panic: false },
    }),
  );
}
async function adminClient() {
  const u = new URL(url);
  const db = decodeURIComponent(u.pathname.slice(1));
  u.pathname = "/postgres";
  const c = new pg.Client({ connectionString: u.href });
  await c.connect();
  return { c, db };
}

if (positionals[0] === "cli") {
  try {
    if (positionals[1] === "can-connect-to-database") {
      const c = new pg.Client({ connectionString: url });
      await c.connect();
      await c.end();
    } else {
      const { c, db } = await adminClient();
      const q = pg.escapeIdentifier(db);
      await c.query(positionals[1] === "create-database" ? `CREATE DATABASE ${q}` : `DROP DATABASE IF EXISTS ${q}`);
      await c.end();
    }
    process.exit(0);
  } catch (e) {
    const code = e.code === "3D000" ? "P1003" : e.code === "28P01" ? "P1000" : "P1001";
    logError(code, e.message);
    process.exit(1);
  }
}

const glue = await import("@prisma/schema-engine-wasm/schema_engine_bg");
const wasmPath = createRequire(import.meta.url)
  .resolve("@prisma/schema-engine-wasm/schema_engine_bg")
  .replace(/\.js$/, ".wasm");
const mod = await WebAssembly.compile(readFileSync(wasmPath));
const importName = WebAssembly.Module.imports(mod)[0].module;
const inst = await WebAssembly.instantiate(mod, { [importName]: glue });
glue.__wbg_set_wasm(inst.exports);
inst.exports.__wbindgen_start();

const datamodels = values.datamodels?.map((f) => [f, readFileSync(f, "utf8")]);
let engine;
// Spelled-out fields, because connectToShadowDb() overrides only `database` and a connectionString would win over it.
function poolConfig(u) {
  const { host, port, user, password, database, ssl } = parse(u);
  return {
    host,
    port: Number(port ?? 5432),
    user,
    password,
    database,
    ssl: ssl || undefined,
    options: "-c TimeZone=UTC",
  };
}
// adapter-pg 7 refuses the catalog type "char" (oid 18), which the schema engine reads from pg_catalog.
const CHAR = 18,
  TEXT = 25;
function patched(adapter) {
  // The stock executeScript() splits on every ';', which breaks dollar-quoted function bodies.
  adapter.executeScript = async (script) => {
    await adapter.client.query(script).catch((e) => adapter.onError(e));
  };
  const proto = Object.getPrototypeOf(Object.getPrototypeOf(adapter));
  if (proto.__acceptChar) return adapter;
  proto.__acceptChar = true;
  const { queryRaw, performIO } = proto;
  proto.performIO = async function (q) {
    const r = await performIO.call(this, q);
    q.charColumns = r.fields.flatMap((f, i) => (f.dataTypeID === CHAR ? ((f.dataTypeID = TEXT), [i]) : []));
    return r;
  };
  proto.queryRaw = async function (q) {
    const r = await queryRaw.call(this, q);
    for (const i of q.charColumns ?? []) r.columnTypes[i] = ColumnTypeEnum.Character;
    return r;
  };
  return adapter;
}
class SchemaPg extends PrismaPg {
  constructor(cfg) {
    super(cfg);
    this.cfg = cfg;
  }
  async connect() {
    return patched(await super.connect());
  }
  // The stock connectToShadowDb() drops the database while its own pool is still connected.
  async connectToShadowDb() {
    const database = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
    const admin = async (sql) => {
      const c = new pg.Client(this.cfg);
      await c.connect();
      await c.query(sql).finally(() => c.end());
    };
    await admin(`CREATE DATABASE "${database}"`);
    const shadow = patched(await new PrismaPg({ ...this.cfg, database }).connect());
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await admin(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    };
    return shadow;
  }
}
async function getEngine() {
  if (engine) return engine;
  const factory = new SchemaPg(poolConfig(url));
  engine = await glue.SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
  return engine;
}
const send = (m) => process.stdout.write(JSON.stringify(m) + "\n");
const handle = async ({ id, method, params }) => {
  try {
    let result;
    if (method === "createDatabase") {
      const { c, db } = await adminClient();
      await c.query(`CREATE DATABASE ${pg.escapeIdentifier(db)}`);
      await c.end();
      result = { databaseName: db };
    } else if (method === "getDatabaseVersion") result = await (await getEngine()).version(params);
    else result = await (await getEngine())[method](params);
    // After applying migrations the WASM engine no longer finds its shadow-database factory; a fresh engine
    // finds it once devDiagnostic has run.
    if (result?.appliedMigrationNames?.length) {
      engine = undefined;
      await (await getEngine()).devDiagnostic(params);
    }
    if (method === "diff" && result?.stdout != null) {
      send({ jsonrpc: "2.0", method: "print", id: `p${id}`, params: { content: result.stdout } });
      result = { ...result, stdout: null };
    }
    send({ jsonrpc: "2.0", id, result: result ?? {} });
  } catch (e) {
    if (process.env.DEBUG_SE) console.error(e);
    let data = { is_panic: false, message: String(e?.message ?? e), meta: null, error_code: e?.code ?? null };
    send({ jsonrpc: "2.0", id, error: { code: 4466, message: data.message, data } });
  }
};
let pending = 0,
  closed = false;
const rl = createInterface({ input: process.stdin });
rl.on("line", async (l) => {
  if (!l.trim()) return;
  const m = JSON.parse(l);
  if (process.env.SE_LOG)
    (await import("node:fs")).appendFileSync(process.env.SE_LOG, m.method + " " + l.slice(0, 150) + "\n");
  if (!m.method) return;
  pending++;
  await handle(m);
  pending--;
  if (closed && !pending) process.exit(0);
});
rl.on("close", () => {
  closed = true;
  if (!pending) process.exit(0);
});
