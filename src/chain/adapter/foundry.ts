import { createRequire } from "node:module";
import { arch, platform } from "node:process";

const CPU: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** The program that npm installed for this machine: its launcher would cost 49 MB, and leave a child behind when killed. */
export function foundryBinary(tool: "anvil" | "forge"): string {
  const launcher = createRequire(import.meta.url).resolve(`@foundry-rs/${tool}/bin.mjs`);
  const file = platform === "win32" ? `${tool}.exe` : tool;
  return createRequire(launcher).resolve(`@foundry-rs/${tool}-${platform}-${CPU[arch] ?? arch}/bin/${file}`);
}
