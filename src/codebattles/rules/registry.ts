/** Where set-ups may get packages from; nothing else of the network is there for them. */
export const REGISTRY_HOSTS = [
  "registry.npmjs.org",
  "registry.yarnpkg.com",
  "pypi.org",
  "files.pythonhosted.org",
  "proxy.golang.org",
  "sum.golang.org",
  "index.crates.io",
  "static.crates.io",
  "rubygems.org",
  "index.rubygems.org",
  "repo.maven.apache.org",
  "plugins.gradle.org",
  "repo.packagist.org",
  "repo.hex.pm",
] as const;

/** The host that a CONNECT asks for (RFC 9110, 9.3.6), where it is a registry's and by TLS; null for every other. */
export function registryAsked(authority: string, hosts: readonly string[] = REGISTRY_HOSTS): string | null {
  const [, host = ""] = /^([a-z0-9.-]{1,253}):443$/i.exec(authority) ?? [];
  return hosts.includes(host.toLowerCase()) ? host.toLowerCase() : null;
}
