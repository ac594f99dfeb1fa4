import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A package registry of npm's that stands for registry.npmjs.org, with a certificate of its own. */
export type NpmRegistry = {
  port: number;
  /** Whom a client must trust, as PEM. */
  authority: string;
  /** The paths that were asked. */
  seen: string[];
  stop(): Promise<void>;
};

export type Package = { name: string; files: Record<string, string>; dependencies?: Record<string, string> };

const HOST = "registry.npmjs.org";
const VERSION = "1.0.0";

/** Starts a registry that has these packages, each in version 1.0.0. */
export async function startNpmRegistry(packages: readonly Package[]): Promise<NpmRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "agon-npm-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", `/CN=${HOST}`, "-addext", `subjectAltName=DNS:${HOST}`];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...names];
  execFileSync("openssl", made, { stdio: "ignore" });
  const archives = new Map(packages.map((each) => [each.name, archiveOf(folder, each)]));
  const seen: string[] = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const path = request.url ?? "";
    seen.push(path);
    const [, name = "", file] = path.split("/");
    const found = packages.find((each) => each.name === name);
    const archive = archives.get(name);
    if (!found || !archive) return void response.writeHead(404).end("{}");
    if (file) return void response.writeHead(200, { "content-type": "application/octet-stream" }).end(archive);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(aboutOf(found, archive)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    authority: readFileSync(cert, "utf8"),
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function archiveOf(folder: string, { name, files, dependencies = {} }: Package): Buffer {
  const root = join(folder, name, "package");
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ name, version: VERSION, dependencies }));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return execFileSync("tar", ["-C", join(folder, name), "-czf", "-", "package"]);
}

const aboutOf = ({ name, dependencies = {} }: Package, archive: Buffer) => ({
  ...{ name, "dist-tags": { latest: VERSION } },
  versions: {
    [VERSION]: {
      ...{ name, version: VERSION, dependencies },
      dist: {
        tarball: `https://${HOST}/${name}/${name}-${VERSION}.tgz`,
        integrity: `sha512-${createHash("sha512").update(archive).digest("base64")}`,
      },
    },
  },
});
